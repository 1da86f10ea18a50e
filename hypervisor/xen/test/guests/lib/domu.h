/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tiny domU: the same image, made by the tiny dom0 as a second domain. It starts in domu_main() instead of
 * test_main(), with .bss zeroed and .data as dom0's is, and talks to dom0 by a page of its own that dom0 maps.
 * What it prints and how its checks went dom0 tells when it is over. Include this first: it is about tools' headers.
 */
#ifndef GUEST_DOMU_H
#define GUEST_DOMU_H

#ifndef __XEN_TOOLS__
#define __XEN_TOOLS__ 1
#endif

#include "guest.h"

#include <xen/domctl.h>
#include <xen/sysctl.h>

#define DOMU_PAGES_MAX 1024
#define DOMU_VCPUS_MAX 4

/* The page that both see. */
struct domu_channel {
	uint64_t arg[8];	/* dom0's, before it starts */
	uint64_t result[8];	/* its own */
	volatile uint32_t said;	/* steps that it has come to */
	volatile uint32_t heard; /* ... and that dom0 lets it go on from */
	uint32_t is_over, checks_made, checks_failed;
	uint32_t text_length;
	char text[2048];
};

struct domu {
	domid_t id;
	unsigned long first_pfn, page_count;	/* of what it has memory for */
	unsigned long info_pfn, p2m_pfn, tables_pfn, table_count;
	struct domu_channel *channel;		/* mapped here */
	void *view;				/* ... at a page of its own, kept for the next one */
	xen_pfn_t mfn[DOMU_PAGES_MAX];		/* by pfn */
};

/* ---- in dom0 ---- */

/* domctl, sysctl with the version filled in. */
long domctl(uint32_t cmd, domid_t dom, struct xen_domctl *op);
long sysctl(uint32_t cmd, struct xen_sysctl *op);

/* What a builder would ask for: @vcpus vCPUs, the usual limits. */
void domu_config(struct xen_domctl *op, unsigned int vcpus);

/* Make, fill and start one in steps; each ends the test if it fails. */
void domu_make(struct domu *u, unsigned int vcpus);	/* and its memory */
void domu_fill(struct domu *u);				/* the image, tables, start info */
long domu_context_set(const struct domu *u, unsigned int vcpu, vcpu_guest_context_t *context);
void domu_context_fill(const struct domu *u, vcpu_guest_context_t *context);
void domu_start(struct domu *u);

/* All of them. */
void domu_run(struct domu *u, unsigned int vcpus);

/* Wait until it has shut down; its text and checks become ours. Returns the reason, SHUTDOWN_*. */
unsigned int domu_wait(struct domu *u);

/* Wait until it has come to step @n, or let it go on. */
void domu_wait_step(struct domu *u, uint32_t n);
void domu_let_go(struct domu *u, uint32_t n);

/* End it: our view of its channel goes, then the domain. Returns destroydomain's result. */
long domu_destroy(struct domu *u);

/* Map frame @mfn of domain @dom at our page @va, or take that back. */
long foreign_map(const void *va, domid_t dom, unsigned long mfn, uint64_t flags);
void foreign_unmap(const void *va);

/* Frames that the machine has free. */
uint64_t free_pages(void);
/* ... as soon as they are @expected, or have not changed for a while; after events_init(). */
uint64_t free_pages_settled(uint64_t expected);
/* A check: as many as @before. */
void expect_free_pages(uint64_t before);

/* The address of a variable of ours as the domU's page number. */
unsigned long domu_pfn_of(const void *va);

/* ---- in the domU ---- */

/* Supplied by the test. */
void domu_main(void);

extern struct domu_channel domu_channel;

static inline bool is_domu(void)
{
	return !(start_info->flags & SIF_INITDOMAIN);
}

/* Tell dom0 that we are at step @n, and wait until it lets us go on. */
void domu_step(uint32_t n);

/* report.c's: text for dom0, and the end. */
void domu_text(const char *text, size_t length);
void __noreturn domu_end(uint32_t checks_made, uint32_t checks_failed);

#endif
