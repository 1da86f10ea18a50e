// SPDX-License-Identifier: GPL-2.0-or-later
/* What xenconsoled promises to guests and to those who read their consoles. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "domains.h"
#include "fake_xen.h"

#define GUEST "/local/domain/5"

static struct world world;
static struct domains domains;
static char directory[] = "/tmp/console_test.XXXXXX";

static void run(unsigned int milliseconds)
{
	while (sd_event_run(world.event, milliseconds * 1000ull) > 0)
		;
}

/* Runs the daemon until the claim is true: a terminal passes bytes on when the kernel finds time. */
#define await(claim)                                                                               \
	do {                                                                                       \
		for (int tries_ = 0; !(claim) && tries_ < 500; tries_++)                           \
			sd_event_run(world.event, 10000);                                          \
		assert_true(claim);                                                                \
	} while (0)

static void daemon_start(bool is_logging)
{
	memset(&world, 0, sizeof(world));
	memset(&domains, 0, sizeof(domains));
	assert_return_code(sd_event_new(&world.event), 0);
	world.is_logging = is_logging;
	world.log = (struct log_settings){ .directory = directory, .size_max = 4096, .old_max = 2 };
	domains.world = &world;
	domains.xs = xs_open(0);
	assert_int_equal(world_start(&world), 0);
	assert_int_equal(domains_start(&domains), 0);
	run(0);
}

static void guest_make(void)
{
	fake_start();
	fake_node(GUEST "/name", "tom");
	fake_node(GUEST "/console/ring-ref", "1234");
	fake_node(GUEST "/console/port", "3");
	fake_node(GUEST "/console/type", "xenconsoled");
}

static void guest_writes(const char *text)
{
	for (; *text; text++)
		fake_page.out[fake_page.out_prod++ % sizeof(fake_page.out)] = *text;
	fake_guest_event();
}

static void guest_prints(const char *text)
{
	guest_writes(text);
	run(0);
}

/* The domain goes, and later what the store says of it; nothing of it may stay. */
static void guest_ends(void)
{
	fake_is_alive = false;
	fake_watch_fires("@");
	run(150);
	assert_null(world.consoles);
	assert_int_equal(fake_mapped, 0);
	assert_int_equal(fake_bound, 0);
	fake_nodes_remove();
	fake_watch_fires("@");
	run(0);
	assert_null(domains.first);
	close(world.inotify_fd);
	sd_event_source_unref(world.tick);
	sd_event_source_unref(domains.later);
	sd_event_unref(world.event);
}

static int client_open(void)
{
	const char *tty = fake_value(GUEST "/console/tty");
	int fd;

	assert_non_null(tty);
	fd = open(tty, O_RDWR | O_NOCTTY | O_NONBLOCK);
	assert_return_code(fd, 0);
	run(0);
	return fd;
}

static void assert_reads(int fd, const char *text)
{
	char got[256];
	size_t count = 0;
	ssize_t n;

	for (int tries = 0; count < strlen(text) && tries < 500; tries++) {
		sd_event_run(world.event, 10000);
		n = read(fd, got + count, sizeof(got) - count);
		count += n > 0 ? (size_t)n : 0;
	}
	assert_int_equal(count, strlen(text));
	assert_memory_equal(got, text, strlen(text));
}

static void a_client_reads_and_writes(void **state)
{
	int fd;

	(void)state;
	guest_make();
	daemon_start(false);
	fd = client_open();
	guest_prints("hello\n");
	assert_reads(fd, "hello\n");
	assert_int_equal(write(fd, "ls\r", 3), 3);
	await(fake_page.in_prod == 3);
	assert_memory_equal(fake_page.in, "ls\r", 3);
	close(fd);
	guest_ends();
}

static void who_comes_late_reads_what_was_said(void **state)
{
	int fd;

	(void)state;
	guest_make();
	daemon_start(false);
	guest_prints("before anybody came");
	fd = client_open();
	assert_reads(fd, "before anybody came");
	close(fd);
	run(0);
	guest_prints("nobody is there");
	fd = client_open();
	assert_reads(fd, "nobody is there");
	close(fd);
	guest_ends();
}

/* Input that the guest has no room for stays with the client, and comes when there is room. */
static void a_full_ring_loses_no_input(void **state)
{
	char line[1500];
	int fd;

	(void)state;
	guest_make();
	daemon_start(false);
	fd = client_open();
	memset(line, 'x', sizeof(line));
	assert_int_equal(write(fd, line, sizeof(line)), sizeof(line));
	await(fake_page.in_prod == 1024);
	fake_page.in_cons = 1024;
	fake_guest_event();
	await(fake_page.in_prod == 1500);
	close(fd);
	guest_ends();
}

static void broken_indices_are_skipped(void **state)
{
	int fd;

	(void)state;
	guest_make();
	daemon_start(false);
	fd = client_open();
	fake_page.out_prod = 0x80000000u;
	fake_page.in_cons = 0x1234567u;
	fake_guest_event();
	run(0);
	assert_int_equal(read(fd, &(char){ 0 }, 1), -1);
	guest_prints("well again");
	assert_reads(fd, "well again");
	close(fd);
	guest_ends();
}

