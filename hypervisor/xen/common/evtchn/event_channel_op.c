/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HYPERVISOR_event_channel_op (xen/event_channel.h): the table of
 * sub-commands.
 */
#include "evtchn_private.h"

#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/nospec.h>

struct sub_command {
	int (*handler)(struct vcpu *v, union evtchn_arg *arg);
	uint8_t size;
	bool has_result;
};

/* clang-format off */
#define OP(name, result) { evtchn_op_##name, sizeof(struct evtchn_##name), result }

static const struct sub_command sub_commands[] = {
	[EVTCHNOP_bind_interdomain] = OP(bind_interdomain, true),
	[EVTCHNOP_bind_virq]	    = OP(bind_virq, true),
	[EVTCHNOP_bind_pirq]	    = OP(bind_pirq, true),
	[EVTCHNOP_close]	    = OP(close, false),
	[EVTCHNOP_alloc_unbound]    = OP(alloc_unbound, true),
	[EVTCHNOP_bind_ipi]	    = OP(bind_ipi, true),
	[EVTCHNOP_bind_vcpu]	    = OP(bind_vcpu, false),
	[EVTCHNOP_unmask]	    = OP(unmask, false),
	[EVTCHNOP_reset]	    = OP(reset, false),
	[EVTCHNOP_init_control]	    = OP(init_control, true),
	[EVTCHNOP_expand_array]	    = OP(expand_array, false),
	[EVTCHNOP_set_priority]	    = OP(set_priority, false),
};
/* clang-format on */

static const struct sub_command *find(unsigned int cmd)
{
	if (cmd >= ARRAY_SIZE(sub_commands))
		return NULL;
	return &sub_commands[index_nospec(cmd, ARRAY_SIZE(sub_commands))];
}

/* Not in line: the two that have to be quick need none of its registers. */
static __attribute__((noinline)) long by_table(struct vcpu *v, unsigned long cmd, unsigned long arg)
{
	const struct sub_command *op = find(cmd);
	union evtchn_arg copy;
	long rc;

	if (!op || !op->handler)
		return -ENOSYS;
	if (guest_copy_from(&copy, arg, op->size))
		return -EFAULT;
	rc = op->handler(v, &copy);
	if (rc == -ERESTART) {
		unsigned long args[] = { cmd, arg };

		return hypercall_continue(__HYPERVISOR_event_channel_op, ARRAY_SIZE(args), args);
	}
	if (!rc && op->has_result && guest_copy_to(arg, &copy, op->size))
		rc = -EFAULT;
	return rc;
}

long do_event_channel_op(struct vcpu *v, unsigned long cmd, unsigned long arg)
{
	if (likely((unsigned int)cmd == EVTCHNOP_send))
		return evtchn_send_at(v, arg);
	if ((unsigned int)cmd == EVTCHNOP_status)
		return evtchn_status_at(v, arg);
	return by_table(v, cmd, arg);
}

/* Command and argument in one structure; older than EVTCHNOP_reset. */
long do_event_channel_op_compat(struct vcpu *v, unsigned long op)
{
	unsigned long arg = op + offsetof(struct evtchn_op, u);
	uint32_t cmd;

	if (guest_read(&cmd, op))
		return -EFAULT;
	if (cmd > EVTCHNOP_unmask)
		return -ENOSYS;
	return do_event_channel_op(v, cmd, arg);
}
