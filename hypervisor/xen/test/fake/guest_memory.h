/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine of few frames with one PV domain, for tests of the page-type
 * rules. Behind it: the frame table and memory of test/fake/frame.c, one
 * vCPU, a TLB that keeps every translation it may keep, and preemption at
 * the test's will.
 */
#ifndef FAKE_GUEST_MEMORY_H
#define FAKE_GUEST_MEMORY_H

#include <hv/domain.h>
#include <hv/types.h>

/* Frames of the machine by number. Those of RAM are d0's, or free; beyond the end there are devices. */
#define FRAME_RAM_FIRST	 1
#define FRAME_RAM_LAST	 24
#define FRAME_FOREIGN	 25 /* another domain's */
#define FRAME_HOLE	 26 /* not RAM: may be mapped by the hardware domain */
#define FRAME_DENIED	 27 /* ... but this one not */
#define FRAME_SHARED_INFO 28
#define FRAME_OURS	 29
#define FRAME_COUNT	 30
#define FRAME_IO_READ_ONLY 60 /* beyond the frame table; others there are writable */
#define FRAME_IO_BITS	 28 /* physical addresses of 40 bits */

extern struct domain *fake_pv;	      /* d0 */
extern struct vcpu *fake_pv_vcpu;

/* A fresh machine: @owned frames of RAM are d0's, zeroed, and no table is in use. */
void fake_machine_init(unsigned int owned);

/* hypercall_preempt_check() is true one time in so many; 0: never. */
extern unsigned int fake_preempt_rate;

/* After so many calls it is true each time; 0: never mind. */
extern unsigned int fake_preempt_after;

/* How often it was true: whoever asks too often does not obey. */
extern unsigned int fake_preempt_wishes;

/* Called there, once: what another vCPU does meanwhile. */
extern void (*fake_meanwhile)(void);

/* What do_*() returned through hypercall_continue(), and the call to make then. */
#define FAKE_CONTINUED 0x7777
extern unsigned long fake_continuation[5];

/* A sequence of numbers, the same each time; for preemption and the tests. */
extern uint64_t fake_random_state;
unsigned int fake_random(void);

/* May some TLB still let the guest write to frame @n? */
extern bool fake_tlb_writable[FRAME_COUNT];

/* As a table of which level may some TLB still walk frame @n? 0: none. */
extern unsigned char fake_tlb_walks[FRAME_COUNT];

/*
 * Caches and memory of frame @n differ: memory still has what the owner before left (CACHE_DIRTY), or what the guest
 * wrote there past the caches (CACHE_STALE).
 */
#define CACHE_DIRTY 1
#define CACHE_STALE 2
extern unsigned char fake_cache[FRAME_COUNT];

/* Is frame @n mapped past the caches now? */
extern bool fake_uncached[FRAME_COUNT];

/* The guest uses all its mappings: the TLB knows them now. */
void fake_tlb_fill(void);

#endif
