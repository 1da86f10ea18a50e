/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a control domain asks of the hypervisor: one function, one hypercall,
 * with the structures of the ABI (xen/domctl.h, xen/sysctl.h, xen/memory.h).
 *
 * All functions return 0 or a positive result, or a negative errno: that of
 * the hypervisor, or of the kernel's privcmd and memory calls. A handle is for
 * one thread at a time. Users compile with -D__XEN_TOOLS__ and link with
 * -lxencall -lxenforeignmemory.
 */
#ifndef CTRL_H
#define CTRL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sysctl.h>
#include <xen/version.h>

#define CTRL_PAGE_SIZE 4096UL

struct ctrl;

/* Open the hypervisor's doors. -ENOENT, -ENODEV: this is no Xen domain; -EACCES: not as this user. */
int ctrl_open(struct ctrl **out);
void ctrl_close(struct ctrl *c);		/* NULL is fine */

/* domain.c: a domain as a whole */

/*
 * Create a domain without memory and without usable vCPUs (ctrl_domain_set_max_vcpus() makes
 * them), paused. *@domid asks for an identity, 0 takes the next free one; it is set to the domain's.
 */
int ctrl_domain_create(struct ctrl *c, const struct xen_domctl_createdomain *config,
		       domid_t *domid);
int ctrl_domain_set_max_vcpus(struct ctrl *c, domid_t domid, unsigned int count);

/* End a domain and give its pages back; what others still map goes when they let go of it. */
int ctrl_domain_destroy(struct ctrl *c, domid_t domid);

int ctrl_domain_pause(struct ctrl *c, domid_t domid);
int ctrl_domain_unpause(struct ctrl *c, domid_t domid);
int ctrl_domain_resume(struct ctrl *c, domid_t domid);		/* after it suspended itself */
int ctrl_domain_shutdown(struct ctrl *c, domid_t domid, unsigned int reason);	/* SHUTDOWN_* */

/* -ESRCH: there is no such domain. */
int ctrl_domain_info(struct ctrl *c, domid_t domid, struct xen_domctl_getdomaininfo *info);

/* Domains from @first on, in order, at most @max of them. Returns how many were written to @infos. */
int ctrl_domain_list(struct ctrl *c, domid_t first, unsigned int max,
		     struct xen_domctl_getdomaininfo *infos);

int ctrl_domain_set_handle(struct ctrl *c, domid_t domid, const xen_domain_handle_t handle);
int ctrl_domain_set_max_memory(struct ctrl *c, domid_t domid, uint64_t kib);
int ctrl_domain_set_address_size(struct ctrl *c, domid_t domid, unsigned int bits);
int ctrl_domain_set_time_offset(struct ctrl *c, domid_t domid, int64_t seconds);
int ctrl_domain_set_tsc(struct ctrl *c, domid_t domid, const struct xen_domctl_tsc_info *tsc);
int ctrl_domain_get_tsc(struct ctrl *c, domid_t domid, struct xen_domctl_tsc_info *tsc);
int ctrl_domain_set_debugging(struct ctrl *c, domid_t domid, bool on);
int ctrl_domain_send_trigger(struct ctrl *c, domid_t domid, unsigned int trigger,
			     unsigned int vcpu);		/* XEN_DOMCTL_SENDTRIGGER_* */
int ctrl_domain_set_virq_handler(struct ctrl *c, domid_t domid, unsigned int virq);

/* Write the hypercall page's stubs into the guest's frame @gmfn. */
int ctrl_domain_hypercall_page(struct ctrl *c, domid_t domid, uint64_t gmfn);

int ctrl_domain_permit_irq(struct ctrl *c, domid_t domid, unsigned int pirq, bool allow);
int ctrl_domain_permit_ports(struct ctrl *c, domid_t domid, unsigned int first, unsigned int count,
			     bool allow);
int ctrl_domain_permit_memory(struct ctrl *c, domid_t domid, uint64_t first_mfn, uint64_t count,
			      bool allow);

/* vcpu.c */

/* @context's registers become the vCPU's, which becomes ready to run; a PV vCPU needs ctrlreg[3]. */
int ctrl_vcpu_set_context(struct ctrl *c, domid_t domid, unsigned int vcpu,
			  const struct vcpu_guest_context *context);
int ctrl_vcpu_get_context(struct ctrl *c, domid_t domid, unsigned int vcpu,
			  struct vcpu_guest_context *context);
int ctrl_vcpu_info(struct ctrl *c, domid_t domid, unsigned int vcpu,
		   struct xen_domctl_getvcpuinfo *info);

/*
 * CPU maps: bit n of byte n/8 is CPU n; @bytes of each. NULL leaves that affinity alone. What
 * is set comes back as it took effect.
 */
int ctrl_vcpu_set_affinity(struct ctrl *c, domid_t domid, unsigned int vcpu, uint8_t *hard,
			   uint8_t *soft, size_t bytes);
int ctrl_vcpu_get_affinity(struct ctrl *c, domid_t domid, unsigned int vcpu, uint8_t *hard,
			   uint8_t *soft, size_t bytes);

