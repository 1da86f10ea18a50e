/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/console/printk.c common/console/output.c common/console/ring.c */
/* sources: common/console/input.c common/console/debug_keys.c common/lib/format.c */
/* The log's prefixes, levels and rates, the ring as dom0 reads it, and typed characters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/console.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/machine.h>
#include <hv/options.h>
#include <hv/panic.h>
#include <hv/printk.h>
#include <hv/uart.h>

struct boot_options boot_options;

static char screen[16384];
static size_t screen_length;
static uint64_t now;
static bool panics;
static unsigned long unmapped_from = ~0UL;
static unsigned int hook_calls, key_runs;
static const char *typed;

/* ---- what the console relies on ---- */

bool panic_in_progress(void)
{
	return panics;
}

void machine_stop_others(void)
{
}

void machine_restart(unsigned int delay_ms)
{
	(void)delay_ms;
	abort();
}

static struct domain domain;
static struct vcpu vcpu = { .domain = &domain };

struct vcpu *current_vcpu(void)
{
	return &vcpu;
}

int guest_copy_to(unsigned long guest_va, const void *src, size_t len)
{
	if (guest_va + len > unmapped_from)
		return -EFAULT;
	memcpy((void *)guest_va, src, len);
	return 0;
}

int uart_rx_poll(void)
{
	return *typed ? (unsigned char)*typed++ : -1;
}

static uint64_t clock(void)
{
	return now;
}

static void screen_write(const char *text, size_t length)
{
	/* Called with the console lock held: no assertion in here. */
	if (screen_length + length >= sizeof(screen))
		return;
	memcpy(screen + screen_length, text, length);
	screen_length += length;
	screen[screen_length] = '\0';
}

static void screen_clear(void)
{
	screen_length = 0;
	screen[0] = '\0';
}

static const struct console_device screen_device = { .name = "screen", .write = screen_write };

static int setup(void **state)
{
	(void)state;
	memset(&boot_options, 0, sizeof(boot_options));
	boot_options.loglvl = (struct log_threshold){ 3, 3 };
	boot_options.guest_loglvl = (struct log_threshold){ 0, 2 };
	boot_options.switch_key = 'a';
	screen_clear();
	now += 100000000000UL;
	panics = false;
	unmapped_from = ~0UL;
	hook_calls = key_runs = 0;
	return 0;
}

/* ---- the log ---- */

/* First of all tests: what was said before there was a device is shown by it. */
static void test_replay(void **state)
{
	(void)state;
	log_info("early\n");
	console_add_device(&screen_device);
	assert_string_equal(screen, "(XEN) early\n");
}

static void test_lines(void **state)
{
	(void)state;
	log_info("one %d\n", 1);
	log_info("in ");
	log_info("parts\nand ");
	log_info("lines\n\n");
	assert_string_equal(screen, "(XEN) one 1\n(XEN) in parts\n(XEN) and lines\n(XEN) \n");
	screen_clear();
	log_info("unended");
	printk_end_line();
	printk_end_line();
	assert_string_equal(screen, "(XEN) unended\n");
}

static void test_long_line(void **state)
{
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_info("%s\n", text);
	assert_int_equal(screen_length, 6 + 1023);
	assert_int_equal(screen[screen_length - 1], '\n');
}

static void test_timestamps(void **state)
{
	(void)state;
	console_set_clock(clock);
	now = 12345678901234;
	boot_options.timestamps = TIMESTAMPS_BOOT;
	log_info("boot\n");
	boot_options.timestamps = TIMESTAMPS_RAW;
	log_info("raw\n");
	assert_string_equal(screen, "(XEN) [ 12345.678901] boot\n"
				    "(XEN) [00000b3a73ce2ff2] raw\n");
}

static void test_levels(void **state)
{
	(void)state;
	log_debug("hidden\n");
	printk(LOG_GUEST_INFO, "hidden too\n");
	boot_options.loglvl.always = 4;
	log_debug("shown\n");
	boot_options.loglvl = (struct log_threshold){ 0, 0 };
	log_error("not even this\n");
	panics = true;
	log_error("but this\n");
	assert_string_equal(screen, "(XEN) shown\n(XEN) but this\n");
}

static void test_rate_limit(void **state)
{
	const char *at = screen;
	unsigned int count = 0;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		printk(LOG_GUEST_WARNING, "flood\n");
	for (; (at = strstr(at, "flood")); at++)
		count++;
	assert_int_equal(count, 10);
	screen_clear();
	/* Our own words do not suffer from it. */
	log_warning("ours\n");
	now += 6000000000UL;
	printk(LOG_GUEST_WARNING, "later\n");
	assert_string_equal(screen, "(XEN) ours\n(XEN) printk: 990 messages suppressed\n"
				    "(XEN) later\n");
}

/* One guest's flood does not hide what another one does. */
static void test_rate_limit_of_each_guest(void **state)
{
	(void)state;
	domain.id = 1;
	for (unsigned int i = 0; i < 100; i++)
		printk(LOG_GUEST_WARNING, "flood\n");
	screen_clear();
	domain.id = 2;
	printk(LOG_GUEST_WARNING, "heard\n");
	assert_string_equal(screen, "(XEN) heard\n");
	screen_clear();
	domain.id = 1;
	printk(LOG_GUEST_WARNING, "flood\n");
	assert_string_equal(screen, "");
	domain.id = 0;
}

