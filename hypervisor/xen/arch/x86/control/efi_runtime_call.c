/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XENPF_efi_runtime_call (xen/platform.h): dom0's way to the firmware's
 * clock and variables. Names and values go through buffers of ours, as the
 * firmware must not touch a guest's memory; their size is bounded.
 */
#include "efi_runtime_call.h"

#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/page_allocator.h>
#include <hv/string.h>

#include <asm/efi.h>
#include <asm/efi_abi.h>

#define NAME_BYTES 2048
#define DATA_ORDER 4
#define DATA_BYTES (PAGE_SIZE << DATA_ORDER)

#define REVISION_2_00 0x20000

struct time_capabilities {
	uint32_t resolution, accuracy;
	uint8_t	 sets_to_zero;
};

/* The ABI's structures are the firmware's. */
static_assert(sizeof(struct xenpf_efi_time) == 16, "UEFI 8.3, EFI_TIME");
static_assert(sizeof(struct xenpf_efi_guid) == sizeof(struct efi_guid), "EFI_GUID");

#define CALL(name, a, b, c, d, e)                                                           \
	efi_runtime_call(efi_runtime_services()->name, (uint64_t)(a), (uint64_t)(b),        \
			 (uint64_t)(c), (uint64_t)(d), (uint64_t)(e))

static int get_time(struct xenpf_efi_runtime_call *call)
{
	struct time_capabilities can = { 0 };
	struct xenpf_efi_time time;

	memset(&time, 0, sizeof(time));
	if (call->misc)
		return -EINVAL;
	call->status = CALL(get_time, &time, &can, 0, 0, 0);
	call->u.get_time.time = time;
	call->u.get_time.resolution = can.resolution;
	call->u.get_time.accuracy = can.accuracy;
	call->misc = can.sets_to_zero ? XEN_EFI_GET_TIME_SET_CLEARS_NS : 0;
	return 0;
}

static int set_time(struct xenpf_efi_runtime_call *call)
{
	struct xenpf_efi_time time = call->u.set_time;

	if (call->misc)
		return -EINVAL;
	call->status = CALL(set_time, &time, 0, 0, 0, 0);
	return 0;
}

static int get_wakeup_time(struct xenpf_efi_runtime_call *call)
{
	struct xenpf_efi_time time;
	uint8_t enabled = 0, pending = 0;

	memset(&time, 0, sizeof(time));
	if (call->misc)
		return -EINVAL;
	call->status = CALL(get_wakeup_time, &enabled, &pending, &time, 0, 0);
	call->u.get_wakeup_time = time;
	call->misc = (enabled ? XEN_EFI_GET_WAKEUP_TIME_ENABLED : 0) |
		     (pending ? XEN_EFI_GET_WAKEUP_TIME_PENDING : 0);
	return 0;
}

static int set_wakeup_time(struct xenpf_efi_runtime_call *call)
{
	struct xenpf_efi_time time = call->u.set_wakeup_time;
	const bool enable = call->misc & XEN_EFI_SET_WAKEUP_TIME_ENABLE;
	const bool has_time = !(call->misc & XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY);

	if (call->misc & ~(XEN_EFI_SET_WAKEUP_TIME_ENABLE | XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY))
		return -EINVAL;
	call->status = CALL(set_wakeup_time, enable, has_time ? &time : NULL, 0, 0, 0);
	return 0;
}

static int get_next_high_monotonic_count(struct xenpf_efi_runtime_call *call)
{
	uint32_t count = 0;

	if (call->misc)
		return -EINVAL;
	call->status = CALL(get_next_high_monotonic_count, &count, 0, 0, 0, 0);
	call->misc = count;
	return 0;
}

/* Buffers for a name, ended, and a value; both or none. */
struct buffers {
	uint16_t *name;
	char	 *data;
};

static int buffers_get(struct buffers *b)
{
	b->name = heap_alloc(NAME_BYTES);
	b->data = hv_pages_alloc(DATA_ORDER);
	if (b->name && b->data)
		return 0;
	heap_free(b->name);
	if (b->data)
		hv_pages_free(b->data, DATA_ORDER);
	return -ENOMEM;
}

static void buffers_put(const struct buffers *b)
{
	heap_free(b->name);
	hv_pages_free(b->data, DATA_ORDER);
}

/* Up to the guest's 0, character by character: what lies behind may not be mapped. */
static int name_read(uint16_t *name, unsigned long va)
{
	for (unsigned int i = 0; i < NAME_BYTES / sizeof(*name); i++) {
		if (guest_read(&name[i], va + i * sizeof(*name)))
			return -EFAULT;
		if (!name[i])
			return 0;
	}
	return -EINVAL;
}

