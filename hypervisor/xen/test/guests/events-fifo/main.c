/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The FIFO ABI of event channels (event_channel.h).
 *
 * A guest gives a control block for each vCPU and pages of event words. A
 * port that becomes pending and is not masked is LINKED at the end of the
 * queue of its priority: its word's link is what the one before leads to, the
 * first one is in head[]. The guest takes it by clearing LINKED. EVTCHNOP_reset
 * closes everything and leads back to the two-level ABI.
 */
#include "event.h"
#include "memory.h"
#include "trap.h"

const char test_title[] = "FIFO event channels";

#define PENDING (1U << EVTCHN_FIFO_PENDING)
#define MASKED	(1U << EVTCHN_FIFO_MASKED)
#define LINKED	(1U << EVTCHN_FIFO_LINKED)

static event_word_t *word;
static struct evtchn_fifo_control_block *control;
static evtchn_port_t a, b, c;

static long init_control(unsigned long mfn, uint32_t offset, uint32_t vcpu)
{
	struct evtchn_init_control i = { .control_gfn = mfn, .offset = offset, .vcpu = vcpu };
	long rc = hypercall(event_channel_op, EVTCHNOP_init_control, &i);

	if (!rc)
		expect_equal("link_bits", i.link_bits, EVTCHN_FIFO_LINK_BITS);
	return rc;
}

static long expand_array(unsigned long mfn)
{
	struct evtchn_expand_array e = { .array_gfn = mfn };

	return hypercall(event_channel_op, EVTCHNOP_expand_array, &e);
}

static long set_priority(evtchn_port_t port, uint32_t priority)
{
	struct evtchn_set_priority s = { .port = port, .priority = priority };

	return hypercall(event_channel_op, EVTCHNOP_set_priority, &s);
}

static void check_without(void)
{
	expect_refused("expand_array before init_control", expand_array(virt_to_mfn(page_alloc())));
	expect_refused("a bad offset", init_control(virt_to_mfn(control), 4094, 0));
	expect_refused("an odd offset", init_control(virt_to_mfn(control), 4, 0));
	expect_refused("no such vCPU", init_control(virt_to_mfn(control), 0, 4711));
	expect_refused("a page table",
		       init_control(virt_to_mfn((void *)start_info->pt_base), 0, 0));
	expect_refused("beyond memory", init_control(0xfffffff, 0, 0));
}

static void check_setup(void)
{
	/* whatever is pending by now comes with the words */
	expect_result("bind_ipi", evtchn_bind_ipi(0, &a), 0);
	port_mask_clear(a);
	expect_result("send", evtchn_send(a), 0);
	expect_equal("pending in two levels", port_is_pending(a), true);

	expect_result("init_control", init_control(virt_to_mfn(control), 8, 0), 0);
	control = (void *)((char *)control + 8);
	expect_refused("a second one", init_control(virt_to_mfn(page_alloc()), 0, 0));
	expect_refused("words in a page table",
		       expand_array(virt_to_mfn((void *)start_info->pt_base)));
	expect_result("expand_array", expand_array(virt_to_mfn(word)), 0);
	expect_equal("what was pending", READ_ONCE(word[a]), PENDING | LINKED);
	expect_equal("head", READ_ONCE(control->head[7]), a);
	check(READ_ONCE(control->ready) & 1U << 7, "the vCPU is told");
}

/* As a guest takes the first of a queue. */
static unsigned int take(unsigned int priority)
{
	unsigned int port = READ_ONCE(control->head[priority]);
	event_word_t was;

	was = __atomic_fetch_and(&word[port], ~(LINKED | EVTCHN_FIFO_LINK_MASK), __ATOMIC_SEQ_CST);
	WRITE_ONCE(control->head[priority], was & EVTCHN_FIFO_LINK_MASK);
	__atomic_fetch_and(&word[port], ~PENDING, __ATOMIC_SEQ_CST);
	if (!(was & EVTCHN_FIFO_LINK_MASK))
		__atomic_fetch_and(&control->ready, ~(1U << priority), __ATOMIC_SEQ_CST);
	return port;
}

