/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vcpu_op: is_up, areas for vcpu_info, run state and time, and their errors.
 *
 * register_vcpu_info moves the record (what is pending moves along, and it
 * can be moved once); it must not cross a page. The run state area is filled
 * in at registration and whenever the vCPU is scheduled; the sum of the four
 * times is system time. The time area is a second copy of the time record.
 */
#include "event.h"
#include "memory.h"
#include "trap.h"

#include <xen/sched.h>
#include <xen/vcpu.h>

const char test_title[] = "Virtual CPU operations";

#define MS 1000000UL

static struct vcpu_info *new_info;

static long vcpu_op(unsigned int cmd, unsigned int vcpu, void *arg)
{
	return hypercall(vcpu_op, cmd, vcpu, arg);
}

static void check_is_up(void)
{
	expect_result("is_up 0", vcpu_op(VCPUOP_is_up, 0, 0), 1);
	expect_result("is_up 127", vcpu_op(VCPUOP_is_up, 127, 0), -ENOENT);
	expect_result("is_up 8191", vcpu_op(VCPUOP_is_up, 8191, 0), -ENOENT);
	expect_result("is_up ~0", vcpu_op(VCPUOP_is_up, ~0u, 0), -ENOENT);
	expect_result("up of vcpu 0, running", vcpu_op(VCPUOP_up, 0, 0), 0);
	expect_refused("up of vcpu 1", vcpu_op(VCPUOP_up, 1, 0));
	expect_refused("initialise of vcpu 1", vcpu_op(VCPUOP_initialise, 1, 0));
	expect_refused("unknown command", vcpu_op(99, 0, 0));
}

static void check_register_info(void)
{
	char *page = page_alloc();
	struct vcpu_register_vcpu_info reg = { .mfn = virt_to_mfn(page), .offset = 4064 };
	uint32_t version;

	expect_refused("vcpu_info across a page", vcpu_op(VCPUOP_register_vcpu_info, 0, &reg));
	reg.offset = 0x1001;
	expect_refused("vcpu_info outside of its page",
		       vcpu_op(VCPUOP_register_vcpu_info, 0, &reg));
	reg = (struct vcpu_register_vcpu_info){ .mfn = 0xfffffffUL, .offset = 0 };
	expect_refused("vcpu_info nowhere", vcpu_op(VCPUOP_register_vcpu_info, 0, &reg));
	reg.mfn = virt_to_mfn((void *)start_info->pt_base);
	expect_refused("vcpu_info on a page table", vcpu_op(VCPUOP_register_vcpu_info, 0, &reg));
	expect_result("vcpu_info from a bad pointer",
		      vcpu_op(VCPUOP_register_vcpu_info, 0, (void *)0xffff830000000000UL), -EFAULT);
	reg = (struct vcpu_register_vcpu_info){ .mfn = virt_to_mfn(page), .offset = 256 };
	expect_refused("vcpu_info of no vcpu", vcpu_op(VCPUOP_register_vcpu_info, 127, &reg));

	expect_result("register_vcpu_info", vcpu_op(VCPUOP_register_vcpu_info, 0, &reg), 0);
	new_info = (void *)(page + 256);
	vcpu_info = new_info;
	expect_equal("the upcall mask moved along", new_info->evtchn_upcall_mask, 1);
	check(new_info->time.tsc_to_system_mul != 0, "the time record is there");
	version = new_info->time.version;
	expect_refused("a second registration", vcpu_op(VCPUOP_register_vcpu_info, 0, &reg));
	check(!(version & 1), "its version is even");
	expect_equal("the page is not written elsewhere", (uint8_t)page[255], 0);
	expect_equal("the page is not written elsewhere", (uint8_t)page[256 + 64], 0);
}

static void check_events_there(void)
{
	evtchn_port_t ipi;

	if (evtchn_bind_ipi(0, &ipi))
		test_error("no ipi");
	events_forget();
	port_mask_clear(ipi);
	expect_result("send", evtchn_send(ipi), 0);
	expect_equal("upcall pending in the new place", new_info->evtchn_upcall_pending, 1);
	check(new_info->evtchn_pending_sel >> ipi / 64 & 1, "selector in the new place, got 0x%lx",
	      new_info->evtchn_pending_sel);
	expect_equal("not in the old place", shared_info->vcpu_info[0].evtchn_upcall_pending & ~1,
		     0);
	events_on();
	expect_equal("the event arrives", event_seen[ipi], 1);
	events_off();
	trap_forget();
	__asm__ volatile(GUARD("mov 0x123, %%al") : : : "rax", "memory");
	expect_equal("cr2 in the new place", new_info->arch.cr2, 0x123);
	trap_forget();
}

