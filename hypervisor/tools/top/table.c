// SPDX-License-Identifier: GPL-2.0-or-later
/* Samples as lines, see table.h. */
#include "table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xen/sched.h>

#define SHORT_NAME 10

/* What a domain did between two samples. */
struct row {
	const struct usage *now;
	double cpu_percent;
	struct usage a_second; /* counters alone */
};

static char sort_key;

/* A domain that is new, or whose devices are, did nothing before. */
static uint64_t rate(uint64_t before, uint64_t now, double seconds)
{
	return now > before && seconds > 0 ? (uint64_t)((double)(now - before) / seconds) : 0;
}

static void row_fill(struct row *r, const struct usage *before, const struct usage *now,
		     double seconds)
{
	memset(r, 0, sizeof(*r));
	r->now = now;
	if (!before)
		return;
	if (now->cpu_ns > before->cpu_ns && seconds > 0)
		r->cpu_percent = (double)(now->cpu_ns - before->cpu_ns) / (seconds * 1e9) * 100;
	r->a_second.sent = rate(before->sent, now->sent, seconds);
	r->a_second.received = rate(before->received, now->received, seconds);
	r->a_second.disk_full = rate(before->disk_full, now->disk_full, seconds);
	r->a_second.reads = rate(before->reads, now->reads, seconds);
	r->a_second.writes = rate(before->writes, now->writes, seconds);
	r->a_second.read_sectors = rate(before->read_sectors, now->read_sectors, seconds);
	r->a_second.written_sectors = rate(before->written_sectors, now->written_sectors, seconds);
}

static double weight(const struct row *r)
{
	switch (sort_key) {
	case 'c':
		return r->cpu_percent;
	case 'm':
		return (double)r->now->memory_kib;
	case 't':
		return (double)(r->a_second.sent + r->a_second.received);
	case 'r':
		return (double)(r->a_second.read_sectors + r->a_second.written_sectors);
	default:
		return 0;
	}
}

/* The most first; equals in order of their numbers. */
static int compare(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	double difference = weight(b) - weight(a);

	if (sort_key == 'n' && strcmp(a->now->name, b->now->name))
		return strcmp(a->now->name, b->now->name);
	if (difference)
		return difference > 0 ? 1 : -1;
	return (int)a->now->domid - (int)b->now->domid;
}

void table_header(FILE *out, const struct table *t)
{
	fprintf(out, "%10s %6s %10s %6s %10s %6s %10s %9s %5s %4s ", "NAME", "STATE", "CPU(sec)",
		"CPU(%)", "MEM(k)", "MEM(%)", "MAXMEM(k)", "MAXMEM(%)", "VCPUS", "NETS");
	if (t->with_rates)
		fprintf(out, "%10s %10s %4s %8s %8s %8s %10s %10s\n", "TX(k/s)", "RX(k/s)", "VBDS",
			"OO(/s)", "RD(/s)", "WR(/s)", "RSECT(/s)", "WSECT(/s)");
	else
		fprintf(out, "%8s %8s %4s %8s %8s %8s %10s %10s %4s\n", "NETTX(k)", "NETRX(k)",
			"VBDS", "VBD_OO", "VBD_RD", "VBD_WR", "VBD_RSECT", "VBD_WSECT", "SSID");
}

static bool has_crashed(uint32_t flags)
{
	unsigned int reason = flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;

	return flags & XEN_DOMINF_shutdown && reason == SHUTDOWN_crash;
}

/* As xl list shows them. */
static void state_format(char state[static 7], uint32_t flags)
{
	state[0] = flags & XEN_DOMINF_dying ? 'd' : '-';
	state[1] = flags & XEN_DOMINF_shutdown ? 's' : '-';
	state[2] = flags & XEN_DOMINF_blocked ? 'b' : '-';
	state[3] = has_crashed(flags) ? 'c' : '-';
	state[4] = flags & XEN_DOMINF_paused ? 'p' : '-';
	state[5] = flags & XEN_DOMINF_running ? 'r' : '-';
	state[6] = '\0';
}

static double percent(uint64_t part, uint64_t all)
{
	return all ? (double)part * 100 / (double)all : 0;
}

static void memory_limit_print(FILE *out, const struct usage *u, uint64_t machine_kib)
{
	if (u->memory_max_kib == UINT64_MAX)
		fprintf(out, "%10s %9s ", "no limit", "n/a");
	else
		fprintf(out, "%10" PRIu64 " %9.1f ", u->memory_max_kib,
			percent(u->memory_max_kib, machine_kib));
}

static void row_print(FILE *out, const struct table *t, const struct row *r, uint64_t machine_kib)
{
	const struct usage *u = r->now, *counters = t->with_rates ? &r->a_second : u;
	char state[7];

	state_format(state, u->flags);
	fprintf(out, "%10.*s %6s %10" PRIu64 " %6.1f %10" PRIu64 " %6.1f ",
		t->with_full_names ? NAME_SIZE : SHORT_NAME, u->name, state,
		u->cpu_ns / 1000000000u, r->cpu_percent, u->memory_kib,
		percent(u->memory_kib, machine_kib));
	memory_limit_print(out, u, machine_kib);
	fprintf(out, "%5u %4u %*" PRIu64 " %*" PRIu64 " %4u ", u->vcpus, u->networks,
		t->with_rates ? 10 : 8, counters->sent / 1024, t->with_rates ? 10 : 8,
		counters->received / 1024, u->disks);
	fprintf(out, "%8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %10" PRIu64 " %10" PRIu64,
		counters->disk_full, counters->reads, counters->writes, counters->read_sectors,
		counters->written_sectors);
	fprintf(out, t->with_rates ? "\n" : " %4u\n", 0u);
}

void table_print(FILE *out, const struct table *t, const struct sample *before,
		 const struct sample *now, size_t lines)
{
	struct row *rows = calloc(now->count ? now->count : 1, sizeof(*rows));
	double seconds = before->count ? (double)(now->time_ns - before->time_ns) / 1e9 : 0;

	if (!rows)
		return;
	for (size_t i = 0; i < now->count; i++)
		row_fill(&rows[i], sample_find(before, now->domains[i].domid), &now->domains[i],
			 seconds);
	sort_key = t->sort;
	qsort(rows, now->count, sizeof(*rows), compare);
	for (size_t i = 0; i < now->count && i < lines; i++)
		row_print(out, t, &rows[i], now->machine_kib);
	free(rows);
}
