// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guests: how they are created, ended and taken back. Functions tell the administrator what is wrong through the host's report and return
 * false then, unless said otherwise.
 */
#ifndef GUEST_GUEST_H
#define GUEST_GUEST_H

#include "config.h"
#include "host.h"

/* What stands behind libxl's memory.txt: the hypervisor's limit is the guest's memory and this much. */
#define GUEST_MEMORY_SLACK_KIB 1024u

/*
 * Create a guest, which stays paused; with the lock held. Nothing is left of it after an error, and what an earlier creation left that
 * was killed is taken back first. Completes @config (UUID, MAC addresses).
 */
bool guest_create(struct guest_host *host, struct guest_config *config, unsigned int *domid);

/* End a domain and remove all of it; with the lock held. That it does not exist any more is no error. */
bool guest_destroy(struct guest_host *host, unsigned int domid);

/* What was left by a creation or a destruction that was killed; with the lock held. */
void guest_sweep(struct guest_host *host);

/* The configuration of a running guest, kept in a file from its creation to its end. */
bool guest_config_save(const struct guest_config *config);
bool guest_config_load(const uint8_t uuid[GUEST_UUID_LENGTH], struct guest_config *config);
void guest_config_forget(const uint8_t uuid[GUEST_UUID_LENGTH]);

/* "poweroff", "reboot", "suspend", "halt": asks the guest's own kernel. */
bool guest_ask(struct guest_host *host, unsigned int domid, const char *command);

/* The memory that the guest is to have (the balloon's target), and the limit. */
bool guest_set_memory(struct guest_host *host, unsigned int domid, unsigned int kib);
bool guest_set_max_memory(struct guest_host *host, unsigned int domid, unsigned int kib);

/* Make room for @kib by dom0's balloon, if xl.conf allows. */
bool guest_make_room(struct guest_host *host, unsigned int kib);

/* The machine's CPUs and nodes. */
struct cpu_machine;
bool guest_machine(struct guest_host *host, struct cpu_machine *machine);
/* Affinity of one vCPU; a NULL list leaves it. */
bool guest_pin(struct guest_host *host, unsigned int domid, unsigned int vcpu, const char *hard,
	       const char *soft);

/* Weight and cap under credit or credit2; ~0: leave it. */
#define GUEST_KEEP ~0u
bool guest_set_share(struct guest_host *host, unsigned int domid, unsigned int weight,
		     unsigned int cap);

/* What is booted: as the configuration has it, or as its boot loader reader found it on the disk, in copies in @folder. */
struct guest_boot {
	char *kernel, *ramdisk, *cmdline; /* the latter two may be NULL */
	char *folder;			  /* NULL: no copies */
};

/* To be given to guest_boot_done() in any case. */
bool guest_boot_find(struct guest_host *host, const struct guest_config *config,
		     struct guest_boot *boot);
void guest_boot_done(struct guest_boot *boot);

#endif
