/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine of fake_ctrl.h: a file in memory, of which mappings show pages in any order. */
#include "fake_ctrl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE   CTRL_PAGE_SIZE
#define SHARED (FAKE_FRAMES - 1)	/* the frame of shared_info */

enum use { UNUSED, TABLE, WRITABLE };

struct ctrl {
	struct fake fake;
	int fd;
	uint8_t *memory;
	unsigned long next;		/* frame to be given out */
	uint8_t use[FAKE_FRAMES];
};

struct ctrl *fake_new(struct fake **fake)
{
	struct ctrl *c = calloc(1, sizeof(*c));

	c->fd = memfd_create("machine", MFD_CLOEXEC);
	if (c->fd < 0 || ftruncate(c->fd, FAKE_FRAMES * PAGE))
		abort();
	c->memory = mmap(NULL, FAKE_FRAMES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, c->fd, 0);
	if (c->memory == MAP_FAILED)
		abort();
	c->fake.free_frames = FAKE_FRAMES - 1;
	c->fake.root = ~0UL;
	*fake = &c->fake;
	return c;
}

void fake_free(struct ctrl *c)
{
	munmap(c->memory, FAKE_FRAMES * PAGE);
	close(c->fd);
	free(c);
}

static bool is_given(const struct ctrl *c, xen_pfn_t mfn)
{
	return mfn >= FAKE_FIRST_MFN && mfn < FAKE_FIRST_MFN + c->next;
}

uint8_t *fake_frame(struct ctrl *c, xen_pfn_t mfn)
{
	if (!is_given(c, mfn))
		abort();
	return c->memory + (mfn - FAKE_FIRST_MFN) * PAGE;
}

int ctrl_memory_populate(struct ctrl *c, domid_t domid, unsigned int order, unsigned int mem_flags,
			 xen_pfn_t *frames, size_t count)
{
	unsigned long pages = 1UL << order;
	size_t i;

	(void)domid;
	(void)mem_flags;
	if (order && c->fake.no_extents)
		return 0;
	for (i = 0; i < count && c->next + pages <= c->fake.free_frames; i++) {
		memset(c->memory + c->next * PAGE, FAKE_RUBBISH, pages * PAGE);
		frames[i] = FAKE_FIRST_MFN + c->next;
		c->next += pages;
	}
	return i;
}

void *ctrl_map(struct ctrl *c, domid_t domid, int prot, const xen_pfn_t *frames, size_t count)
{
	uint8_t *at;
	size_t i;

	(void)domid;
	at = mmap(NULL, count * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		  0);
	if (at == MAP_FAILED)
		return NULL;
	for (i = 0; i < count; i++) {
		if (!is_given(c, frames[i]) && frames[i] != FAKE_FIRST_MFN + SHARED)
			abort();
		if (mmap(at + i * PAGE, PAGE, prot, MAP_SHARED | MAP_FIXED, c->fd,
			 (frames[i] - FAKE_FIRST_MFN) * PAGE) == MAP_FAILED)
			abort();
	}
	c->fake.maps++;
	return at;
}

void ctrl_unmap(struct ctrl *c, void *at, size_t count)
{
	munmap(at, count * PAGE);
	c->fake.maps--;
}

int ctrl_clear_pages(struct ctrl *c, domid_t domid, const xen_pfn_t *frames, size_t count)
{
	size_t i;

	(void)domid;
	for (i = 0; i < count; i++)
		memset(fake_frame(c, frames[i]), 0, PAGE);
	return 0;
}

int ctrl_grant_offer(struct ctrl *c, domid_t domid, const struct ctrl_grant *grants, size_t count)
{
	(void)domid;
	if (count > 2)
		abort();
	memcpy(c->fake.grants, grants, count * sizeof(*grants));
	return 0;
}

int ctrl_evtchn_alloc_unbound(struct ctrl *c, domid_t domid, domid_t remote)
{
	(void)domid;
	(void)remote;
	return ++c->fake.ports;
}

int ctrl_domain_info(struct ctrl *c, domid_t domid, struct xen_domctl_getdomaininfo *info)
{
	(void)c;
	memset(info, 0, sizeof(*info));
	info->domain = domid;
	info->shared_info_frame = FAKE_FIRST_MFN + SHARED;
	return 0;
}

int ctrl_domain_hypercall_page(struct ctrl *c, domid_t domid, uint64_t gmfn)
{
	(void)domid;
	c->fake.hypercall_mfn = gmfn;
	return 0;
}

int ctrl_vcpu_set_context(struct ctrl *c, domid_t domid, unsigned int vcpu,
			  const struct vcpu_guest_context *context)
{
	(void)domid;
	if (vcpu || context->ctrlreg[3] != (uint64_t)c->fake.root << 12)
		return -EINVAL;
	c->fake.context = *context;
	return 0;
}

/* A frame has one use at a time: a table, or something that may be written to. */
static bool use(struct ctrl *c, xen_pfn_t mfn, enum use as)
{
	uint8_t *is;

	if (!is_given(c, mfn))
		return false;
	is = &c->use[mfn - FAKE_FIRST_MFN];
	if (*is != UNUSED && *is != as)
		return false;
	*is = as;
	return true;
}

static bool table_validate(struct ctrl *c, xen_pfn_t mfn, unsigned int level)
{
	const uint64_t *entries;
	unsigned int i;

	if (!use(c, mfn, TABLE))
		return false;
	entries = (const uint64_t *)fake_frame(c, mfn);
	for (i = 0; i < 512; i++) {
		uint64_t e = entries[i];
		xen_pfn_t next = e >> 12;

		if (!(e & 1))
			continue;
		if (!(e & 4) || e & 0xf98)	/* not the user's; or a bit that means something else */
			return false;
		if (level == 4 && i >= 256 && i < 272)		/* the hypervisor's */
			return false;
		if (level > 1 ? !table_validate(c, next, level - 1) :
		    e & 2     ? !use(c, next, WRITABLE) :
				!is_given(c, next))
			return false;
	}
	return true;
}

int ctrl_pin_l4(struct ctrl *c, domid_t domid, uint64_t mfn)
{
	int rc = c->fake.refuse_pin;

	(void)domid;
	c->fake.refuse_pin = 0;
	if (rc)
		return rc;
	if (c->fake.maps || !table_validate(c, mfn, 4))
		return -EINVAL;
	c->fake.root = mfn;
	return 0;
}

uint8_t *fake_guest_byte(struct ctrl *c, uint64_t va, bool *writable)
{
	xen_pfn_t mfn = c->fake.root;
	unsigned int level;

	*writable = true;
	for (level = 4; level; level--) {
		uint64_t e;

		memcpy(&e, fake_frame(c, mfn) + (va >> (3 + 9 * level) & 511) * 8, sizeof(e));
		if (!(e & 1))
			return NULL;
		*writable &= e >> 1 & 1;
		mfn = e >> 12;
	}
	return fake_frame(c, mfn) + va % PAGE;
}
