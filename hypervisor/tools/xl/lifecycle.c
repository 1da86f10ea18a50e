// SPDX-License-Identifier: GPL-2.0-or-later
/* Domains as a whole: their end, requests to power off, pauses, names, keys. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <guest/alloc.h>
#include <guest/store.h>

#include "xl.h"

#define WAIT_MAX_S 600 /* of a guest that shuts down */

int verb_destroy(struct xl *xl, int argc, char **argv)
{
	bool force = false, good;
	int c, domid, lock;

	while ((c = getopt(argc, argv, "f")) != -1) {
		if (c == '?')
			return xl_usage(xl);
		force = true;
	}
	if (argc - optind != 1)
		return xl_usage(xl);
	domid = xl_domain(xl, argv[optind]);
	if (domid < 0)
		return XL_NO_DOMAIN;
	if (!domid && !force) {
		report_error(&xl->report, "domain 0 is this one; it cannot be destroyed");
		return XL_FAILED;
	}
	lock = guest_host_lock(&xl->host);
	if (lock < 0)
		return XL_FAILED;
	good = guest_destroy(&xl->host, (unsigned int)domid);
	guest_host_unlock(lock);
	return good ? XL_OK : XL_FAILED;
}

struct wish {
	const char *command; /* "poweroff", "reboot" */
	bool all;
	unsigned int wait; /* 1: until it has shut down; 2: until it is gone */
};

static bool parse_wish(struct xl *xl, int argc, char **argv, struct wish *w)
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "wait", no_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*w = (struct wish){ .command = *xl->verb->name == 'r' ? "reboot" : "poweroff" };
	/* -H and -R: xm shutdown. -F: only HVM guests have another way. */
	while ((c = getopt_long(argc, argv, "awFHR", options, NULL)) != -1) {
		if (c == '?')
			return false;
		w->all = w->all || c == 'a';
		w->wait += c == 'w';
		if (c == 'H')
			w->command = "halt";
		if (c == 'R')
			w->command = "reboot";
	}
	return w->all ? argc == optind : argc - optind == 1;
}

static bool has_ended(struct xl *xl, const struct xen_domctl_getdomaininfo *d, unsigned int wait)
{
	struct xen_domctl_getdomaininfo now;

	if (ctrl_domain_info(xl->host.ctrl, d->domain, &now) ||
	    memcmp(now.handle, d->handle, sizeof(now.handle)))
		return true;
	return wait == 1 && now.flags & (XEN_DOMINF_shutdown | XEN_DOMINF_dying);
}

/* The store tells of each domain that shuts down or goes. */
static int wait_all(struct xl *xl, const struct xen_domctl_getdomaininfo *all, size_t count,
		    unsigned int wait)
{
	time_t deadline = time(NULL) + WAIT_MAX_S;
	struct pollfd pfd = { .fd = xs_fileno(xl->host.store), .events = POLLIN };
	size_t left = count;
	char **event;

	if (!xs_watch(xl->host.store, "@releaseDomain", "wait"))
		return XL_FAILED;
	while (left) {
		left = 0;
		for (size_t i = 0; i < count; i++)
			left += !has_ended(xl, &all[i], wait);
		if (!left)
			break;
		if (time(NULL) >= deadline) {
			report_error(&xl->report, "%zu of %zu domains still run after %d s", left,
				     count, WAIT_MAX_S);
			return XL_TIMEOUT;
		}
		poll(&pfd, 1, 5000);
		while ((event = xs_check_watch(xl->host.store)))
			free(event);
	}
	return XL_OK;
}

int verb_shutdown(struct xl *xl, int argc, char **argv)
{
	struct xen_domctl_getdomaininfo *all;
	struct wish wish;
	int status = XL_OK;
	size_t count = 1;

	if (!parse_wish(xl, argc, argv, &wish))
		return xl_usage(xl);
	if (wish.all) {
		all = xl_domains(xl, false, &count);
	} else {
		int domid = xl_domain(xl, argv[optind]);

		if (domid < 0)
			return XL_NO_DOMAIN;
		all = alloc_zeroed(sizeof(*all));
		if (ctrl_domain_info(xl->host.ctrl, (domid_t)domid, all))
			count = 0;
	}
	for (size_t i = 0; i < count; i++)
		if (!guest_ask(&xl->host, all[i].domain, wish.command))
			status = XL_FAILED;
	if (status == XL_OK && wish.wait)
		status = wait_all(xl, all, count, wish.wait);
	free(all);
	return status;
}

