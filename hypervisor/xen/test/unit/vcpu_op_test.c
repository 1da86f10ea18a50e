/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/domain/vcpu_op.c common/sched/runstate.c common/timer.c common/softirq.c */
/* sources: test/fake/frame.c test/fake/cpu.c test/fake/guest.c */
/* vCPU operations and their errors (xen/vcpu.h). */
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
#include <hv/page_ref.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <hv/time.h>

#include <asm/traps.h>

#include "../../common/sched/sched_private.h"

#include "cpu.h"
#include "guest.h"

#define VCPUS 40
#define FRAME 0x200UL /* dom's, writable */
#define MS    NS_PER_MS

static struct domain *d;
static struct vcpu *self;
static int context_result, context_calls, clock_updates, type_refs, timers_fired;

void schedule(void)
{
	fail();
}

void *heap_alloc(size_t size)
{
	return calloc(1, size);
}

void heap_free(void *p)
{
	free(p);
}

unsigned long run_queue_lock(void)
{
	return 0;
}

void run_queue_unlock(unsigned long flags)
{
	assert_int_equal(flags, 0);
}

static int pinned_cpu = -1;
uint32_t apic_id_of_cpu[MAX_CPUS], acpi_id_of_cpu[MAX_CPUS];

int sched_pinned_cpu(const struct vcpu *v)
{
	(void)v;
	return pinned_cpu;
}

void vcpu_wake(struct vcpu *v, unsigned int reason)
{
	v->not_runnable &= ~reason;
}

void vcpu_sleep(struct vcpu *v, unsigned int reason)
{
	v->not_runnable |= reason;
}

void vcpu_kick(struct vcpu *v)
{
	vcpu_wake(v, VCPU_BLOCKED);
}

void evtchn_resync(struct vcpu *v)
{
	v->info->evtchn_pending_sel = ~0UL;
	v->info->evtchn_upcall_pending = 1;
}

void guest_clock_update(struct vcpu *v)
{
	assert_ptr_equal(v, self);
	clock_updates++;
}

int arch_vcpu_set_context(struct vcpu *v, const vcpu_guest_context_t *context)
{
	assert_int_equal(context->user_regs.rip, 0x1000 + v->id);
	context_calls++;
	if (context_result != -ERESTART)
		return context_result;
	context_result = 0;
	return -ERESTART;
}

int page_get_type(struct page_info *pg, const struct domain *owner, enum frame_type type)
{
	assert_int_equal(type, TYPE_WRITABLE);
	if (pg->owner != owner->id)
		return -EINVAL;
	type_refs++;
	return 0;
}

void page_put_type(struct page_info *pg)
{
	(void)pg;
	type_refs--;
}

static long vcpu_op(unsigned int cmd, unsigned int id, void *arg)
{
	return do_vcpu_op(self, cmd, id, va_of(arg));
}

long hypercall_continue(unsigned int nr, unsigned int argc, const unsigned long *args)
{
	assert_int_equal(nr, __HYPERVISOR_vcpu_op);
	assert_int_equal(argc, 3);
	return do_vcpu_op(self, args[0], args[1], args[2]);
}

static void fired(void *data)
{
	(void)data;
	timers_fired++;
}

static int setup(void **state)
{
	unsigned int i;

	(void)state;
	fake_cpus_init();
	timer_cpu_init(0);
	fake_frames_init();
	d = fake_domain_make(0, VCPUS);
	page_of_mfn(mfn(FRAME))->owner = 0;
	self = d->vcpu[0];
	self->not_runnable = 0;
	self->is_initialised = true;
	fake_run(self);
	for (i = 0; i < VCPUS; i++) {
		timer_init(&d->vcpu[i]->singleshot_timer, fired, NULL, 0);
		timer_init(&d->vcpu[i]->periodic_timer, fired, NULL, 0);
	}
	context_result = context_calls = clock_updates = type_refs = timers_fired = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_domain_free(d);
	return 0;
}

static long register_info(unsigned int id, uint64_t frame, unsigned int offset)
{
	struct vcpu_register_vcpu_info req = { .mfn = frame, .offset = offset };

	return vcpu_op(VCPUOP_register_vcpu_info, id, &req);
}

