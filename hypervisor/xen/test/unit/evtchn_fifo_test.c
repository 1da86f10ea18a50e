/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/evtchn/event_channel_op.c common/evtchn/ports.c common/evtchn/send.c */
/* sources: common/evtchn/bind_interdomain.c common/evtchn/bind_local.c common/evtchn/status.c */
/* sources: common/evtchn/two_level.c common/evtchn/fifo.c common/evtchn/poll.c common/softirq.c */
/* sources: test/fake/cpu.c test/fake/guest.c test/fake/frame.c test/fake/page_ref.c */
/* sources: test/fake/evtchn_world.c */
/* The FIFO ABI of event channels: its words and queues, and a guest that scribbles on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/frame.h>
#include <hv/hypercall.h>
#include <hv/page_allocator.h>
#include <hv/pirq.h>
#include <hv/sched.h>
#include <hv/timer.h>

#include "evtchn_world.h"
#include "guest.h"

#define PENDING (1U << EVTCHN_FIFO_PENDING)
#define MASKED	(1U << EVTCHN_FIFO_MASKED)
#define LINKED	(1U << EVTCHN_FIFO_LINKED)
#define BUSY	(1U << EVTCHN_FIFO_BUSY)

#define CONTROL_FRAME 100 /* and one for each further vCPU */
#define WORDS_FRAME   200

static event_word_t *words;
static struct evtchn_fifo_control_block *control[2];

static struct page_info *frame_own(struct domain *d, unsigned long n)
{
	struct page_info *pg = page_of_mfn(mfn(n));

	pg->owner = d->id;
	pg->state = FRAME_ALLOCATED | FRAME_REF_ONE;
	memset(frame_map(mfn(n)), 0, PAGE_SIZE);
	return pg;
}

static long init_control(unsigned long frame, uint32_t offset, uint32_t vcpu)
{
	struct evtchn_init_control req = { frame, offset, vcpu, 0, { 0 } };
	long rc = op(dom0, EVTCHNOP_init_control, &req);

	if (!rc)
		assert_int_equal(req.link_bits, 17);
	return rc;
}

static long expand_array(unsigned long frame)
{
	struct evtchn_expand_array req = { frame };

	return op(dom0, EVTCHNOP_expand_array, &req);
}

static long set_priority(evtchn_port_t port, uint32_t priority)
{
	struct evtchn_set_priority req = { port, priority };

	return op(dom0, EVTCHNOP_set_priority, &req);
}

static void fifo_begin(void)
{
	if (!frame_table)
		fake_frames_init();
	for (unsigned int i = 0; i < 2; i++) {
		frame_own(dom0, CONTROL_FRAME + i);
		assert_int_equal(init_control(CONTROL_FRAME + i, 16, i), 0);
		control[i] = (void *)((char *)frame_map(mfn(CONTROL_FRAME + i)) + 16);
	}
	frame_own(dom0, WORDS_FRAME);
	assert_int_equal(expand_array(WORDS_FRAME), 0);
	words = frame_map(mfn(WORDS_FRAME));
}

static unsigned int take(unsigned int vcpu, unsigned int priority)
{
	unsigned int port = control[vcpu]->head[priority];
	event_word_t was = words[port];

	words[port] &= ~(LINKED | PENDING | EVTCHN_FIFO_LINK_MASK);
	control[vcpu]->head[priority] = was & EVTCHN_FIFO_LINK_MASK;
	if (!(was & EVTCHN_FIFO_LINK_MASK))
		control[vcpu]->ready &= ~(1U << priority);
	return port;
}

static void test_fifo_refusals(void **state)
{
	evtchn_port_t port;

	(void)state;
	if (!frame_table)
		fake_frames_init();
	frame_own(dom1, 150);
	assert_int_equal(expand_array(WORDS_FRAME), -EOPNOTSUPP);
	assert_int_equal(init_control(150, 0, 0), -EINVAL); /* another's */
	assert_int_equal(init_control(~0UL, 0, 0), -EINVAL);
	assert_int_equal(init_control(CONTROL_FRAME, 4096 - 64, 0), -EINVAL);
	assert_int_equal(init_control(CONTROL_FRAME, 12, 0), -EINVAL);
	assert_int_equal(init_control(CONTROL_FRAME, 0, 4), -ENOENT);
	fifo_begin();
	assert_int_equal(init_control(CONTROL_FRAME, 0, 0), -EINVAL); /* again */
	assert_int_equal(expand_array(150), -EINVAL);
	assert_int_equal(bind_ipi(dom0, 0, &port), 0);
	assert_int_equal(set_priority(port, 16), -EINVAL);
	assert_int_equal(set_priority(131072, 0), -EINVAL);
	assert_int_equal(set_priority(port, 15), 0);
}

