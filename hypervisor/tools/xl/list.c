// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of domains: as a table, as JSON, and what can be said of one. */
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <guest/alloc.h>
#include <guest/store.h>

#include <xen/sched.h>

#include "xl.h"

#define PAGES_OF_MIB 256
#define NS_OF_S	     1e9

struct columns {
	bool uuid, pool, nodes, claims;
};

/* The six letters of xl(1), and why it ended where it has. */
static void print_state(const struct xen_domctl_getdomaininfo *d, bool verbose)
{
	static const char reasons[] =
		"-rscws"; /* poweroff - reboot r suspend s crash c watchdog w */
	unsigned int reason = d->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
	bool ended = d->flags & XEN_DOMINF_shutdown;

	printf("    %c%c%c%c%c%c", d->flags & XEN_DOMINF_running ? 'r' : '-',
	       d->flags & XEN_DOMINF_blocked ? 'b' : '-', d->flags & XEN_DOMINF_paused ? 'p' : '-',
	       ended ? 's' : '-', ended && reason == SHUTDOWN_crash ? 'c' : '-',
	       d->flags & XEN_DOMINF_dying ? 'd' : '-');
	printf("  %8.1f", d->cpu_time / NS_OF_S);
	if (verbose)
		printf(" %c", !ended ? '-' : reason < sizeof(reasons) - 1 ? reasons[reason] : '?');
}

static void print_row(struct xl *xl, const struct xen_domctl_getdomaininfo *d,
		      const struct columns *columns)
{
	char *name = guest_name(&xl->host, d->domain), uuid[GUEST_UUID_TEXT];
	uint64_t pages = d->tot_pages + d->outstanding_pages;

	printf("%-40s %5d %5llu %5u ", name, d->domain, (unsigned long long)pages / PAGES_OF_MIB,
	       d->nr_online_vcpus);
	print_state(d, columns->uuid);
	if (columns->claims)
		printf(" %5llu", (unsigned long long)d->outstanding_pages / PAGES_OF_MIB);
	if (columns->uuid) {
		guest_uuid_text(d->handle, uuid);
		printf(" %s %16s", uuid, "-");
	}
	if (columns->pool)
		printf("           Pool-%u", d->cpupool);
	if (columns->nodes)
		printf(" %s", "any node");
	putchar('\n');
	free(name);
}

static void print_table(struct xl *xl, const struct xen_domctl_getdomaininfo *all, size_t count,
			const struct columns *columns)
{
	printf("%-40s %5s %5s %5s\tState\t   Time(s)", "Name", "ID", "Mem", "VCPUs");
	if (columns->claims)
		printf("  Claimed");
	if (columns->uuid)
		printf(" %s %36s %16s", "Reason-Code", "UUID", "Security Label");
	if (columns->pool)
		printf("         %s", "Cpupool");
	if (columns->nodes)
		printf(" %s", "NODE Affinity");
	putchar('\n');
	for (size_t i = 0; i < count; i++)
		print_row(xl, &all[i], columns);
}

/* The kept configuration; for a domain that somebody else created, what can be seen of it. */
static struct json_object *config_of(struct xl *xl, const struct xen_domctl_getdomaininfo *d)
{
	struct guest_config config;
	struct json_object *o;
	char *json;

	if (!guest_config_load(d->handle, &config)) {
		guest_config_free(&config);
		guest_config_init(&config);
		memcpy(config.uuid, d->handle, sizeof(config.uuid));
		config.has_uuid = true;
		config.max_vcpus = d->max_vcpu_id + 1;
		config.vcpus = d->nr_online_vcpus;
		config.memory_kib = (unsigned int)(d->tot_pages * 4);
		config.max_memory_kib = config.memory_kib;
	}
	free(config.name);
	config.name = guest_name(&xl->host, d->domain);
	json = guest_config_to_json(&config);
	o = json_tokener_parse(json);
	free(json);
	guest_config_free(&config);
	return o;
}

