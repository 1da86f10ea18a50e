/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's memory: XENMEM_* of xen/memory.h, mappings of it, and pins of its page tables. */
#include "handle.h"

#include <errno.h>
#include <string.h>

#define E820_RAM 1

/* xen/memory.h: "in the same format as returned by the BIOS INT 0x15 EAX=0xE820 call" */
struct map_entry {
	uint64_t start, size;
	uint32_t type;
} __attribute__((packed));

static int memory_op(struct ctrl *c, unsigned int command)
{
	return ctrl_result(xencall2(c->call, __HYPERVISOR_memory_op, command, (uintptr_t)c->arg));
}

/*
 * One operation on @count extents, as many at a time as the data pages hold. What it
 * writes back goes to @out, if that is not NULL. Returns how many were done.
 */
static int for_extents(struct ctrl *c, unsigned int command, struct xen_memory_reservation call,
		       const xen_pfn_t *frames, xen_pfn_t *out, size_t count)
{
	const size_t at_once = DATA_BYTES / sizeof(*frames);
	size_t done = 0;

	while (done < count) {
		size_t n = count - done < at_once ? count - done : at_once;
		int rc;

		memcpy(c->data, frames + done, n * sizeof(*frames));
		call.nr_extents = n;
		set_xen_guest_handle(call.extent_start, c->data);
		c->arg->reservation = call;
		rc = memory_op(c, command);
		if (rc < 0)
			return done ? (int)done : rc;
		if (out)
			memcpy(out + done, c->data, rc * sizeof(*out));
		done += rc;
		if ((size_t)rc < n)
			break;
	}
	return done;
}

int ctrl_memory_populate(struct ctrl *c, domid_t domid, unsigned int order, unsigned int mem_flags,
			 xen_pfn_t *frames, size_t count)
{
	struct xen_memory_reservation call = {
		.extent_order = order,
		.mem_flags = mem_flags,
		.domid = domid,
	};

	return for_extents(c, XENMEM_populate_physmap, call, frames, frames, count);
}

int ctrl_memory_decrease(struct ctrl *c, domid_t domid, unsigned int order, const xen_pfn_t *frames,
			 size_t count)
{
	struct xen_memory_reservation call = { .extent_order = order, .domid = domid };

	return for_extents(c, XENMEM_decrease_reservation, call, frames, NULL, count);
}

int ctrl_memory_claim(struct ctrl *c, domid_t domid, uint64_t pages)
{
	c->arg->reservation = (struct xen_memory_reservation){ .nr_extents = pages,
							       .domid = domid };
	return memory_op(c, XENMEM_claim_pages);
}

int ctrl_memory_set_map(struct ctrl *c, domid_t domid, uint64_t bytes)
{
	struct map_entry *entry = c->data;

	*entry = (struct map_entry){ .size = bytes, .type = E820_RAM };
	c->arg->foreign_map = (struct xen_foreign_memory_map){ .domid = domid };
	c->arg->foreign_map.map.nr_entries = 1;
	set_xen_guest_handle(c->arg->foreign_map.map.buffer, c->data);
	return memory_op(c, XENMEM_set_memory_map);
}

/* Those whose argument is a domain and whose result may be larger than an int. */
static long memory_size(struct ctrl *c, unsigned int command, domid_t domid)
{
	long r;

	c->arg->domid = domid;
	r = xencall2L(c->call, __HYPERVISOR_memory_op, command, (uintptr_t)c->arg);
	return r < 0 ? -errno : r;
}

long ctrl_memory_current(struct ctrl *c, domid_t domid)
{
	return memory_size(c, XENMEM_current_reservation, domid);
}

long ctrl_memory_maximum(struct ctrl *c, domid_t domid)
{
	return memory_size(c, XENMEM_maximum_reservation, domid);
}

void *ctrl_map(struct ctrl *c, domid_t domid, int prot, const xen_pfn_t *frames, size_t count)
{
	return xenforeignmemory_map(c->foreign, domid, prot, count, frames, NULL);
}

void ctrl_unmap(struct ctrl *c, void *at, size_t count)
{
	xenforeignmemory_unmap(c->foreign, at, count);
}

static int mmuext(struct ctrl *c, const void *ops, unsigned int count, domid_t domid)
{
	return ctrl_result(
		xencall4(c->call, __HYPERVISOR_mmuext_op, (uintptr_t)ops, count, 0, domid));
}

static int pin(struct ctrl *c, unsigned int command, domid_t domid, uint64_t mfn)
{
	c->arg->mmuext = (struct mmuext_op){ .cmd = command, .arg1.mfn = mfn };
	return mmuext(c, c->arg, 1, domid);
}

int ctrl_pin_l4(struct ctrl *c, domid_t domid, uint64_t mfn)
{
	return pin(c, MMUEXT_PIN_L4_TABLE, domid, mfn);
}

int ctrl_unpin(struct ctrl *c, domid_t domid, uint64_t mfn)
{
	return pin(c, MMUEXT_UNPIN_TABLE, domid, mfn);
}

int ctrl_clear_pages(struct ctrl *c, domid_t domid, const xen_pfn_t *frames, size_t count)
{
	struct mmuext_op *ops = c->data;
	size_t i, n;
	int rc = 0;

	for (; !rc && count; frames += n, count -= n) {
		n = count < DATA_BYTES / sizeof(*ops) ? count : DATA_BYTES / sizeof(*ops);
		for (i = 0; i < n; i++)
			ops[i] = (struct mmuext_op){
				.cmd = MMUEXT_CLEAR_PAGE,
				.arg1.mfn = frames[i],
			};
		rc = mmuext(c, ops, n, domid);
	}
	return rc;
}
