/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Printing through console_io, and the outcome of a guest: "Test result:"
 * is the line that the runner waits for, once in a run.
 */
#include <stdarg.h>

#include "domu.h"

#include <xen/sched.h>

struct start_info *start_info;

/* Guests that make no domU have none. */
void __attribute__((weak)) domu_main(void)
{
}

static char line[512];
static size_t line_length;
static unsigned int checks_made, checks_failed;

static void flush(void)
{
	if (line_length && start_info && is_domu())
		domu_text(line, line_length);
	else if (line_length)
		hypercall(console_io, CONSOLEIO_write, line_length, line);
	line_length = 0;
}

static void put(char c)
{
	line[line_length++] = c;
	if (c == '\n' || line_length == sizeof(line))
		flush();
}

static void put_padded(const char *s, size_t n, int width, bool left)
{
	int pad = width - (int)n;

	for (; !left && pad > 0; pad--)
		put(' ');
	while (n--)
		put(*s++);
	for (; left && pad > 0; pad--)
		put(' ');
}

static void put_number(unsigned long v, unsigned int base, bool minus, int width, bool zero)
{
	char digits[24];
	size_t n = sizeof(digits);

	do {
		digits[--n] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	while (zero && (int)(sizeof(digits) - n) < width && n > 1)
		digits[--n] = '0';
	if (minus)
		digits[--n] = '-';
	put_padded(digits + n, sizeof(digits) - n, width, false);
}

/* One conversion; returns the character after it. */
static const char *put_conversion(const char *f, va_list *ap)
{
	bool left = false, zero = false, is_long = false;
	const char *s;
	int width = 0;
	long v;

	for (; *f == '-' || *f == '0'; f++)
		*f == '-' ? (left = true) : (zero = true);
	for (; *f >= '0' && *f <= '9'; f++)
		width = width * 10 + *f - '0';
	for (; *f == 'l' || *f == 'z'; f++)
		is_long = true;

	switch (*f) {
	case 'd':
		v = is_long ? va_arg(*ap, long) : va_arg(*ap, int);
		put_number(v < 0 ? -(unsigned long)v : (unsigned long)v, 10, v < 0, width, zero);
		break;
	case 'u':
	case 'x':
		v = is_long ? va_arg(*ap, long) : (long)va_arg(*ap, unsigned int);
		put_number((unsigned long)v, *f == 'x' ? 16 : 10, false, width, zero);
		break;
	case 'p':
		put_number((unsigned long)va_arg(*ap, void *), 16, false, 16, true);
		break;
	case 's':
		s = va_arg(*ap, const char *);
		put_padded(s, strlen(s), width, left);
		break;
	case 'c':
		put((char)va_arg(*ap, int));
		break;
	default:
		put(*f);
	}
	return f + 1;
}

static void vprint(const char *f, va_list *ap)
{
	while (*f)
		if (*f == '%')
			f = put_conversion(f + 1, ap);
		else
			put(*f++);
}

void print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprint(fmt, &ap);
	va_end(ap);
	flush();
}

const char *errno_name(long rc)
{
#undef XEN_ERRNO
#define XEN_ERRNO(name, value) \
	if (rc == -(value))    \
		return "-" #name;
#include <xen/errno.h>
	return NULL;
}

bool check(bool ok, const char *fmt, ...)
{
	va_list ap;

	checks_made++;
	if (ok)
		return true;
	checks_failed++;
	print("  FAILED: ");
	va_start(ap, fmt);
	vprint(fmt, &ap);
	va_end(ap);
	put('\n');
	return false;
}

bool expect_equal(const char *what, unsigned long got, unsigned long want)
{
	return check(got == want, "%s: expected %lu (0x%lx), got %lu (0x%lx)", what, want, want,
		     got, got);
}

bool expect_result(const char *what, long got, long want)
{
	const char *want_name = errno_name(want), *got_name = errno_name(got);

	return check(got == want, "%s: expected %ld (%s), got %ld (%s)", what, want,
		     want_name ? want_name : "no error", got, got_name ? got_name : "no error");
}

bool expect_refused(const char *what, long rc)
{
	return check(rc < 0 && rc > -4096, "%s: expected to be refused, got %ld", what, rc);
}

void __noreturn shutdown(unsigned int reason)
{
	struct sched_shutdown arg = { .reason = reason };

	hypercall(sched_op, SCHEDOP_shutdown, &arg);
	for (;;)
		hypercall(sched_op, SCHEDOP_block);
}

/* A debug build counts what this kernel's memory refers to; others do not know the call. */
long audit(void)
{
	long rc = hypercall(arch_7);

	return rc == -ENOSYS ? 0 : rc;
}

static void __noreturn end(const char *outcome, const char *fmt, va_list *ap)
{
	if (is_domu()) {
		print("  %s in the domU: ", outcome);
		vprint(fmt, ap);
		print("\n");
		domu_end(checks_made, checks_failed + 1);
	}
	expect_result("differences that an audit finds", audit(), 0);
	/* What failed before something was missing has failed nonetheless. */
	if (checks_failed && strcmp(outcome, "ERROR"))
		outcome = "FAILURE";
	print("Test result: %s: ", outcome);
	vprint(fmt, ap);
	print(" (%u checks, %u failed)\n", checks_made, checks_failed);
	shutdown(SHUTDOWN_poweroff);
}

#define ENDING(name, outcome)                      \
	void __noreturn name(const char *fmt, ...) \
	{                                          \
		va_list ap;                        \
                                                   \
		va_start(ap, fmt);                 \
		end(outcome, fmt, &ap);            \
	}

ENDING(test_skip, "SKIP")
ENDING(test_failure, "FAILURE")
ENDING(test_error, "ERROR")
static ENDING(test_success, "SUCCESS")

	void __noreturn guest_main(struct start_info *si);
void traps_init(void);

/* First C code of a guest; @si as the hypervisor passed it in rsi. */
void __noreturn guest_main(struct start_info *si)
{
	start_info = si;
	if (is_domu()) {
		traps_init();
		domu_main();
		domu_end(checks_made, checks_failed);
	}
	print("Test title: %s\n", test_title);
	traps_init();
	test_main();
	if (checks_failed)
		test_failure("%u of %u checks failed", checks_failed, checks_made);
	if (!checks_made)
		test_error("the guest checked nothing");
	test_success("as expected");
}
