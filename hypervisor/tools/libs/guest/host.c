// SPDX-License-Identifier: GPL-2.0-or-later
/* Opens what operations need, and finds guests by name. */
#include "host.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "settings.h"
#include "store.h"

#define LOCK_FILE HOST_RUN "/lock"

static void conf_text(const struct settings *s, const char *key, char **where)
{
	const struct setting *found = settings_find(s, key);

	if (found && found->value->kind == VALUE_STRING) {
		free(*where);
		*where = alloc_string(found->value->text);
	}
}

static long long conf_number(const struct settings *s, const char *key, long long otherwise)
{
	const struct setting *found = settings_find(s, key);

	return found && found->value->kind == VALUE_NUMBER ? found->value->number : otherwise;
}

/* autoballoon is a word, or a number in older files. */
static enum autoballoon conf_autoballoon(const struct settings *s)
{
	const struct setting *found = settings_find(s, "autoballoon");

	if (!found || found->value->kind == VALUE_LIST || !strcmp(found->value->text, "auto"))
		return AUTOBALLOON_AUTO;
	return !strcmp(found->value->text, "on") || !strcmp(found->value->text, "1") ?
		       AUTOBALLOON_ON :
		       AUTOBALLOON_OFF;
}

bool host_settings_read(struct host_settings *h, const char *path, struct report *report)
{
	unsigned int before = report->errors;
	struct settings s;

	settings_init(&s);
	if (!access(path, F_OK))
		settings_read(&s, path, report);
	*h = (struct host_settings){
		.autoballoon = conf_autoballoon(&s),
		.run_hotplug_scripts = conf_number(&s, "run_hotplug_scripts", 1),
		.claim_mode = conf_number(&s, "claim_mode", 1),
		.vif_script = alloc_string("vif-bridge"),
		.vif_bridge = alloc_string("xenbr0"),
		.max_grant_frames = (unsigned int)conf_number(&s, "max_grant_frames", 0),
		.max_maptrack_frames = (unsigned int)conf_number(&s, "max_maptrack_frames", 0),
		.max_grant_version = (unsigned int)conf_number(&s, "max_grant_version", 0),
	};
	conf_text(&s, "vifscript", &h->vif_script);
	conf_text(&s, "vif.default.script", &h->vif_script);
	conf_text(&s, "defaultbridge", &h->vif_bridge);
	conf_text(&s, "vif.default.bridge", &h->vif_bridge);
	conf_text(&s, "vif.default.backend", &h->vif_backend);
	conf_text(&s, "vif.default.gatewaydev", &h->vif_gatewaydev);
	conf_text(&s, "vm.cpumask", &h->cpumask);
	conf_text(&s, "vm.pv.cpumask", &h->cpumask);
	settings_free(&s);
	return report->errors == before;
}

void host_settings_free(struct host_settings *h)
{
	free(h->vif_script);
	free(h->vif_bridge);
	free(h->vif_backend);
	free(h->vif_gatewaydev);
	free(h->cpumask);
	*h = (struct host_settings){ 0 };
}

bool guest_host_open(struct guest_host *host, struct report *report)
{
	int rc;

	*host = (struct guest_host){ .report = report };
	if (!host_settings_read(&host->settings, HOST_SETTINGS_FILE, report))
		return false;
	rc = ctrl_open(&host->ctrl);
	if (rc) {
		report_error(report,
			     rc == -EACCES || rc == -EPERM ?
				     "only root may ask the hypervisor" :
				     "this machine does not run under Xen, or not as its dom0: %s",
			     strerror(-rc));
		return false;
	}
	host->store = xs_open(0);
	if (!host->store) {
		report_error(report, "the store does not answer: is xenstored running? (%s)",
			     strerror(errno));
		return false;
	}
	return true;
}

void guest_host_close(struct guest_host *host)
{
	host_settings_free(&host->settings);
	ctrl_close(host->ctrl);
	xs_close(host->store);
	*host = (struct guest_host){ .report = host->report };
}

int guest_host_lock(struct guest_host *host)
{
	int fd;

	mkdir(HOST_RUN, 0700);
	fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX)) {
		report_error(host->report, "%s: cannot be locked: %s", LOCK_FILE, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

void guest_host_unlock(int lock)
{
	if (lock >= 0)
		close(lock);
}

char *guest_name(struct guest_host *host, unsigned int domid)
{
	char *name = store_read(host, "/local/domain/%u/name", domid);

	if (name)
		return name;
	return alloc_string(domid ? "(null)" : "Domain-0");
}

int guest_find_name(struct guest_host *host, const char *name)
{
	unsigned int count = 0;
	char **ids = xs_directory(host->store, XBT_NULL, "/local/domain", &count);
	int found = -1;

	for (unsigned int i = 0; ids && i < count && found < 0; i++) {
		struct xen_domctl_getdomaininfo info;
		unsigned int domid = (unsigned int)strtoul(ids[i], NULL, 10);
		char *its = guest_name(host, domid);

		/* What xenstored still knows may have ended. */
		if (!strcmp(its, name) && !ctrl_domain_info(host->ctrl, (domid_t)domid, &info))
			found = (int)domid;
		free(its);
	}
	free(ids);
	return found;
}

int guest_find(struct guest_host *host, const char *text)
{
	struct xen_domctl_getdomaininfo info;
	unsigned long n;
	char *rest;
	int domid = -1;

	n = strtoul(text, &rest, 10);
	if (isdigit((unsigned char)*text) && !*rest) {
		if (n < DOMID_FIRST_RESERVED && !ctrl_domain_info(host->ctrl, (domid_t)n, &info))
			domid = (int)n;
	} else {
		domid = guest_find_name(host, text);
	}
	if (domid < 0)
		report_error(host->report, "there is no domain '%s'", text);
	return domid;
}