/* A guest that never stops is served once a tick: the daemon sleeps in between. */
static void a_flood_is_slowed_down(void **state)
{
	uint64_t served = 0, begin, now;

	(void)state;
	guest_make();
	daemon_start(true);
	sd_event_now(world.event, CLOCK_MONOTONIC, &begin);
	do {
		uint32_t cons = fake_page.out_cons;

		fake_page.out_prod = cons + sizeof(fake_page.out);
		fake_guest_event();
		sd_event_run(world.event, 10000);
		served += fake_page.out_cons - cons;
		sd_event_now(world.event, CLOCK_MONOTONIC, &now);
	} while (now < begin + 1000000);
	assert_in_range(served, 4 * BYTES_A_TICK, 12 * BYTES_A_TICK);
	assert_in_range(world.consoles->backlog.count, 1, BACKLOG_SIZE);
	guest_ends();
}

static size_t file_size(const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return stat(path, &st) ? 0 : (size_t)st.st_size;
}

static void logs_are_rotated(void **state)
{
	char line[101];

	(void)state;
	guest_make();
	daemon_start(true);
	memset(line, 'y', sizeof(line));
	memcpy(line + 99, "\n", 2);
	for (int i = 0; i < 500; i++) {
		guest_prints(line);
		if (i % 60 == 59)
			run(110); /* the next allowance */
	}
	assert_in_range(file_size("guest-tom.log"), 0, 4200);
	assert_in_range(file_size("guest-tom.log.1"), 4096, 4200);
	assert_in_range(file_size("guest-tom.log.2"), 4096, 4200);
	assert_int_equal(file_size("guest-tom.log.3"), 0);
	guest_ends();
}

static void logs_cannot_steer_a_terminal(void **state)
{
	const struct log_settings s = { .directory = directory,
					.size_max = 4096,
					.with_time = true };
	struct log_file *log = log_open(&s, "../../etc/passwd\n");
	char path[256], got[256] = "";
	int fd;

	(void)state;
	assert_non_null(log);
	assert_null(strstr(log->path + strlen(directory) + 1, "/"));
	log_write(log, "\033[2Jred\r\n", 9);
	snprintf(path, sizeof(path), "%s", log->path);
	fd = open(path, O_RDONLY);
	assert_in_range(read(fd, got, sizeof(got) - 1), 20, 60);
	assert_int_equal(got[0], '[');
	assert_non_null(strstr(got, "Z] \\x1b[2Jred\n"));
	close(fd);
	log_close(log);
}

/* Devices have a granted page and a backend whose state their guest waits for. */
static void a_second_console_is_a_device(void **state)
{
	(void)state;
	guest_make();
	fake_node("/local/domain/0/backend/console/5/1/state", "1");
	fake_node(GUEST "/device/console/1/type", "xenconsoled");
	daemon_start(false);
	assert_null(world.consoles->next);
	fake_node(GUEST "/device/console/1/ring-ref", "9");
	fake_node(GUEST "/device/console/1/port", "3");
	fake_watch_fires("5");
	run(150);
	assert_non_null(world.consoles->next);
	assert_string_equal(fake_value("/local/domain/0/backend/console/5/1/state"), "4");
	assert_non_null(fake_value(GUEST "/device/console/1/tty"));
	fake_node(GUEST "/device/console/1/port", "no number");
	fake_watch_fires("5");
	run(150);
	assert_null(world.consoles->next);
	guest_ends();
}

/* Values that no builder writes: no console, and no harm. */
static void hostile_nodes_are_refused(void **state)
{
	static const char *const values[] = { "-1", "99999999999999999999", "", " 3", "3x", "4" };

	(void)state;
	guest_make();
	daemon_start(false);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		fake_node(GUEST "/console/port", values[i]);
		fake_watch_fires("5");
		run(150);
		assert_int_equal(fake_mapped, 0);
		assert_int_equal(fake_bound, 0);
	}
	guest_ends();
}

/* A killed daemon leaves a ring; the next one goes on where it stands. */
static void the_next_daemon_goes_on(void **state)
{
	int fd;

	(void)state;
	guest_make();
	fake_page.out_prod = fake_page.out_cons = 5000;
	fake_page.in_prod = fake_page.in_cons = 70;
	guest_writes("written meanwhile");
	daemon_start(false);
	fd = client_open();
	assert_reads(fd, "written meanwhile");
	assert_int_equal(fake_page.out_cons, 5017);
	close(fd);
	guest_ends();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_reads_and_writes),
		cmocka_unit_test(who_comes_late_reads_what_was_said),
		cmocka_unit_test(a_full_ring_loses_no_input),
		cmocka_unit_test(broken_indices_are_skipped),
		cmocka_unit_test(a_flood_is_slowed_down),
		cmocka_unit_test(logs_are_rotated),
		cmocka_unit_test(logs_cannot_steer_a_terminal),
		cmocka_unit_test(a_second_console_is_a_device),
		cmocka_unit_test(hostile_nodes_are_refused),
		cmocka_unit_test(the_next_daemon_goes_on),
	};

	if (!mkdtemp(directory))
		return 1;
	return cmocka_run_group_tests_name("xenconsoled", tests, NULL, NULL);
}
