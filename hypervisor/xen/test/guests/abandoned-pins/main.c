/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pins that are begun and never brought to an end.
 *
 * Long work on page tables is interrupted when an event waits: the hypercall
 * is left half done, with the guest's rip at its syscall again, and the event
 * delivered first. Nothing makes the guest go back there. Here the upcall skips
 * the syscall instead. A later pin or unpin brings the work to its end, and
 * when all is undone each page is free again.
 *
 * The row with HALF_DONE tries everything else on a root that is half validated
 * or half dropped: it is no table of another kind, not writable, and takes no
 * update. The ABI promises that much of whole tables only: Debian's Xen may end
 * the work for whoever asks, and grant what he asks for.
 *
 * A timer sets off the event at a delay that changes with each attempt. What
 * is checked holds wherever it strikes; if it never does, the guest says SKIP.
 */
#include "event.h"
#include "memory.h"
#include "trap.h"

const char test_title[] = "Abandoned pins";

#define ABANDONED     -999L
#define ATTEMPTS      5000
#define DELAY_LIMIT   60000 /* ns; a pin takes about as long under QEMU */
#define DELAY_STEP    1377
#define SYSCALL_BYTES 0x050f

/* A binary tree: table n has 2n + 1 and 2n + 2 below it, and 0 is the root. */
#define TABLES 15
static uint64_t *table[TABLES];
#define FIRST_L1	   7
#define CHILD(n, which)	   (2 * (n) + 1 + (which))
#define CHILD_INDEX(which) (1 + 8 * (which))

static bool is_calling;
static unsigned int abandoned;

static bool skip_syscall(struct trap_frame *f)
{
	if (f->vector == ENTRY_EVENT && is_calling && f->rax == __HYPERVISOR_mmuext_op &&
	    *(const uint16_t *)f->rip == SYSCALL_BYTES) {
		f->rip += 2;
		f->rax = (uint64_t)ABANDONED;
		abandoned++;
	}
	return false;
}

/* One call, which ends early by ABANDONED if the timer strikes in it. */
static long attempt(unsigned int cmd, const uint64_t *page)
{
	static unsigned int delay;
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = virt_to_mfn(page) };
	long rc;

	delay = (delay + DELAY_STEP) % DELAY_LIMIT;
	timer_set(time_now() + delay, 0);
	is_calling = true;
	rc = hypercall(mmuext_op, &op, 1, 0, DOMID_SELF);
	is_calling = false;
	return rc;
}

/* Attempts until one is not abandoned. */
static long insist(unsigned int cmd, const uint64_t *page)
{
	unsigned int i;
	long rc = ABANDONED;

	for (i = 0; i < ATTEMPTS && rc == ABANDONED; i++)
		rc = attempt(cmd, page);
	return rc;
}

/* Every second link lacks PTE_US, which a hypervisor may add as it validates. */
static uint64_t link_make(const uint64_t *child, unsigned int which)
{
	return make_pte(virt_to_mfn(child), which ? PTE_TABLE & ~PTE_US : PTE_TABLE);
}

static void tables_link(void)
{
	char *data = page_alloc();
	unsigned int n, which;

	for (n = 0; n < TABLES; n++)
		table[n] = page_alloc();
	for (n = 0; n < FIRST_L1; n++)
		for (which = 0; which < 2; which++)
			table[n][CHILD_INDEX(which)] = link_make(table[CHILD(n, which)], which);
	for (n = FIRST_L1; n < TABLES; n++) {
		unsigned int other = FIRST_L1 + TABLES - 1 - n;

		table[n][n] = make_pte(virt_to_mfn(data), PTE_RW_PAGE);
		table[n][n + 20] = make_pte(virt_to_mfn(table[other]), PTE_RO_PAGE);
	}
}

static void tables_close(void)
{
	unsigned int n;

	for (n = 0; n < TABLES; n++)
		if (make_readonly(table[n]))
			test_error("table %u cannot be made read-only", n);
}

static void tables_open(void)
{
	unsigned int n;

	for (n = 0; n < TABLES; n++)
		expect_result("a table is free", make_writable(table[n]), 0);
}

