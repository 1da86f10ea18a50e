/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries of guests' page tables: what each may contain, what it holds on to,
 * and how one is replaced. Every present entry gets U=1, because the guest's
 * kernel runs in ring 3; which of the two of its modes may use an address is
 * decided by its having two root tables.
 */
#include "table_entry.h"

#include <hv/errno.h>
#include <hv/page_ref.h>

#include <asm/cache.h>
#include <asm/io_memory.h>
#include <asm/isolation.h>
#include <asm/l1tf.h>
#include <asm/nospec.h>
#include <asm/page_types.h>
#include <asm/tlb.h>

/* Not in any entry: global translations would outlive the switch between domains. */
#define REFUSED_L1    PTE_G
/* A large page would be contiguous machine memory that nobody has checked; the hardware's walk reads tables as we do. */
#define REFUSED_TABLE (PTE_G | PTE_PSE | PTE_CACHE_UPPER)

/*
 * One more writable reference to a frame that has some already: the usual
 * case by far, done here. False: page_get_type() knows what to do.
 */
static inline bool writable_get_quick(struct page_info *pg, const struct domain *owner)
{
	const uint64_t mask = FRAME_TYPE_MASK | FRAME_VALIDATED | FRAME_ALLOCATED;
	uint64_t s = READ_ONCE(pg->state);

	if ((s & mask) != (FRAME_TYPE(TYPE_WRITABLE) | FRAME_VALIDATED | FRAME_ALLOCATED) ||
	    !(s & FRAME_TYPE_COUNT_MASK) || pg->owner != owner->id ||
	    frame_ref_count(s) >= FRAME_COUNT_LIMIT)
		return false;
	if (!__atomic_compare_exchange_n(&pg->state, &s, s + FRAME_REF_ONE + FRAME_TYPE_ONE, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return false;
	if (likely(pg->owner == owner->id)) {
		branch_barrier();
		return true;
	}
	page_put_type(pg);
	return false;
}

/* One of several writable references less. False: page_put_type() knows what to do. */
static inline bool writable_put_quick(struct page_info *pg)
{
	uint64_t s = READ_ONCE(pg->state);

	return frame_type_count(s) > 1 &&
	       __atomic_compare_exchange_n(&pg->state, &s, s - FRAME_REF_ONE - FRAME_TYPE_ONE,
					   false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/*
 * A mapping that goes past the caches may be made: memory says what they say
 * (and not what the owner before left in it), and whoever makes a table of the
 * frame will see to that again. False: it is a table now, or ours.
 */
static bool frame_uncache(struct page_info *pg)
{
	uint64_t s = READ_ONCE(pg->state);

	if (s & FRAME_HYPERVISOR)
		return false;
	if (!(s & FRAME_UNCACHED))
		frame_cache_flush(mfn_of_page(pg));
	do {
		if (frame_type_count(s) && frame_type(s) != TYPE_WRITABLE)
			return false;
	} while (!__atomic_compare_exchange_n(&pg->state, &s, s | FRAME_UNCACHED, false,
					      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	return true;
}

static int l1_get_uncached(const struct domain *d, const struct domain *frames, pte_t *e);

static inline int l1_get(const struct domain *d, const struct domain *frames, pte_t *e)
{
	mfn_t m = pte_mfn(*e);
	struct page_info *pg = page_of_mfn(m);
	bool writable = *e & PTE_RW;

	if (unlikely(*e & (REFUSED_L1 | PTE_CACHE_L1)))
		return *e & REFUSED_L1 ? -EINVAL : l1_get_uncached(d, frames, e);
	*e |= PTE_US;
	if (unlikely(!mfn_valid(m) || pg->flags & PAGE_NOT_RAM)) {
		if (!io_memory_permitted(d, m, &writable))
			return -EINVAL;
		if (!writable)
			*e &= ~PTE_RW;
		return 0;
	}
	if (!frames)
		return -EINVAL;
	if (writable)
		return writable_get_quick(pg, frames) ? 0 :
							page_get_type(pg, frames, TYPE_WRITABLE);
	if (!page_get(pg, frames))
		return -EINVAL;
	return 0;
}

static inline void l1_put(pte_t e)
{
	mfn_t m = pte_mfn(e);
	struct page_info *pg = page_of_mfn(m);

	if (!mfn_valid(m) || pg->flags & PAGE_NOT_RAM)
		return;
	if (!(e & PTE_RW))
		page_put(pg);
	else if (!writable_put_quick(pg))
		page_put_type(pg);
}

/* Of RAM and of devices, for those only who have devices. */
static __attribute__((noinline)) int l1_get_uncached(const struct domain *d,
						     const struct domain *frames, pte_t *e)
{
	struct page_info *pg = page_of_mfn(pte_mfn(*e));
	pte_t plain = *e & ~PTE_CACHE_L1;
	int rc;

	if (!d->is_hardware)
		return -EINVAL;
	rc = l1_get(d, frames, &plain);
	if (rc)
		return rc;
	*e = plain | (*e & PTE_CACHE_L1);
	if (!mfn_valid(pte_mfn(plain)) || pg->flags & PAGE_NOT_RAM || frame_uncache(pg))
		return 0;
	l1_put(plain);
	return -EINVAL;
}

/* Most entries of most tables are empty: four at a look. */
static inline bool four_are_empty(const pte_t *e)
{
	return !((READ_ONCE(e[0]) | READ_ONCE(e[1]) | READ_ONCE(e[2]) | READ_ONCE(e[3])) & PTE_P);
}

static bool absent_are_harmless(const pte_t *table)
{
	for (unsigned int i = 0; i < TABLE_ENTRIES; i++) {
		pte_t e = READ_ONCE(table[i]);

		if (!(e & PTE_P) && l1tf_names_memory(e))
			return false;
	}
	return true;
}

int l1_hold_all(struct domain *d, pte_t *table, unsigned int *held)
{
	unsigned int i = 0;
	int rc = 0;

	*held = 0;
	if (unlikely(d->arch.is_l1tf_judged) && !absent_are_harmless(table))
		return -EINVAL;

	while (i < TABLE_ENTRIES) {
		pte_t e, kept;

		if (!(i & 3) && four_are_empty(&table[i])) {
			i += 4;
			continue;
		}
		e = kept = READ_ONCE(table[i]);
		if (e & PTE_P) {
			rc = l1_get(d, d, &kept);
			if (rc)
				break;
			if (kept != e)
				WRITE_ONCE(table[i], kept);
		}
		i++;
	}
	*held = i;
	return rc;
}

void l1_release(const pte_t *table, unsigned int count)
{
	unsigned int i = count;

	while (i) {
		pte_t e;

		if (!(i & 3) && four_are_empty(&table[i - 4])) {
			i -= 4;
			continue;
		}
		i--;
		e = READ_ONCE(table[i]);
		if (e & PTE_P)
			l1_put(e);
	}
}

static int table_get(struct domain *d, enum frame_type child, pte_t *e)
{
	mfn_t m = pte_mfn(*e);

	if (*e & REFUSED_TABLE || !mfn_valid(m))
		return -EINVAL;
	*e |= PTE_US;
	return page_get_type(page_of_mfn(m), d, child);
}

int entry_get(struct domain *d, const struct domain *frames, enum frame_type type, pte_t *e)
{
	if (!(*e & PTE_P))
		return unlikely(*e) ? entry_absent_judge(d, *e) : 0;
	if (type == TYPE_L1)
		return l1_get(d, frames, e);
	return table_get(d, type - 1, e);
}

int entry_put_preemptible(enum frame_type type, pte_t e)
{
	if (!(e & PTE_P))
		return 0;
	if (type == TYPE_L1) {
		l1_put(e);
		return 0;
	}
	return page_put_type_preemptible(page_of_mfn(pte_mfn(e)));
}

/* The write itself, @pt locked; the hardware may set A and D meanwhile. False: ENTRY_COMPARE found another value. */
static inline __attribute__((always_inline)) bool slot_write(pte_t *slot, pte_t value,
							     enum entry_write how, pte_t *old)
{
	pte_t was = READ_ONCE(*slot);

	switch (how) {
	case ENTRY_STORE:
		WRITE_ONCE(*slot, value);
		*old = was;
		return true;
	case ENTRY_EXCHANGE:
		*old = __atomic_exchange_n(slot, value, __ATOMIC_ACQ_REL);
		return true;
	case ENTRY_PRESERVE_AD:
		while (!__atomic_compare_exchange_n(slot, &was, value | (was & (PTE_A | PTE_D)),
						    false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			;
		*old = was;
		return true;
	case ENTRY_COMPARE:
		return __atomic_compare_exchange_n(slot, old, value, false, __ATOMIC_ACQ_REL,
						   __ATOMIC_RELAXED);
	}
	__builtin_unreachable();
}

/* What a write of an L1 entry does to the references that it and its predecessor hold. */
enum l1_change {
	L1_REPLACED,		/* the new entry has its own, the old one's are to go */
	L1_SAME,		/* same frame, same rights: nothing */
	L1_MADE_WRITABLE,	/* same frame: one type reference more */
	L1_MADE_READ_ONLY,	/* same frame: one type reference less */
};

/* Of frames in RAM, given to the caller by nobody else, whose entries stay present. */
static enum l1_change l1_change_of(const struct domain *d, const struct domain *frames, pte_t from,
				   pte_t to)
{
	mfn_t m = pte_mfn(to);

	if (!(from & to & PTE_P) || (from ^ to) & (PTE_ADDR_MASK | PTE_CACHE_L1) ||
	    to & REFUSED_L1 || frames != d)
		return L1_REPLACED;
	if (!((from ^ to) & PTE_RW))
		return L1_SAME;
	if (!mfn_valid(m) || page_of_mfn(m)->flags & PAGE_NOT_RAM || page_of_mfn(m)->owner != d->id)
		return L1_REPLACED;
	return to & PTE_RW ? L1_MADE_WRITABLE : L1_MADE_READ_ONLY;
}

/* The frame is held by the entry: only its type count goes up. False: it is not in use as writable now. */
static bool writable_add(struct page_info *pg)
{
	const uint64_t mask = FRAME_TYPE_MASK | FRAME_VALIDATED | FRAME_ALLOCATED;
	uint64_t s = READ_ONCE(pg->state);

	return (s & mask) == (FRAME_TYPE(TYPE_WRITABLE) | FRAME_VALIDATED | FRAME_ALLOCATED) &&
	       frame_type_count(s) && frame_type_count(s) < FRAME_COUNT_LIMIT &&
	       __atomic_compare_exchange_n(&pg->state, &s, s + FRAME_TYPE_ONE, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* ... or down; the last one leaves a stamp for TLBs that can still write. */
static void writable_drop(struct page_info *pg)
{
	uint64_t s = READ_ONCE(pg->state);

	do {
		if (frame_type_count(s) == 1)
			tlb_stamp_freed(pg);
	} while (!__atomic_compare_exchange_n(&pg->state, &s, s - FRAME_TYPE_ONE, false,
					      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
}

/* Take what the new entry needs. Returns an l1_change, or -errno. */
static int l1_prepare(struct domain *d, const struct domain *frames, pte_t was, pte_t *value)
{
	enum l1_change change = l1_change_of(d, frames, was, *value);
	int rc;

	if (change == L1_MADE_WRITABLE && !writable_add(page_of_mfn(pte_mfn(*value))))
		change = L1_REPLACED;
	if (change != L1_REPLACED) {
		*value |= PTE_US;
		return change;
	}
	rc = entry_get(d, frames, TYPE_L1, value);
	return rc ? rc : L1_REPLACED;
}

/* The entry was not written after all. */
static void l1_unprepare(enum l1_change change, pte_t value)
{
	if (change == L1_REPLACED)
		(void)entry_put_preemptible(TYPE_L1, value);
	else if (change == L1_MADE_WRITABLE)
		writable_drop(page_of_mfn(pte_mfn(value)));
}

static int l1_entry_write(struct domain *d, const struct domain *frames, struct page_info *pt,
			  unsigned int index, pte_t value, enum entry_write how, pte_t *old)
{
	pte_t *table = frame_map(mfn_of_page(pt)), was = READ_ONCE(table[index]);
	int change = 0, rc = 0;

	if (how == ENTRY_COMPARE && was != *old) {
		*old = was;
		rc = 1;
	} else {
		change = l1_prepare(d, frames, was, &value);
		if (change < 0) {
			rc = change;
		} else if (!slot_write(&table[index], value, how, old)) {
			l1_unprepare(change, value);
			rc = 1;
		}
	}
	table_unlock(pt);
	frame_unmap(table);
	if (rc)
		return rc;
	if (change == L1_REPLACED)
		(void)entry_put_preemptible(TYPE_L1, *old);
	else if (change == L1_MADE_READ_ONLY)
		writable_drop(page_of_mfn(pte_mfn(value)));
	return 0;
}

/*
 * Of higher tables the new child is taken before the lock, since that may mean
 * to validate it, and the old one is given back after it.
 */
static int upper_entry_write(struct domain *d, struct page_info *pt, enum frame_type type,
			     unsigned int index, pte_t value, enum entry_write how, pte_t *old)
{
	pte_t *table, unused;
	bool written, is_same;
	uint64_t state;
	int rc;

	if (type == TYPE_L4 && slot_is_ours(index))
		return -EINVAL;
	current_vcpu()->arch.took_long = true;
	rc = entry_get(d, d, type, &value);
	if (rc)
		return rc;
	is_same = table_lock(pt, d, &state);
	if (is_same && unlikely(frame_type(state) != type)) {
		table_unlock(pt);
		is_same = false;
	}
	if (unlikely(!is_same)) {
		if (value & PTE_P)
			page_put_type_deferred(current_vcpu(), page_of_mfn(pte_mfn(value)));
		return -EINVAL;
	}
	table = frame_map(mfn_of_page(pt));
	written = slot_write(&table[index], value, how, old);
	if (type == TYPE_L4 && written)
		isolation_entry_written(d, pt, index, READ_ONCE(table[index]));
	frame_unmap(table);
	table_unlock(pt);

	unused = written ? *old : value;
	if (unused & PTE_P)
		page_put_type_deferred(current_vcpu(), page_of_mfn(pte_mfn(unused)));
	return written ? 0 : 1;
}

int table_entry_write(struct domain *d, const struct domain *frames, struct page_info *pt,
		      unsigned int index, pte_t value, enum entry_write how, pte_t *old)
{
	uint64_t state;

	if (!table_lock(pt, d, &state))
		return -EINVAL;
	if (likely(frame_type(state) == TYPE_L1))
		return l1_entry_write(d, frames, pt, index, value, how, old);
	table_unlock(pt);
	return upper_entry_write(d, pt, frame_type(state), index, value, how, old);
}

int table_entry_write_l1(struct domain *d, const struct domain *frames, struct page_info *pt,
			 unsigned int index, pte_t value, enum entry_write how, pte_t *old)
{
	uint64_t state;

	if (!table_lock(pt, d, &state))
		return -EINVAL;
	if (likely(frame_type(state) == TYPE_L1))
		return l1_entry_write(d, frames, pt, index, value, how, old);
	table_unlock(pt);
	return -EINVAL;
}
