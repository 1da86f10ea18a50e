// SPDX-License-Identifier: GPL-2.0-or-later
/* What operations on guests work with: the hypervisor, the store, who is told, and xl.conf(5)'s settings. */
#ifndef GUEST_HOST_H
#define GUEST_HOST_H

#include <stdbool.h>

#include <ctrl/ctrl.h>
#include <xenstore.h>

#include "report.h"

enum autoballoon {
	AUTOBALLOON_OFF,
	AUTOBALLOON_ON,
	AUTOBALLOON_AUTO, /* off if the hypervisor was told dom0_mem */
};

/* xl.conf(5), as far as it concerns us. */
struct host_settings {
	enum autoballoon autoballoon;
	bool run_hotplug_scripts;
	bool claim_mode;
	char *vif_script, *vif_bridge, *vif_backend, *vif_gatewaydev;
	char *cpumask; /* vm.cpumask and vm.pv.cpumask; NULL: all */
	unsigned int max_grant_frames, max_maptrack_frames, max_grant_version;
};

struct guest_host {
	struct report *report;
	struct ctrl *ctrl;
	struct xs_handle *store;
	struct host_settings settings;
};

#define HOST_SETTINGS_FILE "/etc/xen/xl.conf"
#define HOST_SCRIPTS	   "/etc/xen/scripts"
#define HOST_OWN_SCRIPTS   "/usr/lib/xen-zazen/scripts"
#define HOST_RUN	   "/run/xen-zazen"

/* Open hypervisor and store, read the settings. False: told why. */
bool guest_host_open(struct guest_host *host, struct report *report);
void guest_host_close(struct guest_host *host);

/* @path's settings over the defaults; a file that is not there is none. False: told what is wrong. */
bool host_settings_read(struct host_settings *settings, const char *path, struct report *report);
void host_settings_free(struct host_settings *settings);

/* One creation, destruction or change of devices at a time: a lock of a file that ends with the process. */
int guest_host_lock(struct guest_host *host);
void guest_host_unlock(int lock);

/* The number of a domain by name or number; -1 and told if there is none. */
int guest_find(struct guest_host *host, const char *name_or_number);
/* The same, silently, by name alone. */
int guest_find_name(struct guest_host *host, const char *name);
/* To be freed; "(null)" without a name. */
char *guest_name(struct guest_host *host, unsigned int domid);

#endif
