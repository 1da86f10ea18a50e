/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policy for mappings of what is not RAM: the hardware domain may have all of
 * it but the registers that the hypervisor lives on. A short list of ranges,
 * searched from the front: such mappings are made when drivers start.
 */
#include <asm/io_memory.h>

#include <hv/domain.h>
#include <hv/panic.h>
#include <hv/spinlock.h>

#include <asm/system.h>

#define RANGES_MAX 256

struct io_range {
	unsigned long first, last;	/* frames */
	bool	      read_only;	/* else denied */
};

/* Guards both; entries are only ever added. */
static struct spinlock io_lock = SPINLOCK_INIT;
static struct io_range io_range[RANGES_MAX];
static unsigned int io_range_count;

static void add(paddr_t start, uint64_t len, bool read_only)
{
	struct io_range r = { start >> PAGE_SHIFT, (start + len - 1) >> PAGE_SHIFT, read_only };
	unsigned long flags = spin_lock_irqsave(&io_lock);

	if (io_range_count == RANGES_MAX)
		panic("More than %d ranges of protected device memory\n", RANGES_MAX);
	io_range[io_range_count] = r;
	__atomic_store_n(&io_range_count, io_range_count + 1, __ATOMIC_RELEASE);
	spin_unlock_irqrestore(&io_lock, flags);
}

void io_memory_deny(paddr_t start, uint64_t len)
{
	add(start, len, false);
}

void io_memory_read_only(paddr_t start, uint64_t len)
{
	add(start, len, true);
}

static unsigned int physical_bits(void)
{
	static unsigned int bits;	/* constant once read */

	if (!bits)
		bits = cpuid(0x80000000, 0).eax >= 0x80000008 ? cpuid(0x80000008, 0).eax & 0xff :
								36;
	return bits;
}

bool io_memory_permitted(const struct domain *d, mfn_t m, bool *writable)
{
	unsigned int count = __atomic_load_n(&io_range_count, __ATOMIC_ACQUIRE);

	if (!d->is_hardware || mfn_raw(m) >> (physical_bits() - PAGE_SHIFT))
		return false;
	for (unsigned int i = 0; i < count; i++) {
		if (mfn_raw(m) < io_range[i].first || mfn_raw(m) > io_range[i].last)
			continue;
		if (!io_range[i].read_only)
			return false;
		*writable = false;
	}
	return true;
}
