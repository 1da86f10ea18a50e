/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HYPERVISOR_xen_version (xen/version.h): what we are and can do. The version
 * is that of the ABI; what is ours is told by the extra version, which the
 * tools of dom0 look for.
 */
#include <hv/version.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/string.h>

#include <asm/boot.h>
#include <asm/image.h>

#define VERSION_MAJOR 4
#define VERSION_MINOR 17

/* The build passes these as strings: Makefile. */
#ifndef HV_COMPILE_DATE
#define HV_COMPILE_DATE ""
#endif
#ifndef HV_CHANGESET
#define HV_CHANGESET ""
#endif
#define HV_COMPILE_BY	  "zazen"
#define HV_COMPILE_DOMAIN "debian.org"

/* Appended to "4.17". */
static const xen_extraversion_t extra_version = ".7-zazen";

static long extraversion(unsigned long arg)
{
	return guest_write(arg, &extra_version);
}

static long compile_info(unsigned long arg)
{
	struct xen_compile_info info = { 0 };

	string_copy(info.compiler, "gcc " __VERSION__, sizeof(info.compiler));
	string_copy(info.compile_by, HV_COMPILE_BY, sizeof(info.compile_by));
	string_copy(info.compile_domain, HV_COMPILE_DOMAIN, sizeof(info.compile_domain));
	string_copy(info.compile_date, HV_COMPILE_DATE, sizeof(info.compile_date));
	return guest_write(arg, &info);
}

/* The kinds of guest that can be run. Only the text is written, not the whole kilobyte. */
static long capabilities(unsigned long arg)
{
	static const char text[] = "xen-3.0-x86_64 ";

	return guest_copy_to(arg, text, sizeof(text));
}

static long changeset(unsigned long arg)
{
	xen_changeset_info_t text = { 0 };

	string_copy(text, HV_CHANGESET, sizeof(text));
	return guest_copy_to(arg, text, sizeof(text));
}

static long platform_parameters(unsigned long arg)
{
	struct xen_platform_parameters answer = { .virt_start = HYPERVISOR_VIRT_START };

	return guest_write(arg, &answer);
}

/* xen/features.h, for a 64-bit PV guest; tried on Debian's 4.17, which tells its dom0 the same. */
static uint32_t features(const struct domain *d)
{
	uint32_t bits = 1U << XENFEAT_mmu_pt_update_preserve_ad | 1U << XENFEAT_highmem_assist |
			1U << XENFEAT_gnttab_map_avail_bits | 1U << XENFEAT_pae_pgdir_above_4gb |
			1U << XENFEAT_memory_op_vnode_supported | 1U << XENFEAT_direct_mapped;

	if (d->is_hardware)
		bits |= 1U << XENFEAT_dom0;
	return bits;
}

static long get_features(const struct domain *d, unsigned long arg)
{
	struct xen_feature_info info;

	if (guest_read(&info, arg))
		return -EFAULT;
	if (info.submap_idx >= XENFEAT_NR_SUBMAPS)
		return -EINVAL;
	info.submap = features(d);
	return guest_write(arg, &info);
}

/* Of an ELF note (System V ABI, "Note Section"): the length of its name stands first, then that of its content. */
#define NOTE_HEADER_SIZE 12

static long build_id(unsigned long arg)
{
	const char *note = build_id_note;
	uint32_t name_length, length, room;

	if (build_id_note_end - build_id_note < NOTE_HEADER_SIZE)
		return -ENODATA;
	memcpy(&name_length, note, sizeof(name_length));
	memcpy(&length, note + sizeof(name_length), sizeof(length));
	if (!arg)
		return length;
	if (guest_read(&room, arg))
		return -EFAULT;
	if (!room)
		return -EINVAL;
	if (room < length)
		return -ENOBUFS;
	if (guest_copy_to(arg + offsetof(xen_build_id_t, buf),
			  note + NOTE_HEADER_SIZE + ALIGN_UP(name_length, 4), length))
		return -EFAULT;
	return length;
}

/* The tools give a guest its handle when they make it; nobody makes dom0, so its own is zero. */
static long guest_handle(unsigned long arg)
{
	static const xen_domain_handle_t none;

	return guest_copy_to(arg, none, sizeof(none));
}

static long commandline(const struct domain *d, unsigned long arg)
{
	xen_commandline_t text = { 0 };

	string_copy(text, d->is_privileged ? boot_info.cmdline : "<denied>", sizeof(text));
	return guest_copy_to(arg, text, sizeof(text));
}

long do_xen_version(struct vcpu *v, unsigned long cmd, unsigned long arg)
{
	switch ((unsigned int)cmd) {
	case XENVER_version:
		return VERSION_MAJOR << 16 | VERSION_MINOR;
	case XENVER_extraversion:
		return extraversion(arg);
	case XENVER_compile_info:
		return compile_info(arg);
	case XENVER_capabilities:
		return capabilities(arg);
	case XENVER_changeset:
		return changeset(arg);
	case XENVER_platform_parameters:
		return platform_parameters(arg);
	case XENVER_get_features:
		return get_features(v->domain, arg);
	case XENVER_pagesize:
		return arg ? -EINVAL : (long)PAGE_SIZE;
	case XENVER_guest_handle:
		return guest_handle(arg);
	case XENVER_commandline:
		return commandline(v->domain, arg);
	case XENVER_build_id:
		return build_id(arg);
	default:
		return -ENOSYS;
	}
}
