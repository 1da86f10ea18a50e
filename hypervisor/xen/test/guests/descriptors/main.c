/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptor tables: set_gdt, update_descriptor, SET_LDT.
 *
 * The pages of a GDT are typed: mapped read-only everywhere, each descriptor
 * judged. Code and data segments are taken, with a DPL below 3 raised (the
 * kernel runs in ring 3 and must not build rings of its own); gates and
 * system descriptors are refused; a call gate may instead be stored so that
 * ring 3 cannot use it. The first 14 pages are the guest's. An LDT
 * is given by linear address, page aligned, of at most 8,192 entries, its
 * pages become descriptor pages when they are used.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "Descriptor tables";

static uint64_t *gdt, *ldt;
static uint64_t data_a[2] = { 0xaaaa }, data_b[2] = { 0xbbbb };

#define TYPE_DATA 0x3UL /* read, write, accessed */
#define TYPE_CODE 0xbUL /* execute, read, accessed */
#define DESC_L	  (1UL << 53)
#define DESC_D	  (1UL << 54)
#define DESC_G	  (1UL << 55)
#define DESC_P	  (1UL << 47)

static uint64_t descriptor(uint32_t base, uint64_t type, unsigned int dpl, uint64_t flags)
{
	return 0xffffUL | 0xfUL << 48 | (uint64_t)(base & 0xffffff) << 16 |
	       (uint64_t)(base >> 24) << 56 | (type | 0x10) << 40 | (uint64_t)dpl << 45 | DESC_P |
	       flags;
}

static uint64_t system_descriptor(uint64_t type)
{
	return 0xffffUL | type << 40 | 3UL << 45 | DESC_P;
}

static long update(const uint64_t *entry, uint64_t desc)
{
	return hypercall(update_descriptor, virt_to_maddr(entry), desc);
}

static long gdt_set(const void *page, unsigned int entries)
{
	xen_pfn_t frame = virt_to_mfn(page);

	return hypercall(set_gdt, &frame, entries);
}

/* Load @selector into FS and read the word at its base. */
static uint64_t read_by(uint16_t selector)
{
	uint64_t v = ~0UL;

	trap_forget();
	__asm__ volatile(GUARD("mov %w1, %%fs; movl %%fs:0, %k0")
			 : "+r"(v)
			 : "r"(selector)
			 : "memory");
	return v & 0xffffffff;
}

/* Data below 4 GiB that 32-bit bases can reach: a low mapping of a page. */
static uint32_t low_address(const void *data, uint32_t va)
{
	static struct tree t;

	if (!t.l1) {
		t = tree_make((void *)0x10000000UL);
		if (tree_hang(&t, (void *)0x10000000UL))
			test_error("no low mapping");
	}
	if (map_at((void *)(unsigned long)va, virt_to_mfn(data), PTE_RW_PAGE))
		test_error("no low mapping");
	return va + (uint32_t)((unsigned long)data & ~PAGE_MASK);
}

static void check_gdt(void)
{
	uint32_t a = low_address(data_a, 0x10000000), b = low_address(data_b, 0x10001000);

	gdt = page_alloc();
	gdt[1] = descriptor(a, TYPE_DATA, 3, DESC_D | DESC_G);
	gdt[2] = descriptor(b, TYPE_DATA, 3, DESC_D | DESC_G);
	gdt[3] = descriptor(0, TYPE_CODE, 3, DESC_L | DESC_G);
	expect_refused("set_gdt of a page mapped writable", gdt_set(gdt, 512));
	if (make_readonly(gdt))
		test_error("read-only");
	expect_result("set_gdt", gdt_set(gdt, 512), 0);
	expect_equal("data through entry 1", read_by(0xb), 0xaaaa);
	expect_equal("data through entry 2", read_by(0x13), 0xbbbb);
	read_by(0x3b);
	check(trap_count == 1 && trap_last.frame.vector == TRAP_GP,
	      "an empty entry is #GP, got %u traps", trap_count);
	expect_refused("the page writable while it is a GDT", make_writable(gdt));
	trap_forget();
	__asm__ volatile(GUARD("movq $0, %0") : "=m"(gdt[1]) : : "memory");
	expect_trap("a direct write to the GDT", TRAP_PF, 3, 0);
}