static void test_life(void **state)
{
	vcpu_guest_context_t *context = calloc(1, sizeof(*context));

	(void)state;
	context->user_regs.rip = 0x1001;
	assert_int_equal(vcpu_op(VCPUOP_is_up, 0, NULL), 1);
	assert_int_equal(vcpu_op(VCPUOP_is_up, 1, NULL), 0);
	assert_int_equal(vcpu_op(VCPUOP_is_up, VCPUS, NULL), -ENOENT);
	assert_int_equal(vcpu_op(VCPUOP_is_up, 8191, NULL), -ENOENT);
	assert_int_equal(vcpu_op(VCPUOP_up, 1, NULL), -EINVAL);
	assert_int_equal(vcpu_op(VCPUOP_initialise, 1, (void *)FAKE_BAD_ADDRESS), -EFAULT);
	context_result = -EINVAL;
	assert_int_equal(vcpu_op(VCPUOP_initialise, 1, context), -EINVAL);
	assert_int_equal(vcpu_op(VCPUOP_up, 1, NULL), -EINVAL);
	context_result = -ERESTART;
	assert_int_equal(vcpu_op(VCPUOP_initialise, 1, context), 0);
	assert_int_equal(context_calls, 3);
	assert_int_equal(vcpu_op(VCPUOP_initialise, 1, context), -EEXIST);
	assert_int_equal(vcpu_op(VCPUOP_is_up, 1, NULL), 0);
	assert_int_equal(vcpu_op(VCPUOP_up, 1, NULL), 0);
	assert_int_equal(vcpu_op(VCPUOP_is_up, 1, NULL), 1);

	assert_int_equal(vcpu_op(VCPUOP_down, 0, NULL), 0);
	assert_int_equal(fake_shutdown_code, -1);
	assert_int_equal(vcpu_op(VCPUOP_down, 1, NULL), 0);
	assert_int_equal(fake_shutdown_code, SHUTDOWN_poweroff);
	assert_int_equal(vcpu_op(99, 0, NULL), -ENOSYS);
	assert_int_equal(vcpu_op(VCPUOP_get_physid, 0, NULL), -EINVAL);
	free(context);
}

static void test_register_info(void **state)
{
	vcpu_info_t *info = frame_map(mfn(FRAME));

	(void)state;
	assert_int_equal(register_info(0, FRAME, PAGE_SIZE - 56), -EINVAL);
	assert_int_equal(register_info(0, FRAME, 4), -EINVAL);
	assert_int_equal(register_info(0, FRAME + 1, 0), -EINVAL);
	assert_int_equal(register_info(0, ~0UL, 0), -EINVAL);
	assert_int_equal(type_refs, 0);
	self->info->arch.cr2 = 0x5555;
	assert_int_equal(register_info(0, FRAME, 64), 0);
	assert_ptr_equal(self->info, info + 1);
	assert_int_equal(info[1].arch.cr2, 0x5555);
	assert_int_equal(info[1].evtchn_pending_sel, ~0UL);
	assert_int_equal(info[1].evtchn_upcall_pending, 1);
	assert_int_equal(register_info(0, FRAME, 128), -EINVAL);
	assert_int_equal(type_refs, 1);

	d->vcpu[2]->not_runnable = 0;
	assert_int_equal(register_info(2, FRAME, 128), -EINVAL);
	d->vcpu[2]->not_runnable = VCPU_DOWN;
	assert_int_equal(register_info(2, FRAME, 128), 0);
}

/* Beyond those of shared_info, a vCPU needs an area of its own first. */
static void test_high_vcpu(void **state)
{
	vcpu_guest_context_t *context = calloc(1, sizeof(*context));
	vcpu_info_t *info = frame_map(mfn(FRAME));

	(void)state;
	context->user_regs.rip = 0x1000 + 35;
	assert_int_equal(vcpu_op(VCPUOP_initialise, 35, context), -EINVAL);
	assert_int_equal(register_info(35, FRAME, PAGE_SIZE - sizeof(*info)), 0);
	assert_int_equal(info[63].evtchn_upcall_mask, 1);
	assert_int_equal(vcpu_op(VCPUOP_initialise, 35, context), 0);
	free(context);
}

