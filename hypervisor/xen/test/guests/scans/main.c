/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every MSR, port and CPUID leaf of some ranges, by number.
 *
 * All three are instructions that the hypervisor carries out for the guest.
 * An MSR that is not on its list is #GP, whatever the machine has; a write
 * changes nothing but the guest's own state. A port is the machine's, #GP, or
 * reads as nothing. CPUID of any leaf gives numbers. Afterwards the machine
 * must keep time as before: nothing of the interrupt controllers and timers
 * was reached.
 */
#include "event.h"
#include "memory.h"
#include "trap.h"

#include <xen/physdev.h>
#include <xen/vcpu.h>

const char test_title[] = "MSRs, ports and CPUID leaves";

USER_CODE(user_in, "mov %edi, %edx; in %dx, %al; mov $0x600d, %eax; int $0x80");
USER_CODE(user_rdmsr, "mov %edi, %ecx; rdmsr; mov $0x600d, %eax; int $0x80");

static unsigned int surprises, known;

static void judge(const char *what, uint32_t number)
{
	if (!trap_count)
		known++;
	else if (trap_count != 1 || trap_last.frame.vector != TRAP_GP || trap_last.frame.error)
		check(surprises++ > 10, "%s 0x%x: nothing or #GP(0), got vector 0x%lx", what,
		      number, trap_last.frame.vector);
	trap_forget();
}

static uint64_t msr_read(uint32_t msr)
{
	uint32_t low = 0, high = 0;

	__asm__ volatile(GUARD("rdmsr") : "+a"(low), "+d"(high) : "c"(msr) : "memory");
	judge("rdmsr", msr);
	return (uint64_t)high << 32 | low;
}

static void msr_write(uint32_t msr, uint64_t value)
{
	__asm__ volatile(GUARD("wrmsr")
			 :
			 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
	judge("wrmsr", msr);
}

static void check_msrs(void)
{
	static const struct {
		uint32_t first, count;
	} ranges[] = {
		{ 0, 0x1000 },		{ 0x1000, 0x100 },     { 0x40000000, 0x120 },
		{ 0xc0000000, 0x400 },	{ 0xc0010000, 0x300 }, { 0xc0011000, 0x100 },
		{ 0xfffffff0, 0x10 },	{ 0x7ffffff0, 0x20 },
	};
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		for (n = 0; n < ranges[i].count; n++) {
			uint32_t msr = ranges[i].first + n;
			uint64_t value = msr_read(msr);

			msr_write(msr, ~value);
			msr_write(msr, ~0UL);
			msr_write(msr, 0x8000000000000000UL);
			msr_write(msr, 1UL << (n & 63));
			msr_write(msr, value);
		}
	print("  note: %u accesses to MSRs succeeded\n", known);
	for (n = 0x10; n < 0xc0000100; n += 0x1000001)
		check(user_run(user_rdmsr, n, 0) == ~0UL && trap_last.frame.vector == TRAP_GP,
		      "rdmsr 0x%x in user mode is #GP", n);
	trap_forget();
}

#define PORT_IN(insn, port)                                                             \
	do {                                                                            \
		__asm__ volatile(GUARD(insn) : : "d"(port), "a"(0) : "memory");         \
		judge(insn, port);                                                      \
	} while (0)

static void port_in(uint16_t port)
{
	PORT_IN("in %%dx, %%al", port);
	PORT_IN("in %%dx, %%ax", port);
	PORT_IN("in %%dx, %%eax", port);
}

/* What dom0 may not write is not hers to stop the machine with. */
static void check_ports(void)
{
	static const uint16_t interrupts_and_timers[] = {
		0x20, 0x21, 0xa0, 0xa1, 0x40, 0x42, 0x43, 0x61, 0x4d0, 0x4d1,
	};
	struct physdev_set_iopl iopl = { .iopl = 1 };
	unsigned int port, i;

	expect_result("IOPL 1", hypercall(physdev_op, PHYSDEVOP_set_iopl, &iopl), 0);
	for (port = 0; port < 0x10000; port += port < 0x1000 ? 1 : 61)
		port_in((uint16_t)port);
	port_in(0xffff);
	for (i = 0; i < ARRAY_SIZE(interrupts_and_timers); i++) {
		__asm__ volatile(GUARD("out %%al, %%dx")
				 :
				 : "d"(interrupts_and_timers[i]), "a"(0xff)
				 : "memory");
		judge("out", interrupts_and_timers[i]);
	}
	iopl.iopl = 0;
	hypercall(physdev_op, PHYSDEVOP_set_iopl, &iopl);
	for (port = 0; port < 0x10000; port += 97)
		check(user_run(user_in, port, 0) == ~0UL && trap_last.frame.vector == TRAP_GP,
		      "in from port 0x%x in user mode is #GP", port);
	iopl.iopl = 3;
	hypercall(physdev_op, PHYSDEVOP_set_iopl, &iopl);
	for (port = 0; port < 0x10000; port += 97)
		check(user_run(user_in, port, 0) == 0x600d || trap_last.frame.vector == TRAP_GP,
		      "in from port 0x%x in user mode with IOPL 3", port);
	trap_forget();
}

static void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t *r)
{
	__asm__ volatile("ud2; .ascii \"xen\"; cpuid"
			 : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
			 : "0"(leaf), "2"(subleaf)
			 : "memory");
}

/* No feature of a kernel's that a guest in ring 3 cannot have. */
static void check_cpuid(void)
{
	static const uint32_t starts[] = { 0,	       0x20000000, 0x40000000, 0x40000100,
					   0x80000000, 0x80860000, 0xc0000000, 0xffffff00 };
	unsigned int i, leaf, sub;
	uint32_t r[4];

	for (i = 0; i < ARRAY_SIZE(starts); i++)
		for (leaf = 0; leaf < 0x100; leaf++)
			for (sub = 0; sub < (leaf < 0x20 ? 64 : 2); sub++)
				cpuid(starts[i] + leaf, sub < 63 ? sub : ~0u, r);
	cpuid(0x40000000, 0, r);
	expect_equal("the signature", r[1], 0x566e6558); /* "XenV" */
	cpuid(1, 0, r);
	expect_equal("MONITOR, VMX, PCID, x2APIC deadline", r[2] & 0x1020028, 0);
	cpuid(7, 0, r);
	expect_equal("UMIP, PKU, LA57", r[2] & 0x1000c, 0);
	cpuid(0x80000001, 0, r);
	expect_equal("SVM", r[2] & 4, 0);
}

static void check_time(void)
{
	uint64_t before, now;
	evtchn_port_t port;

	events_init();
	if (evtchn_bind_virq(VIRQ_TIMER, 0, &port))
		test_error("VIRQ_TIMER");
	port_mask_clear(port);
	before = time_now();
	expect_result("a timer", timer_set(before + 5000000, 0), 0);
	events_on();
	do
		now = time_now();
	while (!event_seen[port] && now - before < 20000000000UL);
	events_off();
	expect_equal("it comes", event_seen[port], 1);
	check(now > before, "the clock goes on");
}

void test_main(void)
{
	shared_info_map();
	user_space_make();
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
	STEP(check_msrs);
	STEP(check_ports);
	STEP(check_cpuid);
	STEP(check_time);
}
