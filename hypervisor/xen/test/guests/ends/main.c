/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that cannot go on is ended, alone.
 *
 * Some states leave the hypervisor nobody to tell: a trap whose frame cannot
 * be pushed, an iret frame that cannot be read, user mode without a root. The
 * guest is crashed then; the hypervisor says so in a line and stays well. One
 * row of the matrix for each such END; success is the hypervisor's line about
 * the guest's end without any about its own.
 */
#include "memory.h"
#include "trap.h"

#include <xen/callback.h>
#include <xen/event_channel.h>
#include <xen/sched.h>

const char test_title[] = "A kernel that cannot go on";

#define IRET_STACK_HYPERVISOR		1
#define IRET_STACK_NOWHERE		2
#define TRAP_STACK_HYPERVISOR		3
#define TRAP_STACK_ABSENT		4
#define USER_WITHOUT_ROOT		5
#define NO_HANDLER			6
#define SHUTDOWN_BY_CRASH		7
#define KERNEL_STACK_HYPERVISOR		8
#define TRAP_STACK_NOWHERE		9
#define STACK_ON_PAGE_TABLE		10
#define SHUTDOWN_BY_REBOOT		11
#define IRET_STACK_WRAPS		12
#define IRET_STACK_HALF_ABSENT		13
#define IRET_STACK_BELOW_HOLE		14
#define IRET_STACK_BELOW_HYPERVISOR	15
#define NO_EVENT_CALLBACK		16
#define NO_FAILSAFE_CALLBACK		17
#define NO_SYSCALL_CALLBACK		18
#define TRAP_STACK_WRAPS		19
#define TRAP_STACK_ACROSS_HOLE		20
#define TRAP_STACK_ACROSS_HYPERVISOR	21
#define SYSCALL_STACK_ABSENT		22
#define SYSCALL_STACK_ON_PAGE_TABLE	23
#define SYSCALL_STACK_WRAPS		24

extern const char user_ud[];
__asm__(".pushsection .text; user_ud: ud2; .popsection");

extern const char user_syscall[];
__asm__(".pushsection .text; user_syscall: syscall; ud2; .popsection");

/* A system call whose frame is to be pushed at @rsp. */
static void syscall_to_stack(unsigned long rsp)
{
	struct iret_context c = user_context(user_syscall);

	user_space_make();
	hypercall(stack_switch, FLAT_KERNEL_SS, rsp);
	user_enter(&c, 0, 0);
}

static void event_without_callback(void)
{
	struct evtchn_bind_ipi ipi = { .vcpu = 0 };
	struct evtchn_send send;

	hypercall(set_callbacks, 0, failsafe_entry, syscall_entry);
	hypercall(event_channel_op, EVTCHNOP_bind_ipi, &ipi);
	send.port = ipi.port;
	hypercall(event_channel_op, EVTCHNOP_send, &send);
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 0);
	hypercall(event_channel_op, EVTCHNOP_send, &send);
	hypercall(xen_version, 0, 0);
}

static void trap_on_stack(unsigned long rsp)
{
	__asm__ volatile("mov %0, %%rsp; ud2" : : "r"(rsp) : "memory");
}

static void iret_on_stack(unsigned long rsp)
{
	__asm__ volatile("mov %0, %%rsp; mov $23, %%eax; syscall" : : "r"(rsp) : "rax", "memory");
}

static void provoke(void)
{
	struct iret_context c = user_context(user_ud);
	char *below = page_alloc(), *gone = page_alloc();

	switch (END) {
	case IRET_STACK_HYPERVISOR:
		iret_on_stack(0xffff830000000000UL);
		break;
	case IRET_STACK_NOWHERE:
		iret_on_stack(0x8000000000000000UL);
		break;
	case IRET_STACK_WRAPS:
		iret_on_stack(-32UL);
		break;
	case IRET_STACK_HALF_ABSENT:
		update_va(gone, 0, UVMF_INVLPG);
		iret_on_stack((unsigned long)below + PAGE_SIZE - 32);
		break;
	case IRET_STACK_BELOW_HOLE:
		iret_on_stack(0x0000800000000000UL - 32);
		break;
	case IRET_STACK_BELOW_HYPERVISOR:
		iret_on_stack(0xffff800000000000UL - 32);
		break;
	case TRAP_STACK_HYPERVISOR:
		trap_on_stack(0xffff830000001000UL);
		break;
	case TRAP_STACK_NOWHERE:
		trap_on_stack(0x8000000000000000UL);
		break;
	case TRAP_STACK_ABSENT:
		update_va(gone, 0, UVMF_INVLPG);
		trap_on_stack((unsigned long)gone + 2048);
		break;
	case STACK_ON_PAGE_TABLE:
		trap_on_stack(start_info->pt_base + 2048);
		break;
	case USER_WITHOUT_ROOT:
		user_enter(&c, 0, 0);
		break;
	case NO_HANDLER:
		hypercall(set_trap_table, 0);
		__asm__ volatile("ud2");
		break;
	case KERNEL_STACK_HYPERVISOR:
		user_space_make();
		hypercall(stack_switch, FLAT_KERNEL_SS, 0xffff830000001000UL);
		user_enter(&c, 0, 0);
		break;
	case NO_EVENT_CALLBACK:
		event_without_callback();
		break;
	case NO_FAILSAFE_CALLBACK: /* nor a handler for #GP, which it may be instead */
		user_space_make();
		c.cs = 0x1233;
		hypercall(set_callbacks, event_entry, 0, syscall_entry);
		hypercall(set_trap_table, 0);
		user_enter(&c, 0, 0);
		break;
	case NO_SYSCALL_CALLBACK: /* nor a handler for #UD */
		user_space_make();
		c.rip = (unsigned long)user_syscall;
		hypercall(set_callbacks, event_entry, failsafe_entry, 0);
		hypercall(set_trap_table, 0);
		user_enter(&c, 0, 0);
		break;
	case TRAP_STACK_WRAPS:
		trap_on_stack(0x18);
		break;
	case TRAP_STACK_ACROSS_HOLE:
		trap_on_stack(0xffff800000000010UL);
		break;
	case TRAP_STACK_ACROSS_HYPERVISOR:
		trap_on_stack(0xffff880000000010UL);
		break;
	case SYSCALL_STACK_ABSENT:
		update_va(gone, 0, UVMF_INVLPG);
		syscall_to_stack((unsigned long)gone + 2048);
		break;
	case SYSCALL_STACK_ON_PAGE_TABLE:
		syscall_to_stack(start_info->pt_base + 2048);
		break;
	case SYSCALL_STACK_WRAPS:
		syscall_to_stack(0x20);
		break;
	case SHUTDOWN_BY_CRASH:
		shutdown(SHUTDOWN_crash);
	case SHUTDOWN_BY_REBOOT:
		shutdown(SHUTDOWN_reboot);
	}
}

void test_main(void)
{
	shared_info_map();
	print("Test ends here: END %d\n", END);
	provoke();
	check(false, "the hypervisor ends this kernel");
}
