/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random calls that concern memory: page tables, reservations, descriptors. */
#include "random.h"
#include "trap.h"

#include <xen/memory.h>

#define ENTRY_FLAGS (PTE_P | PTE_US | PTE_A)

/* An entry of a table that a scratch page may be, or of one that maps them. */
static uint64_t entry_address(struct worker *w)
{
	if (below(w, 2))
		return scratch_entry[below(w, SCRATCH)];
	return ((uint64_t)frame(w) << PAGE_SHIFT) + 8 * (below(w, 2) ? below(w, 4) : below(w, 512));
}

static uint64_t entry_value(struct worker *w)
{
	if (!below(w, 5))
		return below(w, 2) ? 0 : entry_word(w);
	return make_pte(frame(w), ENTRY_FLAGS | (below(w, 2) ? PTE_RW : 0)) |
	       (below(w, 16) ? 0 : 1UL << below(w, 64));
}

void call_mmu_update(struct worker *w)
{
	struct mmu_update *req = (void *)w->buffer;
	unsigned int i, n = below(w, 8);
	unsigned long list = below(w, 16) ? (unsigned long)req : bad_address(w);

	for (i = 0; i < n; i++) {
		req[i].ptr = entry_address(w) | below(w, 4);
		if ((req[i].ptr & 3) == MMU_MACHPHYS_UPDATE)
			req[i].ptr = ((uint64_t)frame(w) << PAGE_SHIFT) | MMU_MACHPHYS_UPDATE;
		req[i].val = entry_value(w);
	}
	call(w, __HYPERVISOR_mmu_update, list, below(w, 32) ? n : n | 1U << 31,
	     below(w, 2) ? pointer(w) : 0, below(w, 8) ? DOMID_SELF : word(w));
}

/* A new root for the kernel could be an empty one, and its end. */
static unsigned long base_pointer(struct worker *w)
{
	if (below(w, 2))
		return virt_to_mfn((void *)start_info->pt_base);
	return below(w, 2) ? 0 : 1UL << (below(w, 32) + 20);
}

void call_mmuext(struct worker *w)
{
	struct mmuext_op *op = (void *)w->buffer;
	unsigned int i, n = below(w, 4);

	for (i = 0; i < n; i++) {
		op[i].cmd = below(w, 22);
		op[i].arg1.mfn = op[i].cmd == MMUEXT_SET_LDT ? word(w) : frame(w);
		if (op[i].cmd == MMUEXT_NEW_BASEPTR)
			op[i].arg1.mfn = base_pointer(w);
		op[i].arg2.src_mfn = op[i].cmd == MMUEXT_SET_LDT ? word(w) : frame(w);
		if (op[i].cmd == MMUEXT_TLB_FLUSH_MULTI || op[i].cmd == MMUEXT_INVLPG_MULTI)
			op[i].arg2.src_mfn = pointer(w);
	}
	call(w, __HYPERVISOR_mmuext_op, (unsigned long)op, n, below(w, 2) ? pointer(w) : 0,
	     below(w, 8) ? DOMID_SELF : word(w));
}

void call_update_va(struct worker *w)
{
	unsigned long flags = below(w, 2) ? below(w, 8) : word(w);
	unsigned long va = below(w, 6) ? (unsigned long)scratch[below(w, SCRATCH)] : bad_address(w);

	call(w,
	     below(w, 4) ? __HYPERVISOR_update_va_mapping :
			   __HYPERVISOR_update_va_mapping_otherdomain,
	     va, below(w, 4) ? entry_value(w) : entry_word(w), flags,
	     below(w, 2) ? DOMID_SELF : word(w));
}

/* What of the frames is ours is found out by scratch_replenish(). */
static void reservation(struct worker *w, struct xen_memory_reservation *r, xen_pfn_t *list,
			unsigned int command)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		list[i] = frame(w);
		if (command == XENMEM_populate_physmap)
			list[i] = virt_to_pfn(scratch[below(w, SCRATCH)]);
	}
	r->nr_extents = below(w, 8) ? 1 + below(w, 4) : word(w);
	/* A larger extent would take the pages behind a scratch page along. */
	r->extent_order = 0;
	if (command == XENMEM_increase_reservation && !below(w, 8))
		r->extent_order = below(w, 64);
	r->mem_flags = below(w, 4) ? 0 : (unsigned int)word(w);
	r->domid = below(w, 8) ? DOMID_SELF : (domid_t)word(w);
	set_xen_guest_handle(r->extent_start, list);
	/* many of them are read from where nothing of ours is named */
	if (r->nr_extents > 4)
		set_xen_guest_handle(r->extent_start, (xen_pfn_t *)bad_address(w));
}

