/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random numbers, and of them what a confused or hostile kernel has at hand. */
#include "random.h"

#include <xen/memory.h>

static char *readonly_page, *low_page, *high_page, *last_page;

/* xorshift64*: the same seed makes the same calls */
uint64_t random(struct worker *w)
{
	w->state ^= w->state << 13;
	w->state ^= w->state >> 7;
	w->state ^= w->state << 17;
	return w->state * 0x2545f4914f6cdd1dUL >> 11;
}

unsigned int below(struct worker *w, unsigned int n)
{
	return (unsigned int)(random(w) % n);
}

unsigned long bad_address(struct worker *w)
{
	static const unsigned long bad[] = {
		0,
		1,
		0x7fffffffffffUL,
		0x7ffffffffff9UL,
		0x800000000000UL,
		0xffff7fffffffffffUL,
		0xffff800000000000UL,
		0xffff830000000000UL,
		0xffff87fffffffff0UL,
		0xffff87fffffffffcUL,
		0x8000000000000000UL,
		~0UL,
		0xfffffffffffffffcUL,
		0xfffffffffffff000UL,
	};

	return bad[below(w, ARRAY_SIZE(bad))];
}

/* Mapped pages beside the edges of what a guest may use, and one that cannot be written. */
static void edge_page(char **page, unsigned long va)
{
	struct tree t = tree_make((void *)va);

	if (tree_hang(&t, (void *)va) || map_at((void *)va, virt_to_mfn(page_alloc()), PTE_RW_PAGE))
		test_error("no page at 0x%lx", va);
	*page = (char *)va;
}

void values_init(void)
{
	readonly_page = page_alloc();
	if (make_readonly(readonly_page))
		test_error("read-only");
	edge_page(&low_page, 0x00007ffffffff000UL);
	edge_page(&high_page, 0xffff880000000000UL);
	last_page = (char *)0xfffffffffffff000UL;
}

/* The last bytes of a page, where a longer argument runs into what is behind it. */
static unsigned long end_of_page(struct worker *w, const char *page)
{
	return (unsigned long)page + PAGE_SIZE - 8 * (below(w, 8) + 1) + (below(w, 4) ? 0 : 4);
}

unsigned long pointer(struct worker *w)
{
	switch (below(w, 24)) {
	case 0:
		return bad_address(w);
	case 1:
		return (unsigned long)scratch[below(w, SCRATCH)] + 8 * below(w, 512);
	case 2:
		return end_of_page(w, low_page);
	case 3:
		return (unsigned long)high_page - 8 * below(w, 3);
	case 4:
		return (unsigned long)readonly_page;
	case 5:
		return start_info->pt_base + 8 * below(w, 512);
	case 6:
		return end_of_page(w, (char *)w->buffer);
	case 7:
		return MACH2PHYS_VIRT_START + 8 * below(w, 1024);
	case 8:
		return end_of_page(w, last_page);
	default:
		return (unsigned long)w->buffer;
	}
}

unsigned long small(struct worker *w)
{
	return below(w, 4) ? below(w, 20) : below(w, 2) ? DOMID_SELF : below(w, 300);
}

/* Is it a frame that the kernel itself stands on? */
static bool is_precious(unsigned long mfn)
{
	unsigned long pfn;
	unsigned int i;

	for (i = 0; i < SCRATCH; i++)
		if (mfn == scratch_mfn[i])
			return false;
	if (mfn >= (unsigned long)hypercall(memory_op, XENMEM_maximum_ram_page, 0))
		return false;
	pfn = mfn_to_pfn(mfn);
	return pfn < start_info->nr_pages && pfn_to_mfn(pfn) == mfn;
}

unsigned long frame(struct worker *w)
{
	unsigned long mfn;

	if (below(w, 16))
		return scratch_mfn[below(w, SCRATCH)];
	mfn = below(w, 2) ? word(w) : 1UL << below(w, 53);
	return is_precious(mfn) ? 0 : mfn;
}

uint64_t entry_word(struct worker *w)
{
	uint64_t e = word(w);

	return is_precious(mfn_of_pte(e)) ? e & ~PTE_MFN_MASK : e;
}

/* One plausible word: what it is used as, the call decides. */
unsigned long word(struct worker *w)
{
	switch (below(w, 12)) {
	case 0:
		return bad_address(w);
	case 1:
		return scratch_mfn[below(w, SCRATCH)];
	case 2:
		return scratch_entry[below(w, SCRATCH)] | below(w, 4);
	case 3:
		return make_pte(scratch_mfn[below(w, SCRATCH)], random(w) & 0xfff) |
		       (below(w, 4) ? 0 : PTE_NX);
	case 4:
		return (unsigned long)scratch[below(w, SCRATCH)] +
		       (below(w, 2) ? 0 : below(w, 4096));
	case 5:
		return virt_to_pfn(scratch[below(w, SCRATCH)]);
	case 6:
		return random(w) << below(w, 40);
	case 7:
		return 1UL << below(w, 64);
	case 8:
		return below(w, 3) ? DOMID_SELF : DOMID_SELF + below(w, 8);
	case 9:
		return (1UL << below(w, 64)) - 1;
	case 10:
		return (unsigned long)w->buffer + 8 * below(w, 512);
	default:
		return below(w, 40);
	}
}

void buffer_fill(struct worker *w)
{
	unsigned int i;

	for (i = 0; i < 24; i++)
		w->buffer[i] = below(w, 2) ? word(w) : small(w) | small(w) << 32;
}

long call(struct worker *w, unsigned int nr, unsigned long a1, unsigned long a2, unsigned long a3,
	  unsigned long a4)
{
	long rc = hypercall5(nr, a1, a2, a3, a4, 0);
	bool is_error = rc < 0 && rc > -4096;

	w->results[nr % NUMBERS][is_error]++;
	if (is_error && rc > -ERRORS)
		w->errors[-rc]++;
	else
		w->strange += rc < 0 && rc > -0x10000;
	return rc;
}