/* sched.c: @op's cmd and sched_id are filled in; read and written like the ABI says */
int ctrl_sched_get(struct ctrl *c, domid_t domid, unsigned int sched_id,
		   struct xen_domctl_scheduler_op *op);
int ctrl_sched_set(struct ctrl *c, domid_t domid, unsigned int sched_id,
		   struct xen_domctl_scheduler_op *op);
int ctrl_sched_id(struct ctrl *c);		/* XEN_SCHEDULER_* of the running one */

/* cpupool.c: -ENOENT: there is no pool with this number or, searching, a higher one */
struct ctrl_cpupool {
	uint32_t id, sched_id, domain_count;
	uint8_t cpus[128];		/* bit n of byte n/8 */
};
int ctrl_cpupool_next(struct ctrl *c, uint32_t from, struct ctrl_cpupool *pool);

/* memory.c */

/*
 * Populate @count extents of 2^@order frames at the guest frames @frames, which become the
 * machine frames given (PV); the machine-to-guest table is written, too. Returns the number of
 * extents that were populated, less than @count when memory or the domain's limit ended.
 */
int ctrl_memory_populate(struct ctrl *c, domid_t domid, unsigned int order, unsigned int mem_flags,
			 xen_pfn_t *frames, size_t count);

/* Returns how many of the @count frames were taken away from the domain. */
int ctrl_memory_decrease(struct ctrl *c, domid_t domid, unsigned int order, const xen_pfn_t *frames,
			 size_t count);

/* Set aside @pages for the domain's next populations; 0 gives the rest up. -ENOMEM: not so many. */
int ctrl_memory_claim(struct ctrl *c, domid_t domid, uint64_t pages);
/* The memory that the guest's kernel makes room for: one piece from address 0, as XENMEM_memory_map tells it. */
int ctrl_memory_set_map(struct ctrl *c, domid_t domid, uint64_t bytes);

long ctrl_memory_current(struct ctrl *c, domid_t domid);	/* pages */
long ctrl_memory_maximum(struct ctrl *c, domid_t domid);	/* pages */

/*
 * Map @count frames of the domain in a row, PROT_* @prot. NULL with errno set: at least one frame
 * cannot be mapped.
 */
void *ctrl_map(struct ctrl *c, domid_t domid, int prot, const xen_pfn_t *frames, size_t count);
void ctrl_unmap(struct ctrl *c, void *at, size_t count);

/* Zero frames of the domain that are not page tables, without mapping them. */
int ctrl_clear_pages(struct ctrl *c, domid_t domid, const xen_pfn_t *frames, size_t count);

/* grant.c */

/* Let @to map the frame @frame of a domain by the reference @ref of that domain's table. */
struct ctrl_grant {
	grant_ref_t ref;
	domid_t to;
	uint32_t frame;
};

/*
 * Write entries to the grant table of a domain that has not run yet: its table is of version 1,
 * and has one frame (references below 512).
 */
int ctrl_grant_offer(struct ctrl *c, domid_t domid, const struct ctrl_grant *grants, size_t count);

/* Pin a frame of the domain as a level-4 page table (MMUEXT_PIN_L4_TABLE), or unpin it. */
int ctrl_pin_l4(struct ctrl *c, domid_t domid, uint64_t mfn);
int ctrl_unpin(struct ctrl *c, domid_t domid, uint64_t mfn);

/* evtchn.c */

/* A port of @domid that @remote may bind. Returns the port. */
int ctrl_evtchn_alloc_unbound(struct ctrl *c, domid_t domid, domid_t remote);
int ctrl_evtchn_status(struct ctrl *c, domid_t domid, evtchn_port_t port,
		       struct evtchn_status *status);

/* sysctl.c: the machine and the hypervisor */

int ctrl_physinfo(struct ctrl *c, struct xen_sysctl_physinfo *info);

/* Of each CPU up to @max. Returns how many there are, which may be more. */
int ctrl_cpu_topology(struct ctrl *c, struct xen_sysctl_cputopo *cpus, unsigned int max);
int ctrl_cpu_idle(struct ctrl *c, struct xen_sysctl_cpuinfo *cpus, unsigned int max);

/*
 * Nodes up to @max, and their distances, n rows of n; either may be NULL. Returns how many nodes
 * there are, n, which may be more than @max: then nothing was written.
 */
int ctrl_numa(struct ctrl *c, struct xen_sysctl_meminfo *nodes, uint32_t *distances,
	      unsigned int max);

/*
 * The hypervisor's messages: up to @len bytes to @text, without a zero at the end. *@index (in and
 * out), if not NULL, is where the last call ended. @clear empties the ring. Returns the bytes written.
 */
int ctrl_console_read(struct ctrl *c, char *text, size_t len, bool clear, uint32_t *index);
int ctrl_debug_keys(struct ctrl *c, const char *keys);

/* version.c */

/* Major in the upper 16 bits, minor in the lower ones. */
int ctrl_version(struct ctrl *c);

/* XENVER_* commands that fill a structure of @len bytes at @out. */
int ctrl_version_read(struct ctrl *c, unsigned int command, void *out, size_t len);

#endif
