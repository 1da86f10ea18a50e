/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model's rules; what is done to the machine beside it is in page_model_ops.c. */
#include "page_model_private.h"

#include <asm/frame.h>
#include <asm/page_table.h>

#include <hv/frame.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

const unsigned int slot_index[SLOTS] = { 0, 1, 2, 3, 255, 256, 271, 272, 511 };
struct model model;

void differ(const char *what, unsigned long a, unsigned long b, unsigned long c)
{
	fprintf(stderr, "DIFFERENCE in %s: %s: %lx %lx %lx\n%s\n", model.doing, what, a, b, c,
		fake_log_text());
	abort();
}

static bool slot_is_the_hypervisors(unsigned int level, unsigned int k)
{
	return level == 4 && slot_index[k] >= 256 && slot_index[k] <= 271;
}

/* ---- entries ---- */

/* The frame of RAM that an entry refers to; 0: none. */
unsigned int target_of(uint64_t e)
{
	unsigned long f = e << 12 >> 24;

	return f < FRAME_COUNT && model.kind[f] != KIND_HOLE ? f : 0;
}

static bool io_allowed(unsigned long frame)
{
	return model.has_devices && frame >> FRAME_IO_BITS == 0 && frame != FRAME_DENIED;
}

/* What the rules make of an entry that they accept, in a table of @level. */
uint64_t entry_mended(unsigned int level, uint64_t e)
{
	if (!(e & E_PRESENT))
		return e;
	if (level == 1 && e << 12 >> 24 == FRAME_IO_READ_ONLY)
		e &= ~E_WRITABLE;
	return e | E_USER;
}

/* May it be mapped in the name of whom the request names? */
static bool is_of_owner(unsigned int f)
{
	if (model.for_other)
		return model.kind[f] == KIND_FOREIGN;
	return model.kind[f] == KIND_OURS || model.kind[f] == KIND_SHARED;
}

bool entry_allowed(unsigned int level, uint64_t e, bool io_only)
{
	unsigned int f = target_of(e);

	if (!(e & E_PRESENT))
		return true;
	if (e & E_GLOBAL || (level > 1 && e & (E_LARGE | E_CACHE_2)))
		return false;
	if (level > 1)
		return f && model.kind[f] == KIND_OURS && model.is_allocated[f];
	if (!f)
		return io_allowed(e << 12 >> 24);
	if (e & E_CACHE_1 && (!model.has_devices || model.kind[f] == KIND_SHARED))
		return false;
	return !io_only && model.is_allocated[f] && is_of_owner(f);
}

/* A descriptor that a guest may have; mended as the hardware shall see it. */
bool descriptor_allowed(uint64_t *d)
{
	uint64_t present = 1UL << 47, segment = 1UL << 44, code = 1UL << 43;

	if (!(*d & present))
		return true;
	if (!(*d & segment))
		return false;
	if (*d & code) {
		if (*d >> 53 & 1 && *d >> 54 & 1)
			return false;
		*d &= ~(1UL << 42);
	}
	*d |= 3UL << 45 | 1UL << 40;
	return true;
}

/* ---- the world, from scratch ---- */

static void take_all(struct world *w, const struct take *take, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (take[i].type)
			w->types[take[i].frame][take[i].type]++;
		else if (take[i].frame)
			w->refs[take[i].frame]++;
	}
}

static void holders(struct world *w)
{
	for (unsigned int f = 1; f < FRAME_COUNT; f++) {
		w->refs[f] += model.is_allocated[f];
		if (model.pin[f])
			w->types[f][model.pin[f]]++;
	}
	if (model.kernel_root)
		w->types[model.kernel_root][4]++;
	if (model.user_root)
		w->types[model.user_root][4]++;
	for (unsigned int i = 0; i < TABLE_PAGES; i++) {
		if (model.gdt[i])
			w->types[model.gdt[i]][5]++;
		if (model.ldt[i])
			w->types[model.ldt[i]][5]++;
	}
	if (model.dropping)
		w->types[model.dropping][model.waiting[model.dropping].type]++;
}

