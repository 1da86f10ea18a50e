/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Type references of frames: what a frame is used as, and the validation of
 * page tables when one becomes one. States of a page table, all in the word
 * of hv/frame.h, type_count being at least 1 in each:
 *
 *   (none)            somebody validates it, or gives its entries back
 *   PARTIAL           validation was preempted; entries [0, aux) are held; the
 *                     reference waits for whoever asks for the type next
 *   PARTIAL|DROPPING  giving back was preempted; entries [0, aux) are held;
 *                     the reference is still its owner's
 *   VALIDATED         in use
 *
 * An L1 table is validated in one go; higher ones stop between entries.
 */
#include "table_entry.h"

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/hypercall.h>
#include <hv/page_allocator.h>

#include <asm/cache.h>
#include <asm/hypervisor_map.h>
#include <asm/nospec.h>
#include <asm/page_types.h>
#include <asm/tlb.h>

static bool state_change(struct page_info *pg, uint64_t *from, uint64_t to)
{
	return __atomic_compare_exchange_n(&pg->state, from, to, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED);
}

static bool may_refer(const struct page_info *pg, uint64_t s, const struct domain *owner)
{
	return s & FRAME_ALLOCATED && pg->owner == owner->id &&
	       frame_ref_count(s) < FRAME_COUNT_LIMIT;
}

bool page_get(struct page_info *pg, const struct domain *owner)
{
	uint64_t s = READ_ONCE(pg->state);

	do {
		if (unlikely(!may_refer(pg, s, owner)))
			return false;
	} while (!state_change(pg, &s, s + FRAME_REF_ONE));

	/* It may have changed hands between the look at the owner and the exchange. */
	if (unlikely(pg->owner != owner->id)) {
		page_put(pg);
		return false;
	}
	branch_barrier();
	return true;
}

void page_put(struct page_info *pg)
{
	uint64_t s = __atomic_sub_fetch(&pg->state, FRAME_REF_ONE, __ATOMIC_ACQ_REL);

	if (unlikely(!frame_ref_count(s)))
		domain_page_free(pg);
}

static bool is_table(enum frame_type type)
{
	return type >= TYPE_L1 && type <= TYPE_L4;
}

/* Take the first type reference: the frame becomes @type. False: look again. */
static bool type_begin(struct page_info *pg, uint64_t *s, enum frame_type type)
{
	enum frame_type before = frame_type(*s);
	uint64_t n = *s & ~(FRAME_TYPE_MASK | FRAME_VALIDATED | FRAME_PARTIAL | FRAME_DROPPING);

	n |= FRAME_TYPE(type);
	n += FRAME_REF_ONE + FRAME_TYPE_ONE;
	if (type == TYPE_WRITABLE)
		n |= FRAME_VALIDATED;
	if (!state_change(pg, s, n))
		return false;
	/*
	 * A TLB may still let the guest write what shall be a table now, or walk
	 * what was a table and shall be the guest's to write.
	 */
	if (before != TYPE_NONE && before != type)
		tlb_flush_before_reuse(pg, 1);
	if (type != TYPE_WRITABLE) {
		pg->aux = 0;
		/* We are to read what the hardware will. */
		if (unlikely(n & FRAME_UNCACHED))
			frame_cache_flush(mfn_of_page(pg));
	}
	return true;
}

/* The last type reference goes, with its general one. Contents hold nothing any more. */
static void type_end(struct page_info *pg)
{
	uint64_t s;

	tlb_stamp_freed(pg);
	s = __atomic_sub_fetch(&pg->state, FRAME_REF_ONE + FRAME_TYPE_ONE, __ATOMIC_ACQ_REL);
	if (!frame_ref_count(s))
		domain_page_free(pg);
}

static void state_set(struct page_info *pg, uint64_t bits)
{
	__atomic_or_fetch(&pg->state, bits, __ATOMIC_ACQ_REL);
}

/* Give back entries [0, aux), from the top. */
static int upper_release(struct page_info *pg, const pte_t *table, enum frame_type type)
{
	while (pg->aux) {
		unsigned int i = pg->aux - 1;
		pte_t e = READ_ONCE(table[i]);
		int rc;

		if (!(e & PTE_P) || (type == TYPE_L4 && slot_is_ours(i))) {
			pg->aux = i;
			continue;
		}
		rc = entry_put_preemptible(type, e);
		if (rc)
			return rc;
		pg->aux = i;
		if (i && hypercall_preempt_check())
			return -ERESTART;
	}
	return 0;
}

