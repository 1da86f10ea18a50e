/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Further vCPUs (vcpu.h): VCPUOP_initialise, up, and down when they are done. */
#include "vcpu.h"
#include "memory.h"
#include "trap.h"

#include <xen/sched.h>
#include <xen/vcpu.h>

#define STACK_SIZE 16384

static char stacks[VCPUS_MAX][STACK_SIZE] __attribute__((aligned(16)));
static char trap_stacks[VCPUS_MAX][STACK_SIZE] __attribute__((aligned(16)));
static struct vcpu_guest_context context;

static struct {
	void (*function)(void *);
	void *arg;
	bool is_initialised;
	bool is_done;
} vcpus[VCPUS_MAX];

void trap_table_copy(struct trap_info *table);
void vcpu_main(unsigned long id);

void vcpu_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
	hypercall(sched_op, SCHEDOP_yield, 0);
}

/* The first C code of another vCPU, entered by iret with its number in rdi. */
void vcpu_main(unsigned long id)
{
	for (;;) {
		vcpus[id].function(vcpus[id].arg);
		__atomic_store_n(&vcpus[id].is_done, true, __ATOMIC_SEQ_CST);
		hypercall(vcpu_op, VCPUOP_down, id, 0);
	}
}

static void context_fill(unsigned int id)
{
	memset(&context, 0, sizeof(context));
	context.flags = VGCF_in_kernel | VGCF_syscall_disables_events;
	trap_table_copy(context.trap_ctxt);
	context.user_regs.rip = (unsigned long)vcpu_main;
	context.user_regs.rdi = id;
	/* as if it had been called */
	context.user_regs.rsp = (unsigned long)(stacks[id] + STACK_SIZE - 8);
	context.user_regs.rflags = 0x202;
	context.user_regs.cs = FLAT_KERNEL_CS;
	context.user_regs.ss = FLAT_KERNEL_SS;
	context.kernel_ss = FLAT_KERNEL_SS;
	context.kernel_sp = (unsigned long)(trap_stacks[id] + STACK_SIZE);
	context.event_callback_eip = (unsigned long)event_entry;
	context.failsafe_callback_eip = (unsigned long)failsafe_entry;
	context.syscall_callback_eip = (unsigned long)syscall_entry;
	context.ctrlreg[3] = xen_pfn_to_cr3(virt_to_mfn((void *)start_info->pt_base));
}

bool vcpu_start(unsigned int id, void (*function)(void *), void *arg)
{
	if (id >= VCPUS_MAX)
		test_error("there are stacks for %u vCPUs only", VCPUS_MAX);
	vcpus[id].function = function;
	vcpus[id].arg = arg;
	vcpus[id].is_done = false;
	if (!vcpus[id].is_initialised) {
		shared_info_map()->vcpu_info[id].evtchn_upcall_mask = 1;
		context_fill(id);
		if (hypercall(vcpu_op, VCPUOP_initialise, id, &context))
			return false;
		vcpus[id].is_initialised = true;
	}
	if (hypercall(vcpu_op, VCPUOP_up, id, 0))
		test_error("vCPU %u does not start", id);
	return true;
}

void vcpu_wait(unsigned int id)
{
	while (!__atomic_load_n(&vcpus[id].is_done, __ATOMIC_SEQ_CST) ||
	       hypercall(vcpu_op, VCPUOP_is_up, id, 0))
		vcpu_relax();
}

void vcpu_barrier_wait(struct vcpu_barrier *b, unsigned int count)
{
	unsigned int round = __atomic_load_n(&b->round, __ATOMIC_SEQ_CST);

	if (__atomic_add_fetch(&b->arrived, 1, __ATOMIC_SEQ_CST) == count) {
		b->arrived = 0;
		__atomic_store_n(&b->round, round + 1, __ATOMIC_SEQ_CST);
		return;
	}
	while (__atomic_load_n(&b->round, __ATOMIC_SEQ_CST) == round)
		vcpu_relax();
}
