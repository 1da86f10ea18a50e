// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verbs: each row is a verb, its function, what it needs, and its words in help, completion and manual. The names are those of
 * xl(1) of Xen 4.17; rows of features that do not exist yet say so and exit with their own code. Names that only xm had are
 * in xm_compat.c.
 */
#include <stdio.h>
#include <string.h>

#include "xl.h"
#include "xm_compat.h"

#define DOMAIN	"Domains"
#define HOST	"The host"
#define SCHED	"Scheduling"
#define POOL	"CPU pools"
#define DEVICE	"Virtual devices"
#define NOT_YET "Not available yet"

#define ROW(name, run, privilege, group, usage, help)    \
	{                                                \
		name, run, privilege, group, usage, help \
	}
#define LATER(name, usage, help)                                   \
	{                                                          \
		name, verb_later, XL_ANYBODY, NOT_YET, usage, help \
	}

const struct xl_verb xl_verbs[] = {
	/* clang-format off */
	ROW("create", verb_create, XL_ANYBODY, DOMAIN, "[-cdFpqn] [-f] FILE [KEY=VALUE]...",
	    "create a domain from a configuration file"),
	ROW("config-update", verb_config_update, XL_CONTROL, DOMAIN, "DOMAIN [-f] FILE [KEY=VALUE]...",
	    "replace what a running domain is restarted from"),
	ROW("list", verb_list, XL_CONTROL, DOMAIN, "[-lvcn] [DOMAIN]...", "list domains"),
	ROW("destroy", verb_destroy, XL_CONTROL, DOMAIN, "[-f] DOMAIN", "end a domain at once"),
	ROW("shutdown", verb_shutdown, XL_CONTROL, DOMAIN, "[-wF] -a | DOMAIN",
	    "ask a domain to power off"),
	ROW("reboot", verb_shutdown, XL_CONTROL, DOMAIN, "[-wF] -a | DOMAIN", "ask a domain to restart"),
	ROW("pause", verb_pause, XL_CONTROL, DOMAIN, "DOMAIN", "stop a domain for a while"),
	ROW("unpause", verb_unpause, XL_CONTROL, DOMAIN, "DOMAIN", "let a paused domain go on"),
	ROW("console", verb_console, XL_CONTROL, DOMAIN, "[-t pv] [-n 0] DOMAIN",
	    "attach to a domain's console; Ctrl-] detaches"),
	ROW("domid", verb_domid, XL_CONTROL, DOMAIN, "NAME", "print the number of a domain"),
	ROW("domname", verb_domname, XL_CONTROL, DOMAIN, "DOMID", "print the name of a domain"),
	ROW("rename", verb_rename, XL_CONTROL, DOMAIN, "DOMAIN NAME", "give a domain another name"),
	ROW("mem-set", verb_mem_set, XL_CONTROL, DOMAIN, "DOMAIN MEMORY[bkmgt]",
	    "set the memory that a domain is to use"),
	ROW("mem-max", verb_mem_max, XL_CONTROL, DOMAIN, "DOMAIN MEMORY[bkmgt]",
	    "limit the memory of a domain"),
	ROW("vcpu-list", verb_vcpu_list, XL_CONTROL, DOMAIN, "[DOMAIN]...", "list virtual CPUs"),
	ROW("vcpu-set", verb_vcpu_set, XL_CONTROL, DOMAIN, "DOMAIN COUNT",
	    "set how many virtual CPUs a domain uses"),
	ROW("vcpu-pin", verb_vcpu_pin, XL_CONTROL, DOMAIN, "[-f] DOMAIN VCPU|all CPUS|- [CPUS|-]",
	    "set the CPUs on which a virtual CPU may run"),
	ROW("monitor", verb_monitor, XL_CONTROL, DOMAIN, "DOMAIN",
	    "stand by a domain until its end, as create does by itself"),
	ROW("vm-list", verb_vm_list, XL_CONTROL, DOMAIN, "", "list guests with their UUIDs"),
	ROW("sysrq", verb_sysrq, XL_CONTROL, DOMAIN, "DOMAIN LETTER", "send a magic SysRq key"),
	ROW("trigger", verb_trigger, XL_CONTROL, DOMAIN, "DOMAIN nmi|reset|init|power|sleep [VCPU]",
	    "send a domain an event"),
	ROW("uptime", verb_uptime, XL_CONTROL, DOMAIN, "[-s] [DOMAIN]...",
	    "print how long domains have been running"),

	ROW("info", verb_info, XL_CONTROL, HOST, "[-n]", "print what hypervisor and machine are"),
	ROW("dmesg", verb_dmesg, XL_CONTROL, HOST, "[-c]", "print the hypervisor's messages"),
	ROW("debug-keys", verb_debug_keys, XL_CONTROL, HOST, "KEYS", "send debug keys to the hypervisor"),
	ROW("top", verb_top, XL_ANYBODY, HOST, "", "watch domains"),
	ROW("claims", verb_claims, XL_CONTROL, HOST, "", "list outstanding claims of memory"),
	ROW("help", verb_help, XL_ANYBODY, HOST, "[--long | VERB]", "print this text"),

	ROW("sched-credit", verb_sched, XL_CONTROL, SCHED, "[-d DOMAIN [-w WEIGHT] [-c CAP]]",
	    "get or set weight and cap under the credit scheduler"),
	ROW("sched-credit2", verb_sched, XL_CONTROL, SCHED, "[-d DOMAIN [-w WEIGHT] [-c CAP]]",
	    "get or set weight and cap under the credit2 scheduler"),
	ROW("cpupool-list", verb_cpupool_list, XL_CONTROL, POOL, "[-c] [POOL]", "list CPU pools"),

	ROW("block-attach", verb_block_attach, XL_CONTROL, DEVICE, "DOMAIN DISK",
	    "give a running domain a disk"),
	ROW("block-detach", verb_block_detach, XL_CONTROL, DEVICE, "[--force] DOMAIN DEVICE",
	    "take a disk from a running domain"),
	ROW("block-list", verb_block_list, XL_CONTROL, DEVICE, "DOMAIN...", "list a domain's disks"),
	ROW("cd-insert", verb_cd_change, XL_CONTROL, DEVICE, "DOMAIN DEVICE FILE",
	    "put a medium into a domain's CD drive"),
	ROW("cd-eject", verb_cd_change, XL_CONTROL, DEVICE, "DOMAIN DEVICE",
	    "take the medium out of a domain's CD drive"),
	ROW("network-attach", verb_network_attach, XL_CONTROL, DEVICE, "DOMAIN [KEY=VALUE]...",
	    "give a running domain a network interface"),
	ROW("network-detach", verb_network_detach, XL_CONTROL, DEVICE, "[--force] DOMAIN DEVID|MAC",
	    "take a network interface from a running domain"),
	ROW("network-list", verb_network_list, XL_CONTROL, DEVICE, "DOMAIN...",
	    "list a domain's network interfaces"),

	LATER("devd", "[-F]", "serve devices of other domains in a driver domain"),
	LATER("save", "DOMAIN FILE", "save a domain to a file"),
	LATER("restore", "FILE", "restore a domain from a file"),
	LATER("suspend", "DOMAIN", "suspend a domain"),
	LATER("resume", "DOMAIN", "resume a suspended domain"),
	LATER("migrate", "DOMAIN HOST", "move a domain to another host"),
	LATER("migrate-receive", "", "the other end of migrate"),
	LATER("remus", "DOMAIN HOST", "keep a copy of a domain on another host"),
	LATER("dump-core", "DOMAIN [FILE]", "write a domain's memory to a file"),
	LATER("pci-attach", "DOMAIN DEVICE", "pass a PCI device to a domain"),
	LATER("pci-detach", "DOMAIN DEVICE", "take a PCI device from a domain"),
	LATER("pci-list", "DOMAIN", "list PCI devices of a domain"),
	LATER("pci-assignable-add", "DEVICE", "make a PCI device assignable"),
	LATER("pci-assignable-remove", "DEVICE", "give a PCI device back to dom0"),
	LATER("pci-assignable-list", "", "list assignable PCI devices"),
	LATER("cpupool-create", "FILE", "make a CPU pool"),
	LATER("cpupool-destroy", "POOL", "remove a CPU pool"),
	LATER("cpupool-rename", "POOL NAME", "rename a CPU pool"),
	LATER("cpupool-cpu-add", "POOL CPUS", "add CPUs to a pool"),
	LATER("cpupool-cpu-remove", "POOL CPUS", "remove CPUs from a pool"),
	LATER("cpupool-migrate", "DOMAIN POOL", "move a domain to another pool"),
	LATER("cpupool-numa-split", "", "make one pool of each node"),
	LATER("sched-rtds", "", "the rtds scheduler's parameters"),
	LATER("vncviewer", "DOMAIN", "show a domain's graphical console"),
	LATER("button-press", "DOMAIN BUTTON", "press an ACPI button"),
	LATER("sharing", "[DOMAIN]", "count shared pages"),
	LATER("set-parameters", "TEXT", "change the hypervisor's parameters"),
	LATER("getenforce", "", "security policy"),
	LATER("setenforce", "MODE", "security policy"),
	LATER("loadpolicy", "FILE", "security policy"),
	LATER("channel-list", "DOMAIN", "list channels"),
	LATER("vtpm-attach", "DOMAIN SPEC", "virtual TPMs"),
	LATER("vtpm-detach", "DOMAIN DEVID", "virtual TPMs"),
	LATER("vtpm-list", "DOMAIN", "virtual TPMs"),
	LATER("vkb-attach", "DOMAIN SPEC", "virtual keyboards"),
	LATER("vkb-detach", "DOMAIN DEVID", "virtual keyboards"),
	LATER("vkb-list", "DOMAIN", "virtual keyboards"),
	LATER("vdispl-attach", "DOMAIN SPEC", "virtual displays"),
	LATER("vdispl-detach", "DOMAIN DEVID", "virtual displays"),
	LATER("vdispl-list", "DOMAIN", "virtual displays"),
	LATER("vsnd-attach", "DOMAIN SPEC", "virtual sound cards"),
	LATER("vsnd-detach", "DOMAIN DEVID", "virtual sound cards"),
	LATER("vsnd-list", "DOMAIN", "virtual sound cards"),
	LATER("usbctrl-attach", "DOMAIN SPEC", "USB controllers"),
	LATER("usbctrl-detach", "DOMAIN DEVID", "USB controllers"),
	LATER("usbdev-attach", "DOMAIN SPEC", "USB devices"),
	LATER("usbdev-detach", "DOMAIN DEVID", "USB devices"),
	LATER("usb-list", "DOMAIN", "USB devices"),
	LATER("psr-hwinfo", "", "monitoring of caches"),
	LATER("psr-cmt-attach", "DOMAIN", "monitoring of caches"),
	LATER("psr-cmt-detach", "DOMAIN", "monitoring of caches"),
	LATER("psr-cmt-show", "TYPE", "monitoring of caches"),
	LATER("psr-cat-set", "DOMAIN CBM", "partition of caches"),
	LATER("psr-cat-show", "[DOMAIN]", "partition of caches"),
	LATER("psr-mba-set", "DOMAIN THROTTLE", "limits of memory bandwidth"),
	LATER("psr-mba-show", "[DOMAIN]", "limits of memory bandwidth"),
	LATER("qemu-monitor-command", "DOMAIN COMMAND", "talk to a device model"),
	LATER("dt-overlay", "ADD|REMOVE FILE", "device tree overlays"),
	{ NULL, NULL, XL_ANYBODY, NULL, NULL, NULL },
	/* clang-format on */
};

