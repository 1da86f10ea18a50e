/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Direct writes to page tables, which the hypervisor emulates.
 *
 * Level-1 tables are mapped read-only, yet a kernel that was promised
 * "writable_page_tables" (VMASST_TYPE_writable_pagetables) may write their
 * entries: the fault is caught, the write is judged like mmu_update and made
 * on the kernel's behalf. Every form that Linux uses is tried: mov, xchg,
 * locked cmpxchg, and, or, btr, bts, in the widths that occur, with results
 * and flags. A write that would not be allowed ends as a page fault of the
 * guest; so does any write to an upper level and any write from user mode.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "Direct writes to page tables";

static uint64_t *page, *entry;
static uint64_t base; /* the entry that maps the page, writable */

static void expect_entry(const char *what, uint64_t want)
{
	uint64_t mask = PTE_MFN_MASK | PTE_P | PTE_RW | PTE_NX;

	if (!(want & PTE_P))
		mask = ~0UL;
	expect_no_trap(what);
	expect_equal(what, READ_ONCE(*entry) & mask, want & mask);
}

static void reset(void)
{
	if (mmu_update(virt_to_maddr(entry), base))
		test_error("the entry cannot be set back");
	mmuext(MMUEXT_INVLPG_LOCAL, (unsigned long)page, 0);
	trap_forget();
}

static void check_mov(void)
{
	reset();
	__asm__ volatile(GUARD("movq %1, %0") : "+m"(*entry) : "r"(base & ~PTE_RW) : "memory");
	expect_entry("mov of 8 bytes", base & ~PTE_RW);
	__asm__ volatile(GUARD("movq $0, %0") : "+m"(*entry) : : "memory");
	expect_entry("mov of an immediate 0", 0);
	__asm__ volatile(GUARD("movq %1, %0") : "+m"(*entry) : "r"(base) : "memory");
	expect_entry("mov from absent to present", base);
	mmuext(MMUEXT_INVLPG_LOCAL, (unsigned long)page, 0);
	WRITE_ONCE(page[3], 9);
	expect_equal("the page can be written through it", page[3], 9);

	reset();
	__asm__ volatile(GUARD("movb %b1, %0")
			 : "+m"(*(uint8_t *)entry)
			 : "q"((base & ~PTE_RW) & 0xff)
			 : "memory");
	expect_entry("mov of 1 byte", base & ~PTE_RW);
	reset();
	__asm__ volatile(GUARD("movl %k1, %0")
			 : "+m"(*(uint32_t *)entry)
			 : "r"((base & ~PTE_RW) & 0xffffffff)
			 : "memory");
	expect_entry("mov of 4 bytes", base & ~PTE_RW);
}

static void check_xchg(void)
{
	uint64_t reg = base & ~PTE_RW;

	reset();
	__asm__ volatile(GUARD("xchgq %1, %0") : "+m"(*entry), "+r"(reg) : : "memory");
	expect_entry("xchg", base & ~PTE_RW);
	expect_equal("xchg returns the old entry", reg & (PTE_MFN_MASK | PTE_RW | PTE_P),
		     base & (PTE_MFN_MASK | PTE_RW | PTE_P));
	reg = 0;
	__asm__ volatile(GUARD("xchgq %1, %0") : "+m"(*entry), "+r"(reg) : : "memory");
	expect_entry("xchg with 0", 0);
	expect_equal("xchg returns the old frame", mfn_of_pte(reg), mfn_of_pte(base));
}

static void check_cmpxchg(void)
{
	uint64_t old, seen;
	bool same;

	reset();
	old = READ_ONCE(*entry);
	seen = old;
	__asm__ volatile(GUARD("lock cmpxchgq %3, %0") "\tsete %2"
			 : "+m"(*entry), "+a"(seen), "=q"(same)
			 : "r"(base & ~PTE_RW)
			 : "memory", "cc");
	expect_entry("cmpxchg, equal", base & ~PTE_RW);
	check(same, "cmpxchg sets ZF");
	seen = old ^ PTE_A;
	__asm__ volatile(GUARD("lock cmpxchgq %3, %0") "\tsete %2"
			 : "+m"(*entry), "+a"(seen), "=q"(same)
			 : "r"(0UL)
			 : "memory", "cc");
	expect_entry("cmpxchg, different", base & ~PTE_RW);
	check(!same, "cmpxchg clears ZF");
	expect_equal("cmpxchg loads rax", seen, READ_ONCE(*entry));
}

