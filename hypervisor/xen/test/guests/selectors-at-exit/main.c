/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every selector at every way back to the guest.
 *
 * IRET loads cs and ss from its frame and faults on those that are not
 * fit for ring 3: in the hypervisor, which must turn it into an exception or
 * a failsafe callback of the guest's kernel. Data segment registers are the
 * guest's to load; what is in them may be gone from its tables when its vCPU is
 * switched to. Selectors into the hypervisor's own part of the GDT must be as
 * unusable as ones beyond the limit, its code and data above all. Non-canonical rip
 * and rsp belong here too, and the system call that is the last instruction below
 * the canonical hole.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "Selectors and addresses at every exit";

#define DESC_DATA32 0x00cff3000000ffffUL
#define DESC_CODE64 0x00affb000000ffffUL
#define DESC_CODE32 0x00cffb000000ffffUL
#define FAILSAFE    0xfa11UL
#define GOOD	    0x600dUL

USER_CODE(user_good, "mov $0x600d, %eax; int $0x80");

static uint64_t *ldt;
static unsigned int kinds[4]; /* ran, #GP, other exception, failsafe */

static bool note(struct trap_frame *f)
{
	if (f->vector == ENTRY_FAILSAFE)
		kernel_resume(FAILSAFE);
	kernel_resume(f->vector == TRAP_INT80 && f->rax == GOOD ? GOOD : ~0UL);
}

static uint64_t go(struct iret_context c)
{
	uint64_t got;

	trap_forget();
	got = user_enter(&c, 0, 0);
	if (got == GOOD)
		kinds[0]++;
	else if (got == FAILSAFE)
		kinds[3]++;
	else
		kinds[trap_last.frame.vector == TRAP_GP ? 1 : 2]++;
	return got;
}

static bool is_flat(unsigned int selector)
{
	selector |= 3;
	return selector == FLAT_RING3_CS64 || selector == FLAT_RING3_CS32 ||
	       selector == FLAT_RING3_SS64;
}

static void check_cs_ss(void)
{
	unsigned int s, ran_on_strange_cs = 0, ran_on_strange_ss = 0;

	for (s = 0; s < 0x10000; s += s >= 0x100 && s < 0xdf00 ? 0x3f9 : 1) {
		struct iret_context c = user_context(user_good);

		c.cs = (uint16_t)s | 3; /* or it would mean the kernel */
		if (go(c) == GOOD && !is_flat(s) && !(s & 4))
			ran_on_strange_cs++;
		c = user_context(user_good);
		c.ss = (uint16_t)s;
		if (go(c) == GOOD && !is_flat(s) && (s & ~3U) && !(s & 4))
			ran_on_strange_ss++;
	}
	print("  note: %u ran, %u #GP, %u other exceptions, %u failsafe\n", kinds[0], kinds[1],
	      kinds[2], kinds[3]);
	expect_equal("code selectors of others that were taken", ran_on_strange_cs, 0);
	expect_equal("stack selectors of others that were taken", ran_on_strange_ss, 0);
}

/* The same selectors in data registers, tried by the guest itself. */
static void check_data(void)
{
	unsigned int s, loaded = 0, seen = 0;

	trap_hook = NULL;
	for (s = 0; s < 0x10000; s += s >= 0x100 && s < 0xdf00 ? 0x3f9 : 1) {
		uint64_t rights = 0;
		uint8_t ok;

		trap_forget();
		__asm__ volatile(GUARD("mov %w0, %%es") : : "r"(s) : "memory");
		if (!trap_count && (s & ~3U) && !(s & 4) && !is_flat(s))
			loaded++;
		trap_forget();
		__asm__ volatile(GUARD("lar %2, %0; setz %1")
				 : "+r"(rights), "=q"(ok)
				 : "r"((uint64_t)s)
				 : "memory", "cc");
		trap_forget();
		/* what it shows of descriptors of ring 0 */
		if (!(s & 4) && ok && (rights >> 13 & 3) != 3)
			seen++;
	}
	__asm__ volatile("mov %w0, %%es" : : "r"(0));
	trap_hook = note;
	expect_equal("data selectors of others that were taken", loaded, 0);
	expect_equal("descriptors of ring 0 that are seen", seen, 0);
}

/* Loaded, and then gone: at the next switch of vCPUs, and at each return, nothing else happens. */
static void check_ldt(void)
{
	static const uint64_t descriptors[] = {
		DESC_DATA32,
		DESC_CODE64,
		DESC_CODE32,
		DESC_DATA32 & ~(1UL << 47),
		DESC_DATA32 | 1UL << 42, /* expand down */
		DESC_DATA32 & ~(1UL << 41), /* read-only */
		0x0000f30000000000UL, /* of one byte */
		0,
	};
	unsigned int i, n;

	ldt = page_alloc();
	memcpy(ldt, descriptors, sizeof(descriptors));
	if (make_readonly(ldt))
		test_error("read-only");
	for (n = 0; n < 3; n++) {
		/* there; not there but in use; with a limit in front of it */
		expect_result("an LDT",
			      mmuext(MMUEXT_SET_LDT, (unsigned long)ldt, n == 2 ? 2 : 512), 0);
		for (i = 0; i < 2 * ARRAY_SIZE(descriptors); i++) {
			struct iret_context c = user_context(user_good);

			c.cs = (uint16_t)(i << 3 | 7);
			go(c);
			c = user_context(user_good);
			c.ss = (uint16_t)(i << 3 | 7);
			go(c);
			trap_hook = NULL;
			trap_forget();
			__asm__ volatile(GUARD("mov %w0, %%fs; mov %w0, %%gs; mov %w0, %%ds")
					 :
					 : "r"(i << 3 | 7)
					 : "memory");
			trap_hook = note;
			hypercall(sched_op, 0, 0);
			if (i == ARRAY_SIZE(descriptors))
				mmuext(MMUEXT_SET_LDT, 0, 0);
			c = user_context(user_good);
			go(c);
		}
		mmuext(MMUEXT_SET_LDT, 0, 0);
		/* not mapped any more when it is looked up */
		if (n == 1)
			update_va(ldt, 0, UVMF_INVLPG);
	}
	__asm__ volatile("mov %w0, %%fs; mov %w0, %%gs; mov %w0, %%ds; mov %w0, %%es" : : "r"(0));
	expect_result("the page is free", make_writable(ldt), 0);
	expect_equal("and user code runs", go(user_context(user_good)), GOOD);
}

