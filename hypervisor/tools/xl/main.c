// SPDX-License-Identifier: GPL-2.0-or-later
/* xl, and xm: global options, then the verb's row in commands.c. What verbs share stands at the end. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <guest/alloc.h>

#include "xl.h"

int xl_usage(struct xl *xl)
{
	fprintf(stderr, "usage: xl %s %s\n", xl->verb->name, xl->verb->usage);
	return XL_USAGE;
}

/* The last part of the path by which we were called. */
static bool is_called_xm(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !strcmp(slash ? slash + 1 : path, "xm");
}

static int run_verb(struct xl *xl, int argc, char **argv)
{
	char *program = alloc_format("%s %s", xl->as_xm ? "xm" : "xl", xl->verb->name);
	int status;

	xl->report.program = program;
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		printf("usage: xl %s %s\n  %s\n", xl->verb->name, xl->verb->usage, xl->verb->help);
		status = XL_OK;
	} else if (xl->dry_run) {
		printf("%s would run\n", program);
		status = XL_OK;
	} else if (xl->verb->privilege == XL_CONTROL && !guest_host_open(&xl->host, &xl->report)) {
		status = XL_NO_XEN;
	} else {
		optind = 0;
		status = xl->verb->run(xl, argc, argv);
	}
	guest_host_close(&xl->host);
	if (fflush(stdout) && !status) {
		report_error(&xl->report, "writing: %s", strerror(errno));
		status = XL_FAILED;
	}
	free(program);
	return status;
}

int main(int argc, char **argv)
{
	struct xl xl = { .report = { .out = stderr, .program = "xl" } };
	int c;

	xl.as_xm = is_called_xm(argv[0]);
	signal(SIGPIPE, SIG_IGN);
	while ((c = getopt(argc, argv, "+vfNtTh")) != -1) {
		if (c == 'v')
			xl.report.verbose = true;
		else if (c == 'N')
			xl.dry_run = true;
		else if (c == 'h')
			break;
		else if (c == '?')
			return XL_USAGE;
	}
	if (optind >= argc || c == 'h' || !strcmp(argv[optind], "--help")) {
		char *no_arguments[] = { argv[0], NULL };

		verb_help(&xl, 1, no_arguments);
		return optind >= argc && c != 'h' ? XL_USAGE : XL_OK;
	}
	xl.verb = xl_find_verb(argv[optind], xl.as_xm);
	if (!xl.verb) {
		report_error(&xl.report, "there is no verb '%s'; xl help lists them", argv[optind]);
		return XL_USAGE;
	}
	return run_verb(&xl, argc - optind, argv + optind);
}

int xl_domain(struct xl *xl, const char *text)
{
	return guest_find(&xl->host, text);
}

struct xen_domctl_getdomaininfo *xl_domains(struct xl *xl, bool with_dom0, size_t *count)
{
	struct xen_domctl_getdomaininfo *all = NULL;
	domid_t first = with_dom0 ? 0 : 1;
	int got;

	*count = 0;
	do {
		all = alloc_array(all, *count + 64, sizeof(*all));
		got = ctrl_domain_list(xl->host.ctrl, first, 64, all + *count);
		if (got > 0) {
			*count += (size_t)got;
			first = (domid_t)(all[*count - 1].domain + 1);
		}
	} while (got > 0);
	if (got < 0)
		report_error(&xl->report, "domains cannot be listed: %s", strerror(-got));
	return all;
}

bool xl_parse_size(struct xl *xl, const char *text, char unit, unsigned int *kib)
{
	static const char units[] = "bkmgt";
	unsigned long long n;
	const char *found;
	unsigned int shift;
	char *rest;

	n = strtoull(text, &rest, 10);
	if (*rest && !rest[1])
		unit = (char)tolower((unsigned char)*rest++);
	found = strchr(units, unit);
	if (!isdigit((unsigned char)*text) || *rest || !found || !unit || n >> 40) {
		report_error(&xl->report, "'%s' is not a size like 512m", text);
		return false;
	}
	shift = (unsigned int)(found - units) * 10;
	n = shift ? n << (shift - 10) : n >> 10;
	if (!n || n > UINT_MAX) {
		report_error(&xl->report, "'%s' is out of range", text);
		return false;
	}
	*kib = (unsigned int)n;
	return true;
}

bool xl_parse_number(struct xl *xl, const char *text, unsigned int min, unsigned int max,
		     unsigned int *out)
{
	unsigned long n;
	char *rest;

	n = strtoul(text, &rest, 0);
	if (!isdigit((unsigned char)*text) || *rest || n < min || n > max) {
		report_error(&xl->report, "'%s' is not a number between %u and %u", text, min, max);
		return false;
	}
	*out = (unsigned int)n;
	return true;
}

bool xl_change_config(struct xl *xl, unsigned int domid,
		      void (*change)(struct guest_config *, void *), void *data)
{
	struct xen_domctl_getdomaininfo info;
	struct guest_config config;
	bool good;

	if (ctrl_domain_info(xl->host.ctrl, (domid_t)domid, &info))
		return false;
	good = guest_config_load(info.handle, &config);
	if (good) {
		change(&config, data);
		good = guest_config_save(&config);
	}
	guest_config_free(&config);
	return good;
}