/* A gate that was stored must be out of reach of ring 3. */
static void expect_harmless(const char *what, long rc, const uint64_t *entry)
{
	check(rc < 0 || !(*entry & DESC_P) || (*entry >> 45 & 3) == 0,
	      "%s: expected to be refused or disarmed, got %ld, entry 0x%lx", what, rc, *entry);
}

static void check_gdt_errors(void)
{
	xen_pfn_t frames[15];
	unsigned int i;
	uint64_t *page = page_alloc();

	for (i = 0; i < ARRAY_SIZE(frames); i++)
		frames[i] = virt_to_mfn(gdt);
	expect_result("set_gdt of 7169 entries", hypercall(set_gdt, frames, 7169), -EINVAL);
	expect_result("set_gdt of 65536 entries", hypercall(set_gdt, frames, 65536), -EINVAL);
	expect_result("set_gdt of 2^32-1 entries", hypercall(set_gdt, frames, ~0u), -EINVAL);
	expect_result("set_gdt of 7168 entries", hypercall(set_gdt, frames, 7168), 0);
	expect_result("set_gdt from a bad pointer", hypercall(set_gdt, 0xffff830000000000UL, 512),
		      -EFAULT);
	frames[0] = 0xfffffffUL;
	expect_refused("set_gdt of no frame", hypercall(set_gdt, frames, 512));
	frames[0] = virt_to_mfn((void *)start_info->pt_base);
	expect_refused("set_gdt of a page table", hypercall(set_gdt, frames, 512));
	page[5] = system_descriptor(0xc);
	make_readonly(page);
	expect_harmless("set_gdt of a page with a call gate", gdt_set(page, 512), &page[5]);
	expect_result("set_gdt again", gdt_set(gdt, 512), 0);
	expect_equal("the GDT works as before", read_by(0xb), 0xaaaa);
	expect_result("the page with the gate is free", make_writable(page), 0);
}

static void check_update(void)
{
	uint32_t b = low_address(data_b, 0x10001000);
	static const uint64_t refused[] = { 0x1, 0x2, 0x3, 0x9, 0xb, 0xe, 0xf, 0x4, 0x5 };
	unsigned int i;

	expect_result("update_descriptor",
		      update(&gdt[1], descriptor(b, TYPE_DATA, 3, DESC_D | DESC_G)), 0);
	expect_equal("takes effect", read_by(0xb), 0xbbbb);
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		expect_refused("a system descriptor or gate",
			       update(&gdt[4], system_descriptor(refused[i])));
	expect_equal("the entry is as it was", gdt[4], 0);
	expect_harmless("a call gate", update(&gdt[4], system_descriptor(0xc)), &gdt[4]);
	expect_refused("a misaligned address",
		       hypercall(update_descriptor, virt_to_maddr(&gdt[4]) + 4, 0));
	expect_refused("a frame beyond memory", hypercall(update_descriptor, 0xfffffffff000UL, 0));
	expect_refused("a page table as target",
		       hypercall(update_descriptor, virt_to_maddr((void *)start_info->pt_base),
				 descriptor(0, TYPE_DATA, 3, DESC_G)));
	expect_result("an absent descriptor with any content", update(&gdt[4], 0x1234567UL), 0);
	expect_result("zero", update(&gdt[4], 0), 0);
}

