/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device interrupts arrive at the CPU that runs the vCPU they are for, so that
 * they interrupt nobody else. Advice: what arrives elsewhere is delivered, too.
 */
#include "evtchn_private.h"

#include <hv/pirq.h>

static void bucket_move(struct vcpu *v, struct channel *bucket, unsigned int cpu)
{
	for (unsigned int i = 0; i < CHANNELS_OF_BUCKET; i++) {
		const struct channel *c = &bucket[i];

		/* without its lock: at worst an interrupt goes to a CPU that is not the best */
		if (READ_ONCE(c->state) == CHANNEL_PIRQ && READ_ONCE(c->notify_vcpu) == v->id)
			pirq_set_cpu(v->domain, READ_ONCE(c->u.pirq), cpu);
	}
}

void evtchn_move_pirqs(struct vcpu *v, unsigned int cpu)
{
	struct channel *bucket;
	unsigned int port;

	if (!v->domain->is_hardware)
		return;
	/* buckets are made in the order of their ports: behind the first that is missing there are none */
	for (port = 0; (bucket = port_channel(v->domain, port)); port += CHANNELS_OF_BUCKET)
		bucket_move(v, bucket, cpu);
}
