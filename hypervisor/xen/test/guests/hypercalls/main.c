/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hypercall basics: xen_version, unknown numbers, multicall, bad pointers.
 *
 * The number is in rax, results are 0 or more, errors negative errno; an
 * unknown number is -ENOSYS, an argument that cannot be read or written
 * -EFAULT. Registers other than rax, rcx, r11 and the arguments keep their
 * values. A multicall stores each result and is itself 0; it must not nest.
 */
#include "memory.h"
#include "trap.h"

#include <xen/version.h>
#include <xen/features.h>

const char test_title[] = "Hypercall basics";

#define HYPERVISOR_ADDRESS ((void *)0xffff830000000000UL)
#define NON_CANONICAL	   ((void *)0x8000000000000000UL)

static char buffer[2048];

static void check_version_strings(void)
{
	struct xen_compile_info *compile = (void *)buffer;

	expect_result("version 4.17", hypercall(xen_version, XENVER_version, 0), 0x40011);
	memset(buffer, 0x55, sizeof(buffer));
	expect_result("extraversion", hypercall(xen_version, XENVER_extraversion, buffer), 0);
	check(buffer[0] == '.' && strlen(buffer) < 16, "extraversion is like \".0\", got \"%s\"",
	      buffer);
	expect_equal("extraversion writes 16 bytes, not more", (uint8_t)buffer[16], 0x55);

	memset(buffer, 0x55, sizeof(buffer));
	expect_result("compile_info", hypercall(xen_version, XENVER_compile_info, buffer), 0);
	check(strlen(compile->compiler) < 64 && strlen(compile->compile_by) < 16 &&
		      strlen(compile->compile_domain) < 32 && strlen(compile->compile_date) < 32,
	      "compile_info holds four terminated strings");
	expect_equal("compile_info's size", (uint8_t)buffer[sizeof(*compile)], 0x55);

	memset(buffer, 0x55, sizeof(buffer));
	expect_result("capabilities", hypercall(xen_version, XENVER_capabilities, buffer), 0);
	check(strstr(buffer, "xen-3.0-x86_64") != NULL, "capabilities name xen-3.0-x86_64: \"%s\"",
	      buffer);
	expect_equal("capabilities writes 1024 bytes", (uint8_t)buffer[1024], 0x55);

	memset(buffer, 0x55, sizeof(buffer));
	expect_result("changeset", hypercall(xen_version, XENVER_changeset, buffer), 0);
	check(strlen(buffer) < 64, "changeset is a terminated string");

	memset(buffer, 0x55, sizeof(buffer));
	expect_result("commandline", hypercall(xen_version, XENVER_commandline, buffer), 0);
	check(strstr(buffer, "com1=115200,8n1") != NULL && strstr(buffer, "dom0_mem=") != NULL,
	      "commandline is that of the hypervisor, got \"%s\"", buffer);
	expect_equal("commandline writes 1024 bytes", (uint8_t)buffer[1024], 0x55);
}

static void check_version_numbers(void)
{
	struct xen_platform_parameters platform;
	struct xen_feature_info feature = { .submap_idx = 0 };
	uint8_t handle[17];
	const uint32_t must = 1u << XENFEAT_dom0 | 1u << XENFEAT_mmu_pt_update_preserve_ad |
			      1u << XENFEAT_highmem_assist | 1u << XENFEAT_gnttab_map_avail_bits |
			      1u << XENFEAT_pae_pgdir_above_4gb |
			      1u << XENFEAT_memory_op_vnode_supported | 1u << XENFEAT_direct_mapped;

	expect_result("platform_parameters",
		      hypercall(xen_version, XENVER_platform_parameters, &platform), 0);
	expect_equal("virt_start", platform.virt_start, HYPERVISOR_VIRT_START);
	expect_result("get_features 0", hypercall(xen_version, XENVER_get_features, &feature), 0);
	expect_equal("features", feature.submap & ~(1u << XENFEAT_writable_page_tables), must);
	feature.submap_idx = 1;
	expect_result("get_features 1", hypercall(xen_version, XENVER_get_features, &feature),
		      -EINVAL);
	feature.submap_idx = 0x80000000;
	expect_result("get_features of a submap far off",
		      hypercall(xen_version, XENVER_get_features, &feature), -EINVAL);
	expect_result("pagesize", hypercall(xen_version, XENVER_pagesize, 0), PAGE_SIZE);

	memset(handle, 0x55, sizeof(handle));
	expect_result("guest_handle", hypercall(xen_version, XENVER_guest_handle, handle), 0);
	expect_equal("guest_handle writes 16 bytes", handle[16], 0x55);
	expect_equal("dom0's handle is 0", handle[0], 0);
}

static void check_build_id(void)
{
	struct xen_build_id *id = (void *)buffer;
	long size = hypercall(xen_version, XENVER_build_id, 0);

	if (size == -ENODATA) /* built without one */
		return;
	if (!check(size > 0 && size <= 64, "build_id size, got %ld", size))
		return;
	id->len = (uint32_t)size;
	expect_result("build_id", hypercall(xen_version, XENVER_build_id, id), size);
	id->len = (uint32_t)size - 1;
	expect_result("build_id, buffer too short", hypercall(xen_version, XENVER_build_id, id),
		      -ENOBUFS);
	id->len = 0;
	expect_result("build_id of length 0", hypercall(xen_version, XENVER_build_id, id), -EINVAL);
}

