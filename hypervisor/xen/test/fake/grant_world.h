/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What grants need of the machine: references of frames by the rules of
 * hv/page_ref.h, but without page tables, and places where a granted frame
 * can be mapped. Beside it: fake/frame.c and fake/guest.c.
 */
#ifndef FAKE_GRANT_WORLD_H
#define FAKE_GRANT_WORLD_H

#include <hv/domain.h>
#include <hv/frame.h>

#include "guest.h"

/* Each domain's "page table": place n is at host address (n + 1) * 8. */
#define FAKE_PLACES 16
#define FAKE_PLACE(n) (((n) + 1) * 8UL)

struct fake_place {
	struct page_info *page; /* NULL: empty */
	bool is_writable;
	uint32_t flags;
	uint16_t cache;
};

extern struct fake_place fake_place[FAKE_DOMAINS][FAKE_PLACES];

/* A flush was asked for that often; hypercall_preempt_check() says so when it has counted down to 0. */
extern unsigned int fake_flushes, fake_stop_after;

/* The last hypercall_continue(), which returned FAKE_CONTINUED. */
#define FAKE_CONTINUED 0x7777
extern unsigned long fake_continuation[3];

void fake_grants_init(void);

/* Make frame @n of RAM @d's: one reference for owning it. */
struct page_info *fake_frame_give(struct domain *d, unsigned long n);

/* The guest writes to its page table by itself. */
void fake_place_clear(struct domain *d, unsigned int n);

#endif
