// SPDX-License-Identifier: GPL-2.0-or-later
/* What the verbs of xl share: the table's row, what a verb gets, its exit codes. */
#ifndef XL_H
#define XL_H

#include <guest/guest.h>
#include <guest/host.h>
#include <guest/report.h>

enum xl_exit {
	XL_OK = 0,
	XL_FAILED = 1,	      /* said why */
	XL_USAGE = 2,	      /* the command line is wrong */
	XL_NOT_YET = 3,	      /* a verb of a feature that does not exist yet */
	XL_NO_XEN = 4,	      /* no hypervisor, no store, or not allowed to ask them */
	XL_NO_DOMAIN = 5,     /* there is no such domain */
	XL_TIMEOUT = 6,	      /* a guest did not do what it was asked for in time */
};

enum xl_privilege {
	XL_ANYBODY, /* works without Xen */
	XL_CONTROL, /* opens hypervisor and store first */
};

struct xl;

struct xl_verb {
	const char *name;
	int (*run)(struct xl *xl, int argc, char **argv);
	enum xl_privilege privilege;
	const char *group; /* heading in help and manual */
	const char *usage; /* behind the name */
	const char *help;  /* one line */
};

struct xl {
	const struct xl_verb *verb;
	struct report report;
	struct guest_host host; /* XL_CONTROL: open */
	bool as_xm;
	bool dry_run; /* -N: say what would be done */
};

extern const struct xl_verb xl_verbs[];
const struct xl_verb *xl_find_verb(const char *name, bool as_xm);

/* Prints how the verb is used; XL_USAGE. */
int xl_usage(struct xl *xl);

/* The domain of argument @text, or -1, told. */
int xl_domain(struct xl *xl, const char *text);
/* All domains but dom0 or with it; to be freed. */
struct xen_domctl_getdomaininfo *xl_domains(struct xl *xl, bool with_dom0, size_t *count);
/* "512", "512m", "1g", "1048576k": KiB; the default unit is @unit ('k' or 'm'). False: told. */
bool xl_parse_size(struct xl *xl, const char *text, char unit, unsigned int *kib);
/* A number between; false: told. */
bool xl_parse_number(struct xl *xl, const char *text, unsigned int min, unsigned int max,
		     unsigned int *out);
/* Changes the kept configuration of a running guest. */
bool xl_change_config(struct xl *xl, unsigned int domid,
		      void (*change)(struct guest_config *, void *), void *data);

/* monitor.c: the process that stands by a guest until its end, or this one does so. 0; negative: it cannot be started. */
int xl_monitor_start(struct xl *xl, unsigned int domid, bool foreground);
/* console.c: attaches this terminal; returns when the guest ends or the user detaches. */
int xl_console_attach(struct xl *xl, unsigned int domid, bool wait_for_tty);

#define XL_VERB(name) int name(struct xl *xl, int argc, char **argv)

XL_VERB(verb_create);
XL_VERB(verb_config_update);
XL_VERB(verb_list);
XL_VERB(verb_vm_list);
XL_VERB(verb_domid);
XL_VERB(verb_domname);
XL_VERB(verb_uptime);
XL_VERB(verb_claims);
XL_VERB(verb_monitor);
XL_VERB(verb_destroy);
XL_VERB(verb_shutdown);
XL_VERB(verb_pause);
XL_VERB(verb_unpause);
XL_VERB(verb_rename);
XL_VERB(verb_sysrq);
XL_VERB(verb_trigger);
XL_VERB(verb_console);
XL_VERB(verb_mem_set);
XL_VERB(verb_mem_max);
XL_VERB(verb_vcpu_list);
XL_VERB(verb_vcpu_set);
XL_VERB(verb_vcpu_pin);
XL_VERB(verb_sched);
XL_VERB(verb_block_attach);
XL_VERB(verb_block_detach);
XL_VERB(verb_block_list);
XL_VERB(verb_cd_change);
XL_VERB(verb_network_attach);
XL_VERB(verb_network_detach);
XL_VERB(verb_network_list);
XL_VERB(verb_info);
XL_VERB(verb_dmesg);
XL_VERB(verb_debug_keys);
XL_VERB(verb_cpupool_list);
XL_VERB(verb_top);
XL_VERB(verb_help);
XL_VERB(verb_later);
XL_VERB(verb_gone);

#endif
