/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policy for mappings of what is not RAM: the hardware domain may have all of
 * it but the registers that the hypervisor lives on, and only reads the tables
 * of MSI-X, whose messages are the hypervisor's. Short lists, searched from the
 * front: such mappings are made when drivers start.
 */
#include <asm/io_memory.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/panic.h>
#include <hv/spinlock.h>

#include <asm/system.h>

#define RANGES_MAX	   256
#define MESSAGE_TABLES_MAX 256

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

/* Bytes, each device's by its number; those of no device have length 0. */
static struct message_table {
	uint32_t device;
	paddr_t	 start;
	uint64_t len;
} message_table[MESSAGE_TABLES_MAX] __guarded_by(io_lock);
static unsigned int message_table_count;	/* written under io_lock; never less than before */

int io_memory_message_table_set(uint32_t device, paddr_t start, uint64_t len)
{
	unsigned long flags = spin_lock_irqsave(&io_lock);
	unsigned int i, count = message_table_count;
	int rc = 0;

	for (i = 0; i < count && message_table[i].device != device; i++)
		;
	if (i == MESSAGE_TABLES_MAX) {
		rc = -ENOSPC;
	} else {
		message_table[i] = (struct message_table){ device, start, len };
		if (i == count)
			WRITE_ONCE(message_table_count, count + 1);
	}
	spin_unlock_irqrestore(&io_lock, flags);
	return rc;
}

/* Does a table begin, end or lie in these bytes? */
static bool has_message_table(paddr_t start, uint64_t len)
{
	bool found = false;
	unsigned long flags;

	if (!READ_ONCE(message_table_count))
		return false;
	flags = spin_lock_irqsave(&io_lock);
	for (unsigned int i = 0; i < message_table_count && !found; i++) {
		const struct message_table *t = &message_table[i];

		found = start < t->start + t->len && t->start < start + len;
	}
	spin_unlock_irqrestore(&io_lock, flags);
	return found;
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
	if (has_message_table((paddr_t)mfn_raw(m) << PAGE_SHIFT, PAGE_SIZE))
		*writable = false;
	return true;
}

enum io_store io_memory_store_judge(const struct domain *d, paddr_t address, unsigned int width)
{
	unsigned int count = __atomic_load_n(&io_range_count, __ATOMIC_ACQUIRE);
	bool writable = true;
	mfn_t m = mfn_of_paddr(address);

	if (!io_memory_permitted(d, m, &writable) || writable)
		return IO_STORE_FAULTS;
	for (unsigned int i = 0; i < count; i++)
		if (mfn_raw(m) >= io_range[i].first && mfn_raw(m) <= io_range[i].last)
			return IO_STORE_LOST;
	return has_message_table(address, width) ? IO_STORE_LOST : IO_STORE_ARRIVES;
}
