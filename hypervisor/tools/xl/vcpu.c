// SPDX-License-Identifier: GPL-2.0-or-later
/* Virtual CPUs: listed, pinned, brought in and taken out; and the schedulers' weights and caps. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <guest/cpu_list.h>
#include <guest/store.h>

#include "xl.h"

#define NS_OF_S 1e9

static void print_vcpu(struct xl *xl, const struct xen_domctl_getdomaininfo *d, unsigned int vcpu,
		       const struct cpu_machine *machine)
{
	struct cpu_map hard = { { 0 } }, soft = { { 0 } };
	struct xen_domctl_getvcpuinfo info;
	char *name, *hard_text, *soft_text;

	if (ctrl_vcpu_info(xl->host.ctrl, d->domain, vcpu, &info))
		return;
	ctrl_vcpu_get_affinity(xl->host.ctrl, d->domain, vcpu, hard.bytes, soft.bytes,
			       CPU_MAP_BYTES);
	name = guest_name(&xl->host, d->domain);
	hard_text = cpu_map_text(&hard, machine->cpu_count);
	soft_text = cpu_map_text(&soft, machine->cpu_count);
	printf("%-32s %5u %5u", name, d->domain, vcpu);
	if (info.online)
		printf(" %5u   %c%c-", info.cpu, info.running ? 'r' : '-',
		       info.blocked ? 'b' : '-');
	else
		printf(" %5s   --p", "-");
	printf(" %9.1f  %s / %s\n", (double)info.cpu_time / NS_OF_S, hard_text, soft_text);
	free(hard_text);
	free(soft_text);
	free(name);
}

int verb_vcpu_list(struct xl *xl, int argc, char **argv)
{
	struct xen_domctl_getdomaininfo *all, one;
	struct cpu_machine machine;
	size_t count;

	if (!guest_machine(&xl->host, &machine))
		return XL_FAILED;
	printf("%-32s %5s %5s %5s %5s %9s %s\n", "Name", "ID", "VCPU", "CPU", "State", "Time(s)",
	       "Affinity (Hard / Soft)");
	if (argc == 1) {
		all = xl_domains(xl, true, &count);
		for (size_t i = 0; i < count; i++)
			for (unsigned int v = 0; v <= all[i].max_vcpu_id; v++)
				print_vcpu(xl, &all[i], v, &machine);
		free(all);
	}
	for (int i = 1; i < argc; i++) {
		int domid = xl_domain(xl, argv[i]);

		if (domid < 0 || ctrl_domain_info(xl->host.ctrl, (domid_t)domid, &one))
			continue;
		for (unsigned int v = 0; v <= one.max_vcpu_id; v++)
			print_vcpu(xl, &one, v, &machine);
	}
	return xl->report.errors ? XL_NO_DOMAIN : XL_OK;
}

static void change_vcpus(struct guest_config *config, void *count)
{
	config->vcpus = *(unsigned int *)count;
}

int verb_vcpu_set(struct xl *xl, int argc, char **argv)
{
	struct xen_domctl_getdomaininfo info;
	struct store_batch b;
	unsigned int count;
	int domid;
	bool good;

	if (argc != 3)
		return xl_usage(xl);
	domid = xl_domain(xl, argv[1]);
	if (domid < 0 || ctrl_domain_info(xl->host.ctrl, (domid_t)domid, &info))
		return XL_NO_DOMAIN;
	if (!xl_parse_number(xl, argv[2], 1, info.max_vcpu_id + 1, &count))
		return XL_FAILED;
	batch_init(&b, (unsigned int)domid);
	for (unsigned int v = 0; v <= info.max_vcpu_id; v++) {
		char folder[64];

		snprintf(folder, sizeof(folder), "/local/domain/%d/cpu/%u", domid, v);
		batch_write(&b, folder, "availability", "%s", v < count ? "online" : "offline");
	}
	good = batch_commit(&b, &xl->host);
	batch_free(&b);
	if (good)
		xl_change_config(xl, (unsigned int)domid, change_vcpus, &count);
	else
		report_error(&xl->report, "the guest cannot be told");
	return good ? XL_OK : XL_FAILED;
}

int verb_vcpu_pin(struct xl *xl, int argc, char **argv)
{
	static const struct option options[] = {
		{ "force", no_argument, NULL, 'f' },
		{ "ignore-global-affinity-masks", no_argument, NULL, 'i' },
		{ NULL, 0, NULL, 0 },
	};
	struct xen_domctl_getdomaininfo info;
	unsigned int first = 0, last;
	const char *hard, *soft;
	int c, domid;

	while ((c = getopt_long(argc, argv, "+fi", options, NULL)) != -1)
		if (c == '?')
			return xl_usage(xl);
	argc -= optind;
	argv += optind;
	if (argc < 3 || argc > 4)
		return xl_usage(xl);
	domid = xl_domain(xl, argv[0]);
	if (domid < 0 || ctrl_domain_info(xl->host.ctrl, (domid_t)domid, &info))
		return XL_NO_DOMAIN;
	last = info.max_vcpu_id;
	if (strcmp(argv[1], "all")) {
		if (!xl_parse_number(xl, argv[1], 0, info.max_vcpu_id, &first))
			return XL_FAILED;
		last = first;
	}
	hard = strcmp(argv[2], "-") ? argv[2] : NULL;
	soft = argc == 4 && strcmp(argv[3], "-") ? argv[3] : NULL;
	for (unsigned int v = first; v <= last; v++)
		if (!guest_pin(&xl->host, (unsigned int)domid, v, hard, soft))
			return XL_FAILED;
	return XL_OK;
}

static void print_share(struct xl *xl, unsigned int domid)
{
	struct xen_domctl_scheduler_op op = { 0 };
	char *name = guest_name(&xl->host, domid);
	int id = ctrl_sched_id(xl->host.ctrl);

	if (!ctrl_sched_get(xl->host.ctrl, (domid_t)domid, (unsigned int)id, &op))
		printf("%-33s %4u %6u %4u\n", name, domid, op.u.credit.weight, op.u.credit.cap);
	free(name);
}

static bool check_scheduler(struct xl *xl)
{
	bool is_two = !strcmp(xl->verb->name, "sched-credit2");
	int id = ctrl_sched_id(xl->host.ctrl);

	if (id == (is_two ? XEN_SCHEDULER_CREDIT2 : XEN_SCHEDULER_CREDIT))
		return true;
	report_error(&xl->report, "another scheduler is running: %s",
		     id == XEN_SCHEDULER_CREDIT	 ? "credit" :
		     id == XEN_SCHEDULER_CREDIT2 ? "credit2" :
						   "not a fair one");
	return false;
}

int verb_sched(struct xl *xl, int argc, char **argv)
{
	static const struct option options[] = {
		{ "domain", required_argument, NULL, 'd' },
		{ "weight", required_argument, NULL, 'w' },
		{ "cap", required_argument, NULL, 'c' },
		{ "cpupool", required_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned int weight = GUEST_KEEP, cap = GUEST_KEEP;
	struct xen_domctl_getdomaininfo *all;
	const char *domain = NULL;
	size_t count;
	int c, domid;

	while ((c = getopt_long(argc, argv, "d:w:c:p:", options, NULL)) != -1) {
		if (c == '?')
			return xl_usage(xl);
		if (c == 'd')
			domain = optarg;
		if ((c == 'w' && !xl_parse_number(xl, optarg, 1, 65535, &weight)) ||
		    (c == 'c' && !xl_parse_number(xl, optarg, 0, 65535, &cap)))
			return XL_FAILED;
	}
	if (argc != optind || (!domain && (weight != GUEST_KEEP || cap != GUEST_KEEP)))
		return xl_usage(xl);
	if (!check_scheduler(xl))
		return XL_FAILED;
	domid = domain ? xl_domain(xl, domain) : 0;
	if (domid < 0)
		return XL_NO_DOMAIN;
	if (weight != GUEST_KEEP || cap != GUEST_KEEP)
		return guest_set_share(&xl->host, (unsigned int)domid, weight, cap) ? XL_OK :
										      XL_FAILED;
	printf("%-33s %4s %6s %4s\n", "Name", "ID", "Weight", "Cap");
	if (domain) {
		print_share(xl, (unsigned int)domid);
		return XL_OK;
	}
	all = xl_domains(xl, true, &count);
	for (size_t i = 0; i < count; i++)
		print_share(xl, all[i].domain);
	free(all);
	return XL_OK;
}