static const struct xl_verb *find_exact(const char *name)
{
	for (const struct xl_verb *v = xl_verbs; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

/* xm took any beginning that no other verb shares. */
static const struct xl_verb *find_beginning(const char *name)
{
	const struct xl_verb *found = NULL;

	for (const struct xl_verb *v = xl_verbs; v->name; v++) {
		if (strncmp(v->name, name, strlen(name)) || v->run == verb_later)
			continue;
		if (found)
			return NULL;
		found = v;
	}
	return found;
}

const struct xl_verb *xl_find_verb(const char *name, bool as_xm)
{
	const struct xl_verb *found = find_exact(name);

	if (!found)
		found = xm_gone_verb(name);
	if (!found && xm_alias(name))
		found = find_exact(xm_alias(name));
	if (!found && as_xm && *name)
		found = find_beginning(name);
	return found;
}

int verb_later(struct xl *xl, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	report_error(&xl->report, "not available yet (%s)", xl->verb->help);
	return XL_NOT_YET;
}

static void print_group(const char *group)
{
	printf("\n%s:\n", group);
	for (const struct xl_verb *v = xl_verbs; v->name; v++)
		if (!strcmp(v->group, group))
			printf("  %-16s %s\n", v->name, v->help);
}

/* One row of the table in asciidoctor's form: tests compare the manual page with it. */
static void print_manual(void)
{
	const char *group = "";

	for (const struct xl_verb *v = xl_verbs; v->name; v++) {
		if (strcmp(v->group, group))
			printf("\n=== %s\n\n", v->group);
		group = v->group;
		printf("*%s*%s%s::\n\t%c%s.\n", v->name, *v->usage ? " " : "", v->usage, v->help[0],
		       v->help + 1);
	}
}

int verb_help(struct xl *xl, int argc, char **argv)
{
	static const char *const groups[] = { DOMAIN, DEVICE, HOST, SCHED, POOL };
	const struct xl_verb *v;

	if (argc > 1 && !strcmp(argv[1], "--verbs")) {
		for (v = xl_verbs; v->name; v++)
			puts(v->name);
		return XL_OK;
	}
	if (argc > 1 && !strcmp(argv[1], "--manual")) {
		print_manual();
		return XL_OK;
	}
	if (argc > 1 && argv[1][0] != '-') {
		v = xl_find_verb(argv[1], xl->as_xm);
		if (!v) {
			report_error(&xl->report, "there is no verb '%s'", argv[1]);
			return XL_USAGE;
		}
		printf("xl %s %s\n  %s\n", v->name, v->usage, v->help);
		return XL_OK;
	}
	printf("usage: %s [-vfNtT] VERB [ARGUMENT]...\n", xl->as_xm ? "xm" : "xl");
	for (unsigned int i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		print_group(groups[i]);
	if (argc > 1 && !strcmp(argv[1], "--long"))
		print_group(NOT_YET);
	puts("\nxl help VERB tells how a verb is used; xl(1) and xl.cfg(5) tell more.");
	return XL_OK;
}