static int change_pause(struct xl *xl, int argc, char **argv, int (*change)(struct ctrl *, domid_t))
{
	int domid, rc;

	if (argc != 2)
		return xl_usage(xl);
	domid = xl_domain(xl, argv[1]);
	if (domid < 0)
		return XL_NO_DOMAIN;
	rc = change(xl->host.ctrl, (domid_t)domid);
	if (rc)
		report_error(&xl->report, "%s", strerror(-rc));
	return rc ? XL_FAILED : XL_OK;
}

int verb_pause(struct xl *xl, int argc, char **argv)
{
	return change_pause(xl, argc, argv, ctrl_domain_pause);
}

int verb_unpause(struct xl *xl, int argc, char **argv)
{
	return change_pause(xl, argc, argv, ctrl_domain_unpause);
}

static void change_name(struct guest_config *config, void *name)
{
	free(config->name);
	config->name = alloc_string(name);
}

int verb_rename(struct xl *xl, int argc, char **argv)
{
	char uuid[GUEST_UUID_TEXT], home[64];
	struct xen_domctl_getdomaininfo info;
	struct store_batch b;
	int domid, lock;
	bool good;

	if (argc != 3)
		return xl_usage(xl);
	domid = xl_domain(xl, argv[1]);
	if (domid < 0 || ctrl_domain_info(xl->host.ctrl, (domid_t)domid, &info))
		return XL_NO_DOMAIN;
	lock = guest_host_lock(&xl->host);
	if (lock < 0)
		return XL_FAILED;
	if (!guest_name_is_good(argv[2]) || guest_find_name(&xl->host, argv[2]) >= 0) {
		report_error(&xl->report, "the name %s is in use, or not one", argv[2]);
		guest_host_unlock(lock);
		return XL_FAILED;
	}
	guest_uuid_text(info.handle, uuid);
	batch_init(&b, (unsigned int)domid);
	snprintf(home, sizeof(home), "/local/domain/%d", domid);
	batch_write(&b, home, "name", "%s", argv[2]);
	snprintf(home, sizeof(home), "/vm/%s", uuid);
	batch_write(&b, home, "name", "%s", argv[2]);
	good = batch_commit(&b, &xl->host);
	batch_free(&b);
	if (good)
		xl_change_config(xl, (unsigned int)domid, change_name, argv[2]);
	else
		report_error(&xl->report, "the store refuses the name: %s", strerror(errno));
	guest_host_unlock(lock);
	return good ? XL_OK : XL_FAILED;
}

int verb_sysrq(struct xl *xl, int argc, char **argv)
{
	char path[64];
	int domid;

	if (argc != 3 || strlen(argv[2]) != 1)
		return xl_usage(xl);
	domid = xl_domain(xl, argv[1]);
	if (domid < 0)
		return XL_NO_DOMAIN;
	snprintf(path, sizeof(path), "/local/domain/%d/control/sysrq", domid);
	if (store_write(&xl->host, path, argv[2]))
		return XL_OK;
	report_error(&xl->report, "the guest cannot be told: %s", strerror(errno));
	return XL_FAILED;
}

int verb_trigger(struct xl *xl, int argc, char **argv)
{
	static const char *const names[] = { "nmi", "reset", "init", "power", "sleep" };
	static const unsigned int numbers[] = { XEN_DOMCTL_SENDTRIGGER_NMI,
						XEN_DOMCTL_SENDTRIGGER_RESET,
						XEN_DOMCTL_SENDTRIGGER_INIT,
						XEN_DOMCTL_SENDTRIGGER_POWER,
						XEN_DOMCTL_SENDTRIGGER_SLEEP };
	unsigned int vcpu = 0;
	int domid, rc;

	if (argc < 3 || argc > 4)
		return xl_usage(xl);
	domid = xl_domain(xl, argv[1]);
	if (domid < 0)
		return XL_NO_DOMAIN;
	if (argc == 4 && !xl_parse_number(xl, argv[3], 0, GUEST_VCPUS_MAX, &vcpu))
		return XL_FAILED;
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(argv[2], names[i]))
			continue;
		rc = ctrl_domain_send_trigger(xl->host.ctrl, (domid_t)domid, numbers[i], vcpu);
		if (rc)
			report_error(&xl->report, "%s: %s", names[i], strerror(-rc));
		return rc ? XL_FAILED : XL_OK;
	}
	return xl_usage(xl);
}
