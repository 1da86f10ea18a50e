/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grant tables: memory that a domain offers to others (xen/grant_table.h). */
#ifndef HV_GRANT_H
#define HV_GRANT_H

#include <hv/types.h>

struct domain;
struct page_info;
struct vcpu;

/* A table of one frame, version 1. -ENOMEM. */
int grant_domain_init(struct domain *d) __must_check;

/* Nobody maps a frame of the table any more. */
void grant_domain_destroy(struct domain *d);

/* For the audit: each reference to a frame that is held because others use @d's grants. */
typedef void grant_visitor(void *data, const struct page_info *pg, bool is_writable);
void grant_pins_visit(const struct domain *d, grant_visitor *visit, void *data);

long do_grant_table_op(struct vcpu *v, unsigned long cmd, unsigned long arg, unsigned long count);

#endif