/* How far table @f is in effect, its holders being known. */
static unsigned int table_held(struct world *w, unsigned int f, unsigned int level)
{
	const struct waiting *half = &model.waiting[f];

	if (half->type != level)
		return w->types[f][level] ? 512 : 0;
	if (half->is_dropping)
		return half->held;
	if (w->types[f][level])
		return 512;	/* somebody took over what waited */
	w->types[f][level] = 1;
	return half->held;
}

static void entry_count(struct world *w, unsigned int level, uint64_t e)
{
	unsigned int f = target_of(e);

	if (!(e & E_PRESENT) || !f)
		return;
	if (level > 1)
		w->types[f][level - 1]++;
	else if (e & E_WRITABLE)
		w->types[f][6]++;
	else
		w->refs[f]++;
}

void world_make(struct world *w, const struct take *take, unsigned int count)
{
	memset(w, 0, sizeof(*w));
	holders(w);
	take_all(w, take, count);
	for (unsigned int level = 4; level; level--)
		for (unsigned int f = 1; f < FRAME_COUNT; f++) {
			unsigned int held = table_held(w, f, level);

			if (held)
				w->held[f] = held;
			for (unsigned int k = 0; k < SLOTS && slot_index[k] < held; k++)
				if (!slot_is_the_hypervisors(level, k))
					entry_count(w, level, model.word[f][k]);
		}
}

unsigned int type_in(const struct world *w, unsigned int f)
{
	for (unsigned int t = 1; t <= 6; t++)
		if (w->types[f][t])
			return t;
	return 0;
}

static bool has_one_type(const struct world *w, unsigned int f)
{
	unsigned int n = 0;

	for (unsigned int t = 1; t <= 6; t++)
		n += w->types[f][t] != 0;
	return n <= 1;
}

/* The entries [from, to) of a table that come into effect. */
static bool entries_allowed(unsigned int f, unsigned int level, unsigned int from, unsigned int to)
{
	for (unsigned int k = 0; k < SLOTS; k++)
		if (slot_index[k] >= from && slot_index[k] < to &&
		    !slot_is_the_hypervisors(level, k) &&
		    !entry_allowed(level, model.word[f][k], false))
			return false;
	return true;
}

/*
 * Nothing that is a table already can be mapped past the caches. What becomes one by the same operation can, if that
 * comes later: the order is not ours to know.
 */
static void uncached_judge(struct verdict *v, const struct world *before, const struct world *after,
			   uint64_t e)
{
	unsigned int f = target_of(e), was, is;

	if (!(e & E_PRESENT) || !(e & E_CACHE_1) || !f)
		return;
	was = type_in(before, f);
	is = type_in(after, f);
	if (was && was < 6)
		v->refuse = true;
	else if (is && is < 6)
		v->is_open = true;
}

static void uncached_entries_judge(struct verdict *v, const struct world *before,
				   const struct world *after, unsigned int f)
{
	for (unsigned int k = 0; k < SLOTS; k++)
		if (slot_index[k] >= before->held[f] && slot_index[k] < after->held[f])
			uncached_judge(v, before, after, model.word[f][k]);
}

static bool descriptors_allowed(unsigned int f)
{
	for (unsigned int k = 0; k < SLOTS; k++) {
		uint64_t d = model.word[f][k];

		if (!descriptor_allowed(&d))
			return false;
	}
	return true;
}

/* A frame as @type, by its owner: whatever it may hold. */
static bool frame_may_be(unsigned int f, unsigned int type)
{
	if (!f || f >= FRAME_COUNT || !model.is_allocated[f])
		return false;
	return is_of_owner(f) && (model.kind[f] != KIND_SHARED || !type || type == 6);
}

