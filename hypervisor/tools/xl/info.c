// SPDX-License-Identifier: GPL-2.0-or-later
/* The hypervisor and the machine: what they are, what they say, their CPU pools. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <guest/alloc.h>
#include <guest/cpu_list.h>

#include "xl.h"

#define PAGES_OF_MIB 256
#define BYTES_OF_MIB (1024 * 1024)

/* A text of XENVER_*; "" if it cannot be read. */
static const char *version_text(struct xl *xl, unsigned int command, size_t size)
{
	static char text[4096];

	memset(text, 0, sizeof(text));
	if (size >= sizeof(text) || ctrl_version_read(xl->host.ctrl, command, text, size))
		text[0] = 0;
	return text;
}

static const char *scheduler_name(int id)
{
	switch (id) {
	case XEN_SCHEDULER_CREDIT:
		return "credit";
	case XEN_SCHEDULER_CREDIT2:
		return "credit2";
	case XEN_SCHEDULER_RTDS:
		return "rtds";
	case XEN_SCHEDULER_NULL:
		return "null";
	default:
		return "unknown";
	}
}

static void print_system(void)
{
	struct utsname u;

	if (uname(&u))
		return;
	printf("host                   : %s\n", u.nodename);
	printf("release                : %s\n", u.release);
	printf("version                : %s\n", u.version);
	printf("machine                : %s\n", u.machine);
}

static void print_machine(struct xl *xl)
{
	struct xen_sysctl_physinfo p;

	if (ctrl_physinfo(xl->host.ctrl, &p))
		return;
	printf("nr_cpus                : %u\n", p.nr_cpus);
	printf("max_cpu_id             : %u\n", p.max_cpu_id);
	printf("nr_nodes               : %u\n", p.nr_nodes);
	printf("cores_per_socket       : %u\n", p.cores_per_socket);
	printf("threads_per_core       : %u\n", p.threads_per_core);
	printf("cpu_mhz                : %u.%03u\n", p.cpu_khz / 1000, p.cpu_khz % 1000);
	printf("hw_caps                : ");
	for (unsigned int i = 0; i < 8; i++)
		printf("%08x%c", p.hw_cap[i], i < 7 ? ':' : '\n');
	printf("virt_caps              :%s%s%s%s%s\n",
	       p.capabilities & XEN_SYSCTL_PHYSCAP_pv ? " pv" : "",
	       p.capabilities & XEN_SYSCTL_PHYSCAP_hvm ? " hvm" : "",
	       p.capabilities & XEN_SYSCTL_PHYSCAP_hvm &&
			       p.capabilities & XEN_SYSCTL_PHYSCAP_directio ?
		       " hvm_directio" :
		       "",
	       p.capabilities & XEN_SYSCTL_PHYSCAP_directio ? " pv_directio" : "",
	       p.capabilities & XEN_SYSCTL_PHYSCAP_hap ? " hap" : "");
	printf("total_memory           : %llu\n", (unsigned long long)p.total_pages / PAGES_OF_MIB);
	printf("free_memory            : %llu\n",
	       (unsigned long long)(p.free_pages - p.outstanding_pages) / PAGES_OF_MIB);
	printf("sharing_freed_memory   : 0\n");
	printf("sharing_used_memory    : 0\n");
	printf("outstanding_claims     : %llu\n",
	       (unsigned long long)p.outstanding_pages / PAGES_OF_MIB);
	printf("free_cpus              : 0\n");
}

static void print_hypervisor(struct xl *xl)
{
	struct xen_platform_parameters params = { 0 };
	struct xen_compile_info compile;
	int version = ctrl_version(xl->host.ctrl);

	printf("xen_major              : %d\n", version >> 16);
	printf("xen_minor              : %d\n", version & 0xffff);
	printf("xen_extra              : %s\n",
	       version_text(xl, XENVER_extraversion, sizeof(xen_extraversion_t)));
	printf("xen_version            : %d.%d%s\n", version >> 16, version & 0xffff,
	       version_text(xl, XENVER_extraversion, sizeof(xen_extraversion_t)));
	printf("xen_caps               : %s\n",
	       version_text(xl, XENVER_capabilities, sizeof(xen_capabilities_info_t)));
	printf("xen_scheduler          : %s\n", scheduler_name(ctrl_sched_id(xl->host.ctrl)));
	printf("xen_pagesize           : %lu\n", CTRL_PAGE_SIZE);
	if (!ctrl_version_read(xl->host.ctrl, XENVER_platform_parameters, &params, sizeof(params)))
		printf("platform_params        : virt_start=0x%lx\n", params.virt_start);
	printf("xen_changeset          : %s\n",
	       version_text(xl, XENVER_changeset, sizeof(xen_changeset_info_t)));
	printf("xen_commandline        : %s\n",
	       version_text(xl, XENVER_commandline, sizeof(xen_commandline_t)));
	memset(&compile, 0, sizeof(compile));
	if (!ctrl_version_read(xl->host.ctrl, XENVER_compile_info, &compile, sizeof(compile))) {
		printf("cc_compiler            : %.64s\n", compile.compiler);
		printf("cc_compile_by          : %.16s\n", compile.compile_by);
		printf("cc_compile_domain      : %.32s\n", compile.compile_domain);
		printf("cc_compile_date        : %.32s\n", compile.compile_date);
	}
	printf("xend_config_format     : 4\n");
}