static void check_runstate(void)
{
	struct vcpu_runstate_info now = { .state = 99 };
	static struct vcpu_runstate_info area;
	struct vcpu_register_runstate_memory_area reg;
	uint64_t sum, time;

	expect_result("get_runstate_info", vcpu_op(VCPUOP_get_runstate_info, 0, &now), 0);
	expect_equal("the state", (unsigned long)now.state, RUNSTATE_running);
	sum = now.time[0] + now.time[1] + now.time[2] + now.time[3];
	time = time_now();
	check(sum <= time && time - sum < 100000 * MS, "times sum to %lu, system time %lu", sum,
	      time);
	check(now.state_entry_time <= time, "the state was entered before now");
	expect_result("get_runstate_info to a bad pointer", vcpu_op(VCPUOP_get_runstate_info, 0, 0),
		      -EFAULT);

	area.state = 99;
	reg.addr.v = &area;
	expect_result("register_runstate_memory_area",
		      vcpu_op(VCPUOP_register_runstate_memory_area, 0, &reg), 0);
	expect_equal("its state", (unsigned long)area.state, RUNSTATE_running);
	sum = area.time[RUNSTATE_blocked];
	events_on();
	events_off();
	timer_set(time_now() + 20 * MS, 0);
	hypercall(sched_op, SCHEDOP_block);
	events_off();
	check(area.time[RUNSTATE_blocked] - sum >= 10 * MS,
	      "20 ms of blocking show in it, got %lu ns", area.time[RUNSTATE_blocked] - sum);
	check(!(area.state_entry_time & XEN_RUNSTATE_UPDATE), "no update is in progress");
	expect_equal("its state", (unsigned long)area.state, RUNSTATE_running);
	expect_result("registration from a bad pointer",
		      vcpu_op(VCPUOP_register_runstate_memory_area, 0, 0), -EFAULT);
}

/* An area that is no more there is not written, and hurts nobody. */
static void check_runstate_gone(void)
{
	char *page = page_alloc();
	struct vcpu_register_runstate_memory_area reg = { .addr.v = (void *)page };

	expect_result("register on a page", vcpu_op(VCPUOP_register_runstate_memory_area, 0, &reg),
		      0);
	update_va(page, 0, UVMF_INVLPG);
	timer_set(time_now() + 5 * MS, 0);
	hypercall(sched_op, SCHEDOP_block);
	events_off();
	reg.addr.p = 0xffff830000000000UL;
	check(vcpu_op(VCPUOP_register_runstate_memory_area, 0, &reg) != 0 ||
		      hypercall(sched_op, SCHEDOP_yield) == 0,
	      "an area in the hypervisor does no harm");
	reg.addr.p = 0;
	vcpu_op(VCPUOP_register_runstate_memory_area, 0, &reg);
}

static void check_time_area(void)
{
	static struct vcpu_time_info area;
	struct vcpu_register_time_memory_area {
		struct vcpu_time_info *v;
	} reg = { &area };
	uint64_t a, b;

	expect_result("register_vcpu_time_memory_area",
		      vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &reg), 0);
	check(area.tsc_to_system_mul == new_info->time.tsc_to_system_mul &&
		      area.tsc_shift == new_info->time.tsc_shift,
	      "the area has the scale");
	b = time_from(&area);
	a = time_now();
	check(a >= b && a - b < 1000 * MS, "both records give one time: %lu, %lu", a, b);
	expect_result("registration from a bad pointer",
		      vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, 0), -EFAULT);
	reg.v = 0;
	vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &reg);
}

static void check_timers(void)
{
	expect_result("singleshot timer from a bad pointer",
		      vcpu_op(VCPUOP_set_singleshot_timer, 0, (void *)0xffff830000000000UL),
		      -EFAULT);
	expect_result("periodic timer from a bad pointer",
		      vcpu_op(VCPUOP_set_periodic_timer, 0, (void *)0xffff830000000000UL), -EFAULT);
	expect_refused("singleshot timer of another vcpu",
		       vcpu_op(VCPUOP_set_singleshot_timer, 1, 0));
	expect_result("stop_singleshot_timer", vcpu_op(VCPUOP_stop_singleshot_timer, 0, 0), 0);
	expect_result("stop_periodic_timer", vcpu_op(VCPUOP_stop_periodic_timer, 0, 0), 0);
}

void test_main(void)
{
	evtchn_port_t timer;

	events_init();
	if (evtchn_bind_virq(VIRQ_TIMER, 0, &timer))
		test_failure("VIRQ_TIMER cannot be bound");
	port_mask_clear(timer);
	vcpu_op(VCPUOP_stop_periodic_timer, 0, 0); /* a vCPU starts with one */
	STEP(check_is_up);
	STEP(check_register_info);
	STEP(check_events_there);
	STEP(check_runstate);
	STEP(check_runstate_gone);
	STEP(check_time_area);
	STEP(check_timers);
}
