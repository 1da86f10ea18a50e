/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the rows of the benchmark share. A row is a function that does an operation
 * @n times between region_begin and region_end; guest.c calls it and prints.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../marker.h"

#define PAGE_SIZE   4096UL
#define BUFFER_SIZE (1UL << 20)

/*
 * Do the operation @n times. False: it cannot be done here, and row_skip has said why.
 */
typedef bool row_function(long n);

struct row {
	const char *name;
	const char *unit;
	row_function *run;
	long repeats;		/* calls of the operation in one batch */
	int batches;
	double units;		/* of @unit in one call of the operation */
};

extern const struct row compute_rows[], process_rows[], switch_rows[], memory_rows[];
extern const struct row device_rows[];

/* Two touched buffers of BUFFER_SIZE that any row may use; a page; this program's path. */
extern char *buffer_from, *buffer_to;
extern char *page_read_only;
extern char own_path[256];

/* Time-stamp counter ticks between the begin and end of regions, since row_run zeroed it. */
extern uint64_t region_ticks;
extern uint64_t region_start;

/* Run the rows up to one without a name. */
void rows_run(const struct row *rows);
/* Run one row: warm up with a tenth of a batch, measure, print. */
void row_run(const struct row *row);
/* Note why the row cannot be measured. Returns false, for the row function to return. */
bool row_skip(const char *reason);
/* Print @what failed, with errno, and end the program. */
void die(const char *what) __attribute__((noreturn));
/* Anonymous private memory of @size bytes; ends the program when there is none. */
char *memory_map(size_t size);
/* The same without huge pages. */
char *memory_map_small_pages(size_t size);
/* Write to each page. */
void memory_touch(char *memory, size_t size);
/* The rows that need a hypervisor's device nodes; says SKIP where there are none. */
void xen_rows_run(void);

static inline uint64_t time_stamp(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static inline void region_begin(void)
{
	MARK(MARKER_BEGIN);
	region_start = time_stamp();
}

static inline void region_end(void)
{
	region_ticks += time_stamp() - region_start;
	MARK(MARKER_END);
}

#endif
