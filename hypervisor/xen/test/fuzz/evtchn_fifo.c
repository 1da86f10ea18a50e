/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest of the FIFO ABI that writes anything to what it shares, between any calls: nothing of ours breaks. */
/* sources: common/evtchn/event_channel_op.c common/evtchn/ports.c common/evtchn/send.c */
/* sources: common/evtchn/bind_interdomain.c common/evtchn/bind_local.c common/evtchn/status.c */
/* sources: common/evtchn/two_level.c common/evtchn/fifo.c common/evtchn/poll.c common/softirq.c */
/* sources: test/fake/cpu.c test/fake/guest.c test/fake/frame.c test/fake/page_ref.c */
/* sources: test/fake/evtchn_world.c test/fake/log.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/frame.h>

#include "evtchn_world.h"
#include "guest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEP_SIZE   6
#define STEPS_MAX   500	/* more is only more of the same */
#define FRAME_FIRST 100	/* of those that dom0 shares */
#define FRAME_COUNT 6

/* One step: what is done, to which port, frame or vCPU, with which 32 bits. */
struct step {
	uint8_t what, which;
	uint32_t value;
};

static void frames_make(void)
{
	if (!frame_table)
		fake_frames_init();
	for (unsigned long n = FRAME_FIRST; n < FRAME_FIRST + FRAME_COUNT; n++) {
		struct page_info *pg = page_of_mfn(mfn(n));

		pg->owner = dom0->id;
		pg->state = FRAME_ALLOCATED | FRAME_REF_ONE;
		memset(frame_map(mfn(n)), 0, PAGE_SIZE);
	}
}

static unsigned long frame_of(const struct step *s)
{
	return FRAME_FIRST + s->which % (FRAME_COUNT + 1);	/* one is not dom0's */
}

/* A word anywhere in the frames. */
static void scribble(const struct step *s)
{
	uint32_t *words = frame_map(mfn(FRAME_FIRST + s->which % FRAME_COUNT));

	words[(s->what >> 4) * 3 % 40] = s->value;
}

static void control_add(const struct step *s)
{
	struct evtchn_init_control req = {
		frame_of(s), s->value & 0xfff, s->value >> 12 & 7, 0, { 0 }
	};

	(void)op(dom0, EVTCHNOP_init_control, &req);
}

static void array_grow(const struct step *s)
{
	struct evtchn_expand_array req = { frame_of(s) };

	(void)op(dom0, EVTCHNOP_expand_array, &req);
}

static void priority_set(const struct step *s)
{
	struct evtchn_set_priority req = { s->which, s->value };

	(void)op(dom0, EVTCHNOP_set_priority, &req);
}

static void step_do(const struct step *s)
{
	struct evtchn_reset reset = { .dom = DOMID_SELF };
	evtchn_port_t port;

	switch (s->what & 15) {
	case 0:
		control_add(s);
		break;
	case 1:
		array_grow(s);
		break;
	case 2:
		(void)bind_ipi(dom0, s->which & 7, &port);
		break;
	case 3:
		(void)bind_virq(dom0, s->which & 31, s->value & 7, &port);
		break;
	case 4:
		(void)bind_vcpu(dom0, s->which, s->value & 7);
		break;
	case 5:
		(void)by_port(dom0, EVTCHNOP_close, s->which);
		break;
	case 6:
		priority_set(s);
		break;
	case 7:
		if (s->which == 7)
			(void)op(dom0, EVTCHNOP_reset, &reset);
		break;
	case 8:
	case 9:
		(void)by_port(dom0, EVTCHNOP_unmask, s->which);
		break;
	case 10:
	case 11:
	case 12:
		(void)by_port(dom0, EVTCHNOP_send, s->which);
		break;
	default:
		scribble(s);
	}
}

/* What is left open is closed at the end, and references are counted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	evtchn_world_setup(NULL);
	frames_make();
	for (size_t n = 0; n < STEPS_MAX && (n + 1) * STEP_SIZE <= size; n++) {
		struct step s = { data[n * STEP_SIZE], data[n * STEP_SIZE + 1], 0 };

		memcpy(&s.value, data + n * STEP_SIZE + 2, sizeof(s.value));
		step_do(&s);
	}
	evtchn_world_teardown(NULL);
	return 0;
}
