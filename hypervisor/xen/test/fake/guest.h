/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domains without an architecture, for tests of what they call. A guest's
 * memory is the test's own: a guest address is a host address.
 */
#ifndef FAKE_GUEST_H
#define FAKE_GUEST_H

#include <hv/domain.h>

#define FAKE_DOMAINS 4

/* Domain @id below FAKE_DOMAINS with @vcpus vCPUs that are down, without event channels. */
struct domain *fake_domain_make(domid_t id, unsigned int vcpus);
void fake_domain_free(struct domain *d);

/* The hypercalls that follow are made by @v. */
void fake_run(struct vcpu *v);

#define FAKE_BAD_ADDRESS 8UL /* any below a page: -EFAULT */
#define va_of(p)	 ((unsigned long)(p))

/* Of the last domain_shutdown(): -1 if there was none. */
extern int fake_shutdown_code;

#endif
