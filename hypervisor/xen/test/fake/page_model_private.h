/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the model. Types are numbers here as in the ABI: 1 to 4 tables, 5, 6 writable. */
#ifndef FAKE_PAGE_MODEL_PRIVATE_H
#define FAKE_PAGE_MODEL_PRIVATE_H

#include "guest_memory.h"
#include "page_model.h"

/* The words of a frame that are ever written. */
#define SLOTS	    9
#define TABLE_PAGES 3

#define E_PRESENT  (1UL << 0)
#define E_WRITABLE (1UL << 1)
#define E_USER	   (1UL << 2)
#define E_ACCESSED (1UL << 5)
#define E_DIRTY	   (1UL << 6)
#define E_LARGE	   (1UL << 7)
#define E_GLOBAL   (1UL << 8)
#define E_CACHE_1  (3UL << 3 | 1UL << 7) /* in a table of level 1 */
#define E_CACHE_2  (3UL << 3)
#define E_ADDRESS  0x000ffffffffff000UL

enum kind { KIND_FREE, KIND_OURS, KIND_FOREIGN, KIND_HOLE, KIND_SHARED, KIND_HYPERVISOR };

/* A table that an operation left half validated, or half given back. */
struct waiting {
	unsigned int type, held;
	bool is_dropping;
};

struct model {
	bool has_devices;
	bool for_other;	/* what is mapped is said to be the other domain's */
	enum kind kind[FRAME_COUNT];
	bool is_allocated[FRAME_COUNT];
	unsigned int pin[FRAME_COUNT];
	uint64_t word[FRAME_COUNT][SLOTS];
	unsigned int kernel_root, user_root;
	unsigned int gdt[TABLE_PAGES], ldt[TABLE_PAGES];
	unsigned long ldt_base;
	unsigned int ldt_entries;
	struct waiting waiting[FRAME_COUNT];
	unsigned int dropping;
	bool was_abandoned;
	const char *doing;
};

/* All references there are. */
struct world {
	unsigned int refs[FRAME_COUNT], types[FRAME_COUNT][7];
	unsigned int held[FRAME_COUNT]; /* of tables: entries in effect */
};

/* One more reference; type 0: a general one. */
struct take {
	unsigned int frame, type;
};

/* Neither: accept. Both: either may come first. */
struct verdict {
	bool refuse, stuck;
	bool is_open;	/* the ABI does not say: either will do */
};

extern const unsigned int slot_index[SLOTS];
extern struct model model;

void differ(const char *what, unsigned long a, unsigned long b, unsigned long c)
	__attribute__((noreturn));

unsigned int target_of(uint64_t e);
uint64_t entry_mended(unsigned int level, uint64_t e);
bool entry_allowed(unsigned int level, uint64_t e, bool io_only);
bool descriptor_allowed(uint64_t *d);

void world_make(struct world *w, const struct take *take, unsigned int count);
unsigned int type_in(const struct world *w, unsigned int f);

struct verdict may_take(const struct take *take, unsigned int count);
struct verdict may_write(unsigned int level, unsigned int k, uint64_t old, uint64_t value,
			 bool io_only);

void model_compare(void);

/* ---- page_model_calls.c ---- */

struct page_model_input {
	const uint8_t *next;
	size_t left;
	bool is_at_end;
	bool may_abandon;	/* guests give up on what was preempted, now and then */
};

extern struct page_model_input page_model_input;

unsigned int byte(void);

/* Mostly the few frames of RAM, now and then something else, up to ~0. */
unsigned long any_frame(void);
bool is_known(unsigned long f);
uint64_t any_entry(void);
uint64_t any_change(uint64_t old);
unsigned int any_level(unsigned long f);

uint64_t word_at(unsigned int f, unsigned int index);
void words_set(unsigned int f, const uint64_t *from);
unsigned int type_now(unsigned int f);
struct verdict verdict(bool refuse);

enum outcome { ACCEPTED, REFUSED, ABANDONED };

typedef long handler_t(struct vcpu *v, unsigned long a, unsigned long b, unsigned long c,
		       unsigned long d);

/* Until it is done, or given up by will or because nothing moves. @first[1] counts what is to do. */
enum outcome call(handler_t *handler, const unsigned long *first, struct verdict v);
enum outcome mmuext(unsigned int cmd, unsigned long arg1, unsigned long arg2, struct verdict v);

/* What the machine said against what the model says. True: the operation took place. */
bool judged(enum outcome o, struct verdict v, unsigned long a, unsigned long b);

/* Finish what the operation before left to be dropped: each hypercall begins so. */
void drain(void);

void tables_audit(void);

#endif
