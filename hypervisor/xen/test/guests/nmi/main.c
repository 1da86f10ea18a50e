/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel's NMI: send_nmi, and the callback with events masked or not.
 *
 * VCPUOP_send_nmi delivers an NMI to a vCPU at the callback registered for it.
 * Unlike events it is not held back by the upcall mask; a second one waits
 * until the first handler's iret. Its frame looks like any other's.
 */
#include "memory.h"
#include "trap.h"

#include <xen/callback.h>
#include <xen/nmi.h>
#include <xen/vcpu.h>

const char test_title[] = "NMIs of the guest";

static unsigned int entered, nested;

static long send(void)
{
	return hypercall(vcpu_op, VCPUOP_send_nmi, 0, 0);
}

static bool on_nmi(struct trap_frame *f)
{
	static bool is_inside;

	if (f->vector != ENTRY_NMI)
		return false;
	nested += is_inside;
	is_inside = true;
	if (++entered == 1)
		send();
	is_inside = false;
	return true;
}

static void expect_nmis(const char *what, unsigned int count)
{
	expect_equal(what, entered, count);
	expect_equal("nested", nested, 0);
	entered = nested = 0;
}

static void check_delivery(void)
{
	struct callback_register cb = {
		.type = CALLBACKTYPE_nmi,
		.address = (unsigned long)nmi_entry,
	};

	expect_result("an nmi callback", hypercall(callback_op, CALLBACKOP_register, &cb), 0);
	trap_hook = on_nmi;
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
	expect_result("send_nmi", send(), 0);
	hypercall(xen_version, 0, 0);
	expect_nmis("with events masked: the first, and the one sent inside it", 2);
	expect_equal("cs", trap_last.frame.cs, FLAT_KERNEL_CS64 & ~3);
	expect_equal("mask afterwards", vcpu_info->evtchn_upcall_mask, 1);
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 0);
	expect_result("send_nmi", send(), 0);
	hypercall(xen_version, 0, 0);
	expect_nmis("with events let in", 2);
	expect_equal("mask afterwards", vcpu_info->evtchn_upcall_mask, 0);
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
}

static void check_errors(void)
{
	struct xennmi_callback cb = { .handler_address = 0x8000000000000000UL };

	expect_refused("send_nmi to no vcpu", hypercall(vcpu_op, VCPUOP_send_nmi, 77, 0));
	expect_refused("a non-canonical handler", hypercall(nmi_op, XENNMI_register_callback, &cb));
	expect_result("a bad pointer", hypercall(nmi_op, XENNMI_register_callback, 0), -EFAULT);
	expect_result("unknown command", hypercall(nmi_op, 99, &cb), -ENOSYS);
	cb.handler_address = (unsigned long)nmi_entry;
	expect_result("register_callback", hypercall(nmi_op, XENNMI_register_callback, &cb), 0);
	expect_result("send_nmi", send(), 0);
	hypercall(xen_version, 0, 0);
	expect_nmis("by the callback of nmi_op", 2);
	expect_result("unregister_callback", hypercall(nmi_op, XENNMI_unregister_callback, 0), 0);
}

/* Linux as a domU tells of its handler in no other way. */
static void check_trap_table(void)
{
	struct trap_info table[2] = {
		{ .vector = 2, .cs = FLAT_KERNEL_CS64, .address = (unsigned long)nmi_entry },
	};

	expect_result("set_trap_table", hypercall(set_trap_table, table), 0);
	expect_result("send_nmi", send(), 0);
	hypercall(xen_version, 0, 0);
	expect_nmis("by the trap table", 2);
}

void test_main(void)
{
	shared_info_map();
	STEP(check_delivery);
	STEP(check_errors);
	STEP(check_trap_table);
}
