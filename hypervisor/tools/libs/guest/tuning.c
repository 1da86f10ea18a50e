// SPDX-License-Identifier: GPL-2.0-or-later
/* What can be changed of a guest while it runs: memory, affinity, scheduling, and requests to its kernel. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "cpu_list.h"
#include "guest.h"
#include "store.h"

#define PAGE_KIB	 4u
#define ROOM_SLACK_KIB	 8192u /* of the hypervisor, for the domain itself */
#define ROOM_TIMEOUT_MS	 10000u
#define DOM0_MINIMUM_KIB (128u * 1024)

bool guest_ask(struct guest_host *host, unsigned int domid, const char *command)
{
	char *path = alloc_format("/local/domain/%u/control/shutdown", domid);
	char *feature = store_read(host, "/local/domain/%u/control/feature-%s", domid, command);
	bool good = false;

	if (feature && !strcmp(feature, "0"))
		report_error(host->report, "domain %u says that it does not know '%s'", domid,
			     command);
	else if (!store_write(host, path, command))
		report_error(host->report, "domain %u cannot be asked: %s", domid, strerror(errno));
	else
		good = true;
	free(feature);
	free(path);
	return good;
}

bool guest_set_max_memory(struct guest_host *host, unsigned int domid, unsigned int kib)
{
	long target = store_read_number(host, "/local/domain/%u/memory/target", domid);
	int rc;

	if (target > (long)kib) {
		report_error(host->report,
			     "the limit cannot be below the guest's target of %ld KiB", target);
		return false;
	}
	rc = ctrl_domain_set_max_memory(host->ctrl, (domid_t)domid, kib + GUEST_MEMORY_SLACK_KIB);
	if (rc)
		report_error(host->report, "the limit cannot be set: %s", strerror(-rc));
	return !rc;
}

bool guest_set_memory(struct guest_host *host, unsigned int domid, unsigned int kib)
{
	long max = store_read_number(host, "/local/domain/%u/memory/static-max", domid);
	char *path = alloc_format("/local/domain/%u/memory/target", domid);
	char *value = alloc_format("%u", kib);
	bool good = false;

	if (max >= 0 && kib > (unsigned long)max)
		report_error(host->report, "the guest can have %ld KiB at most", max);
	else if (domid && ctrl_domain_set_max_memory(host->ctrl, (domid_t)domid,
						     kib + GUEST_MEMORY_SLACK_KIB))
		report_error(host->report, "the limit cannot be set");
	else if (!store_write(host, path, value))
		report_error(host->report, "the guest cannot be told: %s", strerror(errno));
	else
		good = true;
	free(value);
	free(path);
	return good;
}

static unsigned long long free_kib(struct guest_host *host)
{
	struct xen_sysctl_physinfo info;

	if (ctrl_physinfo(host->ctrl, &info))
		return 0;
	return (info.free_pages - info.outstanding_pages) * PAGE_KIB;
}

static bool may_balloon(struct guest_host *host)
{
	static char line[sizeof(xen_commandline_t) + 1];

	if (host->settings.autoballoon != AUTOBALLOON_AUTO)
		return host->settings.autoballoon == AUTOBALLOON_ON;
	return !ctrl_version_read(host->ctrl, XENVER_commandline, line,
				  sizeof(xen_commandline_t)) &&
	       !strstr(line, "dom0_mem");
}

/* Dom0's balloon has no event that could be awaited: the hypervisor is asked again. */
static bool shrink_dom0(struct guest_host *host, unsigned long long missing,
			unsigned long long wanted)
{
	struct timespec pause = { .tv_nsec = 20000000 };
	struct xen_domctl_getdomaininfo info;
	unsigned long long now;
	char *value;

	if (ctrl_domain_info(host->ctrl, 0, &info))
		return false;
	now = info.tot_pages * (unsigned long long)PAGE_KIB;
	if (now < missing + DOM0_MINIMUM_KIB)
		return false;
	value = alloc_format("%llu", now - missing);
	store_write(host, "/local/domain/0/memory/target", value);
	free(value);
	for (unsigned int ms = 0; ms < ROOM_TIMEOUT_MS; ms += 20) {
		if (free_kib(host) >= wanted)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

bool guest_make_room(struct guest_host *host, unsigned int kib)
{
	unsigned long long wanted = (unsigned long long)kib + ROOM_SLACK_KIB, there;

	there = free_kib(host);
	if (there >= wanted || (may_balloon(host) && shrink_dom0(host, wanted - there, wanted)))
		return true;
	report_error(host->report, "not enough memory: %u MiB wanted, %llu MiB free", kib / 1024,
		     there > ROOM_SLACK_KIB ? (there - ROOM_SLACK_KIB) / 1024 : 0);
	return false;
}

bool guest_machine(struct guest_host *host, struct cpu_machine *machine)
{
	struct xen_sysctl_cputopo *cpus = alloc_zeroed(CPU_MAP_CPUS * sizeof(*cpus));
	int count = ctrl_cpu_topology(host->ctrl, cpus, CPU_MAP_CPUS);

	*machine = (struct cpu_machine){ 0 };
	if (count < 0)
		report_error(host->report, "the CPUs cannot be listed: %s", strerror(-count));
	for (int i = 0; i < count && i < (int)CPU_MAP_CPUS; i++) {
		machine->node_of[i] = cpus[i].node;
		machine->cpu_count++;
	}
	free(cpus);
	return count > 0;
}

bool guest_pin(struct guest_host *host, unsigned int domid, unsigned int vcpu, const char *hard,
	       const char *soft)
{
	struct cpu_machine machine;
	struct cpu_map maps[2];
	const char *lists[2] = { hard, soft }, *wrong;
	int rc;

	if (!guest_machine(host, &machine))
		return false;
	for (unsigned int i = 0; i < 2; i++) {
		wrong = lists[i] ? cpu_list_parse(lists[i], &machine, &maps[i]) : NULL;
		if (wrong) {
			report_error(host->report, "CPUs '%s': %s", lists[i], wrong);
			return false;
		}
	}
	rc = ctrl_vcpu_set_affinity(host->ctrl, (domid_t)domid, vcpu, hard ? maps[0].bytes : NULL,
				    soft ? maps[1].bytes : NULL, CPU_MAP_BYTES);
	if (rc)
		report_error(host->report, "vCPU %u cannot be pinned: %s", vcpu, strerror(-rc));
	return !rc;
}

bool guest_set_share(struct guest_host *host, unsigned int domid, unsigned int weight,
		     unsigned int cap)
{
	struct xen_domctl_scheduler_op op = { 0 };
	int id = ctrl_sched_id(host->ctrl), rc;

	/* The two have the same fields in the same order: weight, cap. */
	if (id != XEN_SCHEDULER_CREDIT && id != XEN_SCHEDULER_CREDIT2) {
		report_error(host->report, "the running scheduler knows no weights and caps");
		return false;
	}
	rc = ctrl_sched_get(host->ctrl, (domid_t)domid, (unsigned int)id, &op);
	if (!rc && weight != GUEST_KEEP)
		op.u.credit.weight = (uint16_t)weight;
	if (!rc && cap != GUEST_KEEP)
		op.u.credit.cap = (uint16_t)cap;
	if (!rc)
		rc = ctrl_sched_set(host->ctrl, (domid_t)domid, (unsigned int)id, &op);
	if (rc)
		report_error(host->report, "weight and cap cannot be set: %s", strerror(-rc));
	return !rc;
}