static void test_fifo_queues(void **state)
{
	evtchn_port_t p[4];

	(void)state;
	fifo_begin();
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(bind_ipi(dom0, i / 2, &p[i]), 0);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(by_port(dom0, EVTCHNOP_send, p[i]), 0);
	assert_int_equal(kicks[0], 1);
	assert_int_equal(kicks[1], 1);
	assert_int_equal(control[0]->ready, 1U << 7);
	assert_int_equal(take(0, 7), p[0]);
	assert_int_equal(take(0, 7), p[1]);
	assert_int_equal(control[0]->ready, 0);
	assert_int_equal(take(1, 7), p[2]);

	/* a port that moves on leaves nothing behind in its old queue */
	assert_int_equal(set_priority(p[3], 2), 0);
	assert_int_equal(take(1, 7), p[3]);
	assert_int_equal(by_port(dom0, EVTCHNOP_send, p[3]), 0);
	assert_int_equal(by_port(dom0, EVTCHNOP_send, p[2]), 0);
	assert_int_equal(control[1]->head[2], p[3]);
	assert_int_equal(control[1]->head[7], p[2]);
	assert_int_equal(words[p[3]], PENDING | LINKED);
	assert_int_equal(take(1, 2), p[3]);
	assert_int_equal(take(1, 7), p[2]);

	words[p[0]] = MASKED;
	assert_int_equal(by_port(dom0, EVTCHNOP_send, p[0]), 0);
	assert_int_equal(words[p[0]], MASKED | PENDING);
	assert_int_equal(by_port(dom0, EVTCHNOP_unmask, p[0]), 0);
	assert_int_equal(words[p[0]], LINKED | PENDING);
	assert_int_equal(by_port(dom0, EVTCHNOP_close, p[0]), 0);
	assert_int_equal(words[p[0]], LINKED);
}

/* What was pending in two levels, and what came while there were no words. */
static void test_fifo_migration(void **state)
{
	evtchn_port_t before, between;

	(void)state;
	if (!frame_table)
		fake_frames_init();
	frame_own(dom0, CONTROL_FRAME);
	frame_own(dom0, WORDS_FRAME);
	assert_int_equal(bind_ipi(dom0, 0, &before), 0);
	assert_int_equal(bind_ipi(dom0, 0, &between), 0);
	assert_int_equal(by_port(dom0, EVTCHNOP_send, before), 0);
	assert_int_equal(init_control(CONTROL_FRAME, 0, 0), 0);
	assert_int_equal(by_port(dom0, EVTCHNOP_send, between), 0);
	assert_int_equal(expand_array(WORDS_FRAME), 0);
	words = frame_map(mfn(WORDS_FRAME));
	assert_int_equal(words[before], PENDING | LINKED | between);
	assert_int_equal(words[between], PENDING | LINKED);
}

static void test_fifo_reset(void **state)
{
	struct evtchn_reset reset = { .dom = DOMID_SELF };
	evtchn_port_t port;

	(void)state;
	fifo_begin();
	for (unsigned int i = 0; i < 5000; i++)
		assert_int_equal(bind_ipi(dom0, 0, &port), 0);
	assert_int_equal(port, 5000);
	assert_int_equal(by_port(dom0, EVTCHNOP_send, port), 0); /* no word: lost */
	assert_int_equal(op(dom0, EVTCHNOP_reset, &reset), 0);
	assert_int_equal(frame_type_count(page_of_mfn(mfn(WORDS_FRAME))->state), 0);
	assert_int_equal(frame_ref_count(page_of_mfn(mfn(CONTROL_FRAME))->state), 1);
	assert_int_equal(expand_array(WORDS_FRAME), -EOPNOTSUPP);
	assert_int_equal(bind_ipi(dom0, 0, &port), 0);
	assert_int_equal(by_port(dom0, EVTCHNOP_send, port), 0);
	assert_true(dom0->shared->evtchn_pending[0] & 1UL << port);
	assert_int_equal(by_port(dom0, EVTCHNOP_send, 5000), -EINVAL);
}

/* A guest that scribbles on all it shares: nothing of ours is reached through it, and no loop is long. */
static void test_fifo_hostile(void **state)
{
	evtchn_port_t p[16];

	(void)state;
	srandom(1);
	fifo_begin();
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(bind_ipi(dom0, i % 2, &p[i]), 0);
	for (unsigned int i = 0; i < 100000; i++) {
		evtchn_port_t port = p[random() % 16];

		switch (random() % 8) {
		case 0:
			words[random() % 20] = (event_word_t)random() << 1 ^ (event_word_t)random();
			break;
		case 1:
			control[random() % 2]->head[random() % 16] = (uint32_t)random();
			break;
		case 2:
			words[port] &= ~(LINKED | MASKED);
			break;
		case 3:
			assert_int_equal(set_priority(port, (uint32_t)random() % 16), 0);
			break;
		case 4:
			assert_int_equal(by_port(dom0, EVTCHNOP_unmask, port), 0);
			break;
		default:
			assert_int_equal(by_port(dom0, EVTCHNOP_send, port), 0);
			assert_true(words[port] & PENDING);
			assert_true(words[port] & (MASKED | LINKED));
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, evtchn_world_setup, evtchn_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fifo_refusals), TEST(test_fifo_queues),  TEST(test_fifo_migration),
		TEST(test_fifo_reset),	  TEST(test_fifo_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