static void frame_judge(struct verdict *v, const struct world *before, const struct world *after,
			unsigned int f)
{
	unsigned int type = type_in(after, f);

	if (!has_one_type(after, f))
		v->refuse = true;
	else if (type && type <= 4 && !entries_allowed(f, type, before->held[f], after->held[f]))
		v->refuse = true;
	else if (type == 5 && !before->types[f][5] && !descriptors_allowed(f))
		v->refuse = true;
	if (type == 1)
		uncached_entries_judge(v, before, after, f);
	/* Who wants a table that is being dropped waits until it is. */
	if (model.waiting[f].is_dropping &&
	    after->types[f][model.waiting[f].type] > before->types[f][model.waiting[f].type])
		v->stuck = true;
}

struct verdict may_take(const struct take *take, unsigned int count)
{
	struct verdict v = { .refuse = false };
	struct world before, after;

	for (unsigned int i = 0; i < count; i++)
		if (!frame_may_be(take[i].frame, take[i].type))
			v.refuse = true;
	if (v.refuse)
		return v;
	world_make(&before, NULL, 0);
	world_make(&after, take, count);
	for (unsigned int f = 1; f < FRAME_COUNT; f++)
		frame_judge(&v, &before, &after, f);
	return v;
}

/* Other rights to a frame that was given back, and is still mapped: nothing new is held of it. */
static bool is_open(uint64_t old, uint64_t value)
{
	unsigned int f = target_of(value);
	struct world w;

	if (!(old & value & E_PRESENT) || (old ^ value) & E_ADDRESS || value & E_GLOBAL || !f ||
	    model.kind[f] != KIND_OURS || model.is_allocated[f])
		return false;
	world_make(&w, NULL, 0);
	return !(value & E_WRITABLE) || w.types[f][6];
}

struct verdict may_write(unsigned int level, unsigned int k, uint64_t old, uint64_t value,
			 bool io_only)
{
	const struct verdict yes = { .refuse = false }, no = { .refuse = true };
	const struct verdict either = { .is_open = true };
	struct take take = { target_of(value), 0 };
	bool same = old & value & E_PRESENT &&
		    !((old ^ value) & (E_ADDRESS | E_WRITABLE | E_CACHE_1));
	struct verdict v;
	struct world w;

	if (slot_is_the_hypervisors(level, k))
		return no;
	if (!(value & E_PRESENT))
		return yes;
	if (level == 1 && same && !(value & E_GLOBAL) && !io_only && !model.for_other)
		return yes;
	if (level == 1 && !io_only && !model.for_other && is_open(old, value))
		return either;
	if (!entry_allowed(level, value, io_only))
		return no;
	if (!take.frame)
		return yes;
	take.type = level > 1 ? level - 1 : value & E_WRITABLE ? 6 : 0;
	v = may_take(&take, 1);
	world_make(&w, NULL, 0);
	if (level == 1)
		uncached_judge(&v, &w, &w, value);
	return v;
}

/* ---- comparing with the machine ---- */

/* A refused or half-done validation leaves its harmless corrections. */
static bool word_matches(unsigned int f, unsigned int k, uint64_t actual)
{
	uint64_t word = model.word[f][k], mended = word;
	enum frame_type type = frame_type(frame_table[f].state);

	if (actual == word)
		return true;
	if (type == TYPE_L4 && slot_is_the_hypervisors(4, k))
		return true;
	if (type == TYPE_DESCRIPTORS)
		return descriptor_allowed(&mended) && actual == mended;
	return type >= TYPE_L1 && type <= TYPE_L4 &&
	       (actual == entry_mended(type, word) || actual == entry_mended(2, word));
}

static void contents_compare(unsigned int f)
{
	const uint64_t *words = frame_map(mfn(f));

	for (unsigned int k = 0; k < SLOTS; k++) {
		uint64_t actual = words[slot_index[k]];

		if (!word_matches(f, k, actual))
			differ("contents", f << 12 | slot_index[k], model.word[f][k], actual);
		model.word[f][k] = actual;
	}
}

