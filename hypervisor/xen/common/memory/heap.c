/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for the hypervisor's own objects: whole pages from the page
 * allocator, and small objects in slabs of one page. There are no headers in
 * memory; a slab's page_info says all:
 *
 *   flags  PAGE_SLAB           order  size class
 *   next, prev                 list of the class's slabs that have room
 *   aux    objects in use | offset of the first free object << 16
 *
 * A free object's first two bytes are the offset of the next free one.
 */
#include <hv/page_allocator.h>

#include <hv/frame.h>
#include <hv/panic.h>
#include <hv/spinlock.h>
#include <hv/string.h>

#define CLASS_SHIFT_MIN 4	/* 16 bytes */
#define CLASS_COUNT	8	/* ... to 2048 */
#define SLAB_SIZE_LIMIT 2048	/* from here on whole pages, aligned to them */
#define NO_OBJECT	0xffffU

static struct spinlock heap_lock = SPINLOCK_INIT;
static uint32_t slabs_with_room[CLASS_COUNT] __guarded_by(heap_lock);	/* 0: none */

static void hypervisor_owns(struct page_info *pg, unsigned int order)
{
	unsigned long i;

	for (i = 0; i < 1UL << order; i++) {
		pg[i].state = FRAME_HYPERVISOR | FRAME_ALLOCATED | FRAME_REF_ONE;
		pg[i].owner = OWNER_HYPERVISOR;
	}
}

void *hv_pages_alloc(unsigned int order)
{
	struct page_info *pg = pages_alloc(order, ADDRESS_BITS_ANY);
	void *va;

	if (!pg)
		return NULL;
	hypervisor_owns(pg, order);
	va = page_to_virt(pg);
	memset(va, 0, PAGE_SIZE << order);
	return va;
}

void hv_pages_free(void *va, unsigned int order)
{
	pages_free(virt_to_page(va), order);
}

static unsigned int class_of(size_t size)
{
	unsigned int class = 0;

	while ((1UL << (class + CLASS_SHIFT_MIN)) < size)
		class ++;
	return class;
}

static void slab_link(struct page_info *pg) __must_hold(heap_lock)
{
	uint32_t *head = &slabs_with_room[pg->order];
	uint32_t frame = (uint32_t)mfn_raw(mfn_of_page(pg));

	pg->prev = 0;
	pg->next = *head;
	if (*head)
		page_of_mfn(mfn(*head))->prev = frame;
	*head = frame;
}

static void slab_unlink(struct page_info *pg) __must_hold(heap_lock)
{
	if (pg->prev)
		page_of_mfn(mfn(pg->prev))->next = pg->next;
	else
		slabs_with_room[pg->order] = pg->next;
	if (pg->next)
		page_of_mfn(mfn(pg->next))->prev = pg->prev;
}

/* A page whose objects are all free, in rising order. On no list yet. */
static struct page_info *slab_create(unsigned int class)
{
	size_t size = 1UL << (class + CLASS_SHIFT_MIN), offset;
	char *page = hv_pages_alloc(0);
	struct page_info *pg;

	if (!page)
		return NULL;
	for (offset = 0; offset < PAGE_SIZE; offset += size) {
		uint16_t next = offset + size < PAGE_SIZE ? (uint16_t)(offset + size) : NO_OBJECT;

		memcpy(page + offset, &next, sizeof(next));
	}
	pg = virt_to_page(page);
	pg->flags |= PAGE_SLAB;
	pg->order = (uint8_t) class;
	pg->aux = 0;
	return pg;
}

static void *slab_take(struct page_info *pg) __must_hold(heap_lock)
{
	uint32_t offset = pg->aux >> 16, used = pg->aux & 0xffff;
	char *object = (char *)page_to_virt(pg) + offset;
	uint16_t next;

	memcpy(&next, object, sizeof(next));
	pg->aux = (uint32_t)next << 16 | (used + 1);
	if (next == NO_OBJECT)
		slab_unlink(pg);
	return object;
}

static void *object_alloc(unsigned int class)
{
	struct page_info *fresh = NULL;
	unsigned long flags;
	void *object = NULL;

	flags = spin_lock_irqsave(&heap_lock);
	if (slabs_with_room[class])
		object = slab_take(page_of_mfn(mfn(slabs_with_room[class])));
	spin_unlock_irqrestore(&heap_lock, flags);
	if (object)
		return object;

	fresh = slab_create(class);
	if (!fresh)
		return NULL;
	flags = spin_lock_irqsave(&heap_lock);
	slab_link(fresh);
	object = slab_take(fresh);
	spin_unlock_irqrestore(&heap_lock, flags);
	return object;
}

static void object_free(struct page_info *pg, void *object)
{
	uint32_t size = 1U << (pg->order + CLASS_SHIFT_MIN);
	uint32_t offset = (unsigned long)object & ~PAGE_MASK, used;
	bool was_full, is_empty;
	unsigned long flags;
	uint16_t next;

	BUG_ON(offset & (size - 1));

	flags = spin_lock_irqsave(&heap_lock);
	used = pg->aux & 0xffff;
	next = (uint16_t)(pg->aux >> 16);
	was_full = next == NO_OBJECT;
	BUG_ON(used == 0);

	memcpy(object, &next, sizeof(next));
	pg->aux = offset << 16 | (used - 1);
	is_empty = used == 1;
	if (is_empty && !was_full)
		slab_unlink(pg);
	else if (!is_empty && was_full)
		slab_link(pg);
	spin_unlock_irqrestore(&heap_lock, flags);

	if (is_empty) {
		pg->aux = 0;	/* a free frame's is its TLB stamp */
		pages_free(pg, 0);
	}
}

static void *large_alloc(size_t size)
{
	unsigned int order = 0;
	void *va;

	while (order <= PAGE_ORDER_MAX && (PAGE_SIZE << order) < size)
		order++;
	va = hv_pages_alloc(order);
	if (va)
		virt_to_page(va)->order = (uint8_t)order;
	return va;
}

void *heap_alloc(size_t size)
{
	unsigned int class;
	void *object;

	if (size >= SLAB_SIZE_LIMIT)
		return large_alloc(size);

	class = class_of(size);
	object = object_alloc(class);
	if (object)
		memset(object, 0, 1UL << (class + CLASS_SHIFT_MIN));
	return object;
}

void heap_free(void *p)
{
	struct page_info *pg;

	if (!p)
		return;
	pg = virt_to_page(p);
	BUG_ON(!(pg->state & FRAME_HYPERVISOR));
	if (pg->flags & PAGE_SLAB)
		object_free(pg, p);
	else
		hv_pages_free(p, pg->order);
}
