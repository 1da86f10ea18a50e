/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows: page tables, as mmap, mprotect, mremap and page faults change them; and
 * timers, port output and CPUID.
 */
#define _GNU_SOURCE
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23	/* linux/mman.h, 5.14 and later */
#endif

#define RANGE_PAGES 256
#define RANGE_SIZE  (RANGE_PAGES * PAGE_SIZE)
#define HUGE_SIZE   (2UL << 20)
#define SMALL_FILL  (256UL << 20)
#define HUGE_FILL   (64UL << 20)
#define PORT_DELAY  0x80

static bool map_one(long n)
{
	region_begin();
	while (n--) {
		char *page = memory_map(PAGE_SIZE);

		*page = 1;
		munmap(page, PAGE_SIZE);
	}
	region_end();
	return true;
}

static bool map_touch_unmap(long n)
{
	size_t size = n * PAGE_SIZE;
	char *memory;

	region_begin();
	memory = memory_map_small_pages(size);
	memory_touch(memory, size);
	munmap(memory, size);
	region_end();
	return true;
}

static bool fault_anonymous(long n)
{
	size_t size = n * PAGE_SIZE;
	char *memory = memory_map_small_pages(size);

	region_begin();
	memory_touch(memory, size);
	region_end();
	munmap(memory, size);
	return true;
}

/* Reads only: the kernel maps its page of zeros and clears nothing. */
static bool fault_zero_page(long n)
{
	size_t size = n * PAGE_SIZE;
	char *memory = memory_map_small_pages(size);

	region_begin();
	for (size_t at = 0; at < size; at += PAGE_SIZE)
		(void)*(volatile char *)(memory + at);
	region_end();
	munmap(memory, size);
	return true;
}

static void write_again(char *memory, size_t size)
{
	for (size_t at = 0; at < size; at += PAGE_SIZE)
		memory[at] = 2;
}

/* The child faults; its ticks come back through a shared page. */
static bool fault_copy_on_write(long n)
{
	size_t size = n * PAGE_SIZE;
	char *memory = memory_map(size);
	uint64_t *ticks = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			       -1, 0);
	pid_t child;

	if (ticks == MAP_FAILED)
		die("mmap");
	madvise(memory, size, MADV_NOHUGEPAGE);
	memory_touch(memory, size);
	child = fork();
	if (!child) {
		region_begin();
		write_again(memory, size);
		region_end();
		*ticks = region_ticks;
		_exit(0);
	}
	waitpid(child, NULL, 0);
	region_ticks = *ticks;
	munmap(memory, size);
	munmap(ticks, PAGE_SIZE);
	return true;
}

static bool unmap(long n)
{
	size_t size = n * PAGE_SIZE;
	char *memory = memory_map_small_pages(size);

	memory_touch(memory, size);
	region_begin();
	munmap(memory, size);
	region_end();
	return true;
}

static bool protect_one(long n)
{
	char *page = memory_map(PAGE_SIZE);

	*page = 1;
	region_begin();
	while (n--) {
		mprotect(page, PAGE_SIZE, PROT_READ);
		mprotect(page, PAGE_SIZE, PROT_READ | PROT_WRITE);
		*page = 1;
	}
	region_end();
	munmap(page, PAGE_SIZE);
	return true;
}

static bool protect_range(long n)
{
	char *memory = memory_map_small_pages(RANGE_SIZE);

	memory_touch(memory, RANGE_SIZE);
	region_begin();
	while (n--) {
		mprotect(memory, RANGE_SIZE, PROT_READ);
		mprotect(memory, RANGE_SIZE, PROT_READ | PROT_WRITE);
	}
	region_end();
	munmap(memory, RANGE_SIZE);
	return true;
}

