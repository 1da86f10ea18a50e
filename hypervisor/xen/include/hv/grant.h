/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grant tables: memory that a domain offers to others (xen/grant_table.h). */
#ifndef HV_GRANT_H
#define HV_GRANT_H

#include <hv/types.h>

struct domain;
struct page_info;
struct vcpu;

/* What a domain's limits may be; the defaults of max_grant_frames and max_maptrack_frames (xl.cfg(5)), too. */
#define GRANT_FRAMES_MAX    64
#define MAPTRACK_FRAMES_MAX 1024

/* A table of one frame, version 1. -ENOMEM. */
int grant_domain_init(struct domain *d) __must_check;

/*
 * The grants of others that @d, which does not run any more, has mapped are given back; its page tables are, too,
 * before anybody may rely on that. -ERESTART: call again.
 */
int grant_domain_relinquish(struct domain *d) __must_check;

/* Nobody uses a grant of the table any more. Frames of it that are still mapped go with the last mapping. */
void grant_domain_destroy(struct domain *d);

/*
 * The frames of @d's table as a resource (XENMEM_resource_grant_table_id_*): how many there may be, 0: no such; and
 * one of them, made if need be. -EINVAL: there is none, and cannot be now; -ENOMEM; -ERESTART.
 */
unsigned int grant_resource_size(const struct domain *d, unsigned int id);
int grant_resource_frame(struct domain *d, unsigned int id, unsigned int index,
			 mfn_t *out) __must_check;

/* For the audit: each reference to a frame that is held because others use @d's grants. */
typedef void grant_visitor(void *data, const struct page_info *pg, bool is_writable);
void grant_pins_visit(const struct domain *d, grant_visitor *visit, void *data);

long do_grant_table_op(struct vcpu *v, unsigned long cmd, unsigned long arg, unsigned long count);

#endif