static void counts_compare(const struct world *w, unsigned int f)
{
	uint64_t s = frame_table[f].state;
	unsigned int type = type_in(w, f), types = type ? w->types[f][type] : 0;

	if (!has_one_type(w, f))
		differ("two types at once", f, s, type);
	if (frame_type_count(s) != types || frame_ref_count(s) != w->refs[f] + types)
		differ("counts (frame, word, references)", f, s, w->refs[f] << 16 | types);
	if (types && frame_type(s) != type)
		differ("type", f, s, type);
	if (!!(s & FRAME_PINNED) != !!model.pin[f] ||
	    !!(s & FRAME_ALLOCATED) != model.is_allocated[f])
		differ("pin or ownership", f, s, model.pin[f]);
	if (type && type <= 5 && fake_tlb_writable[f])
		differ("a TLB can still write to a table", f, s, type);
	if (type && fake_tlb_walks[f] && fake_tlb_walks[f] != type)
		differ("a TLB can still walk what was a table", f, s, fake_tlb_walks[f]);
	if (type && type <= 5 && fake_cache[f] & CACHE_STALE)
		differ("a table that caches hide", f, s, type);
	if (fake_uncached[f] && fake_cache[f] & CACHE_DIRTY)
		differ("memory that the guest may see behind the caches", f, s, type);
}

/* What nobody refers to any more is free. */
static void frames_free(const struct world *w)
{
	for (unsigned int f = FRAME_RAM_FIRST; f <= FRAME_RAM_LAST; f++)
		if (model.kind[f] == KIND_OURS && !w->refs[f] && !type_in(w, f)) {
			model.kind[f] = KIND_FREE;
			if (!(frame_table[f].flags & PAGE_FREE) ||
			    frame_table[f].owner != OWNER_NONE)
				differ("not freed", f, frame_table[f].state, 0);
		} else if (model.kind[f] == KIND_OURS && frame_table[f].flags & PAGE_FREE) {
			differ("freed in use", f, w->refs[f], type_in(w, f));
		}
}

/* How far a preempted operation came is its own affair; that there was one is not. */
static void halves_read(void)
{
	const struct page_info *dropping = fake_pv_vcpu->arch.dropping_table;

	memset(model.waiting, 0, sizeof(model.waiting));
	for (unsigned int f = FRAME_RAM_FIRST; f <= FRAME_RAM_LAST; f++) {
		uint64_t s = frame_table[f].state;

		if (!(s & FRAME_PARTIAL) || !frame_type_count(s))
			continue;
		model.waiting[f] = (struct waiting){ frame_type(s), frame_table[f].aux,
						     s & FRAME_DROPPING };
		if (!model.was_abandoned && !dropping)
			differ("left half done", f, s, 0);
	}
	model.dropping = dropping ? mfn_raw(mfn_of_page(dropping)) : 0;
}

/* On its copy an isolated guest has what its root has, and of our slots at most the M2P. */
static void isolated_compare(bool is_kernel, mfn_t root)
{
	const pte_t *copy = fake_pv_vcpu->arch.isolated_root[is_kernel], *l4;

	if (mfn_eq(root, INVALID_MFN))
		return;
	l4 = frame_map(root);
	for (unsigned int i = 0; i < TABLE_ENTRIES; i++) {
		bool is_ours = i >= HV_FIRST_SLOT && i < HV_FIRST_SLOT + HV_SLOT_COUNT;

		if (is_ours ? copy[i] && !(is_kernel && i == HV_FIRST_SLOT) : copy[i] != l4[i])
			differ("isolated root", i, copy[i], l4[i]);
	}
	frame_unmap(l4);
}

void model_compare(void)
{
	unsigned int owned = 0;
	struct world w;

	halves_read();
	world_make(&w, NULL, 0);
	frames_free(&w);
	for (unsigned int f = 1; f < FRAME_COUNT; f++) {
		if (model.kind[f] == KIND_OURS || model.kind[f] == KIND_SHARED)
			contents_compare(f);
		counts_compare(&w, f);
		owned += model.kind[f] == KIND_OURS;
	}
	isolated_compare(true, fake_pv_vcpu->arch.kernel_root);
	isolated_compare(false, fake_pv_vcpu->arch.user_root);
	if (fake_pv->total_pages != owned)
		differ("total_pages", fake_pv->total_pages, owned, 0);
}