static void print_nodes(struct xl *xl)
{
	struct xen_sysctl_meminfo nodes[64];
	struct cpu_machine machine;
	int count = ctrl_numa(xl->host.ctrl, nodes, NULL, 64);

	if (!guest_machine(&xl->host, &machine))
		return;
	printf("numa_info              :\nnode:    memsize    memfree    cpus\n");
	for (int n = 0; n < count && n < 64; n++) {
		printf("%4d:    %6llu     %6llu      ", n,
		       (unsigned long long)nodes[n].memsize / BYTES_OF_MIB,
		       (unsigned long long)nodes[n].memfree / BYTES_OF_MIB);
		for (unsigned int cpu = 0; cpu < machine.cpu_count; cpu++)
			if (machine.node_of[cpu] == (unsigned int)n)
				printf("%u ", cpu);
		putchar('\n');
	}
}

int verb_info(struct xl *xl, int argc, char **argv)
{
	bool with_nodes = argc == 2 && (!strcmp(argv[1], "-n") || !strcmp(argv[1], "--numa"));

	if (argc > 2 || (argc == 2 && !with_nodes))
		return xl_usage(xl);
	print_system();
	print_machine(xl);
	print_hypervisor(xl);
	if (with_nodes)
		print_nodes(xl);
	return XL_OK;
}

int verb_dmesg(struct xl *xl, int argc, char **argv)
{
	bool clear = argc == 2 && (!strcmp(argv[1], "-c") || !strcmp(argv[1], "--clear"));
	static char text[16384];
	uint32_t index = 0;
	int length;

	if (argc > 2 || (argc == 2 && !clear))
		return xl_usage(xl);
	while ((length = ctrl_console_read(xl->host.ctrl, text, sizeof(text), false, &index)) > 0)
		fwrite(text, 1, (size_t)length, stdout);
	if (!length && clear)
		length = ctrl_console_read(xl->host.ctrl, text, sizeof(text), true, NULL);
	if (length < 0)
		report_error(&xl->report, "the messages cannot be read: %s", strerror(-length));
	return length < 0 ? XL_FAILED : XL_OK;
}

int verb_debug_keys(struct xl *xl, int argc, char **argv)
{
	int rc;

	if (argc != 2)
		return xl_usage(xl);
	rc = ctrl_debug_keys(xl->host.ctrl, argv[1]);
	if (rc)
		report_error(&xl->report, "the keys cannot be sent: %s", strerror(-rc));
	return rc ? XL_FAILED : XL_OK;
}

int verb_cpupool_list(struct xl *xl, int argc, char **argv)
{
	bool with_cpus = argc > 1 && (!strcmp(argv[1], "-c") || !strcmp(argv[1], "--cpus"));
	struct ctrl_cpupool pool = { 0 };
	uint32_t from = 0;

	if (argc > 2 + with_cpus)
		return xl_usage(xl);
	printf(with_cpus ? "%-19s%-24s\n" : "%-19s%-7s%-10s%-8s%s\n", "Name",
	       with_cpus ? "CPU list" : "CPUs", "Sched", "Active", "Domain count");
	while (!ctrl_cpupool_next(xl->host.ctrl, from, &pool)) {
		char name[32], *text;
		struct cpu_map map;
		unsigned int count = 0;

		from = pool.id + 1;
		snprintf(name, sizeof(name), "Pool-%u", pool.id);
		if (argc > 1 + with_cpus && strcmp(argv[1 + with_cpus], name))
			continue;
		memcpy(map.bytes, pool.cpus, sizeof(map.bytes));
		for (unsigned int cpu = 0; cpu < CPU_MAP_CPUS; cpu++)
			count += cpu_map_has(&map, cpu);
		text = cpu_map_text(&map, CPU_MAP_CPUS);
		if (with_cpus)
			printf("%-19s%s\n", name, text);
		else
			printf("%-19s%3u %9s       y       %4u\n", name, count,
			       scheduler_name((int)pool.sched_id), pool.domain_count);
		free(text);
	}
	return XL_OK;
}

/* A program of its own. */
int verb_top(struct xl *xl, int argc, char **argv)
{
	static const char *const places[] = { "/usr/lib/xen-zazen/bin/xentop", "/usr/sbin/xentop" };

	(void)argc;
	for (unsigned int i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (access(places[i], X_OK))
			continue;
		argv[0] = alloc_string("xentop");
		execv(places[i], argv);
	}
	report_error(&xl->report, "xentop is not installed");
	return XL_FAILED;
}
