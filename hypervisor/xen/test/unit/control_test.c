/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/control/domctl.c common/control/domain_info.c common/control/sysctl.c */
/* sources: common/control/create_domain.c common/control/vcpu_context.c common/control/placement.c */
/* sources: common/control/bitmap.c common/control/cpupool.c */
/* sources: common/domain/pause.c test/fake/frame.c test/fake/guest.c test/fake/cpu.c */
/* What tools learn of domains and of the machine, and who may ask. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/console.h>
#include <hv/control.h>
#include <hv/domain_list.h>
#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/hypercall.h>
#include <hv/memory_op.h>
#include <hv/options.h>
#include <hv/page_allocator.h>
#include <hv/sched.h>
#include <hv/time.h>

#include <asm/smp.h>

#include "cpu.h"
#include "guest.h"

#define SHARED_FRAME 77
#define CONTINUED 0x7777

struct boot_options boot_options;
struct cpu_info *cpu_infos[MAX_CPUS];
struct vcpu *idle_vcpu[MAX_CPUS];
unsigned int cpus_online = 2;

static struct domain *dom0, *dom2;
static struct vcpu idle[2];
static struct domain fresh;
static struct domain_config created;
static unsigned int next_id, synced;
static char keys_run[8];

/* ---- what the code under test relies on ---- */

uint64_t tsc_khz(void)
{
	return 2000000;
}

unsigned long pages_total_count(void)
{
	return 1000;
}

unsigned long pages_free_count(void)
{
	return 300;
}

void *heap_alloc(size_t size)
{
	return calloc(1, size);
}

void heap_free(void *p)
{
	free(p);
}

int console_ring_read(struct xen_sysctl_readconsole *op)
{
	op->count = 5;
	return 0;
}

void debug_key_run(char c)
{
	keys_run[strlen(keys_run)] = c;
}

void runstate_read(const struct vcpu *v, vcpu_runstate_info_t *out)
{
	*out = v->runstate;
}

long hypercall_continue(unsigned int nr, unsigned int argc, const unsigned long *args)
{
	(void)nr;
	(void)argc;
	(void)args;
	return CONTINUED;
}

long arch_sysctl(struct xen_sysctl *op)
{
	(void)op;
	return -ENOSYS;
}

void arch_physinfo(struct xen_sysctl_physinfo *info)
{
	info->hw_cap[0] = 1;
}

unsigned long claimed_pages(void)
{
	return 3;
}

long arch_domctl(struct vcpu *v, struct domain *d, struct xen_domctl *op, bool *has_result)
{
	(void)v;
	(void)d;
	(void)op;
	(void)has_result;
	return -ENOSYS;
}

void guest_wallclock_update(struct domain *d)
{
	(void)d;
}

void vcpu_sync(struct vcpu *v)
{
	assert_true(v->not_runnable & VCPU_PAUSED);
	synced++;
}

unsigned int domain_id_choose(void)
{
	return next_id++;
}

int domain_create(domid_t id, const struct domain_config *c, struct domain **out)
{
	if (id < 4)
		return -EEXIST;
	created = *c;
	*out = &fresh;
	fresh.id = id;
	return 0;
}

int domain_destroy(struct domain *d)
{
	return d == dom2 ? -ERESTART : 0;
}

struct vcpu *vcpu_create(struct domain *d, unsigned int id)
{
	(void)d;
	(void)id;
	return NULL;
}

int vcpu_set_context(struct vcpu *v, const vcpu_guest_context_t *context)
{
	assert_true(v->not_runnable & VCPU_PAUSED);
	return context->kernel_sp == 1 ? -EINVAL : 0;
}

void arch_vcpu_get_context(struct vcpu *v, vcpu_guest_context_t *context)
{
	context->kernel_sp = v->id + 100;
}

long vcpu_send_nmi(struct vcpu *v)
{
	return v->id ? -EINVAL : 0;
}

