/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log of machine checks that dom0 has not fetched yet (xen/arch-x86/xen-mca.h, "Usecase 2"). A record is
 * fetched, any number of times, and gone when its fetch is acknowledged. When it is full the newest are lost: the
 * first errors tell most.
 */
#include <asm/machine_check.h>

#include <hv/spinlock.h>
#include <hv/string.h>

#define LOG_SIZE 16

static_assert(sizeof(struct mcinfo_global) == 32, "xen-mca.h");
static_assert(sizeof(struct mcinfo_bank) == 48, "xen-mca.h");

static struct spinlock log_lock = SPINLOCK_INIT;
static struct {
	uint64_t id;		/* 0: free */
	struct mc_info info;
} records[LOG_SIZE] __guarded_by(log_lock);
static uint64_t last_id __guarded_by(log_lock);

/* Space for @size more bytes at the end of the entries. NULL: full. */
static void *entry_add(struct mc_info *info, uint16_t type, size_t size)
{
	struct mcinfo_common *c = x86_mcinfo_first(info);

	for (unsigned int i = 0; i < info->mi_nentries; i++)
		c = x86_mcinfo_next(c);
	if ((char *)c + size > (char *)info->mi_data + sizeof(info->mi_data))
		return NULL;
	memset(c, 0, size);
	c->type = type;
	c->size = size;
	info->mi_nentries++;
	return c;
}

struct mcinfo_global *mc_info_begin(struct mc_info *info)
{
	memset(info, 0, sizeof(*info));
	return entry_add(info, MC_TYPE_GLOBAL, sizeof(struct mcinfo_global));
}

struct mcinfo_bank *mc_info_bank(struct mc_info *info)
{
	return entry_add(info, MC_TYPE_BANK, sizeof(struct mcinfo_bank));
}

bool mc_log_add(const struct mc_info *info)
{
	unsigned long flags = spin_lock_irqsave(&log_lock);
	bool is_kept = false;

	for (unsigned int i = 0; i < LOG_SIZE && !is_kept; i++) {
		if (records[i].id)
			continue;
		records[i].id = ++last_id;
		records[i].info = *info;
		is_kept = true;
	}
	spin_unlock_irqrestore(&log_lock, flags);
	return is_kept;
}

uint64_t mc_log_fetch(struct mc_info *info)
{
	unsigned long flags = spin_lock_irqsave(&log_lock);
	uint64_t id = 0;

	for (unsigned int i = 0; i < LOG_SIZE; i++) {
		if (!records[i].id || (id && records[i].id > id))
			continue;
		id = records[i].id;
		*info = records[i].info;
	}
	spin_unlock_irqrestore(&log_lock, flags);
	return id;
}

bool mc_log_acknowledge(uint64_t id)
{
	unsigned long flags = spin_lock_irqsave(&log_lock);
	bool is_found = false;

	for (unsigned int i = 0; i < LOG_SIZE; i++) {
		if (!id || records[i].id != id)
			continue;
		records[i].id = 0;
		is_found = true;
	}
	spin_unlock_irqrestore(&log_lock, flags);
	return is_found;
}
