/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The invariant checker: what the frame words of hv/frame.h say against what can be counted. */
#ifndef ASM_AUDIT_H
#define ASM_AUDIT_H

struct domain;
struct vcpu;

/*
 * Count every reference to @d's frames from scratch (allocation, pins, entries of its tables, its vCPUs' roots and
 * descriptor tables, registered pages, operations left half done) and compare with their words; judge every entry of
 * a table in use by the rules. Each difference is a line of the log, up to a limit. Nothing may be changing @d
 * meanwhile: its vCPUs are outside of hypercalls. Takes time with the size of its memory.
 *
 * Returns the number of differences; -ENOMEM: no room to count in.
 */
int domain_audit(struct domain *d);

/* Memory to count in, taken early so that a guest cannot leave none. -ENOMEM. */
int audit_reserve(void);

/*
 * Debug builds. At boot: 'A' at the hypervisor's console audits dom0. The hypercall arch_7, which xen/xen.h leaves to
 * the processor's port: dom0 audits itself, its other vCPUs being kept out of hypercalls by itself. Returns the
 * number of differences; -EPERM for others than dom0; -ENOMEM. Other builds do not know it: -ENOSYS.
 */
#ifdef HV_DEBUG
void audit_key_init(void);
long do_audit(struct vcpu *v);
#define AUDIT_HYPERCALL(ROW) ROW(__HYPERVISOR_arch_7, do_audit, 0)
#else
#define AUDIT_HYPERCALL(ROW)
static inline void audit_key_init(void)
{
}
#endif

#endif
