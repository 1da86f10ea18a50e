/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The invariant checker. It does not use the code that it checks: entries,
 * pins and all other holders are counted anew by the rules of hv/frame.h and
 * the states of page_types.c, then compared with the frames' words.
 *
 * A frame's word says which tables are in use and how far; that what it says
 * is true follows from the counts: a table that nobody holds has none.
 */
#include "table_entry.h"

#include <asm/audit.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/grant.h>
#include <hv/page_allocator.h>
#include <hv/printk.h>
#include <hv/string.h>

/* Lines of the log for one audit; the rest is only counted. */
#define LINES_MAX 20

/* References found to one frame. */
struct found {
	uint32_t refs;	/* of both kinds */
	uint32_t types; /* as the type in its word */
};

struct audit {
	const struct domain *d;
	struct found	    *found;	/* by frame number */
	int		     differences;
};

/* Kept once made, so that memory that a guest has used up can be audited. Used by one audit at a time. */
static struct found *counts;

static bool is_worth_a_line(struct audit *a)
{
	a->differences++;
	if (a->differences == LINES_MAX + 1)
		log_error("Audit: more differences are not shown\n");
	return a->differences <= LINES_MAX;
}

#define DIFFERENCE(a, ...)				\
	do {						\
		if (is_worth_a_line(a))			\
			log_error("Audit: " __VA_ARGS__);	\
	} while (0)

static unsigned long number_of(const struct page_info *pg)
{
	return mfn_raw(mfn_of_page(pg));
}

static bool is_table(enum frame_type type)
{
	return type >= TYPE_L1 && type <= TYPE_L4;
}

/* How many entries of a table hold what they refer to: page_types.c's states. */
static unsigned int entries_held(const struct page_info *pg)
{
	if (!is_table(frame_type(pg->state)) || !frame_type_count(pg->state))
		return 0;
	if (pg->state & FRAME_VALIDATED)
		return TABLE_ENTRIES;
	return pg->state & FRAME_PARTIAL ? pg->aux : 0;
}

/* ---- counting ---- */

static void count_ref(struct audit *a, const struct page_info *pg)
{
	a->found[number_of(pg)].refs++;
}

static void count_type(struct audit *a, const struct page_info *pg, enum frame_type type,
		       const char *holder)
{
	if (frame_type(pg->state) != type)
		DIFFERENCE(a, "frame %lx is of type %d, held as %d by %s\n", number_of(pg),
			   frame_type(pg->state), type, holder);
	a->found[number_of(pg)].refs++;
	a->found[number_of(pg)].types++;
}

/* A page that the hypervisor remembers. */
static void count_page(struct audit *a, const struct page_info *pg, enum frame_type type,
		       const char *holder)
{
	if (pg)
		count_type(a, pg, type, holder);
}

static void count_root(struct audit *a, mfn_t root)
{
	if (!mfn_eq(root, INVALID_MFN))
		count_type(a, page_of_mfn(root), TYPE_L4, "a vCPU's root");
}

static void count_vcpu(struct audit *a, const struct vcpu *v)
{
	const struct page_info *dropping = v->arch.dropping_table;

	count_root(a, v->arch.kernel_root);
	count_root(a, v->arch.user_root);
	for (unsigned int i = 0; i < ARRAY_SIZE(v->arch.gdt_page); i++)
		count_page(a, v->arch.gdt_page[i], TYPE_DESCRIPTORS, "a GDT");
	for (unsigned int i = 0; i < ARRAY_SIZE(v->arch.ldt_page); i++)
		count_page(a, v->arch.ldt_page[i], TYPE_DESCRIPTORS, "an LDT");
	count_page(a, v->info_page, TYPE_WRITABLE, "a vcpu_info");
	if (dropping)
		count_page(a, dropping, frame_type(dropping->state), "a preempted operation");
}

static void count_event_page(void *data, const struct page_info *pg)
{
	count_page(data, pg, TYPE_WRITABLE, "event channels");
}