/* ---- the ring ---- */

static void read_ring(struct xen_sysctl_readconsole *op, char *buf, uint32_t size)
{
	memset(buf, 0, size + 1);
	op->buffer.p = buf;
	op->count = size;
	assert_int_equal(console_ring_read(op), 0);
	assert_int_equal(op->count, strlen(buf));
}

static void test_ring_read(void **state)
{
	static char buf[CONSOLE_RING_SIZE + 1];
	struct xen_sysctl_readconsole op = { .clear = 1 };
	uint32_t index;

	(void)state;
	read_ring(&op, buf, CONSOLE_RING_SIZE);
	log_info("first\n");
	console_write("from dom0\n", 10, true);
	console_write("not kept\n", 9, false);
	assert_string_equal(screen, "(XEN) first\nfrom dom0\nnot kept\n");

	op.clear = 0;
	read_ring(&op, buf, CONSOLE_RING_SIZE);
	assert_string_equal(buf, "(XEN) first\nfrom dom0\n");
	index = op.index;

	op.incremental = 1;
	read_ring(&op, buf, CONSOLE_RING_SIZE);
	assert_string_equal(buf, "");
	log_info("second\n");
	read_ring(&op, buf, 8);
	assert_string_equal(buf, "(XEN) se");
	read_ring(&op, buf, 100);
	assert_string_equal(buf, "cond\n");

	op.clear = 1;
	op.index = index;
	read_ring(&op, buf, CONSOLE_RING_SIZE);
	assert_string_equal(buf, "(XEN) second\n");
	op.incremental = 0;
	read_ring(&op, buf, CONSOLE_RING_SIZE);
	assert_string_equal(buf, "");
}

static void test_ring_read_hostile(void **state)
{
	static char buf[CONSOLE_RING_SIZE];
	struct xen_sysctl_readconsole op = { .incremental = 1, .index = 0x80000000 };

	(void)state;
	for (unsigned int i = 0; i < 20000; i++)
		log_info("filling\n");
	op.buffer.p = buf;
	op.count = UINT32_MAX;
	assert_int_equal(console_ring_read(&op), 0);
	assert_int_equal(op.count, CONSOLE_RING_SIZE);
	unmapped_from = (unsigned long)buf + 300;
	op.index = 0x80000000;
	op.count = UINT32_MAX;
	assert_int_equal(console_ring_read(&op), -EFAULT);
}

/* ---- input ---- */

static void hook(void)
{
	hook_calls++;
}

static void key_function(void)
{
	key_runs++;
}

static void type(const char *text)
{
	typed = text;
	console_input_poll();
}

static void assert_dom0_gets(const char *expected)
{
	char buf[2048] = "";

	console_input_take(buf, sizeof(buf) - 1);
	assert_string_equal(buf, expected);
}

static void test_input(void **state)
{
	static const struct debug_key key = { 'z', key_function, "count" };

	(void)state;
	console_set_input_hook(hook);
	debug_key_register(&key);
	type("z\xff!");
	assert_int_equal(key_runs, 1);
	type("h");
	assert_non_null(strstr(screen, "(XEN)  h: show this help\n"));
	assert_non_null(strstr(screen, "(XEN)  z: count\n"));
	assert_dom0_gets("");

	screen_clear();
	console_give_input_to_dom0();
	assert_string_equal(screen, "(XEN) *** Serial input to DOM0 (type 'CTRL-a' three times "
				    "to switch input)\n");
	type("zh\x01\x01 x");
	assert_int_equal(hook_calls, 4);	/* the two are held back until the blank */
	assert_dom0_gets("zh\x01\x01 x");

	/* The sequence is nobody's. */
	screen_clear();
	type("\x01\x01\x01z");
	assert_dom0_gets("");
	assert_int_equal(key_runs, 2);
	assert_non_null(strstr(screen, "Serial input to Xen"));
	type("\x01\x01\x01z");
	assert_dom0_gets("z");
}

static void test_input_full(void **state)
{
	char buf[2000];

	(void)state;
	for (unsigned int i = 0; i < 3000; i++)
		console_input((char)('a' + i % 26));
	assert_int_equal(console_input_take(buf, 10), 10);
	assert_memory_equal(buf, "abcdefghij", 10);
	assert_int_equal(console_input_take(buf, sizeof(buf)), 1014);
	assert_int_equal(console_input_take(buf, sizeof(buf)), 0);
}

static void test_keep_input(void **state)
{
	(void)state;
	boot_options.keep_input = true;
	console_give_input_to_dom0();
	type("z");
	assert_int_equal(key_runs, 1);
	assert_dom0_gets("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_replay, setup),
		cmocka_unit_test_setup(test_lines, setup),
		cmocka_unit_test_setup(test_long_line, setup),
		cmocka_unit_test_setup(test_timestamps, setup),
		cmocka_unit_test_setup(test_levels, setup),
		cmocka_unit_test_setup(test_rate_limit, setup),
		cmocka_unit_test_setup(test_rate_limit_of_each_guest, setup),
		cmocka_unit_test_setup(test_ring_read, setup),
		cmocka_unit_test_setup(test_ring_read_hostile, setup),
		cmocka_unit_test_setup(test_input, setup),
		cmocka_unit_test_setup(test_input_full, setup),
		cmocka_unit_test_setup(test_keep_input, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
