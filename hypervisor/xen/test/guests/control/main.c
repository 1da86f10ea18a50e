/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tools ask: sysctl.h and domctl.h.
 *
 * Both refuse another version of their interface (-EACCES). getdomaininfo
 * answers for the next domain if there is none of the id, which is how lists
 * are walked. No domain stops itself. A policy for CPUID is told whole.
 */
/* as tools see the headers */
#define __XEN_TOOLS__ 1

#include "memory.h"
#include "trap.h"

#include <xen/domctl.h>
#include <xen/sched.h>
#include <xen/sysctl.h>

const char test_title[] = "The hypercalls of tools";

static struct xen_domctl d;
static struct xen_sysctl s;

static long domctl(uint32_t cmd, domid_t dom)
{
	d.cmd = cmd;
	d.domain = dom;
	d.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	return hypercall(domctl, &d);
}

static long sysctl(uint32_t cmd)
{
	s.cmd = cmd;
	s.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return hypercall(sysctl, &s);
}

static void check_refused(void)
{
	expect_result("domctl at a bad address", hypercall(domctl, 0xffff830000000000UL), -EFAULT);
	expect_result("sysctl at a bad address", hypercall(sysctl, 0xffff830000000000UL), -EFAULT);
	d.interface_version = XEN_DOMCTL_INTERFACE_VERSION + 1;
	s.interface_version = XEN_SYSCTL_INTERFACE_VERSION + 1;
	expect_result("domctl of another version", hypercall(domctl, &d), -EACCES);
	expect_result("sysctl of another version", hypercall(sysctl, &s), -EACCES);
	expect_result("an unknown domctl", domctl(9999, 0), -ENOSYS);
	expect_result("an unknown sysctl", sysctl(9999), -ENOSYS);
	expect_result("of no domain", domctl(XEN_DOMCTL_max_mem, 77), -ESRCH);
	expect_result("pause ourselves", domctl(XEN_DOMCTL_pausedomain, 0), -EINVAL);
	expect_result("unpause ourselves", domctl(XEN_DOMCTL_unpausedomain, 0), -EINVAL);
}

static void check_domain(void)
{
	const struct xen_domctl_getdomaininfo *info = &d.u.getdomaininfo;

	expect_result("getdomaininfo", domctl(XEN_DOMCTL_getdomaininfo, 0), 0);
	expect_equal("its domain", info->domain, 0);
	expect_equal("its pages", info->tot_pages, start_info->nr_pages);
	expect_equal("its flags", info->flags & 0xff00ffU, 0xff0000U | XEN_DOMINF_running);
	expect_equal("its vCPUs", info->nr_online_vcpus, 1);
	check(info->max_vcpu_id < 128, "the last vCPU is %u", info->max_vcpu_id);
	expect_equal("shared_info", info->shared_info_frame, start_info->shared_info >> PAGE_SHIFT);
	check(info->cpu_time, "it has run");
	expect_result("of the one behind the last", domctl(XEN_DOMCTL_getdomaininfo, 1), -ESRCH);

	d.u.getvcpuinfo.vcpu = 0;
	expect_result("getvcpuinfo", domctl(XEN_DOMCTL_getvcpuinfo, 0), 0);
	expect_equal("online", d.u.getvcpuinfo.online, 1);
	expect_equal("running", d.u.getvcpuinfo.running, 1);
	expect_equal("blocked", d.u.getvcpuinfo.blocked, 0);
	d.u.getvcpuinfo.vcpu = 4711;
	expect_result("getvcpuinfo of none", domctl(XEN_DOMCTL_getvcpuinfo, 0), -EINVAL);
}

static void check_list(void)
{
	static struct xen_domctl_getdomaininfo list[2];

	s.u.getdomaininfolist.first_domain = 0;
	s.u.getdomaininfolist.max_domains = 2;
	set_xen_guest_handle(s.u.getdomaininfolist.buffer, list);
	expect_result("getdomaininfolist", sysctl(XEN_SYSCTL_getdomaininfolist), 0);
	expect_equal("domains", s.u.getdomaininfolist.num_domains, 1);
	expect_equal("its pages", list[0].tot_pages, start_info->nr_pages);
}

