/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hypercalls as they arrive: number in rax, arguments in rdi rsi rdx r10 (none has more), result in rax. */
#include <hv/hypercall.h>

#include <hv/abi.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>

#include <asm/bounce.h>
#include <asm/entry.h>
#include <asm/mmu_hypercalls.h>
#include <asm/percpu.h>
#include <asm/trap_entry.h>

#define SYSCALL_LENGTH 2

void hypercall_from_guest(struct cpu_user_regs *regs)
{
	struct vcpu *v = current_vcpu();
	long rc;

	v->was_preempted = false;
	rc = hypercall_dispatch(v, regs->rax, regs->rdi, regs->rsi, regs->rdx, regs->r10);
	/* A continuation has put its own number there. */
	if (!v->was_preempted)
		regs->rax = rc;
}

/* In a multicall the entry is changed, and run again with the rest of the list. */
static multicall_entry_t *multicall_in_hand(struct vcpu *v)
{
	return v->in_multicall ? v->multicall : NULL;
}

long hypercall_continue(unsigned int nr, unsigned int argc, const unsigned long *args)
{
	struct vcpu *v = current_vcpu();
	multicall_entry_t *call = multicall_in_hand(v);
	struct cpu_user_regs *regs = &cpu_info()->guest_regs;
	uint64_t *const reg[] = { &regs->rdi, &regs->rsi, &regs->rdx, &regs->r10, &regs->r8 };

	v->was_preempted = true;
	if (call) {
		call->op = nr;
		for (unsigned int i = 0; i < argc; i++)
			call->args[i] = args[i];
		return -ERESTART;
	}
	for (unsigned int i = 0; i < argc; i++)
		*reg[i] = args[i];
	regs->rax = nr;
	regs->rip -= SYSCALL_LENGTH;
	return -ERESTART;
}

/* Start the multicall itself again, @list and @count being what is left. */
static long multicall_continue(struct vcpu *v, unsigned long list, unsigned int count)
{
	unsigned long rest[] = { list, count };

	v->in_multicall = false;
	return hypercall_continue(__HYPERVISOR_multicall, 2, rest);
}

/*
 * A call that was preempted: its new arguments go back to the guest's list,
 * because that is what is read next time.
 */
static long entry_preempted(struct vcpu *v, const multicall_entry_t *call, unsigned long list,
			    unsigned int count)
{
	if (guest_copy_to(list, call, sizeof(*call))) {
		v->in_multicall = false;
		v->was_preempted = false;
		return -EFAULT;
	}
	return multicall_continue(v, list, count);
}

/*
 * HYPERVISOR_multicall: each entry's result goes to its result field. -EINVAL
 * for a multicall in a multicall; -EFAULT: the list cannot be read or written.
 */
long do_multicall(struct vcpu *v, unsigned long list, unsigned long raw_count)
{
	unsigned int count = raw_count;
	multicall_entry_t call;
	long result;

	if (v->in_multicall)
		return -EINVAL;
	v->in_multicall = true;
	v->multicall = &call;
	for (; count; count--, list += sizeof(call)) {
		if (guest_copy_from(&call, list, sizeof(call))) {
			v->in_multicall = false;
			return -EFAULT;
		}
		result = hypercall_dispatch(v, call.op, call.args[0], call.args[1], call.args[2],
					    call.args[3]);
		if (unlikely(v->was_preempted))
			return entry_preempted(v, &call, list, count);
		/* After iret the list's address means something else, and rax is the user's. */
		if (unlikely(!v->arch.in_kernel)) {
			v->in_multicall = false;
			return result;
		}
		if (guest_copy_to(list + offsetof(multicall_entry_t, result), &result,
				  sizeof(result))) {
			v->in_multicall = false;
			return -EFAULT;
		}
		if (count > 1 && hypercall_preempt_check())
			return multicall_continue(v, list + sizeof(call), count - 1);
	}
	v->in_multicall = false;
	return 0;
}