struct cpu_mask sched_active_cpus(void)
{
	return (struct cpu_mask){ { 3, 0 } };
}

int sched_affinity_set(struct vcpu *v, const struct cpu_mask *hard, const struct cpu_mask *soft)
{
	if (hard)
		v->sched.hard = *hard;
	if (soft)
		v->sched.soft = *soft;
	return 0;
}

void sched_affinity_get(const struct vcpu *v, struct cpu_mask *hard, struct cpu_mask *soft)
{
	*hard = v->sched.hard;
	*soft = v->sched.soft;
}

long sched_pin_override(struct vcpu *v, int cpu)
{
	(void)v;
	return cpu;
}

int sched_share_set(struct domain *d, unsigned int weight, unsigned int cap_percent)
{
	d->sched.weight = weight;
	d->sched.cap_percent = cap_percent;
	return 0;
}

void sched_share_get(const struct domain *d, unsigned int *weight, unsigned int *cap_percent)
{
	*weight = d->sched.weight;
	*cap_percent = d->sched.cap_percent;
}

void vcpu_sleep(struct vcpu *v, unsigned int reason)
{
	v->not_runnable |= reason;
}

void vcpu_wake(struct vcpu *v, unsigned int reason)
{
	v->not_runnable &= ~reason;
}

/* ---- the tests ---- */

