/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HYPERVISOR_memory_op. Each sub-command gets the guest's address of its
 * argument and, when it is continued, how many extents are done already.
 */
#ifndef HV_MEMORY_OP_H
#define HV_MEMORY_OP_H

#include <hv/abi.h>
#include <hv/types.h>

struct domain;
struct vcpu;

/* The sub-command is in the low bits of the command, a continuation's progress above them. */
#define MEMOP_EXTENT_SHIFT 6
#define MEMOP_CMD_MASK	   ((1UL << MEMOP_EXTENT_SHIFT) - 1)

long do_memory_op(struct vcpu *v, unsigned long cmd, unsigned long arg);

/*
 * The domain that @id names in a request of @v, with a reference, for domain_put().
 * 0 and *@d; -ESRCH: there is none; -EPERM: @v may not speak for it.
 */
int memory_op_target(struct vcpu *v, domid_t id, struct domain **d) __must_check;

/* The largest extent that @v may ask for, as an order. */
unsigned int memory_op_order_limit(const struct vcpu *v);

/* Stop here? Asked between extents; never true before one is done. */
bool memory_op_should_stop(unsigned long done_now);

/* Begin sub-command @op again with @done extents behind it. */
long memory_op_continue(unsigned int op, unsigned long done, unsigned long arg);

/* ---- populate.c ---- */

long memory_increase_reservation(struct vcpu *v, unsigned long done, unsigned long arg);
long memory_decrease_reservation(struct vcpu *v, unsigned long done, unsigned long arg);
long memory_populate_physmap(struct vcpu *v, unsigned long done, unsigned long arg);

/* ---- exchange.c ---- */

long memory_exchange(struct vcpu *v, unsigned long done, unsigned long arg);

/* ---- maps.c ---- */

long memory_maximum_ram_page(struct vcpu *v, unsigned long done, unsigned long arg);
long memory_current_reservation(struct vcpu *v, unsigned long done, unsigned long arg);
long memory_maximum_reservation(struct vcpu *v, unsigned long done, unsigned long arg);
long memory_maximum_gpfn(struct vcpu *v, unsigned long done, unsigned long arg);
long memory_machphys_mfn_list(struct vcpu *v, unsigned long done, unsigned long arg);
long memory_machphys_mapping(struct vcpu *v, unsigned long done, unsigned long arg);
long memory_machine_memory_map(struct vcpu *v, unsigned long done, unsigned long arg);
long memory_add_to_physmap(struct vcpu *v, unsigned long done, unsigned long arg);
long memory_remove_from_physmap(struct vcpu *v, unsigned long done, unsigned long arg);
long memory_sharing_pages(struct vcpu *v, unsigned long done, unsigned long arg);
long memory_vnumainfo(struct vcpu *v, unsigned long done, unsigned long arg);
long memory_reserved_device_memory_map(struct vcpu *v, unsigned long done, unsigned long arg);

/* ---- domain_map.c ---- */

long memory_set_memory_map(struct vcpu *v, unsigned long done, unsigned long arg);
long memory_memory_map(struct vcpu *v, unsigned long done, unsigned long arg);

/* The map of a domain that is no more. */
void memory_map_free(struct domain *d);

/* ---- acquire_resource.c ---- */

long memory_acquire_resource(struct vcpu *v, unsigned long done, unsigned long arg);

/* ---- claim.c ---- */

long memory_claim_pages(struct vcpu *v, unsigned long done, unsigned long arg);

/* May @d have @count pages of those that are free? They were given to it. And its claim ends with it. */
bool claim_allows(const struct domain *d, unsigned long count) __must_check;
void claim_use(struct domain *d, unsigned long count);
void claim_end(struct domain *d);

/* Pages that are claimed and that nobody has got. */
unsigned long claimed_pages(void);

#endif