static void count_granted(void *data, const struct page_info *pg, bool is_writable)
{
	if (is_writable)
		count_page(data, pg, TYPE_WRITABLE, "the user of a grant");
	else
		count_ref(data, pg);
}

/* What a frame's own word says of its holders. */
static void count_word(struct audit *a, const struct page_info *pg)
{
	uint64_t s = pg->state;

	if (s & FRAME_ALLOCATED)
		count_ref(a, pg);
	if (s & FRAME_PINNED) {
		if (!is_table(frame_type(s)))
			DIFFERENCE(a, "frame %lx is pinned but no table\n", number_of(pg));
		count_type(a, pg, frame_type(s), "its pin");
	}
	/* A validation to be continued by whoever asks next. */
	if ((s & (FRAME_PARTIAL | FRAME_DROPPING)) == FRAME_PARTIAL)
		count_type(a, pg, frame_type(s), "its validation");
}

static void count_l1_entry(struct audit *a, const struct page_info *table, unsigned int i, pte_t e)
{
	const struct page_info *pg = page_of_mfn(pte_mfn(e));

	if (!mfn_valid(pte_mfn(e)) || pg->flags & PAGE_NOT_RAM)
		return;
	if (pg->flags & PAGE_FREE || !frame_ref_count(pg->state))
		DIFFERENCE(a, "entry %u of frame %lx maps the free frame %lx\n", i,
			   number_of(table), number_of(pg));
	if (pg->owner == OWNER_HYPERVISOR)
		DIFFERENCE(a, "entry %u of frame %lx maps our frame %lx\n", i, number_of(table),
			   number_of(pg));
	if (e & PTE_CACHE_L1 && !(pg->state & FRAME_UNCACHED))
		DIFFERENCE(a, "entry %u of frame %lx goes past the caches unnoticed: %lx\n", i,
			   number_of(table), e);
	if (e & PTE_RW)
		count_type(a, pg, TYPE_WRITABLE, "a writable mapping");
	else
		count_ref(a, pg);
}

static void count_entry(struct audit *a, const struct page_info *table, unsigned int i, pte_t e)
{
	enum frame_type type = frame_type(table->state);

	if (!(e & PTE_US) || e & PTE_G || (type > TYPE_L1 && e & (PTE_PSE | PTE_CACHE_UPPER)))
		DIFFERENCE(a, "entry %u of frame %lx, type %d, has bad flags: %lx\n", i,
			   number_of(table), type, e);
	if (type == TYPE_L1) {
		count_l1_entry(a, table, i, e);
		return;
	}
	if (!mfn_valid(pte_mfn(e)) || page_of_mfn(pte_mfn(e))->owner != table->owner)
		DIFFERENCE(a, "entry %u of frame %lx refers to a strange table: %lx\n", i,
			   number_of(table), e);
	else
		count_type(a, page_of_mfn(pte_mfn(e)), type - 1, "a table's entry");
}

static void count_table(struct audit *a, const struct page_info *pg)
{
	bool is_root = frame_type(pg->state) == TYPE_L4;
	unsigned int held = entries_held(pg);
	const pte_t *table;

	if (!held)
		return;
	table = frame_map(mfn_of_page(pg));
	for (unsigned int i = 0; i < held; i++)
		if (table[i] & PTE_P && !(is_root && slot_is_ours(i)))
			count_entry(a, pg, i, table[i]);
	frame_unmap(table);
}

/* ---- comparing ---- */