static void print_json(struct xl *xl, const struct xen_domctl_getdomaininfo *all, size_t count)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < count; i++) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "domid", json_object_new_int(all[i].domain));
		json_object_object_add(o, "config", config_of(xl, &all[i]));
		json_object_array_add(list, o);
	}
	puts(json_object_to_json_string_ext(list, JSON_C_TO_STRING_PRETTY |
							  JSON_C_TO_STRING_SPACED |
							  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(list);
}

/* Those that the arguments name; all without. */
static struct xen_domctl_getdomaininfo *chosen(struct xl *xl, int argc, char **argv, size_t *count)
{
	struct xen_domctl_getdomaininfo *list;

	if (!argc)
		return xl_domains(xl, true, count);
	list = alloc_zeroed((size_t)argc * sizeof(*list));
	*count = 0;
	for (int i = 0; i < argc; i++) {
		int domid = xl_domain(xl, argv[i]);

		if (domid >= 0 && !ctrl_domain_info(xl->host.ctrl, (domid_t)domid, &list[*count]))
			++*count;
	}
	return list;
}

static int status_of(const struct xl *xl)
{
	return xl->report.errors ? XL_NO_DOMAIN : XL_OK;
}

int verb_list(struct xl *xl, int argc, char **argv)
{
	static const struct option options[] = {
		{ "long", no_argument, NULL, 'l' },    { "verbose", no_argument, NULL, 'v' },
		{ "context", no_argument, NULL, 'Z' }, { "cpupool", no_argument, NULL, 'c' },
		{ "numa", no_argument, NULL, 'n' },    { NULL, 0, NULL, 0 },
	};
	struct xen_domctl_getdomaininfo *all;
	struct columns columns = { 0 };
	bool as_json = false;
	size_t count;
	int c;

	while ((c = getopt_long(argc, argv, "lvZcn", options, NULL)) != -1) {
		if (c == '?')
			return xl_usage(xl);
		as_json = as_json || c == 'l';
		columns.uuid = columns.uuid || c == 'v' || c == 'Z';
		columns.pool = columns.pool || c == 'c';
		columns.nodes = columns.nodes || c == 'n';
	}
	all = chosen(xl, argc - optind, argv + optind, &count);
	if (as_json)
		print_json(xl, all, count);
	else if (count || argc == optind)
		print_table(xl, all, count, &columns);
	free(all);
	return status_of(xl);
}

int verb_claims(struct xl *xl, int argc, char **argv)
{
	const struct columns columns = { .claims = true };
	struct xen_domctl_getdomaininfo *all;
	size_t count;

	(void)argv;
	if (argc != 1)
		return xl_usage(xl);
	all = xl_domains(xl, true, &count);
	print_table(xl, all, count, &columns);
	free(all);
	return status_of(xl);
}

int verb_vm_list(struct xl *xl, int argc, char **argv)
{
	struct xen_domctl_getdomaininfo *all;
	size_t count;

	(void)argv;
	if (argc != 1)
		return xl_usage(xl);
	all = xl_domains(xl, false, &count);
	printf("%-36s  %4s    %s\n", "UUID", "ID", "name");
	for (size_t i = 0; i < count; i++) {
		char uuid[GUEST_UUID_TEXT], *name = guest_name(&xl->host, all[i].domain);

		guest_uuid_text(all[i].handle, uuid);
		printf("%s  %4d    %s\n", uuid, all[i].domain, name);
		free(name);
	}
	free(all);
	return status_of(xl);
}

int verb_domid(struct xl *xl, int argc, char **argv)
{
	int domid;

	if (argc != 2)
		return xl_usage(xl);
	domid = xl_domain(xl, argv[1]);
	if (domid < 0)
		return XL_NO_DOMAIN;
	printf("%d\n", domid);
	return XL_OK;
}

int verb_domname(struct xl *xl, int argc, char **argv)
{
	char *name;
	int domid;

	if (argc != 2)
		return xl_usage(xl);
	domid = xl_domain(xl, argv[1]);
	if (domid < 0)
		return XL_NO_DOMAIN;
	name = guest_name(&xl->host, (unsigned int)domid);
	puts(name);
	free(name);
	return XL_OK;
}

/* Seconds since the guest was started; dom0's are the machine's. */
static long uptime_of(struct xl *xl, const struct xen_domctl_getdomaininfo *d)
{
	char uuid[GUEST_UUID_TEXT], *text;
	struct timespec t;
	long start;

	if (!d->domain) {
		clock_gettime(CLOCK_BOOTTIME, &t);
		return t.tv_sec;
	}
	guest_uuid_text(d->handle, uuid);
	text = store_read(&xl->host, "/vm/%s/start_time", uuid);
	start = text ? strtol(text, NULL, 10) : 0;
	free(text);
	clock_gettime(CLOCK_REALTIME, &t);
	return start && t.tv_sec > start ? t.tv_sec - start : 0;
}

int verb_uptime(struct xl *xl, int argc, char **argv)
{
	struct xen_domctl_getdomaininfo *all;
	size_t count;
	int c;

	while ((c = getopt(argc, argv, "s")) != -1)
		if (c == '?')
			return xl_usage(xl);
	all = chosen(xl, argc - optind, argv + optind, &count);
	printf("%-33s %4s %s\n", "Name", "ID", "Uptime");
	for (size_t i = 0; i < count; i++) {
		char *name = guest_name(&xl->host, all[i].domain);
		long s = uptime_of(xl, &all[i]);

		printf("%-33s %4d ", name, all[i].domain);
		if (s >= 86400)
			printf("%ld days, ", s / 86400);
		printf("%2ld:%02ld:%02ld\n", s / 3600 % 24, s / 60 % 60, s % 60);
		free(name);
	}
	free(all);
	return status_of(xl);
}