static void check_addresses(void)
{
	static const unsigned long addresses[] = {
		0x0000800000000000UL,
		0x00007fffffffffffUL,
		0xffff7fffffffffffUL,
		0x8000000000000000UL,
		0xffff800000000000UL,
		0xffff830000000000UL,
		0xffff87ffffffffffUL,
		0xffff880000000000UL,
		~0UL,
		0,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		struct iret_context c = user_context((const void *)addresses[i]);
		uint64_t got = go(c);

		check(got != GOOD && (trap_last.frame.vector == TRAP_GP ||
				      trap_last.frame.vector == TRAP_PF || got == FAILSAFE),
		      "rip 0x%lx: #GP, #PF or failsafe, got vector 0x%lx", addresses[i],
		      trap_last.frame.vector);
		c.flags = 0x100; /* VGCF_in_syscall: back by sysret */
		go(c);
		c = user_context(user_good);
		c.rsp = addresses[i];
		got = go(c);
		check(got == GOOD || trap_last.frame.vector == TRAP_SS ||
			      trap_last.frame.vector == TRAP_GP,
		      "rsp 0x%lx: runs, or #SS or #GP, got vector 0x%lx", addresses[i],
		      trap_last.frame.vector);
		c.flags = 0x100;
		go(c);
	}
}

/* syscall as the last two bytes below the hole: the address behind is not canonical. */
static bool at_the_edge(struct trap_frame *f)
{
	if (f->vector == ENTRY_SYSCALL) {
		check(f->rip == 0x0000800000000000UL, "rip behind the last instruction: 0x%lx",
		      f->rip);
		return true; /* back to there: no sysret can do that */
	}
	kernel_resume(f->vector);
}

static void check_last_instruction(void)
{
	char *last = (char *)0x00007ffffffff000UL;
	struct tree t = tree_make(last);
	char *page = page_alloc();

	if (mmuext(MMUEXT_PIN_L3_TABLE, virt_to_mfn(t.l3), 0) ||
	    mmu_update(virt_to_maddr((uint64_t *)start_info->pt_base + 255),
		       make_pte(virt_to_mfn(t.l3), PTE_TABLE)))
		test_error("no page below the hole");
	if (map_at(last, virt_to_mfn(page), PTE_RW_PAGE))
		test_error("no page below the hole");
	page[4094] = 0x0f;
	page[4095] = 0x05;
	user_space_make();
	trap_hook = at_the_edge;
	for (unsigned int flags = 0; flags < 2; flags++) {
		struct iret_context c = user_context(last + 4094);
		uint64_t got;

		c.rflags |= flags ? 0x100 : 0;
		trap_forget();
		got = user_enter(&c, 0, 0);
		check(got == TRAP_GP || got == TRAP_PF || got == ENTRY_FAILSAFE || got == TRAP_DB,
		      "a return behind the last instruction is an exception, got 0x%lx", got);
	}
	/* the same as the kernel's: a hypercall */
	trap_hook = NULL;
	trap_forget();
	__asm__ volatile(GUARD("jmp *%0")
			 :
			 : "r"(last + 4094), "a"(__HYPERVISOR_xen_version), "D"(0UL), "S"(0UL)
			 : "memory", "rcx", "rdx", "r8", "r10", "r11");
	check(trap_count == 1, "a hypercall there ends in an exception, got %u", trap_count);
	trap_forget();
}

/* Bases of FS and GS that are not canonical, by each way. */
static void check_bases(void)
{
	static const unsigned long bad[] = {
		0x0000800000000000UL,
		0x8000000000000000UL,
		0xffff7fffffffffffUL,
	};
	unsigned int i, which;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		for (which = 0; which < 3; which++) {
			expect_refused("set_segment_base",
				       hypercall(set_segment_base, which, bad[i]));
			trap_forget();
			__asm__ volatile(GUARD("wrmsr")
					 :
					 : "c"(0xc0000100 + which), "a"((uint32_t)bad[i]),
					   "d"((uint32_t)(bad[i] >> 32))
					 : "memory");
			check(trap_count == 1 && trap_last.frame.vector == TRAP_GP,
			      "wrmsr 0x%x is #GP", 0xc0000100 + which);
		}
	trap_forget();
}

void test_main(void)
{
	shared_info_map();
	user_space_make();
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
	trap_hook = note;
	STEP(check_cs_ss);
	STEP(check_data);
	STEP(check_ldt);
	STEP(check_addresses);
	trap_hook = NULL;
	STEP(check_bases);
	STEP(check_last_instruction);
}
