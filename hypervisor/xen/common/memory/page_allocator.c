/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The buddy allocator: all free RAM as naturally aligned blocks of 2^order
 * frames. Free blocks are linked through their first frame's page_info.
 *
 * There is a zone for each bit length of a frame number: zone z holds frames
 * 2^(z-1) to 2^z - 1. So an address limit is always a border between zones,
 * and no list is ever searched; a block other than the one at frame 0 never
 * crosses such a border.
 *
 * A few single frames of the highest zone are kept aside, neither linked nor
 * merged, for who asks for one frame next. They count as free, and go back to
 * the blocks as soon as somebody asks for anything else.
 */
#include <hv/page_allocator.h>

#include <hv/frame.h>
#include <hv/panic.h>
#include <hv/spinlock.h>

#include <asm/tlb.h>

/* Links are 32 bits wide, and so is the widest frame number. */
#define ZONE_COUNT 33

struct zone {
	uint32_t head[PAGE_ORDER_MAX + 1];
	uint32_t orders;	/* bit n: head[n] is not empty */
};

static struct spinlock allocator_lock = SPINLOCK_INIT;
static struct zone zones[ZONE_COUNT] __guarded_by(allocator_lock);
#define SPARES_MAX 512
static uint32_t spare[SPARES_MAX] __guarded_by(allocator_lock);
static unsigned int spare_count __guarded_by(allocator_lock);
static unsigned int top_zone __guarded_by(allocator_lock);	/* the highest that ever had a frame */
static unsigned long free_count __guarded_by(allocator_lock);
static unsigned long total_count __guarded_by(allocator_lock);

static unsigned int zone_of(unsigned long frame)
{
	return frame ? 64 - (unsigned int)__builtin_clzl(frame) : 0;
}

static void block_insert(unsigned long frame, unsigned int order) __must_hold(allocator_lock)
{
	struct zone *z = &zones[zone_of(frame)];
	struct page_info *pg = page_of_mfn(mfn(frame));
	bool is_empty = !(z->orders & (1U << order));

	pg->order = (uint8_t)order;
	pg->flags |= PAGE_FREE_HEAD;
	pg->prev = FRAME_NO_LINK;
	pg->next = is_empty ? FRAME_NO_LINK : z->head[order];
	if (!is_empty)
		page_of_mfn(mfn(pg->next))->prev = (uint32_t)frame;
	z->head[order] = (uint32_t)frame;
	z->orders |= 1U << order;
}

static void block_remove(unsigned long frame) __must_hold(allocator_lock)
{
	struct zone *z = &zones[zone_of(frame)];
	struct page_info *pg = page_of_mfn(mfn(frame));

	if (pg->prev != FRAME_NO_LINK)
		page_of_mfn(mfn(pg->prev))->next = pg->next;
	else
		z->head[pg->order] = pg->next;
	if (pg->next != FRAME_NO_LINK)
		page_of_mfn(mfn(pg->next))->prev = pg->prev;
	if (pg->prev == FRAME_NO_LINK && pg->next == FRAME_NO_LINK)
		z->orders &= ~(1U << pg->order);
	pg->flags &= (uint8_t)~PAGE_FREE_HEAD;
}

/* Put a block on its list, merged with its buddy for as long as that is free as a whole. */
static void block_free(unsigned long frame, unsigned int order) __must_hold(allocator_lock)
{
	while (order < PAGE_ORDER_MAX) {
		unsigned long buddy = frame ^ (1UL << order);
		const struct page_info *pg;

		if (buddy >= frame_table_end || zone_of(buddy) != zone_of(frame))
			break;
		pg = page_of_mfn(mfn(buddy));
		if (!(pg->flags & PAGE_FREE_HEAD) || pg->order != order)
			break;
		block_remove(buddy);
		frame &= ~(1UL << order);
		order++;
	}
	block_insert(frame, order);
}

/* Free any run of frames as the largest aligned blocks it consists of. */
static void run_free(unsigned long first, unsigned long last) __must_hold(allocator_lock)
{
	while (first < last) {
		unsigned int order = 0;

		while (order < PAGE_ORDER_MAX && !(first & (1UL << order)) &&
		       first + (2UL << order) <= last)
			order++;
		block_free(first, order);
		first += 1UL << order;
	}
}

static void run_mark(struct page_info *pg, unsigned long count, uint8_t flags)
{
	unsigned long i;

	for (i = 0; i < count; i++) {
		pg[i].state = 0;
		pg[i].owner = OWNER_NONE;
		pg[i].flags = flags;
	}
}