static void check_machine(void)
{
	static uint32_t distance[4];
	static xen_sysctl_cputopo_t place[4];
	static char text[64];
	unsigned int cpus;

	expect_result("physinfo", sysctl(XEN_SYSCTL_physinfo), 0);
	cpus = s.u.physinfo.nr_cpus;
	check(cpus, "there is a CPU");
	expect_equal("nodes", s.u.physinfo.nr_nodes, 1);
	expect_equal("PV", s.u.physinfo.capabilities & XEN_SYSCTL_PHYSCAP_pv,
		     XEN_SYSCTL_PHYSCAP_pv);
	check(s.u.physinfo.cpu_khz > 1000, "a clock");
	check(s.u.physinfo.free_pages < s.u.physinfo.total_pages, "some memory is in use");
	s.u.availheap.min_bitwidth = 0;
	s.u.availheap.max_bitwidth = 0;
	s.u.availheap.node = -1;
	expect_result("availheap", sysctl(XEN_SYSCTL_availheap), 0);
	check(s.u.availheap.avail_bytes, "some memory is free");
	memset(&s.u, 0, sizeof(s.u));
	expect_result("cputopoinfo", sysctl(XEN_SYSCTL_cputopoinfo), 0);
	expect_equal("CPUs", s.u.cputopoinfo.num_cpus, cpus);
	set_xen_guest_handle(s.u.cputopoinfo.cputopo, place);
	expect_result("cputopoinfo", sysctl(XEN_SYSCTL_cputopoinfo), 0);
	expect_equal("node of a CPU", place[0].node, 0);
	memset(&s.u, 0, sizeof(s.u));
	s.u.numainfo.num_nodes = 1;
	set_xen_guest_handle(s.u.numainfo.distance, distance);
	expect_result("numainfo", sysctl(XEN_SYSCTL_numainfo), 0);
	expect_equal("nodes", s.u.numainfo.num_nodes, 1);
	memset(&s.u, 0, sizeof(s.u));
	set_xen_guest_handle(s.u.readconsole.buffer, text);
	s.u.readconsole.count = sizeof(text);
	expect_result("readconsole", sysctl(XEN_SYSCTL_readconsole), 0);
	expect_equal("characters", s.u.readconsole.count, sizeof(text));
	expect_result("sched_id", sysctl(XEN_SYSCTL_sched_id), 0);
	expect_equal("the scheduler", s.u.sched_id.sched_id, XEN_SCHEDULER_CREDIT2);
}

/*
 * A policy is a list in order, with all leaves up to the two highest: a library makes of it one of as many. Without
 * a place for it the longest is told.
 */
static void check_policy(void)
{
	static xen_cpuid_leaf_t leaf[256];
	struct xen_sysctl_cpu_policy *p = &s.u.cpu_policy;
	unsigned int longest, i, found[3] = { 0 };

	memset(&s, 0, sizeof(s));
	p->index = XEN_SYSCTL_cpu_policy_pv_default;
	expect_result("the longest policy", sysctl(XEN_SYSCTL_get_cpu_policy), 0);
	longest = p->nr_leaves;
	check(longest >= 40 && longest <= 256, "%u leaves at most", longest);
	set_xen_guest_handle(p->leaves, leaf);
	p->nr_leaves = 7;
	expect_result("in seven leaves", sysctl(XEN_SYSCTL_get_cpu_policy), -ENOBUFS);
	p->nr_leaves = longest;
	expect_result("the policy", sysctl(XEN_SYSCTL_get_cpu_policy), 0);
	check(p->nr_leaves > 16 && p->nr_leaves <= longest, "%u leaves", p->nr_leaves);
	for (i = 0; i < p->nr_leaves; i++) {
		check(!i || leaf[i].leaf > leaf[i - 1].leaf ||
			      (leaf[i].leaf == leaf[i - 1].leaf &&
			       leaf[i].subleaf > leaf[i - 1].subleaf),
		      "leaf 0x%x:0x%x in its place", leaf[i].leaf, leaf[i].subleaf);
		if (!i || leaf[i].leaf != leaf[i - 1].leaf)
			found[leaf[i].leaf >> 30]++;
	}
	expect_equal("basic leaves", found[0], leaf[0].a + 1);
	expect_equal("the hypervisor's, both without contents", found[1], 2);
	for (i = 0; leaf[i].leaf < 0x80000000; i++)
		;
	expect_equal("extended leaves", found[2], (leaf[i].a & 0xffff) + 1);
}

/* Linux counts by what is told, in any case. */
static void check_no_domain(void)
{
	struct mmu_update request = { .ptr = 0, .val = 0 };
	unsigned int done = 77;

	expect_refused("an update for no domain", hypercall(mmu_update, &request, 1, &done, 4711));
	expect_equal("updates done", done, 0);
}

void test_main(void)
{
	shared_info_map();
	STEP(check_refused);
	STEP(check_domain);
	STEP(check_list);
	STEP(check_machine);
	STEP(check_policy);
	STEP(check_no_domain);
}