static void test_timers(void **state)
{
	struct vcpu_set_periodic_timer periodic = { .period_ns = MS - 1 };
	struct vcpu_set_singleshot_timer shot = { .timeout_abs_ns = fake_now_ns - 1,
						  .flags = VCPU_SSHOTTMR_future };

	(void)state;
	assert_int_equal(vcpu_op(VCPUOP_set_periodic_timer, 0, &periodic), -EINVAL);
	periodic.period_ns = ~0UL;
	assert_int_equal(vcpu_op(VCPUOP_set_periodic_timer, 0, &periodic), -EINVAL);
	periodic.period_ns = MS;
	assert_int_equal(vcpu_op(VCPUOP_set_periodic_timer, 0, &periodic), 0);
	assert_int_equal(vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL), 0);
	assert_false(self->periodic_timer.is_pending);
	assert_int_equal(vcpu_op(VCPUOP_set_singleshot_timer, 0, &shot), -ETIME);
	assert_int_equal(vcpu_op(VCPUOP_set_singleshot_timer, 1, &shot), -EINVAL);
	shot.flags = 0;
	assert_int_equal(vcpu_op(VCPUOP_set_singleshot_timer, 0, &shot), 0);
	softirq_run();
	assert_int_equal(timers_fired, 1);
	shot.timeout_abs_ns = fake_now_ns + MS;
	shot.flags = VCPU_SSHOTTMR_future;
	assert_int_equal(vcpu_op(VCPUOP_set_singleshot_timer, 0, &shot), 0);
	assert_true(self->singleshot_timer.is_pending);
	assert_int_equal(vcpu_op(VCPUOP_stop_singleshot_timer, 0, NULL), 0);
	assert_false(self->singleshot_timer.is_pending);
}

static void test_areas(void **state)
{
	struct vcpu_register_runstate_memory_area runstate = { 0 };
	struct vcpu_register_time_memory_area time = { .addr.p = 0x12345000 };
	vcpu_runstate_info_t area = { 0 }, other = { 0 };

	(void)state;
	self->runstate.state_entry_time = fake_now_ns;
	fake_now_ns += 5 * MS;
	runstate.addr.p = va_of(&area);
	assert_int_equal(vcpu_op(VCPUOP_register_runstate_memory_area, 0, &runstate), 0);
	assert_int_equal(self->runstate_guest, va_of(&area));
	assert_int_equal(area.state_entry_time, fake_now_ns - 5 * MS);
	runstate.addr.p = va_of(&other);
	d->vcpu[1]->runstate.state = RUNSTATE_offline;
	assert_int_equal(vcpu_op(VCPUOP_register_runstate_memory_area, 1, &runstate), 0);
	assert_int_equal(other.state, RUNSTATE_offline);
	runstate.addr.p = FAKE_BAD_ADDRESS;
	assert_int_equal(vcpu_op(VCPUOP_register_runstate_memory_area, 1, &runstate), -EFAULT);
	assert_int_equal(d->vcpu[1]->runstate_guest, 0);
	assert_int_equal(vcpu_op(VCPUOP_get_runstate_info, 0, &other), 0);
	assert_int_equal(other.time[RUNSTATE_running], 5 * MS);
	assert_int_equal(vcpu_op(VCPUOP_get_runstate_info, 0, (void *)FAKE_BAD_ADDRESS), -EFAULT);

	assert_int_equal(vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &time), 0);
	assert_int_equal(clock_updates, 1);
	assert_int_equal(vcpu_op(VCPUOP_register_vcpu_time_memory_area, 1, &time), 0);
	assert_int_equal(clock_updates, 1);
	assert_int_equal(d->vcpu[1]->time_guest, 0x12345000);
}

static void test_nmi(void **state)
{
	(void)state;
	assert_int_equal(vcpu_op(VCPUOP_send_nmi, 1, NULL), -EINVAL);
	d->vcpu[1]->arch.trap[X86_NMI].address = 0x1000;
	d->vcpu[1]->not_runnable = VCPU_BLOCKED;
	assert_int_equal(vcpu_op(VCPUOP_send_nmi, 1, NULL), 0);
	assert_true(d->vcpu[1]->arch.nmi_pending);
	assert_int_equal(d->vcpu[1]->not_runnable, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_life),   TEST(test_register_info), TEST(test_high_vcpu),
		TEST(test_timers), TEST(test_areas),	     TEST(test_nmi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