void page_allocator_add(mfn_t first, mfn_t last)
{
	unsigned long from = mfn_raw(first), to = mfn_raw(last), flags;

	/* Frame 0 stays unused: too many tables of too many makers take 0 for "none". */
	if (from == 0)
		from = 1;
	if (from >= to)
		return;
	BUG_ON(to > frame_table_end || to > FRAME_NO_LINK);

	run_mark(page_of_mfn(mfn(from)), to - from, PAGE_FREE);

	flags = spin_lock_irqsave(&allocator_lock);
	run_free(from, to);
	if (zone_of(to - 1) > top_zone)
		top_zone = zone_of(to - 1);
	free_count += to - from;
	total_count += to - from;
	spin_unlock_irqrestore(&allocator_lock, flags);
}

/* The smallest block of at least @order in the highest zone that has one; 0: none. */
static unsigned long block_find(unsigned int order, unsigned int zone_limit)
	__must_hold(allocator_lock)
{
	unsigned int z = zone_limit <= top_zone ? zone_limit : top_zone + 1;

	while (z-- > 0) {
		uint32_t fitting = zones[z].orders & ~((1U << order) - 1);

		if (fitting)
			return zones[z].head[__builtin_ctz(fitting)];
	}
	return 0;
}

static unsigned long block_take(unsigned int order, unsigned int zone_limit)
	__must_hold(allocator_lock)
{
	unsigned long frame = block_find(order, zone_limit);
	unsigned int have;

	if (!frame)
		return 0;
	have = page_of_mfn(mfn(frame))->order;
	block_remove(frame);
	/* Keep the upper half each time: what is left of a block stays low and whole. */
	while (have > order) {
		have--;
		block_insert(frame, have);
		frame += 1UL << have;
	}
	free_count -= 1UL << order;
	return frame;
}

static void spares_return(void) __must_hold(allocator_lock)
{
	while (spare_count)
		block_free(spare[--spare_count], 0);
}

static unsigned long frames_take(unsigned int order, unsigned int zone_limit)
	__must_hold(allocator_lock)
{
	if (order == 0 && zone_limit > top_zone && spare_count) {
		free_count--;
		return spare[--spare_count];
	}
	spares_return();
	return block_take(order, zone_limit);
}

struct page_info *pages_take(unsigned int order, unsigned int address_bits)
{
	unsigned int zone_limit = ZONE_COUNT;
	unsigned long frame, flags;

	if (order > PAGE_ORDER_MAX || address_bits < PAGE_SHIFT)
		return NULL;
	if (address_bits - PAGE_SHIFT < ZONE_COUNT)
		zone_limit = address_bits - PAGE_SHIFT + 1;

	flags = spin_lock_irqsave(&allocator_lock);
	frame = frames_take(order, zone_limit);
	spin_unlock_irqrestore(&allocator_lock, flags);
	return frame ? page_of_mfn(mfn(frame)) : NULL;
}

void pages_prepare(struct page_info *pg, unsigned long count)
{
	unsigned long i;

	tlb_flush_before_reuse(pg, count);
	for (i = 0; i < count; i++) {
		pg[i].flags = 0;	/* the rest is as run_mark() left it */
		pg[i].aux = 0;
	}
}

void pages_untake(struct page_info *pg, unsigned int order)
{
	unsigned long frame = mfn_raw(mfn_of_page(pg)), flags;

	flags = spin_lock_irqsave(&allocator_lock);
	block_free(frame, order);
	free_count += 1UL << order;
	spin_unlock_irqrestore(&allocator_lock, flags);
}

struct page_info *pages_alloc(unsigned int order, unsigned int address_bits)
{
	struct page_info *pg = pages_take(order, address_bits);

	if (pg)
		pages_prepare(pg, 1UL << order);
	return pg;
}

void pages_free(struct page_info *pg, unsigned int order)
{
	unsigned long frame = mfn_raw(mfn_of_page(pg)), count = 1UL << order, i, flags;

	BUG_ON(frame == 0 || frame + count > frame_table_end);
	for (i = 0; i < count; i++) {
		BUG_ON(pg[i].flags & PAGE_FREE);
		pg[i].state = 0;
		pg[i].owner = OWNER_NONE;
		pg[i].flags = PAGE_FREE;
	}

	flags = spin_lock_irqsave(&allocator_lock);
	if (order == 0 && spare_count < SPARES_MAX && zone_of(frame) == top_zone)
		spare[spare_count++] = (uint32_t)frame;
	else
		run_free(frame, frame + count);
	free_count += count;
	spin_unlock_irqrestore(&allocator_lock, flags);
}

unsigned long pages_free_count(void)
{
	return READ_ONCE(free_count);
}

unsigned long pages_total_count(void)
{
	return READ_ONCE(total_count);
}