/* Bits of a word that cannot be so between two operations. */
static void judge_word(struct audit *a, const struct page_info *pg)
{
	uint64_t s = pg->state;

	if (s & FRAME_LOCKED)
		DIFFERENCE(a, "frame %lx is locked by nobody\n", number_of(pg));
	if (frame_type_count(s) && !(s & (FRAME_VALIDATED | FRAME_PARTIAL)))
		DIFFERENCE(a, "frame %lx is being judged by nobody\n", number_of(pg));
	if (frame_type_count(s) && s & FRAME_VALIDATED && s & (FRAME_PARTIAL | FRAME_DROPPING))
		DIFFERENCE(a, "frame %lx is both judged and not: %lx\n", number_of(pg), s);
	if (frame_type_count(s) && s & FRAME_HYPERVISOR && frame_type(s) != TYPE_WRITABLE)
		DIFFERENCE(a, "our frame %lx is a guest's table\n", number_of(pg));
	if (pg->flags & PAGE_FREE)
		DIFFERENCE(a, "frame %lx is free and owned\n", number_of(pg));
}

static void compare(struct audit *a, const struct page_info *pg)
{
	const struct found *f = &a->found[number_of(pg)];
	uint64_t s = pg->state;

	judge_word(a, pg);
	if (f->refs != frame_ref_count(s) || f->types != frame_type_count(s))
		DIFFERENCE(
			a,
			"frame %lx, word %lx: %u references and %u as its type, found %u and %u\n",
			number_of(pg), s, frame_ref_count(s), frame_type_count(s), f->refs,
			f->types);
}

/* The page list against the owners in the frame table, @owned of which are this domain's. */
static void judge_list(struct audit *a, unsigned long owned)
{
	uint32_t frame = a->d->page_list, before = FRAME_NO_LINK;
	unsigned long length = 0;

	while (frame != FRAME_NO_LINK && length <= owned) {
		const struct page_info *pg = page_of_mfn(mfn(frame));

		if (pg->owner != a->d->id || pg->prev != before) {
			DIFFERENCE(a, "the page list is broken at frame %x\n", frame);
			return;
		}
		length++;
		before = frame;
		frame = pg->next;
	}
	if (length != owned || a->d->total_pages != owned)
		DIFFERENCE(a, "%lu pages, %lu on the list, %lu in the frame table\n",
			   a->d->total_pages, length, owned);
}

int audit_reserve(void)
{
	size_t size = frame_table_end * sizeof(*counts);
	unsigned int order = 0;

	if (counts)
		return 0;
	while (PAGE_SIZE << order < size)
		order++;
	counts = hv_pages_alloc(order);
	return counts ? 0 : -ENOMEM;
}

/* Domains' frames, one after the other. */
static struct page_info *next_owned(unsigned long *frame)
{
	while (*frame < frame_table_end) {
		struct page_info *pg = page_of_mfn(mfn((*frame)++));

		if (pg->owner < DOMID_FIRST_RESERVED && !(pg->flags & PAGE_NOT_RAM))
			return pg;
	}
	return NULL;
}

static void count_domain(struct audit *a, const struct domain *d)
{
	for (unsigned int i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i])
			count_vcpu(a, d->vcpu[i]);
	count_page(a, d->arch.pirq_eoi_page, TYPE_WRITABLE, "the EOI map");
	evtchn_pages_visit(d, count_event_page, a);
	grant_pins_visit(d, count_granted, a);
}

/* A domain's frames may be mapped by others, and it maps others': all are counted. */
static void count_all(struct audit *a)
{
	const struct page_info *pg;
	unsigned long frame = 0;

	for (domid_t id = 0; id < DOMID_FIRST_RESERVED; id++) {
		const struct domain *d = domain_owning(id);

		if (d)
			count_domain(a, d);
	}
	while ((pg = next_owned(&frame))) {
		count_word(a, pg);
		count_table(a, pg);
	}
}

int domain_audit(struct domain *d)
{
	struct audit a = { .d = d };
	unsigned long frame = 0, owned = 0;
	const struct page_info *pg;

	if (audit_reserve())
		return -ENOMEM;
	a.found = counts;
	memset(counts, 0, frame_table_end * sizeof(*counts));
	count_all(&a);
	while ((pg = next_owned(&frame))) {
		compare(&a, pg);
		if (pg->owner == d->id && !(pg->state & FRAME_HYPERVISOR))
			owned++;
	}
	judge_list(&a, owned);
	return a.differences;
}