static void check_logic(void)
{
	bool carry;

	reset();
	__asm__ volatile(GUARD("lock andq %1, %0") : "+m"(*entry) : "r"(~PTE_RW) : "memory", "cc");
	expect_entry("and", base & ~PTE_RW);
	__asm__ volatile(GUARD("lock orq %1, %0") : "+m"(*entry) : "r"(PTE_RW) : "memory", "cc");
	expect_entry("or", base);
	__asm__ volatile(GUARD("lock andb $0xfd, %0") : "+m"(*(uint8_t *)entry) : : "memory", "cc");
	expect_entry("and of one byte, immediate", base & ~PTE_RW);
	__asm__ volatile(GUARD("lock btsq $1, %0") "\tsetc %1"
			 : "+m"(*entry), "=q"(carry)
			 :
			 : "memory", "cc");
	expect_entry("bts", base);
	check(!carry, "bts: the bit was clear");
	__asm__ volatile(GUARD("lock btrq $1, %0") "\tsetc %1"
			 : "+m"(*entry), "=q"(carry)
			 :
			 : "memory", "cc");
	expect_entry("btr", base & ~PTE_RW);
	check(carry, "btr: the bit was set");
	__asm__ volatile(GUARD("lock btrq $1, %0") "\tsetc %1"
			 : "+m"(*entry), "=q"(carry)
			 :
			 : "memory", "cc");
	check(!carry, "btr again: the bit is clear");
	__asm__ volatile(GUARD("lock btrq $63, %0") : "+m"(*entry) : : "memory", "cc");
	expect_entry("btr of bit 63", base & ~PTE_RW);
	__asm__ volatile(GUARD("lock btsq $63, %0") : "+m"(*entry) : : "memory", "cc");
	expect_entry("bts of bit 63", (base & ~PTE_RW) | PTE_NX);
}

/* Entries that are not present are the guest's own, bit by bit. */
static void check_absent(void)
{
	uint64_t v = 0x123456789abcdef0UL;

	reset();
	__asm__ volatile(GUARD("movq %1, %0") : "+m"(*entry) : "r"(v) : "memory");
	expect_entry("an absent entry", v);
	__asm__ volatile(GUARD("movl %k1, 4+%0") : "+m"(*entry) : "r"(0x77UL) : "memory");
	expect_entry("its upper half", (v & 0xffffffff) | 0x77UL << 32);
	__asm__ volatile(GUARD("movw %w1, 2+%0") : "+m"(*entry) : "r"(0x5555UL) : "memory");
	expect_entry("two bytes of it", (0x5555def0UL) | 0x77UL << 32);
	__asm__ volatile(GUARD("lock xaddq %1, %0") : "+m"(*entry), "+r"(v) : : "memory", "cc");
	trap_forget();
}

static void expect_refused_write(const char *what)
{
	check(trap_count == 1 && trap_last.frame.vector == TRAP_PF,
	      "%s: expected a page fault, got %u traps, vector 0x%lx", what, trap_count,
	      trap_last.frame.vector);
	expect_equal(what, trap_last.frame.error, 3);
	expect_equal(what, trap_last.frame.rip, guard_start);
	trap_forget();
}

static void check_refused(void)
{
	uint64_t *l1 = table_of(page, 1), *l2 = entry_of(page, 2);
	uint64_t own = make_pte(virt_to_mfn(l1), PTE_RW_PAGE), before = READ_ONCE(*l2);

	reset();
	__asm__ volatile(GUARD("movq %1, %0") : "+m"(*entry) : "r"(own) : "memory");
	expect_refused_write("a writable mapping of the table itself");
	expect_equal("the entry is as it was", mfn_of_pte(*entry), mfn_of_pte(base));
	__asm__ volatile(GUARD("movq %1, %0")
			 : "+m"(*entry)
			 : "r"(make_pte(0xfffffffUL, PTE_RW_PAGE))
			 : "memory");
	expect_refused_write("a mapping of no memory");
	__asm__ volatile(GUARD("movq %1, %0") : "+m"(*l2) : "r"(before) : "memory");
	expect_refused_write("a write to level 2");
	__asm__ volatile(GUARD("movq %1, %0")
			 : "+m"(*(uint64_t *)start_info->pt_base)
			 : "r"(0UL)
			 : "memory");
	expect_refused_write("a write to the root");
	expect_equal("level 2 is as it was", READ_ONCE(*l2), before);
}

/* A word across two entries is no write of an entry. */
static void check_misaligned(void)
{
	uint64_t next = entry[1], now;

	reset();
	now = READ_ONCE(*entry);
	__asm__ volatile(GUARD("movq %1, 4(%0)") : : "r"(entry), "r"(0UL) : "memory");
	check(trap_count == 1 && trap_last.frame.vector == TRAP_PF,
	      "a write across two entries is a page fault, got %u traps", trap_count);
	expect_equal("the first entry is as it was", READ_ONCE(*entry), now);
	expect_equal("the second entry is as it was", READ_ONCE(entry[1]), next);
	trap_forget();
}

void test_main(void)
{
	long rc;

	page_alloc();
	page = page_alloc();
	page_alloc();
	shared_info_map();
	entry = entry_of(page, 1);
	base = make_pte(virt_to_mfn(page), PTE_RW_PAGE);
	rc = hypercall(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);
	if (rc)
		test_failure("writable_pagetables cannot be enabled: %ld", rc);
	STEP(check_mov);
	STEP(check_xchg);
	STEP(check_cmpxchg);
	STEP(check_logic);
	STEP(check_absent);
	STEP(check_refused);
	STEP(check_misaligned);
}
