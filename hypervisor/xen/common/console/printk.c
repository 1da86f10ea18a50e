/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log: judges a message by level and rate, formats it, and gives each
 * line its prefix. "(XEN) " is what tools and people search for.
 */
#include <hv/printk.h>

#include <hv/console.h>
#include <hv/domain.h>
#include <hv/format.h>
#include <hv/options.h>
#include <hv/panic.h>

#define LINE_SIZE      1024
#define BURST_MESSAGES 10
#define BURST_NS       5000000000UL
#define GUEST_LIMITS   32 /* domains of one number modulo this share a limit */

/* How many messages of a kind may pass in a period, and what was dropped. */
struct rate_limit {
	uint64_t period_start;
	unsigned int passed;
	unsigned int dropped;
};

/* All of it is guarded by the console lock. */
static struct {
	char text[LINE_SIZE];
	bool is_inside_line;
	struct rate_limit own, guest[GUEST_LIMITS];
} state;

/* Set once at boot. */
static uint64_t (*clock_ns)(void);

void console_set_clock(uint64_t (*clock)(void))
{
	clock_ns = clock;
}

static uint64_t now_ns(void)
{
	return clock_ns ? clock_ns() : 0;
}

static bool rate_allows(struct rate_limit *limit)
{
	uint64_t now = now_ns();

	if (now - limit->period_start >= BURST_NS) {
		limit->period_start = now;
		limit->passed = 0;
	}
	if (limit->passed >= BURST_MESSAGES) {
		limit->dropped++;
		return false;
	}
	limit->passed++;
	return true;
}

static bool is_of_guest(enum log_level level)
{
	return level >= LOG_GUEST_ERROR;
}

/* What a guest causes is said while it runs: one that floods the log silences itself alone. */
static struct rate_limit *limit_of(enum log_level level)
{
	const struct domain *d;

	if (!is_of_guest(level))
		return &state.own;
	d = current_domain();
	return &state.guest[(d ? d->id : 0) % GUEST_LIMITS];
}

static bool is_printed(enum log_level level)
{
	const struct log_threshold *threshold;
	unsigned int number;

	if (panic_in_progress())
		return true;
	if (is_of_guest(level)) {
		threshold = &boot_options.guest_loglvl;
		number = level - LOG_GUEST_ERROR + 1;
	} else {
		threshold = &boot_options.loglvl;
		number = level - LOG_ERROR + 1;
	}
	if (number <= threshold->always)
		return true;
	if (number > threshold->limited)
		return false;
	return rate_allows(limit_of(level));
}

static void put(const char *text, size_t length)
{
	console_write_locked(text, length, true);
}

static void put_prefix(void)
{
	uint64_t now = now_ns();
	char prefix[40];
	size_t length;

	switch (boot_options.timestamps) {
	case TIMESTAMPS_BOOT:
		length = format_string(prefix, sizeof(prefix), "(XEN) [%6lu.%06lu] ",
				       now / 1000000000, now / 1000 % 1000000);
		break;
	case TIMESTAMPS_RAW:
		length = format_string(prefix, sizeof(prefix), "(XEN) [%016lx] ", now);
		break;
	default:
		length = format_string(prefix, sizeof(prefix), "(XEN) ");
		break;
	}
	put(prefix, length);
}

static void put_lines(const char *text, size_t length)
{
	size_t start = 0;

	for (size_t i = 0; i < length; i++) {
		if (!state.is_inside_line)
			put_prefix();
		state.is_inside_line = text[i] != '\n';
		if (!state.is_inside_line) {
			put(text + start, i + 1 - start);
			start = i + 1;
		}
	}
	put(text + start, length - start);
}

static void put_format(const char *fmt, ...) __format_printf(1, 2);

static void put_format_v(const char *fmt, va_list args)
{
	size_t length = format_string_v(state.text, LINE_SIZE, fmt, args);

	if (length >= LINE_SIZE) {
		length = LINE_SIZE - 1;
		state.text[length - 1] = '\n';
	}
	put_lines(state.text, length);
}

static void put_format(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put_format_v(fmt, args);
	va_end(args);
}

static void report_dropped(struct rate_limit *limit)
{
	if (!limit->dropped || state.is_inside_line)
		return;
	put_format("printk: %u messages suppressed\n", limit->dropped);
	limit->dropped = 0;
}

void printk_v(enum log_level level, const char *fmt, va_list args)
{
	struct console_hold hold = console_lock();

	if (is_printed(level)) {
		report_dropped(limit_of(level));
		put_format_v(fmt, args);
	}
	console_unlock(hold);
}

void printk_end_line(void)
{
	struct console_hold hold = console_lock();

	if (state.is_inside_line)
		put_lines("\n", 1);
	console_unlock(hold);
}

void printk(enum log_level level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printk_v(level, fmt, args);
	va_end(args);
}
