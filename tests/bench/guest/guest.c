/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Micro-benchmark for a Linux guest: does operations whose price a hypervisor changes
 * and prints, for each row, a line
 *
 *   ROW NAME UNIT UNITS TICKS     UNITS: in all batches; TICKS: for one, best batch
 *   SKIP NAME REASON
 *
 * Under QEMU's -icount shift=0 the time-stamp counter advances by one an instruction,
 * so ticks are instructions; count.c counts the same regions by layer.
 *
 * guest-rows [PREFIX...]      only the rows whose names begin so
 * guest-rows --stage          one stage marker, nothing else
 * guest-rows --exit           nothing: what the fork_exec row starts
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

char *buffer_from, *buffer_to;
char *page_read_only;
char own_path[256];
uint64_t region_ticks, region_start;

static const char *skip_reason;
static char **prefixes;		/* NULL at the end; none: all rows */

void die(const char *what)
{
	printf("ERROR %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

bool row_skip(const char *reason)
{
	skip_reason = reason;
	return false;
}

char *memory_map(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	return memory;
}

char *memory_map_small_pages(size_t size)
{
	char *memory = memory_map(size);

	madvise(memory, size, MADV_NOHUGEPAGE);
	return memory;
}

void memory_touch(char *memory, size_t size)
{
	for (size_t at = 0; at < size; at += PAGE_SIZE)
		memory[at] = 1;
}

static bool row_is_wanted(const struct row *row)
{
	if (!*prefixes)
		return true;
	for (char **prefix = prefixes; *prefix; prefix++)
		if (!strncmp(row->name, *prefix, strlen(*prefix)))
			return true;
	return false;
}

/* False when the row cannot be measured. Sets @best to the fewest ticks of a batch. */
static bool row_measure(const struct row *row, uint64_t *best)
{
	long warm_up = row->repeats >= 10 ? row->repeats / 10 : 1;

	*best = UINT64_MAX;
	if (!row->run(warm_up))
		return false;
	MARK(MARKER_FORGET);
	for (int batch = 0; batch < row->batches; batch++) {
		region_ticks = 0;
		if (!row->run(row->repeats))
			return false;
		if (region_ticks < *best)
			*best = region_ticks;
	}
	return true;
}

void row_run(const struct row *row)
{
	double units = row->repeats * row->units;
	uint64_t best;

	if (!row_is_wanted(row))
		return;
	if (row_measure(row, &best)) {
		MARK(MARKER_ROW);
		printf("ROW %s %s %.0f %.2f\n", row->name, row->unit, units * row->batches,
		       best / units);
	} else {
		printf("SKIP %s %s\n", row->name, skip_reason);
	}
	fflush(stdout);
}

void rows_run(const struct row *rows)
{
	for (const struct row *row = rows; row->name; row++)
		row_run(row);
}

static void prepare(void)
{
	ssize_t length = readlink("/proc/self/exe", own_path, sizeof(own_path) - 1);
	cpu_set_t first;

	if (length < 0)
		die("/proc/self/exe");
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof(first), &first);
	buffer_from = memory_map(BUFFER_SIZE);
	buffer_to = memory_map(BUFFER_SIZE);
	memset(buffer_from, 1, BUFFER_SIZE);
	memset(buffer_to, 2, BUFFER_SIZE);
	page_read_only = memory_map(PAGE_SIZE);
	mprotect(page_read_only, PAGE_SIZE, PROT_READ);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--exit"))
		_exit(0);
	if (argc > 1 && !strcmp(argv[1], "--stage")) {
		MARK(MARKER_STAGE);
		_exit(0);
	}
	prefixes = argv + 1;
	prepare();
	rows_run(compute_rows);
	rows_run(process_rows);
	rows_run(switch_rows);
	rows_run(memory_rows);
	rows_run(device_rows);
	xen_rows_run();
	puts("DONE");
	return 0;
}