/*
 * The pin may be gone from the first attempt on, as on Debian's Xen, or stay
 * until the work is done: a later attempt is refused there, and ends it here.
 */
static void unpin_to_end(bool was_begun)
{
	unsigned int before = abandoned;
	long rc = insist(MMUEXT_UNPIN_TABLE, table[0]);

	check(!rc || (rc == -EINVAL && (was_begun || abandoned != before)),
	      "unpin: expected 0, or -EINVAL after an abandoned one, got %ld", rc);
}

static void check_insisting(void)
{
	unsigned int round;

	for (round = 0; round < 12; round++) {
		tables_close();
		expect_result("pin", insist(MMUEXT_PIN_L4_TABLE, table[0]), 0);
		unpin_to_end(false);
		tables_open();
	}
}

/* The last entry of the last level 2 is wrong: all before is to be undone. */
static void check_wrong_entry(void)
{
	uint64_t *entry = &table[FIRST_L1 - 1][CHILD_INDEX(1)];
	uint64_t right = *entry;
	unsigned int round;

	for (round = 0; round < 4; round++) {
		*entry = link_make(table[1], 1);
		tables_close();
		expect_refused("pin of a wrong table", insist(MMUEXT_PIN_L4_TABLE, table[0]));
		mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0); /* a hypercall more, for what is left */
		tables_open();
		*entry = right;
	}
}

/* A pin was left half way. What the levels below may do meanwhile is open. */
static void act_on_pin(uint64_t *l3)
{
	uint64_t entry = READ_ONCE(l3[CHILD_INDEX(0)]);

	expect_refused("unpin of a pin not ended",
		       mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table[0]), 0));
	expect_refused("a writable mapping", make_writable(table[0]));
	expect_refused("an update", mmu_update(virt_to_maddr(&table[0][1]), 0));
	mmuext(MMUEXT_PIN_L3_TABLE, virt_to_mfn(l3), 0);
	if (!mmu_update(virt_to_maddr(&l3[CHILD_INDEX(0)]), 0))
		mmu_update(virt_to_maddr(&l3[CHILD_INDEX(0)]), entry);
	mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(l3), 0);
	expect_result("pin after all", insist(MMUEXT_PIN_L4_TABLE, table[0]), 0);
}

static void unpin_and_act(void)
{
	bool was_begun = attempt(MMUEXT_UNPIN_TABLE, table[0]) == ABANDONED;

	if (!was_begun)
		return;
	expect_refused("a half-dropped root as level 3",
		       mmuext(MMUEXT_PIN_L3_TABLE, virt_to_mfn(table[0]), 0));
	expect_refused("a writable mapping of it", make_writable(table[0]));
	unpin_to_end(true);
}

static void check_half_done(void)
{
	unsigned int tries, hits = 0;

	tables_close();
	for (tries = 0; tries < 400 && hits < 40; tries++) {
		long rc = attempt(MMUEXT_PIN_L4_TABLE, table[0]);

		if (rc == ABANDONED) {
			/* If it was not even begun, the page has no type yet. */
			if (!mmuext(MMUEXT_PIN_L3_TABLE, virt_to_mfn(table[0]), 0)) {
				mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table[0]), 0);
				continue;
			}
			act_on_pin(table[1 + (hits++ & 1)]);
		} else if (!expect_result("pin", rc, 0)) {
			break;
		}
		unpin_and_act();
	}
	tables_open();
	print("  note: %u pins were found half done\n", hits);
}

void test_main(void)
{
	evtchn_port_t timer;

	events_init();
	if (evtchn_bind_virq(VIRQ_TIMER, 0, &timer))
		test_error("VIRQ_TIMER cannot be bound");
	trap_hook = skip_syscall;
	port_mask_clear(timer);
	events_on();
	tables_link();
	if (HALF_DONE) {
		STEP(check_half_done);
	} else {
		STEP(check_insisting);
		STEP(check_wrong_entry);
	}
	events_off();
	if (!abandoned)
		test_skip("no event came while a pin was under way");
}
