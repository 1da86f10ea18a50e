/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hypercalls that go on later, and lists of hypercalls. Single ones go from entry/syscall.S to their
 * handlers: number in rax, arguments in rdi rsi rdx r10 (none has more), result in rax.
 */
#include <hv/hypercall.h>

#include <hv/abi.h>
#include <hv/domain.h>
#include <hv/errno.h>

#include <asm/bounce.h>
#include <asm/entry.h>
#include <asm/guest_access.h>
#include <asm/mmu_hypercalls.h>
#include <asm/nospec.h>
#include <asm/percpu.h>
#include <asm/trap_entry.h>

#define SYSCALL_LENGTH 2

/* Entry @call of a multicall; what the registers of a hypercall get is called by entry/syscall.S. */
static long entry_call(struct vcpu *v, const multicall_entry_t *call)
{
	unsigned long nr = call->op;
	hypercall_function *handler;

	if (unlikely(nr >= HYPERCALL_COUNT))
		return -ENOSYS;
	/* no speculation beyond the table */
	__asm__("" : "+r"(nr));
	handler = (hypercall_function *)hypercall_table[nr & (HYPERCALL_COUNT - 1)];
	if (unlikely(!handler))
		return -ENOSYS;
	return handler(v, call->args[0], call->args[1], call->args[2], call->args[3]);
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

/* What hypercalls take of an entry: no more than four arguments. False: -EFAULT. */
static bool entry_load(unsigned long at, multicall_entry_t *call)
{
	guest_access_begin();
	guest_load(call->op, at + offsetof(multicall_entry_t, op), failed);
	guest_load(call->args[0], at + offsetof(multicall_entry_t, args[0]), failed);
	guest_load(call->args[1], at + offsetof(multicall_entry_t, args[1]), failed);
	guest_load(call->args[2], at + offsetof(multicall_entry_t, args[2]), failed);
	guest_load(call->args[3], at + offsetof(multicall_entry_t, args[3]), failed);
	guest_access_end();
	return true;
failed:
	guest_access_end();
	return false;
}

static bool result_store(unsigned long at, long result)
{
	guest_access_begin();
	guest_store(at + offsetof(multicall_entry_t, result), result, failed);
	guest_access_end();
	return true;
failed:
	guest_access_end();
	return false;
}

/*
 * A call that was preempted: its new number and arguments go back to the
 * guest's list, because that is what is read next time.
 */
static long entry_preempted(struct vcpu *v, const multicall_entry_t *call, unsigned long at,
			    unsigned int count)
{
	guest_access_begin();
	guest_store(at + offsetof(multicall_entry_t, op), call->op, failed);
	guest_store(at + offsetof(multicall_entry_t, args[0]), call->args[0], failed);
	guest_store(at + offsetof(multicall_entry_t, args[1]), call->args[1], failed);
	guest_store(at + offsetof(multicall_entry_t, args[2]), call->args[2], failed);
	guest_store(at + offsetof(multicall_entry_t, args[3]), call->args[3], failed);
	guest_access_end();
	return multicall_continue(v, at, count);
failed:
	guest_access_end();
	v->in_multicall = false;
	v->was_preempted = false;
	return -EFAULT;
}

/* hypercall_preempt_check(), in line. */
static inline bool must_stop(const struct vcpu *v)
{
	return READ_ONCE(cpu_info()->softirqs) || (READ_ONCE(v->info->evtchn_upcall_pending) &&
						   !READ_ONCE(v->info->evtchn_upcall_mask));
}

/* Up to @count entries from @list on, all of which is in the guest's part. */
static long entries_do(struct vcpu *v, unsigned long list, unsigned int count)
{
	multicall_entry_t *call = v->multicall;
	long result;

	for (; count; count--, list += sizeof(*call)) {
		if (unlikely(!entry_load(list, call)))
			return -EFAULT;
		result = entry_call(v, call);
		if (unlikely(v->was_preempted))
			return entry_preempted(v, call, list, count);
		/* After iret the list's address means something else, and rax is the user's. */
		if (unlikely(!v->arch.in_kernel))
			return result;
		if (unlikely(!result_store(list, result)))
			return -EFAULT;
		if (count > 1 && unlikely(must_stop(v)))
			return multicall_continue(v, list + sizeof(*call), count - 1);
	}
	return 0;
}

/*
 * HYPERVISOR_multicall: each entry's result goes to its result field. -EINVAL
 * for a multicall in a multicall; -EFAULT: the list cannot be read or written.
 */
long do_multicall(struct vcpu *v, unsigned long list, unsigned long raw_count)
{
	unsigned int count = raw_count;
	multicall_entry_t call;
	long rc;

	if (v->in_multicall)
		return -EINVAL;
	if (!guest_range_ok(list, count * sizeof(multicall_entry_t)))
		return -EFAULT;
	branch_barrier();
	v->in_multicall = true;
	v->multicall = &call;
	rc = entries_do(v, list, count);
	v->multicall = NULL;
	v->in_multicall = false;
	return rc;
}
