/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of random-calls share. A worker is one vCPU's generator with
 * its buffer and its statistics; the scratch pages are everybody's.
 */
#ifndef RANDOM_CALLS_H
#define RANDOM_CALLS_H

#include "memory.h"

#define SCRATCH	    32
#define BUFFER_SIZE 4096
#define NUMBERS	    64 /* of hypercalls */
#define ERRORS	    160

struct worker {
	uint64_t state;
	unsigned int vcpu;
	unsigned long *buffer; /* a page, what is behind it is not there */
	unsigned int results[NUMBERS][2]; /* good, bad */
	unsigned int errors[ERRORS];
	unsigned int strange;
};

extern char *scratch[SCRATCH];
extern unsigned long scratch_mfn[SCRATCH];
extern uint64_t scratch_entry[SCRATCH];

/* values.c: the generator, and what it makes. */
uint64_t random(struct worker *w);
unsigned int below(struct worker *w, unsigned int n);
unsigned long bad_address(struct worker *w);
unsigned long word(struct worker *w);
unsigned long small(struct worker *w);
unsigned long pointer(struct worker *w);
unsigned long frame(struct worker *w);	/* none that the kernel stands on */
uint64_t entry_word(struct worker *w);	/* likewise, as an entry */
void buffer_fill(struct worker *w);
void values_init(void);

/* Make hypercall @nr and count its result. */
long call(struct worker *w, unsigned int nr, unsigned long a1, unsigned long a2, unsigned long a3,
	  unsigned long a4);

/* memory_calls.c, other_calls.c: one random call of a kind. */
void call_mmu_update(struct worker *w);
void call_mmuext(struct worker *w);
void call_update_va(struct worker *w);
void call_memory(struct worker *w);
void call_descriptor(struct worker *w);
void call_direct_write(struct worker *w);
void call_entries(struct worker *w);
void call_event_channel(struct worker *w);
void call_grant(struct worker *w);
void call_vcpu(struct worker *w);
void call_sched(struct worker *w);
void call_device(struct worker *w);
void call_multicall(struct worker *w);
void call_any(struct worker *w);

/* Give scratch addresses whose frames are gone new ones. */
void scratch_replenish(struct worker *w);

#endif