/* DPL 0 to 2 are not refused; whatever is stored must not be below 3. */
static void check_dpl(void)
{
	unsigned int dpl;

	for (dpl = 0; dpl < 4; dpl++) {
		expect_result("a data segment of low DPL",
			      update(&gdt[5], descriptor(0, TYPE_DATA, dpl, DESC_D | DESC_G)), 0);
		expect_equal("its DPL", gdt[5] >> 45 & 3, 3);
		expect_result("a code segment of low DPL",
			      update(&gdt[6], descriptor(0, TYPE_CODE, dpl, DESC_L | DESC_G)), 0);
		expect_equal("its DPL", gdt[6] >> 45 & 3, 3);
	}
	expect_result("a conforming code segment",
		      update(&gdt[6], descriptor(0, TYPE_CODE | 4, 3, DESC_L | DESC_G)), 0);
}

static long ldt_set(const void *va, unsigned long entries)
{
	return mmuext(MMUEXT_SET_LDT, (unsigned long)va, entries);
}

static void check_ldt(void)
{
	uint32_t a = low_address(data_a, 0x10000000), b = low_address(data_b, 0x10001000);

	ldt = page_alloc();
	ldt[0] = descriptor(a, TYPE_DATA, 3, DESC_D | DESC_G);
	ldt[1] = descriptor(b, TYPE_DATA, 3, DESC_D | DESC_G);
	read_by(0x7);
	check(trap_count == 1 && trap_last.frame.vector == TRAP_GP, "no LDT: #GP");
	if (make_readonly(ldt))
		test_error("read-only");
	expect_result("SET_LDT", ldt_set(ldt, 512), 0);
	expect_equal("data through entry 0", read_by(0x7), 0xaaaa);
	expect_equal("data through entry 1", read_by(0xf), 0xbbbb);
	expect_refused("the page writable while it is an LDT", make_writable(ldt));
	expect_result("update_descriptor in it",
		      update(&ldt[0], descriptor(b, TYPE_DATA, 3, DESC_D | DESC_G)), 0);
	expect_equal("takes effect", read_by(0x7), 0xbbbb);
	expect_harmless("a call gate in it", update(&ldt[2], system_descriptor(0xc)), &ldt[2]);

	expect_refused("a misaligned LDT", ldt_set((char *)ldt + 8, 512));
	expect_refused("an LDT of 8193 entries", ldt_set(ldt, 8193));
	expect_refused("an LDT in the hypervisor", ldt_set((void *)0xffff830000000000UL, 512));
	expect_result("no LDT", ldt_set(0, 0), 0);
	read_by(0x7);
	check(trap_count == 1 && trap_last.frame.vector == TRAP_GP, "no LDT: #GP again");
	expect_result("the page is free", make_writable(ldt), 0);
}

/* The LDT's pages are looked up when they are used, and fault as the guest's. */
static void check_bad_ldt(void)
{
	uint64_t *page = page_alloc();

	update_va(page, 0, UVMF_INVLPG);
	expect_result("SET_LDT of an absent page", ldt_set(page, 512), 0);
	read_by(0x7);
	check(trap_count == 1 && trap_last.frame.vector == TRAP_PF &&
		      trap_last.cr2 == (unsigned long)page,
	      "its use is a page fault there, got %u traps, vector 0x%lx, cr2 0x%lx (page %p)",
	      trap_count, trap_last.frame.vector, trap_last.cr2, (void *)page);
	expect_result("no LDT", ldt_set(0, 0), 0);
	trap_forget();
}

static void check_no_gdt(void)
{
	read_by(0);
	expect_result("set_gdt of nothing", hypercall(set_gdt, 0, 0), 0);
	read_by(0xb);
	check(trap_count == 1 && trap_last.frame.vector == TRAP_GP, "no GDT: #GP");
	expect_equal("the flat segments stay", read_by(FLAT_RING3_DS32) == ~0UL, 0);
	trap_forget();
	expect_result("the page is free", make_writable(gdt), 0);
}

void test_main(void)
{
	shared_info_map();
	STEP(check_gdt);
	STEP(check_gdt_errors);
	STEP(check_update);
	STEP(check_dpl);
	STEP(check_ldt);
	STEP(check_bad_ldt);
	STEP(check_no_gdt);
}