static int setup(void **state)
{
	(void)state;
	if (!frame_table)
		fake_frames_init();
	fake_cpus_init();
	dom0 = fake_domain_make(0, 1);
	dom2 = fake_domain_make(2, 3);
	dom0->shared_page = page_of_mfn(mfn(SHARED_FRAME + 1));
	dom2->shared_page = page_of_mfn(mfn(SHARED_FRAME));
	idle_vcpu[0] = &idle[0];
	idle_vcpu[1] = &idle[1];
	memset(keys_run, 0, sizeof(keys_run));
	fake_run(dom0->vcpu[0]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(dom0->refs, 1);
	assert_int_equal(dom2->refs, 1);
	fake_domain_free(dom0);
	fake_domain_free(dom2);
	return 0;
}

static long domctl(uint32_t cmd, domid_t dom, struct xen_domctl *op)
{
	op->cmd = cmd;
	op->domain = dom;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	return do_domctl(dom0->vcpu[0], va_of(op));
}

static long sysctl(uint32_t cmd, struct xen_sysctl *op)
{
	op->cmd = cmd;
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return do_sysctl(dom0->vcpu[0], va_of(op));
}

static void test_who_may(void **state)
{
	struct xen_domctl d = { .cmd = XEN_DOMCTL_getdomaininfo,
				.interface_version = XEN_DOMCTL_INTERFACE_VERSION };
	struct xen_sysctl s = { .cmd = XEN_SYSCTL_physinfo,
				.interface_version = XEN_SYSCTL_INTERFACE_VERSION };

	(void)state;
	assert_int_equal(do_domctl(dom2->vcpu[0], va_of(&d)), -EPERM);
	assert_int_equal(do_sysctl(dom2->vcpu[0], va_of(&s)), -EPERM);
	d.interface_version++;
	s.interface_version++;
	assert_int_equal(do_domctl(dom0->vcpu[0], va_of(&d)), -EACCES);
	assert_int_equal(do_sysctl(dom0->vcpu[0], va_of(&s)), -EACCES);
	assert_int_equal(do_domctl(dom0->vcpu[0], FAKE_BAD_ADDRESS), -EFAULT);
	assert_int_equal(do_sysctl(dom0->vcpu[0], FAKE_BAD_ADDRESS), -EFAULT);
	assert_int_equal(domctl(999, 0, &d), -ENOSYS);
	assert_int_equal(sysctl(999, &s), -ENOSYS);
	assert_int_equal(domctl(XEN_DOMCTL_max_mem, 1, &d), -ESRCH);
	assert_int_equal(domctl(XEN_DOMCTL_max_mem, DOMID_SELF, &d), -ESRCH);
}

static void test_domain_info(void **state)
{
	struct xen_domctl op = { 0 };
	const struct xen_domctl_getdomaininfo *info = &op.u.getdomaininfo;

	(void)state;
	dom2->total_pages = 40;
	dom2->vcpu[0]->not_runnable = VCPU_BLOCKED;
	dom2->vcpu[0]->runstate.time[RUNSTATE_running] = 7;
	dom2->vcpu[2]->runstate.time[RUNSTATE_running] = 5;
	op.u.max_mem.max_memkb = 200;
	assert_int_equal(domctl(XEN_DOMCTL_max_mem, 2, &op), 0);
	memset(op.u.setdomainhandle.handle, 0xab, sizeof(op.u.setdomainhandle.handle));
	assert_int_equal(domctl(XEN_DOMCTL_setdomainhandle, 2, &op), 0);

	/* there is no domain 1: the next one */
	assert_int_equal(domctl(XEN_DOMCTL_getdomaininfo, 1, &op), 0);
	assert_int_equal(op.domain, 2);
	assert_int_equal(info->domain, 2);
	assert_int_equal(info->tot_pages, 40);
	assert_int_equal(info->max_pages, 50);
	assert_int_equal(info->handle[15], 0xab);
	assert_int_equal(info->max_vcpu_id, 2);
	assert_int_equal(info->nr_online_vcpus, 1);
	assert_int_equal(info->cpu_time, 12);
	assert_int_equal(info->shared_info_frame, SHARED_FRAME);
	assert_int_equal(info->flags, XEN_DOMINF_blocked | 0xff0000);
	assert_int_equal(domctl(XEN_DOMCTL_getdomaininfo, 3, &op), -ESRCH);

	dom2->vcpu[0]->is_running = true;
	dom2->is_shut_down = true;
	dom2->shutdown_code = SHUTDOWN_crash;
	assert_int_equal(domctl(XEN_DOMCTL_getdomaininfo, 2, &op), 0);
	assert_int_equal(info->flags, XEN_DOMINF_running | XEN_DOMINF_shutdown |
					      SHUTDOWN_crash << XEN_DOMINF_shutdownshift);
}

static void test_pause(void **state)
{
	struct xen_domctl op = { 0 };

	(void)state;
	dom2->vcpu[0]->not_runnable = 0;
	assert_int_equal(domctl(XEN_DOMCTL_pausedomain, 0, &op), -EINVAL);
	assert_int_equal(domctl(XEN_DOMCTL_unpausedomain, 2, &op), -EINVAL);
	assert_int_equal(domctl(XEN_DOMCTL_pausedomain, 2, &op), 0);
	assert_int_equal(dom2->vcpu[0]->not_runnable, VCPU_PAUSED);
	assert_int_equal(domctl(XEN_DOMCTL_pausedomain, 2, &op), 0);
	assert_int_equal(domctl(XEN_DOMCTL_getdomaininfo, 2, &op), 0);
	assert_true(op.u.getdomaininfo.flags & XEN_DOMINF_paused);
	assert_int_equal(domctl(XEN_DOMCTL_unpausedomain, 2, &op), 0);
	assert_int_equal(dom2->vcpu[0]->not_runnable, VCPU_PAUSED);
	assert_int_equal(domctl(XEN_DOMCTL_unpausedomain, 2, &op), 0);
	assert_int_equal(dom2->vcpu[0]->not_runnable, 0);
	for (unsigned int i = 0; i < 255; i++)
		assert_int_equal(domctl(XEN_DOMCTL_pausedomain, 2, &op), 0);
	assert_int_equal(domctl(XEN_DOMCTL_pausedomain, 2, &op), -EBUSY);
	dom2->pause_count = 1;
	dom2->is_shut_down = true;
	assert_int_equal(domctl(XEN_DOMCTL_unpausedomain, 2, &op), 0);
	assert_int_equal(dom2->vcpu[0]->not_runnable, VCPU_PAUSED);
	assert_int_equal(domctl(XEN_DOMCTL_resumedomain, 2, &op), 0);
	assert_int_equal(dom2->vcpu[0]->not_runnable, 0);
}

static struct xen_domctl create_request(void)
{
	return (struct xen_domctl){ .u.createdomain = { .max_vcpus = 3,
							.max_evtchn_port = 1023,
							.max_grant_frames = -1,
							.max_maptrack_frames = 7,
							.grant_opts = 2 } };
}

static void create_refused(struct xen_domctl op, long why)
{
	assert_int_equal(domctl(XEN_DOMCTL_createdomain, 9, &op), why);
}

/* A field of a request that is otherwise good. */
#define REFUSED(field, value, why)				\
	do {							\
		struct xen_domctl op_ = create_request();	\
                                                          \
		op_.u.createdomain.field = value;		\
		create_refused(op_, why);			\
	} while (0)

static void test_create(void **state)
{
	struct xen_domctl op = create_request();

	(void)state;
	next_id = 2;
	assert_int_equal(domctl(XEN_DOMCTL_createdomain, 0, &op), 0);
	assert_int_equal(op.domain, 4);
	assert_int_equal(created.max_vcpus, 3);
	assert_int_equal(created.max_grant_frames, 64);
	assert_int_equal(created.max_maptrack_frames, 7);
	assert_true(created.is_paused);
	assert_int_equal(domctl(XEN_DOMCTL_createdomain, 77, &op), 0);
	assert_int_equal(op.domain, 77);
	assert_int_equal(domctl(XEN_DOMCTL_createdomain, 3, &op), -EEXIST);
	REFUSED(max_vcpus, 0, -EINVAL);
	REFUSED(max_vcpus, MAX_VCPUS + 1, -EINVAL);
	REFUSED(max_grant_frames, 65, -EINVAL);
	REFUSED(max_maptrack_frames, 1025, -EINVAL);
	REFUSED(grant_opts, 0, -EINVAL);
	REFUSED(grant_opts, 3, -EINVAL);
	REFUSED(grant_opts, 0x12, -EINVAL);
	REFUSED(flags, XEN_DOMCTL_CDF_hvm, -EINVAL);
	REFUSED(flags, XEN_DOMCTL_CDF_iommu, -EINVAL);
	REFUSED(flags, 1U << 31, -EINVAL);
	REFUSED(iommu_opts, 1, -EINVAL);
	REFUSED(vmtrace_size, 4096, -EINVAL);
	REFUSED(arch.emulation_flags, 1, -EINVAL);
	REFUSED(arch.misc_flags, 2, -EINVAL);
	REFUSED(cpupool_id, 1, -ESRCH);
}

static void test_destroy(void **state)
{
	struct xen_domctl op = { 0 };

	(void)state;
	assert_int_equal(domctl(XEN_DOMCTL_destroydomain, 0, &op), -EINVAL);
	assert_int_equal(domctl(XEN_DOMCTL_destroydomain, 5, &op), -ESRCH);
	assert_int_equal(domctl(XEN_DOMCTL_destroydomain, 2, &op), CONTINUED);
}

static void test_max_vcpus(void **state)
{
	struct xen_domctl op = { .u.max_vcpus.max = 3 };

	(void)state;
	assert_int_equal(domctl(XEN_DOMCTL_max_vcpus, 2, &op), 0);
	op.u.max_vcpus.max = 2;
	assert_int_equal(domctl(XEN_DOMCTL_max_vcpus, 2, &op), -EINVAL);
	op.u.max_vcpus.max = 1;
	assert_int_equal(domctl(XEN_DOMCTL_max_vcpus, 0, &op), -EINVAL);
	op.u.max_vcpus.max = 3;
	dom2->is_dying = true;
	assert_int_equal(domctl(XEN_DOMCTL_max_vcpus, 2, &op), -EINVAL);
}

static void test_vcpu_context(void **state)
{
	static vcpu_guest_context_t context;
	struct xen_domctl op = { .u.vcpucontext.vcpu = 1 };

	(void)state;
	op.u.vcpucontext.ctxt.p = &context;
	context.flags = VGCF_online;
	assert_int_equal(domctl(XEN_DOMCTL_setvcpucontext, 2, &op), 0);
	assert_int_equal(dom2->vcpu[1]->not_runnable, 0);
	context.flags = 0;
	assert_int_equal(domctl(XEN_DOMCTL_setvcpucontext, 2, &op), 0);
	assert_int_equal(dom2->vcpu[1]->not_runnable, VCPU_DOWN);
	context.kernel_sp = 1;
	assert_int_equal(domctl(XEN_DOMCTL_setvcpucontext, 2, &op), -EINVAL);
	assert_int_equal(domctl(XEN_DOMCTL_setvcpucontext, 0, &op), -EINVAL);
	assert_int_equal(domctl(XEN_DOMCTL_getvcpucontext, 2, &op), -ENODATA);
	dom2->vcpu[1]->is_initialised = true;
	assert_int_equal(domctl(XEN_DOMCTL_getvcpucontext, 2, &op), 0);
	assert_int_equal(context.kernel_sp, 101);
	op.u.vcpucontext.vcpu = 3;
	assert_int_equal(domctl(XEN_DOMCTL_setvcpucontext, 2, &op), -EINVAL);
	assert_int_equal(domctl(XEN_DOMCTL_getvcpucontext, 2, &op), -ESRCH);
	op.u.vcpucontext.vcpu = 1;
	op.u.vcpucontext.ctxt.p = (void *)FAKE_BAD_ADDRESS;
	assert_int_equal(domctl(XEN_DOMCTL_setvcpucontext, 2, &op), -EFAULT);
	assert_true(synced);
	assert_int_equal(dom2->freeze_count, 0);
}

/* Of the map's bytes those count that it has, and of the last one as many bits. */
static void test_affinity(void **state)
{
	uint8_t hard[20], soft[3] = { 0xff, 0xff, 0xff };
	struct xen_domctl op = { .u.vcpuaffinity = { .flags = XEN_VCPUAFFINITY_HARD |
							      XEN_VCPUAFFINITY_SOFT } };

	(void)state;
	memset(hard, 0xff, sizeof(hard));
	op.u.vcpuaffinity.cpumap_hard.bitmap.p = hard;
	op.u.vcpuaffinity.cpumap_hard.nr_bits = 160;
	op.u.vcpuaffinity.cpumap_soft.bitmap.p = soft;
	op.u.vcpuaffinity.cpumap_soft.nr_bits = 9;
	assert_int_equal(domctl(XEN_DOMCTL_setvcpuaffinity, 2, &op), 0);
	assert_int_equal(dom2->vcpu[0]->sched.hard.bits[1], ~0UL);
	assert_int_equal(dom2->vcpu[0]->sched.soft.bits[0], 0x1ff);
	/* what is in force comes back */
	assert_int_equal(hard[0], 3);
	assert_int_equal(hard[19], 0);
	assert_int_equal(soft[0], 3);
	assert_int_equal(soft[2], 0xff);
	assert_int_equal(domctl(XEN_DOMCTL_getvcpuaffinity, 2, &op), 0);
	assert_int_equal(hard[15], 0xff);
	assert_int_equal(hard[16], 0);
	op.u.vcpuaffinity.flags = 0;
	assert_int_equal(domctl(XEN_DOMCTL_setvcpuaffinity, 2, &op), -EINVAL);
	op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
	op.u.vcpuaffinity.cpumap_hard.bitmap.p = (void *)FAKE_BAD_ADDRESS;
	assert_int_equal(domctl(XEN_DOMCTL_setvcpuaffinity, 2, &op), -EFAULT);
}

static void test_scheduler(void **state)
{
	struct xen_domctl op = { .u.scheduler_op = { .sched_id = XEN_SCHEDULER_CREDIT2,
						     .u.credit2 = { 512, UINT16_MAX } } };

	(void)state;
	boot_options.scheduler = XEN_SCHEDULER_CREDIT2;
	dom2->sched.cap_percent = 50;
	assert_int_equal(domctl(XEN_DOMCTL_scheduler_op, 2, &op), 0);
	assert_int_equal(dom2->sched.weight, 512);
	op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	assert_int_equal(domctl(XEN_DOMCTL_scheduler_op, 2, &op), 0);
	assert_int_equal(op.u.scheduler_op.u.credit2.weight, 512);
	assert_int_equal(op.u.scheduler_op.u.credit2.cap, 50);
	op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getvcpuinfo;
	assert_int_equal(domctl(XEN_DOMCTL_scheduler_op, 2, &op), -EOPNOTSUPP);
	op.u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT;
	assert_int_equal(domctl(XEN_DOMCTL_scheduler_op, 2, &op), -EINVAL);
}

static void test_vcpu_info(void **state)
{
	struct xen_domctl op = { .u.getvcpuinfo.vcpu = 1 };

	(void)state;
	dom2->vcpu[1]->runstate.time[RUNSTATE_running] = 99;
	assert_int_equal(domctl(XEN_DOMCTL_getvcpuinfo, 2, &op), 0);
	assert_int_equal(op.u.getvcpuinfo.online, 0);
	assert_int_equal(op.u.getvcpuinfo.cpu_time, 99);
	op.u.getvcpuinfo.vcpu = 3;
	assert_int_equal(domctl(XEN_DOMCTL_getvcpuinfo, 2, &op), -EINVAL);
	op.u.getvcpuinfo.vcpu = ~0U;
	assert_int_equal(domctl(XEN_DOMCTL_getvcpuinfo, 2, &op), -EINVAL);
}

static void test_lists(void **state)
{
	struct xen_domctl_getdomaininfo info[3];
	struct xen_sysctl_cpuinfo cpu[3];
	struct xen_sysctl_cputopo place[3];
	struct xen_sysctl op = { .u.getdomaininfolist = { .max_domains = 3 } };

	(void)state;
	op.u.getdomaininfolist.buffer.p = info;
	assert_int_equal(sysctl(XEN_SYSCTL_getdomaininfolist, &op), 0);
	assert_int_equal(op.u.getdomaininfolist.num_domains, 2);
	assert_int_equal(info[0].domain, 0);
	assert_int_equal(info[1].domain, 2);
	op.u.getdomaininfolist.max_domains = 1;
	op.u.getdomaininfolist.first_domain = 1;
	assert_int_equal(sysctl(XEN_SYSCTL_getdomaininfolist, &op), 0);
	assert_int_equal(op.u.getdomaininfolist.num_domains, 1);
	assert_int_equal(info[0].domain, 2);
	op.u.getdomaininfolist.buffer.p = (void *)FAKE_BAD_ADDRESS;
	assert_int_equal(sysctl(XEN_SYSCTL_getdomaininfolist, &op), -EFAULT);

	idle[1].runstate.time[RUNSTATE_running] = 1234;
	op.u.getcpuinfo.max_cpus = 3;
	op.u.getcpuinfo.info.p = cpu;
	assert_int_equal(sysctl(XEN_SYSCTL_getcpuinfo, &op), 0);
	assert_int_equal(op.u.getcpuinfo.nr_cpus, 2);
	assert_int_equal(cpu[1].idletime, 1234);

	memset(&op.u, 0, sizeof(op.u));
	assert_int_equal(sysctl(XEN_SYSCTL_cputopoinfo, &op), 0);
	assert_int_equal(op.u.cputopoinfo.num_cpus, 2);
	op.u.cputopoinfo.cputopo.p = place;
	assert_int_equal(sysctl(XEN_SYSCTL_cputopoinfo, &op), 0);
	assert_int_equal(place[1].socket, 1);
}

static void test_machine(void **state)
{
	struct xen_sysctl op = { 0 };

	(void)state;
	assert_int_equal(sysctl(XEN_SYSCTL_physinfo, &op), 0);
	assert_int_equal(op.u.physinfo.nr_cpus, 2);
	assert_int_equal(op.u.physinfo.cpu_khz, 2000000);
	assert_int_equal(op.u.physinfo.total_pages, 1000);
	assert_int_equal(op.u.physinfo.free_pages, 300);
	op.u.availheap.node = -1;
	assert_int_equal(sysctl(XEN_SYSCTL_availheap, &op), 0);
	assert_int_equal(op.u.availheap.avail_bytes, 300 * PAGE_SIZE);
	op.u.availheap.node = 1;
	assert_int_equal(sysctl(XEN_SYSCTL_availheap, &op), 0);
	assert_int_equal(op.u.availheap.avail_bytes, 0);
	memset(&op.u, 0, sizeof(op.u));
	assert_int_equal(sysctl(XEN_SYSCTL_numainfo, &op), 0);
	assert_int_equal(op.u.numainfo.num_nodes, 1);
	assert_int_equal(sysctl(XEN_SYSCTL_readconsole, &op), 0);
	assert_int_equal(op.u.readconsole.count, 5);
	boot_options.scheduler = XEN_SCHEDULER_NULL;
	assert_int_equal(sysctl(XEN_SYSCTL_sched_id, &op), 0);
	assert_int_equal(op.u.sched_id.sched_id, XEN_SCHEDULER_NULL);
}

static void test_cpupool(void **state)
{
	uint8_t cpus[2] = { 0 };
	struct xen_sysctl op = { .u.cpupool_op = { .op = XEN_SYSCTL_CPUPOOL_OP_INFO } };

	(void)state;
	op.u.cpupool_op.cpumap.bitmap.p = cpus;
	op.u.cpupool_op.cpumap.nr_bits = 9;
	assert_int_equal(sysctl(XEN_SYSCTL_cpupool_op, &op), 0);
	assert_int_equal(op.u.cpupool_op.n_dom, 2);
	assert_int_equal(cpus[0], 3);
	op.u.cpupool_op.cpupool_id = 1;
	assert_int_equal(sysctl(XEN_SYSCTL_cpupool_op, &op), -ENOENT);
	op.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN;
	op.u.cpupool_op.domid = 2;
	assert_int_equal(sysctl(XEN_SYSCTL_cpupool_op, &op), -ENOENT);
	op.u.cpupool_op.cpupool_id = 0;
	assert_int_equal(sysctl(XEN_SYSCTL_cpupool_op, &op), 0);
	op.u.cpupool_op.domid = 1;
	assert_int_equal(sysctl(XEN_SYSCTL_cpupool_op, &op), -ESRCH);
	op.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_CREATE;
	assert_int_equal(sysctl(XEN_SYSCTL_cpupool_op, &op), -EOPNOTSUPP);
}

static void test_debug_keys(void **state)
{
	static const char typed[] = "hq";
	struct xen_sysctl op = { .u.debug_keys = { .nr_keys = 2 } };

	(void)state;
	op.u.debug_keys.keys.p = typed;
	assert_int_equal(sysctl(XEN_SYSCTL_debug_keys, &op), 0);
	assert_string_equal(keys_run, "hq");
	op.u.debug_keys.nr_keys = ~0U;
	assert_int_equal(sysctl(XEN_SYSCTL_debug_keys, &op), -E2BIG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_who_may), TEST(test_domain_info), TEST(test_pause),
		TEST(test_vcpu_info), TEST(test_lists), TEST(test_machine),
		TEST(test_debug_keys), TEST(test_create), TEST(test_destroy),
		TEST(test_max_vcpus), TEST(test_vcpu_context), TEST(test_affinity),
		TEST(test_scheduler), TEST(test_cpupool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
