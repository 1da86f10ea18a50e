/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every tiny guest sees: basic types, start info, printing and the
 * report of its outcome. A guest supplies test_title and test_main(); it
 * calls checks, and may end early by test_skip() or test_error().
 *
 * Five outcomes: SUCCESS, SKIP, FAILURE (the hypervisor did something else
 * than expected), ERROR (the test itself broke), and CRASH, which no guest
 * reports: it is what the runner concludes from the lack of a result.
 */
#ifndef GUEST_GUEST_H
#define GUEST_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>

#include "hypercall.h"

#define XEN_ERRNO(name, value) name = value,
enum hypercall_errno {
#include <xen/errno.h>
};

#define PAGE_SHIFT	 12
#define PAGE_SIZE	 4096UL
#define PAGE_MASK	 (~(PAGE_SIZE - 1))
#define ARRAY_SIZE(a)	 (sizeof(a) / sizeof((a)[0]))
#define READ_ONCE(x)	 (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define __page_aligned	 __attribute__((aligned(4096), section(".bss.page_aligned")))
#define __noreturn	 __attribute__((noreturn))
#define __printf(f, a)	 __attribute__((format(printf, f, a)))

/* Supplied by each guest. */
extern const char test_title[];
void test_main(void);

extern struct start_info *start_info;

/* The first instruction: head.S. */
extern const char guest_entry[];

/* Run one part of a test, naming it on the console: a hang shows where. */
#define STEP(function)                         \
	do {                                   \
		print("step " #function "\n"); \
		function();                    \
	} while (0)

/* printf to the hypervisor's console: d u x c s p, l and z, width, 0 and -. */
void print(const char *fmt, ...) __printf(1, 2);

/* One check; the text says what was expected. Returns the condition. */
bool check(bool ok, const char *fmt, ...) __printf(2, 3);

/* A check of a number, printed in decimal and hexadecimal when it fails. */
bool expect_equal(const char *what, unsigned long got, unsigned long want);

/* The same for a hypercall's result: errors are shown by name. */
bool expect_result(const char *what, long got, long want);

/* A hypercall that must fail, with whatever error. */
bool expect_refused(const char *what, long rc);

/* The name of a negative errno ("-EFAULT"), or NULL. */
const char *errno_name(long rc);

void __noreturn test_skip(const char *fmt, ...) __printf(1, 2);
void __noreturn test_failure(const char *fmt, ...) __printf(1, 2);
void __noreturn test_error(const char *fmt, ...) __printf(1, 2);

/*
 * A debug build counts all references to this kernel's frames anew, while its
 * other vCPUs do nothing: the number of differences, or 0 if it cannot. Done at each end, too.
 */
long audit(void);

/* SHUTDOWN_poweroff or another reason of xen/sched.h. */
void __noreturn shutdown(unsigned int reason);

void *memset(void *to, int byte, size_t n);
void *memcpy(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
const char *strstr(const char *in, const char *what);

#endif