static int table_release_entries(struct page_info *pg, enum frame_type type)
{
	pte_t *table = frame_map(mfn_of_page(pg));
	int rc = 0;

	if (type == TYPE_L1) {
		l1_release(table, pg->aux);
		pg->aux = 0;
	} else {
		rc = upper_release(pg, table, type);
	}
	frame_unmap(table);
	return rc;
}

/*
 * The child that @e refers to was refused, and what it holds is still to be
 * given back: its parent, which is refused for that, does so with all else.
 * A vCPU can put off one table only, and this way need not put off two.
 */
static bool dropping_adopt(pte_t e, enum frame_type type)
{
	struct vcpu *v = current_vcpu();
	const struct page_info *pg = v->arch.dropping_table;

	if (!pg || !mfn_eq(mfn_of_page(pg), pte_mfn(e)) || frame_type(pg->state) != type)
		return false;
	v->arch.dropping_table = NULL;
	return true;
}

/* Judge entries [aux, 512), taking what each refers to. */
static int upper_hold(struct page_info *pg, struct domain *d, pte_t *table, enum frame_type type)
{
	while (pg->aux < TABLE_ENTRIES) {
		pte_t *slot = &table[pg->aux], e = READ_ONCE(*slot), held = e;
		int rc;

		if (type == TYPE_L4 && slot_is_ours(pg->aux)) {
			pg->aux++;
			continue;
		}
		if (!(e & PTE_P)) {
			rc = entry_absent_judge(d, e);
			if (rc)
				return rc;
			pg->aux++;
			continue;
		}
		rc = entry_get(d, d, type, &held);
		if (unlikely(rc && (rc == -ERESTART || !dropping_adopt(e, type - 1))))
			return rc;
		if (held != e)
			WRITE_ONCE(*slot, held);
		pg->aux++;
		if (unlikely(rc))
			return rc;
		/* at least one entry a call, so that it ends */
		if (pg->aux < TABLE_ENTRIES && hypercall_preempt_check())
			return -ERESTART;
	}
	if (type == TYPE_L4)
		hypervisor_slots_install(table, d->arch.perdomain_l3);
	return 0;
}

static int table_hold_entries(struct page_info *pg, struct domain *d, enum frame_type type)
{
	pte_t *table = frame_map(mfn_of_page(pg));
	unsigned int held;
	int rc;

	if (type == TYPE_L1) {
		rc = l1_hold_all(d, table, &held);
		pg->aux = held;
	} else {
		rc = upper_hold(pg, d, table, type);
	}
	frame_unmap(table);
	return rc;
}

/* The caller holds the reference of a table in state (none). */
static int table_validate(struct page_info *pg, struct domain *d, enum frame_type type)
{
	int rc = table_hold_entries(pg, d, type);

	if (!rc) {
		state_set(pg, FRAME_VALIDATED);
		return 0;
	}
	if (rc == -ERESTART) {
		state_set(pg, FRAME_PARTIAL);
		return rc;
	}
	/* Refused: what was taken is given back, if need be later. */
	if (table_release_entries(pg, type)) {
		state_set(pg, FRAME_PARTIAL | FRAME_DROPPING);
		page_put_type_deferred(current_vcpu(), pg);
	} else {
		type_end(pg);
	}
	return rc;
}

static int contents_validate(struct page_info *pg, struct domain *d, enum frame_type type)
{
	int rc;

	if (is_table(type))
		return table_validate(pg, d, type);
	rc = descriptors_validate(pg);
	if (rc)
		type_end(pg);
	else
		state_set(pg, FRAME_VALIDATED);
	return rc;
}

