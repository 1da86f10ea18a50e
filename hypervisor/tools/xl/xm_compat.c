// SPDX-License-Identifier: GPL-2.0-or-later
/* The program answers to xm, too: old spellings lead to the same table, and verbs of xend's own say what took their place. */
#include "xm_compat.h"

#include <string.h>

const char *xm_alias(const char *name)
{
	static const struct {
		const char *old, *verb;
	} aliases[] = {
		{ "balloon", "mem-set" },
		{ "set-vcpus", "vcpu-set" },
		{ "vif-list", "network-list" },
		{ "vbd-create", "block-attach" },
		{ "vbd-destroy", "block-detach" },
		{ "vbd-list", "block-list" },
		{ "network2-attach", "network-attach" },
		{ "network2-detach", "network-detach" },
		{ "network2-list", "network-list" },
		{ "cpupool-delete", "cpupool-destroy" },
		{ "cpupool-start", "cpupool-create" },
		{ "cpupool-new", "cpupool-create" },
		{ "pci-list-assignable-devices", "pci-assignable-list" },
	};

	for (unsigned int i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (!strcmp(name, aliases[i].old))
			return aliases[i].verb;
	return NULL;
}

#define GONE(name, help)                                  \
	{                                                 \
		name, verb_gone, XL_ANYBODY, "", "", help \
	}

static const struct xl_verb gone[] = {
	/* clang-format off */
	GONE("new", "domains are kept as files in /etc/xen; xl create starts one"),
	GONE("delete", "domains are kept as files in /etc/xen"),
	GONE("start", "xl create starts a domain from its file"),
	GONE("log", "logs are in /var/log/xen"),
	GONE("shell", "xl is used from any shell"),
	GONE("serve", "there is no xend to talk to"),
	GONE("reset", "xl destroy and xl create"),
	GONE("domstate", "xl list tells the state"),
	GONE("sched-sedf", "there is no such scheduler any more"),
	GONE("block-configure", "xl block-detach and xl block-attach"),
	GONE("vnet-list", "bridges are dom0's own"),
	GONE("vnet-create", "bridges are dom0's own"),
	GONE("vnet-delete", "bridges are dom0's own"),
	GONE("scsi-attach", "pass the device as a disk"),
	GONE("scsi-detach", "pass the device as a disk"),
	GONE("scsi-list", "pass the device as a disk"),
	GONE("event-monitor", "xl list tells the state"),
	GONE("dry-run", "xl create -n"),
	GONE("labels", "there are no security labels"),
	GONE("addlabel", "there are no security labels"),
	GONE("rmlabel", "there are no security labels"),
	GONE("getlabel", "there are no security labels"),
	/* clang-format on */
};

const struct xl_verb *xm_gone_verb(const char *name)
{
	for (unsigned int i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		if (!strcmp(name, gone[i].name))
			return &gone[i];
	return NULL;
}

int verb_gone(struct xl *xl, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	report_error(&xl->report, "went with xend: %s", xl->verb->help);
	return XL_NOT_YET;
}
