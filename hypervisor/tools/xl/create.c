// SPDX-License-Identifier: GPL-2.0-or-later
/* xl create, and config-update: what a file and the command line ask for. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <guest/alloc.h>
#include <guest/settings.h>

#include "xl.h"

struct options {
	const char *file;
	bool dry_run, print, quiet, paused, console, foreground;
};

enum {
	OPTION_IGNORED = 256,
};

static const struct option long_options[] = {
	{ "defconfig", required_argument, NULL, 'f' },
	{ "path", required_argument, NULL, OPTION_IGNORED },
	{ "dryrun", no_argument, NULL, 'n' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "paused", no_argument, NULL, 'p' },
	{ "console_autoconnect", no_argument, NULL, 'c' },
	{ "ignore-global-affinity-masks", no_argument, NULL, OPTION_IGNORED },
	{ NULL, 0, NULL, 0 },
};

static bool parse_options(struct xl *xl, int argc, char **argv, struct options *o)
{
	int c;

	*o = (struct options){ 0 };
	while ((c = getopt_long(argc, argv, "f:ndqpcFeVA", long_options, NULL)) != -1) {
		switch (c) {
		case 'f':
			o->file = optarg;
			break;
		case 'n':
			o->dry_run = true;
			break;
		case 'd':
			o->print = true;
			break;
		case 'q':
			o->quiet = true;
			break;
		case 'p':
			o->paused = true;
			break;
		case 'c':
			o->console = true;
			break;
		case 'F':
			o->foreground = true;
			break;
		case 'V':
		case 'A':
			report_error(&xl->report, "graphical consoles are not supported yet");
			return false;
		case 'e':
		case OPTION_IGNORED:
			break;
		default:
			return false;
		}
	}
	return true;
}

/* The first argument that is not KEY=VALUE is the file, unless -f named one. */
static bool read_config(struct xl *xl, struct options *o, int argc, char **argv,
			struct guest_config *config)
{
	struct settings settings;
	char *from_folder = NULL;
	bool in_file = false;

	if (!o->file && argc && !strchr(*argv, '=')) {
		o->file = *argv++;
		argc--;
		in_file = true;
	}
	settings_init(&settings);
	/* xm looked into /etc/xen, too. */
	if (o->file && xl->as_xm && !strchr(o->file, '/') && in_file) {
		from_folder = alloc_format("/etc/xen/%s", o->file);
		if (access(o->file, F_OK) && !access(from_folder, F_OK))
			o->file = from_folder;
	}
	if (o->file)
		settings_read(&settings, o->file, &xl->report);
	for (int i = 0; i < argc; i++)
		settings_override(&settings, argv[i], &xl->report);
	guest_config_init(config);
	if (!xl->report.errors)
		guest_config_read(config, &settings, &xl->report);
	settings_free(&settings);
	free(from_folder);
	return !xl->report.errors;
}

static bool create(struct xl *xl, const struct options *o, struct guest_config *config,
		   unsigned int *domid)
{
	int lock = guest_host_lock(&xl->host);
	bool good;

	if (lock < 0)
		return false;
	good = guest_create(&xl->host, config, domid);
	if (good && !o->foreground && xl_monitor_start(xl, *domid, false) < 0) {
		report_error(&xl->report, "the process that stands by the guest cannot be started");
		guest_destroy(&xl->host, *domid);
		good = false;
	}
	guest_host_unlock(lock);
	return good;
}

static bool unpause(struct xl *xl, unsigned int domid)
{
	int rc = ctrl_domain_unpause(xl->host.ctrl, (domid_t)domid);

	if (rc)
		report_error(&xl->report, "the domain cannot be started: %s", strerror(-rc));
	return !rc;
}

static int run(struct xl *xl, const struct options *o, struct guest_config *config)
{
	unsigned int domid;
	int status = XL_OK;

	if (!guest_host_open(&xl->host, &xl->report))
		return XL_NO_XEN;
	if (!create(xl, o, config, &domid))
		return XL_FAILED;
	if (!o->quiet)
		fprintf(stderr, "Started domain %s (id=%u)\n", config->name, domid);
	if (!o->paused && !unpause(xl, domid))
		return XL_FAILED;
	if (o->console)
		status = xl_console_attach(xl, domid, true);
	if (o->foreground)
		status = xl_monitor_start(xl, domid, true);
	return status;
}

static void print_config(const struct guest_config *config)
{
	char *json = guest_config_to_json(config);

	puts(json);
	fflush(stdout);
	free(json);
}

int verb_create(struct xl *xl, int argc, char **argv)
{
	struct guest_config config;
	struct options o;
	int status;

	if (!parse_options(xl, argc, argv, &o))
		return xl_usage(xl);
	xl->report.quiet = o.quiet;
	if (!read_config(xl, &o, argc - optind, argv + optind, &config)) {
		status = XL_FAILED;
	} else if (o.dry_run) {
		print_config(&config);
		status = XL_OK;
	} else {
		if (o.print)
			print_config(&config);
		if (!o.quiet)
			fprintf(stderr, "Parsing config from %s\n", o.file ? o.file : "-");
		status = run(xl, &o, &config);
	}
	guest_config_free(&config);
	return status;
}

int verb_config_update(struct xl *xl, int argc, char **argv)
{
	struct xen_domctl_getdomaininfo info;
	struct guest_config config;
	struct options o;
	int domid, status;

	if (!parse_options(xl, argc, argv, &o) || argc - optind < 1)
		return xl_usage(xl);
	domid = xl_domain(xl, argv[optind++]);
	if (domid < 0 || ctrl_domain_info(xl->host.ctrl, (domid_t)domid, &info))
		return XL_NO_DOMAIN;
	if (!read_config(xl, &o, argc - optind, argv + optind, &config)) {
		status = XL_FAILED;
	} else {
		memcpy(config.uuid, info.handle, sizeof(config.uuid));
		config.has_uuid = true;
		status = guest_config_save(&config) ? XL_OK : XL_FAILED;
		if (status)
			report_error(&xl->report, "the configuration cannot be kept");
	}
	guest_config_free(&config);
	return status;
}