static void check_queue(void)
{
	expect_equal("the first", take(7), a);
	expect_result("bind_ipi", evtchn_bind_ipi(0, &b), 0);
	expect_result("bind_ipi", evtchn_bind_ipi(0, &c), 0);
	WRITE_ONCE(vcpu_info->evtchn_upcall_pending, 0);
	expect_result("send", evtchn_send(b), 0);
	expect_equal("upcall", READ_ONCE(vcpu_info->evtchn_upcall_pending), 1);
	WRITE_ONCE(vcpu_info->evtchn_upcall_pending, 0);
	expect_result("send", evtchn_send(a), 0);
	expect_result("send", evtchn_send(c), 0);
	expect_result("send", evtchn_send(b), 0);
	expect_equal("no upcall for more of a queue", READ_ONCE(vcpu_info->evtchn_upcall_pending),
		     0);
	expect_equal("head", READ_ONCE(control->head[7]), b);
	expect_equal("first word", READ_ONCE(word[b]), PENDING | LINKED | a);
	expect_equal("second word", READ_ONCE(word[a]), PENDING | LINKED | c);
	expect_equal("last word", READ_ONCE(word[c]), PENDING | LINKED);
	expect_equal("taken", take(7), b);
	expect_result("send", evtchn_send(b), 0);
	expect_equal("at the end again", READ_ONCE(word[c]), PENDING | LINKED | b);
	expect_equal("taken", take(7), a);
	expect_equal("taken", take(7), c);
	expect_equal("taken", take(7), b);
	expect_equal("ready", READ_ONCE(control->ready), 0);
}

static void check_mask(void)
{
	WRITE_ONCE(word[a], MASKED);
	expect_result("send", evtchn_send(a), 0);
	expect_equal("a masked word", READ_ONCE(word[a]), MASKED | PENDING);
	expect_result("unmask", evtchn_unmask(a), 0);
	expect_equal("the word", READ_ONCE(word[a]), PENDING | LINKED);
	expect_equal("taken", take(7), a);
	WRITE_ONCE(word[a], MASKED);
	expect_result("unmask", evtchn_unmask(a), 0);
	expect_equal("the word", READ_ONCE(word[a]), 0);
}

static void check_priority(void)
{
	expect_refused("priority 16", set_priority(a, 16));
	expect_refused("of no port", set_priority(200000, 3));
	expect_result("priority 0", set_priority(a, 0), 0);
	expect_result("send", evtchn_send(a), 0);
	expect_result("send", evtchn_send(b), 0);
	expect_equal("head of 0", READ_ONCE(control->head[0]), a);
	expect_equal("head of 7", READ_ONCE(control->head[7]), b);
	expect_equal("ready", READ_ONCE(control->ready), 1U << 7 | 1U);
	expect_equal("taken", take(0), a);
	/* the tail of a queue that has moved on must not be chained to it */
	expect_result("priority 7", set_priority(a, 7), 0);
	expect_result("send", evtchn_send(a), 0);
	expect_result("priority 0", set_priority(c, 0), 0);
	expect_result("send", evtchn_send(c), 0);
	expect_equal("head of 0", READ_ONCE(control->head[0]), c);
	expect_equal("the chain of 7", READ_ONCE(word[b]), PENDING | LINKED | a);
	expect_equal("its last", READ_ONCE(word[a]), PENDING | LINKED);
	expect_equal("taken", take(0), c);
	expect_equal("taken", take(7), b);
	expect_equal("taken", take(7), a);
}

/* Beyond the ports of two levels; a queue that the guest has spoilt is its own affair. */
static void check_spoilt(void)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		WRITE_ONCE(control->head[i], 0xffffffff);
	WRITE_ONCE(word[a], 0xffffffff);
	WRITE_ONCE(word[b], LINKED | 0x1ffff);
	expect_result("send", evtchn_send(a), 0);
	expect_result("send", evtchn_send(b), 0);
	expect_result("send", evtchn_send(c), 0);
	for (i = 0; i < 1024; i++)
		WRITE_ONCE(word[i], 0);
	expect_result("send", evtchn_send(a), 0);
	expect_equal("the word", READ_ONCE(word[a]) & (PENDING | LINKED), PENDING | LINKED);
}

static void check_reset(void)
{
	struct evtchn_reset reset = { .dom = DOMID_SELF };
	evtchn_port_t port;

	expect_result("reset", hypercall(event_channel_op, EVTCHNOP_reset, &reset), 0);
	expect_refused("expand_array after reset", expand_array(virt_to_mfn(word)));
	expect_result("the array can be read-only now", make_readonly(word), 0);
	expect_result("pinned as a table",
		      mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(page_alloc()), 0), -EINVAL);
	make_writable(word);
	events_init();
	events_forget();
	expect_result("bind_ipi", evtchn_bind_ipi(0, &port), 0);
	port_clear(port);
	port_mask_clear(port);
	expect_result("send", evtchn_send(port), 0);
	expect_equal("pending in two levels", port_is_pending(port), true);
	events_on();
	events_off();
	expect_equal("seen", event_seen[port], 1);
}

void test_main(void)
{
	events_init();
	word = page_alloc();
	control = page_alloc();
	STEP(check_without);
	STEP(check_setup);
	STEP(check_queue);
	STEP(check_mask);
	STEP(check_priority);
	STEP(check_spoilt);
	STEP(check_reset);
}