/* Move a range to a place with another offset in its page table, and back. */
static bool move_range(long n)
{
	char *area = memory_map_small_pages(4 * RANGE_SIZE);
	char *here = area, *there = area + 2 * RANGE_SIZE + PAGE_SIZE;

	memory_touch(here, RANGE_SIZE);
	region_begin();
	while (n--) {
		char *old = here;

		if (mremap(here, RANGE_SIZE, RANGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, there) ==
		    MAP_FAILED)
			die("mremap");
		here = there;
		there = old;
	}
	region_end();
	munmap(area, 4 * RANGE_SIZE);
	return true;
}

static bool populate(long n, size_t size, int advice)
{
	while (n--) {
		char *memory = memory_map(size + HUGE_SIZE);
		char *aligned = (char *)(((uintptr_t)memory + HUGE_SIZE - 1) & ~(HUGE_SIZE - 1));

		madvise(memory, size + HUGE_SIZE, advice);
		region_begin();
		if (madvise(aligned, size, MADV_POPULATE_WRITE))
			die("MADV_POPULATE_WRITE");
		region_end();
		munmap(memory, size + HUGE_SIZE);
	}
	return true;
}

static bool populate_small(long n)
{
	return populate(n, SMALL_FILL, MADV_NOHUGEPAGE);
}

static bool populate_huge(long n)
{
	return populate(n, HUGE_FILL, MADV_HUGEPAGE);
}

/* A near expiry, so that the kernel programs its clock device each time. */
static bool timer_arm(long n)
{
	struct itimerspec near = { .it_value.tv_nsec = 500000 }, never = { .it_value.tv_sec = 0 };
	int timer = timerfd_create(CLOCK_MONOTONIC, 0);

	region_begin();
	while (n--) {
		timerfd_settime(timer, 0, &near, NULL);
		timerfd_settime(timer, 0, &never, NULL);
	}
	region_end();
	close(timer);
	return true;
}

/* The ticks contain the idle time, the plugin's counts do not. */
static bool timer_sleep(long n)
{
	struct timespec pause = { .tv_nsec = 50000 };

	region_begin();
	while (n--)
		nanosleep(&pause, NULL);
	region_end();
	return true;
}

static bool port_output(long n)
{
	if (ioperm(PORT_DELAY, 1, 1))
		return row_skip("ioperm is refused");
	region_begin();
	while (n--)
		outb(0, PORT_DELAY);
	region_end();
	ioperm(PORT_DELAY, 1, 0);
	return true;
}

static bool read_cpuid(long n)
{
	region_begin();
	while (n--) {
		uint32_t a = 1, b, c = 0, d;

		__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	}
	region_end();
	return true;
}

const struct row memory_rows[] = {
	{ "mem_mmap1", "cycle", map_one, 300, 5, 1 },
	{ "mem_cycle", "page", map_touch_unmap, 1024, 5, 1 },
	{ "fault_anon", "page", fault_anonymous, 1024, 5, 1 },
	{ "fault_zero", "page", fault_zero_page, 1024, 5, 1 },
	{ "fault_cow", "page", fault_copy_on_write, 1024, 3, 1 },
	{ "mem_unmap", "page", unmap, 1024, 5, 1 },
	{ "mem_mprotect1", "change", protect_one, 300, 5, 2 },
	{ "mem_mprotect256", "page", protect_range, 20, 5, 2 * RANGE_PAGES },
	{ "mem_mremap256", "page", move_range, 20, 5, RANGE_PAGES },
	{ "populate_256m_4k", "page", populate_small, 1, 1, SMALL_FILL / PAGE_SIZE },
	{ "populate_64m_thp", "page", populate_huge, 1, 2, HUGE_FILL / PAGE_SIZE },
	{ .name = NULL },
};

const struct row device_rows[] = {
	{ "timer_arm", "cycle", timer_arm, 3000, 5, 1 },
	{ "timer_sleep50us", "sleep", timer_sleep, 100, 3, 1 },
	{ "port_outb", "out", port_output, 300, 5, 1 },
	{ "cpuid_user", "cpuid", read_cpuid, 300, 5, 1 },
	{ .name = NULL },
};
