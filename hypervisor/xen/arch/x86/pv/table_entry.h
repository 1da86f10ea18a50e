/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between page_types.c, table_entry.c and descriptor_tables.c. */
#ifndef PV_TABLE_ENTRY_H
#define PV_TABLE_ENTRY_H

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/frame.h>

#include <asm/l1tf.h>
#include <asm/layout.h>
#include <asm/nospec.h>
#include <asm/page_table.h>

static inline bool slot_is_ours(unsigned int index)
{
	return index >= HV_FIRST_SLOT && index < HV_FIRST_SLOT + HV_SLOT_COUNT;
}

/* An entry that is not present holds nothing. -EINVAL: its address must not be there, see asm/l1tf.h. */
static inline int entry_absent_judge(const struct domain *d, pte_t e)
{
	return unlikely(d->arch.is_l1tf_judged) && l1tf_names_memory(e) ? -EINVAL : 0;
}

/*
 * Take the references that entry *e of a table of @type needs, and make it what the hardware shall see. @frames: as in
 * table_entry_write(). 0, -EINVAL, -ERESTART.
 */
int entry_get(struct domain *d, const struct domain *frames, enum frame_type type, pte_t *e);

/*
 * The same for a whole L1 table, from entry 0 on; *held is how many entries
 * were done. And back, for the first @count entries.
 */
int l1_hold_all(struct domain *d, pte_t *table, unsigned int *held) __must_check;
void l1_release(const pte_t *table, unsigned int count);

/* Give them back. -ERESTART: still held. */
int entry_put_preemptible(enum frame_type type, pte_t e);

/*
 * A table in use, to change entries of it: it cannot stop being one until unlocked. False: it is not one, or not @d's.
 */
uint64_t table_lock_wait(const struct page_info *pg);

static inline bool table_lock(struct page_info *pg, const struct domain *d, uint64_t *state)
{
	uint64_t s = READ_ONCE(pg->state);

	for (;;) {
		/* table types are 1 to 4 */
		if (unlikely(pg->owner != d->id || frame_type(s) - TYPE_L1 > TYPE_L4 - TYPE_L1 ||
			     !(s & FRAME_TYPE_COUNT_MASK) || !(s & FRAME_VALIDATED)))
			return false;
		if (unlikely(s & FRAME_LOCKED)) {
			s = table_lock_wait(pg);
			continue;
		}
		if (likely(__atomic_compare_exchange_n(&pg->state, &s, s | FRAME_LOCKED, false,
						       __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)))
			break;
	}
	branch_barrier();
	lock_barrier();
	*state = s;
	return true;
}

static inline void table_unlock(struct page_info *pg)
{
	__atomic_and_fetch(&pg->state, ~FRAME_LOCKED, __ATOMIC_RELEASE);
}

/* Judge (and mend, where that is harmless) all descriptors of a page. */
int descriptors_validate(struct page_info *pg);

static inline struct domain *domain_of_owner(const struct domain *d)
{
	union {
		const struct domain *in;
		struct domain *out;
	} u = { .in = d };

	return u.out;
}

#endif