static void check_version_errors(void)
{
	static const unsigned int writers[] = {
		XENVER_extraversion, XENVER_compile_info,	 XENVER_capabilities,
		XENVER_changeset,    XENVER_platform_parameters, XENVER_get_features,
		XENVER_guest_handle, XENVER_commandline,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(writers); i++) {
		expect_result("xen_version to a null pointer",
			      hypercall(xen_version, writers[i], 0), -EFAULT);
		expect_result("xen_version to the hypervisor",
			      hypercall(xen_version, writers[i], HYPERVISOR_ADDRESS), -EFAULT);
		expect_result("xen_version to a non-canonical address",
			      hypercall(xen_version, writers[i], NON_CANONICAL), -EFAULT);
		expect_result("xen_version to a read-only page",
			      hypercall(xen_version, writers[i], (void *)start_info->pt_base),
			      -EFAULT);
	}
	expect_result("xen_version 11", hypercall(xen_version, 11, buffer), -ENOSYS);
	expect_result("xen_version ~0", hypercall(xen_version, ~0u, buffer), -ENOSYS);
}

static void check_unknown_numbers(void)
{
	static const unsigned long numbers[] = {
		11,   43,	  44,	      47,	  51,
		54,   56,	  57,	      63,	  64,
		65,   127,	  128,	      255,	  256,
		1000, 0x7fffffff, 0x80000000, 0xffffffff, 0xffffffffffffffff,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		long rc = HYPERCALL(numbers[i], 0, 0, 0, 0, 0);

		if (rc != -ENOSYS)
			check(false, "hypercall 0x%lx is -ENOSYS, got %ld", numbers[i], rc);
		else
			check(true, "-");
	}
}

/* Registers outside of the calling convention; rbx is reserved by no one here. */
static void check_registers_kept(void)
{
	uint64_t got[6];

	__asm__ volatile("push %%rbx; push %%rbp; push %[got]\n\t"
			 "mov $0x11111111, %%ebx; mov $0x22222222, %%ebp\n\t"
			 "mov $0x33333333, %%r12d; mov $0x44444444, %%r13d\n\t"
			 "mov $0x55555555, %%r14d; mov $0x66666666, %%r15d\n\t"
			 "mov $17, %%eax; xor %%edi, %%edi; xor %%esi, %%esi\n\t"
			 "syscall\n\t"
			 "pop %%r9\n\t"
			 "mov %%rbx, (%%r9); mov %%rbp, 8(%%r9); mov %%r12, 16(%%r9)\n\t"
			 "mov %%r13, 24(%%r9); mov %%r14, 32(%%r9); mov %%r15, 40(%%r9)\n\t"
			 "pop %%rbp; pop %%rbx"
			 :
			 : [got] "r"(got)
			 : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
			   "r13", "r14", "r15", "memory");
	expect_equal("rbx is kept", got[0], 0x11111111);
	expect_equal("rbp is kept", got[1], 0x22222222);
	expect_equal("r12 is kept", got[2], 0x33333333);
	expect_equal("r13 is kept", got[3], 0x44444444);
	expect_equal("r14 is kept", got[4], 0x55555555);
	expect_equal("r15 is kept", got[5], 0x66666666);
}

static void check_multicall(void)
{
	struct multicall_entry inner[1] = {
		{ .op = __HYPERVISOR_xen_version, .args = { XENVER_version } },
	};
	struct multicall_entry calls[6] = {
		{ .op = __HYPERVISOR_xen_version, .args = { XENVER_version } },
		{ .op = 11 },
		{ .op = __HYPERVISOR_xen_version, .args = { XENVER_extraversion, 0 } },
		{ .op = __HYPERVISOR_multicall, .args = { (unsigned long)inner, 1 } },
		{ .op = __HYPERVISOR_xen_version, .args = { XENVER_pagesize } },
		{ .op = 1UL << 40 },
	};

	expect_result("multicall of 0", hypercall(multicall, calls, 0), 0);
	expect_result("multicall", hypercall(multicall, calls, 6), 0);
	expect_result("call 0", (long)calls[0].result, 0x40011);
	expect_result("call 1, unknown", (long)calls[1].result, -ENOSYS);
	expect_result("call 2, bad pointer", (long)calls[2].result, -EFAULT);
	expect_result("call 3, nested multicall", (long)calls[3].result, -EINVAL);
	expect_equal("the inner call did not run", inner[0].result, 0);
	expect_result("call 4", (long)calls[4].result, PAGE_SIZE);
	expect_result("call 5, number of 41 bits", (long)calls[5].result, -ENOSYS);
}

static void check_multicall_errors(void)
{
	struct multicall_entry *two = page_alloc();
	char *second = page_alloc();

	expect_result("multicall from a null pointer", hypercall(multicall, 0, 1), -EFAULT);
	expect_result("multicall from the hypervisor", hypercall(multicall, HYPERVISOR_ADDRESS, 1),
		      -EFAULT);
	expect_result("multicall from nowhere", hypercall(multicall, NON_CANONICAL, 1), -EFAULT);

	/* The second of two entries lies on a page that is not there. */
	two = (void *)((char *)two + PAGE_SIZE - sizeof(*two));
	two->op = __HYPERVISOR_xen_version;
	two->args[0] = XENVER_version;
	two->result = 0;
	if (update_va(second, 0, UVMF_INVLPG))
		test_error("a pool page cannot be unmapped");
	expect_result("multicall that runs into a hole", hypercall(multicall, two, 2), -EFAULT);
	expect_result("its first call was made", (long)two->result, 0x40011);
}

void test_main(void)
{
	STEP(check_version_strings);
	STEP(check_version_numbers);
	STEP(check_build_id);
	STEP(check_version_errors);
	STEP(check_unknown_numbers);
	STEP(check_registers_kept);
	STEP(check_multicall);
	STEP(check_multicall_errors);
}