/* No value larger than our buffer is answered, to whoever asks with a larger one. */
static int variable_read(struct xenpf_efi_runtime_call *call, const struct buffers *b)
{
	struct xenpf_efi_guid guid = call->u.get_variable.vendor_guid;
	unsigned long to = (unsigned long)call->u.get_variable.data.p;
	uint64_t room = call->u.get_variable.size, size = room < DATA_BYTES ? room : DATA_BYTES;
	uint32_t attributes = 0;

	call->status = CALL(get_variable, b->name, &guid, &attributes, &size, b->data);
	if (call->status == EFI_BUFFER_TOO_SMALL && size <= room)
		call->status = EFI_OUT_OF_RESOURCES;
	call->misc = attributes;
	if (call->status == EFI_SUCCESS && (size > DATA_BYTES || size > room))
		return -EIO;	/* the firmware wrote beyond what it was given */
	call->u.get_variable.size = size;
	if (call->status == EFI_SUCCESS && guest_copy_to(to, b->data, size))
		return -EFAULT;
	return 0;
}

static int variable_write(struct xenpf_efi_runtime_call *call, const struct buffers *b)
{
	struct xenpf_efi_guid guid = call->u.set_variable.vendor_guid;
	uint64_t size = call->u.set_variable.size;

	if (size > DATA_BYTES) {
		call->status = EFI_OUT_OF_RESOURCES;
		return 0;
	}
	if (guest_copy_from(b->data, (unsigned long)call->u.set_variable.data.p, size))
		return -EFAULT;
	call->status = CALL(set_variable, b->name, &guid, call->misc, size, b->data);
	return 0;
}

static int with_buffers(struct xenpf_efi_runtime_call *call, unsigned long name_va,
			int (*function)(struct xenpf_efi_runtime_call *, const struct buffers *))
{
	struct buffers b;
	int rc = buffers_get(&b);

	if (rc)
		return rc;
	rc = name_read(b.name, name_va);
	if (!rc)
		rc = function(call, &b);
	buffers_put(&b);
	return rc;
}

static int get_variable(struct xenpf_efi_runtime_call *call)
{
	if (call->misc)
		return -EINVAL;
	return with_buffers(call, (unsigned long)call->u.get_variable.name.p, variable_read);
}

static int set_variable(struct xenpf_efi_runtime_call *call)
{
	return with_buffers(call, (unsigned long)call->u.set_variable.name.p, variable_write);
}

static int name_advance(struct xenpf_efi_runtime_call *call, const struct buffers *b)
{
	uint64_t room = call->u.get_next_variable_name.size;
	uint64_t size = room < NAME_BYTES ? room : NAME_BYTES;
	struct xenpf_efi_guid guid = call->u.get_next_variable_name.vendor_guid;

	call->status = CALL(get_next_variable_name, &size, b->name, &guid, 0, 0);
	if (call->status == EFI_BUFFER_TOO_SMALL && size <= room)
		call->status = EFI_OUT_OF_RESOURCES;
	call->u.get_next_variable_name.size = size;
	if (call->status != EFI_SUCCESS)
		return 0;
	if (size > NAME_BYTES || size > room)
		return -EIO;
	call->u.get_next_variable_name.vendor_guid = guid;
	return guest_copy_to((unsigned long)call->u.get_next_variable_name.name.p, b->name, size);
}

static int get_next_variable_name(struct xenpf_efi_runtime_call *call)
{
	if (call->misc)
		return -EINVAL;
	return with_buffers(call, (unsigned long)call->u.get_next_variable_name.name.p,
			    name_advance);
}

static int query_variable_info(struct xenpf_efi_runtime_call *call)
{
	uint64_t most = 0, left = 0, largest = 0;

	/* A snapshot of what boot services saw was not taken. */
	if (call->misc & ~XEN_EFI_VARINFO_BOOT_SNAPSHOT)
		return -EINVAL;
	if (call->misc || efi_tables()->runtime_revision < REVISION_2_00)
		return -EOPNOTSUPP;
	call->status = CALL(query_variable_info, call->u.query_variable_info.attr, &most, &left,
			    &largest, 0);
	call->u.query_variable_info.max_store_size = most;
	call->u.query_variable_info.remain_store_size = left;
	call->u.query_variable_info.max_size = largest;
	return 0;
}

int efi_runtime_call_for_guest(struct xenpf_efi_runtime_call *call)
{
	if (!efi_runtime_is_there())
		return -EOPNOTSUPP;
	switch (call->function) {
	case XEN_EFI_get_time:
		return get_time(call);
	case XEN_EFI_set_time:
		return set_time(call);
	case XEN_EFI_get_wakeup_time:
		return get_wakeup_time(call);
	case XEN_EFI_set_wakeup_time:
		return set_wakeup_time(call);
	case XEN_EFI_get_next_high_monotonic_count:
		return get_next_high_monotonic_count(call);
	case XEN_EFI_get_variable:
		return get_variable(call);
	case XEN_EFI_set_variable:
		return set_variable(call);
	case XEN_EFI_get_next_variable_name:
		return get_next_variable_name(call);
	case XEN_EFI_query_variable_info:
		return query_variable_info(call);
	case XEN_EFI_query_capsule_capabilities:
	case XEN_EFI_update_capsule:
		/* Lists of machine addresses that the firmware would follow on dom0's word. */
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}