static void exchange(struct worker *w)
{
	struct xen_memory_exchange *x = (void *)w->buffer;

	memset(x, 0, sizeof(*x));
	reservation(w, &x->in, &w->buffer[64], XENMEM_exchange);
	reservation(w, &x->out, &w->buffer[96], XENMEM_populate_physmap);
	x->in.extent_order = 0;
	x->nr_exchanged = below(w, 4) ? 0 : word(w);
}

void call_memory(struct worker *w)
{
	static const unsigned char commands[] = {
		XENMEM_increase_reservation, XENMEM_decrease_reservation,
		XENMEM_decrease_reservation, XENMEM_populate_physmap,
		XENMEM_populate_physmap,     XENMEM_exchange,
	};
	unsigned int command = commands[below(w, ARRAY_SIZE(commands))];

	if (below(w, 4)) {
		memset(w->buffer, 0, sizeof(struct xen_memory_exchange));
		if (command == XENMEM_exchange)
			exchange(w);
		else
			reservation(w, (void *)w->buffer, &w->buffer[64], command);
	} else {
		/* Of frames nobody says which they are; those five would take any of ours. */
		do {
			command = below(w, 32);
		} while (command == XENMEM_decrease_reservation || command == XENMEM_exchange ||
			 command == XENMEM_remove_from_physmap ||
			 command == XENMEM_add_to_physmap ||
			 command == XENMEM_add_to_physmap_batch);
		buffer_fill(w);
	}
	/* the upper bits are how far a preempted call has come */
	if (!below(w, 16))
		command |= (unsigned int)below(w, 3) << 6;
	call(w, __HYPERVISOR_memory_op, command,
	     below(w, 8) ? (unsigned long)w->buffer : bad_address(w), 0, 0);
}

static uint64_t descriptor(struct worker *w)
{
	return below(w, 2) ? random(w) << 11 | random(w) : word(w) | random(w) << 40;
}

void call_descriptor(struct worker *w)
{
	unsigned int i;

	if (below(w, 2)) {
		call(w, __HYPERVISOR_update_descriptor,
		     (frame(w) << PAGE_SHIFT) + 8 * below(w, 512) + (below(w, 16) ? 0 : 1),
		     descriptor(w), 0, 0);
		return;
	}
	for (i = 0; i < 16; i++)
		w->buffer[i] = frame(w);
	call(w, __HYPERVISOR_set_gdt, below(w, 8) ? (unsigned long)w->buffer : pointer(w),
	     below(w, 2) ? below(w, 8000) : word(w), 0, 0);
}

/* What the processor or the emulation of such a write says; only where GUARD() can be used. */
void call_direct_write(struct worker *w)
{
	uint64_t *entry = (uint64_t *)scratch[below(w, SCRATCH)] + below(w, 512);
	uint64_t value = entry_value(w);

	switch (below(w, 5)) {
	case 0:
		__asm__ volatile(GUARD("movq %1, (%0)") : : "r"(entry), "r"(value) : "memory");
		break;
	case 1:
		__asm__ volatile(GUARD("xchgq %1, (%0)") : : "r"(entry), "r"(value) : "memory");
		break;
	case 2:
		__asm__ volatile(GUARD("lock; btrq $1, (%0)") : : "r"(entry) : "memory", "cc");
		break;
	case 3:
		__asm__ volatile(GUARD("movb %b1, (%0)") : : "r"(entry), "q"(value) : "memory");
		break;
	default:
		__asm__ volatile(GUARD("lock; cmpxchgq %1, (%0)")
				 :
				 : "r"(entry), "r"(value), "a"(0UL)
				 : "memory", "cc");
	}
}

/* A frame that can be mapped for reading is ours. */
static bool is_ours(unsigned long mfn, const char *probe)
{
	return !map_at(probe, mfn, PTE_RO_PAGE);
}

void scratch_replenish(struct worker *w)
{
	static char *probe;
	unsigned int i;

	(void)w;
	if (!probe)
		probe = page_alloc();
	for (i = 0; i < SCRATCH; i++) {
		xen_pfn_t pfn = virt_to_pfn(scratch[i]);
		struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };

		if (is_ours(scratch_mfn[i], probe))
			continue;
		set_xen_guest_handle(r.extent_start, &pfn);
		if (hypercall(memory_op, XENMEM_populate_physmap, &r) == 1) {
			scratch_mfn[i] = pfn;
			map_at(scratch[i], pfn, PTE_RW_PAGE);
		}
	}
	map_at(probe, 0, 0);
}