int page_get_type(struct page_info *pg, const struct domain *owner, enum frame_type type)
{
	uint64_t s = READ_ONCE(pg->state);

	for (;;) {
		if (unlikely(!may_refer(pg, s, owner)))
			return -EINVAL;
		if (!frame_type_count(s)) {
			if (s & FRAME_HYPERVISOR && !(s & FRAME_SHARED && type == TYPE_WRITABLE))
				return -EINVAL;
			if (!type_begin(pg, &s, type))
				continue;
			break;
		}
		if (frame_type(s) != type)
			return -EINVAL;
		if (likely(s & FRAME_VALIDATED)) {
			if (!state_change(pg, &s, s + FRAME_REF_ONE + FRAME_TYPE_ONE))
				continue;
			if (likely(pg->owner == owner->id)) {
				branch_barrier();
				return 0;
			}
			page_put_type(pg);
			return -EINVAL;
		}
		if ((s & (FRAME_PARTIAL | FRAME_DROPPING)) != FRAME_PARTIAL)
			return -ERESTART;	/* somebody is at it */
		if (state_change(pg, &s, s & ~FRAME_PARTIAL))
			break;			/* its waiting reference is ours now */
	}
	if (unlikely(pg->owner != owner->id)) {
		type_end(pg);
		return -EINVAL;
	}
	branch_barrier();
	if (type == TYPE_WRITABLE)
		return 0;
	/* The validation needs the domain as itself: its tables refer to its frames. */
	return contents_validate(pg, domain_of_owner(owner), type);
}

/* Bring a table whose last type reference goes into state (none). False: look again. */
static bool table_claim_for_release(struct page_info *pg, uint64_t *s)
{
	if (*s & FRAME_VALIDATED) {
		if (!state_change(pg, s, *s & ~FRAME_VALIDATED))
			return false;
		pg->aux = TABLE_ENTRIES;
		return true;
	}
	return state_change(pg, s, *s & ~(FRAME_PARTIAL | FRAME_DROPPING));
}

int page_put_type_preemptible(struct page_info *pg)
{
	uint64_t s = READ_ONCE(pg->state);
	enum frame_type type = frame_type(s);

	for (;;) {
		if (likely(frame_type_count(s) > 1)) {
			if (state_change(pg, &s, s - FRAME_REF_ONE - FRAME_TYPE_ONE))
				return 0;
			continue;
		}
		if (type == TYPE_WRITABLE) {
			tlb_stamp_freed(pg);
			if (!state_change(pg, &s, s - FRAME_REF_ONE - FRAME_TYPE_ONE))
				continue;
			if (frame_ref_count(s) == 1)
				domain_page_free(pg);
			return 0;
		}
		if (s & FRAME_LOCKED) {
			cpu_relax();
			s = READ_ONCE(pg->state);
			continue;
		}
		if (!(s & (FRAME_VALIDATED | FRAME_PARTIAL)))
			return -ERESTART;
		if (table_claim_for_release(pg, &s))
			break;
	}
	if (is_table(type) && table_release_entries(pg, type)) {
		state_set(pg, FRAME_PARTIAL | FRAME_DROPPING);
		return -ERESTART;
	}
	type_end(pg);
	return 0;
}

void page_put_type(struct page_info *pg)
{
	while (page_put_type_preemptible(pg))
		cpu_relax();
}

void page_put_type_deferred(struct vcpu *v, struct page_info *pg)
{
	if (!page_put_type_preemptible(pg))
		return;
	v->arch.took_long = true;
	if (!v->arch.dropping_table)
		v->arch.dropping_table = pg;
	else
		page_put_type(pg);
}

int table_drop_resume(struct vcpu *v)
{
	struct page_info *pg = v->arch.dropping_table;

	if (likely(!pg))
		return 0;
	if (page_put_type_preemptible(pg))
		return -ERESTART;
	v->arch.dropping_table = NULL;
	return 0;
}

int page_relinquish(struct page_info *pg, struct domain *owner)
{
	uint64_t s = READ_ONCE(pg->state);

	/* What waits for whoever asks next is a pin from now on: with that it can be given back in steps. */
	while ((s & (FRAME_PARTIAL | FRAME_DROPPING | FRAME_PINNED)) == FRAME_PARTIAL)
		if (state_change(pg, &s, s | FRAME_PINNED))
			break;
	return READ_ONCE(pg->state) & FRAME_PINNED &&
			       table_unpin(owner, mfn_of_page(pg)) == -ERESTART ?
		       -ERESTART :
		       0;
}

uint64_t table_lock_wait(const struct page_info *pg)
{
	cpu_relax();
	return READ_ONCE(pg->state);
}
