// SPDX-License-Identifier: GPL-2.0-or-later
/* What xentop makes of samples, and of a tree like dom0's sysfs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xen/sched.h>

#include "table.h"

static struct usage before_domains[2], now_domains[2];
static struct sample before, now;

/* Two seconds in which domain 3 was busy; domain 7 has more memory. */
static void make_samples(void)
{
	memset(before_domains, 0, sizeof(before_domains));
	before_domains[0] = (struct usage){ .domid = 3, .name = "tom", .memory_kib = 1024 };
	before_domains[1] = (struct usage){ .domid = 7,
					    .name = "a-name-beyond-ten",
					    .memory_kib = 2048 };
	memcpy(now_domains, before_domains, sizeof(now_domains));
	now_domains[0].cpu_ns = 1000000000;
	now_domains[0].sent = 4096 * 1024;
	now_domains[0].reads = 20;
	now_domains[1].memory_max_kib = UINT64_MAX;
	now_domains[1].flags = XEN_DOMINF_shutdown | (SHUTDOWN_crash << XEN_DOMINF_shutdownshift);
	before = (struct sample){
		.time_ns = 5, .machine_kib = 8192, .count = 2, .domains = before_domains
	};
	now = before;
	now.time_ns += 2000000000u;
	now.domains = now_domains;
}

/* The table, from which the caller takes lines; to be freed. */
static char *print(const struct table *t, const struct sample *first, size_t lines)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	table_print(out, t, first, &now, lines);
	fclose(out);
	return text;
}

static void rates_are_a_second(void **state)
{
	const struct table t = { .with_rates = true };
	char name[16], flags[8];
	unsigned int sent;
	double cpu;
	char *text;

	(void)state;
	make_samples();
	text = print(&t, &before, 2);
	assert_int_equal(sscanf(text, "%15s %7s %*u %lf %*u %*f %*u %*f %*u %*u %u", name, flags,
				&cpu, &sent),
			 4);
	assert_string_equal(name, "tom");
	assert_true(cpu > 49.9 && cpu < 50.1);
	assert_int_equal(sent, 2048);
	assert_non_null(strstr(text, "a-name-bey -s-c--"));
	assert_non_null(strstr(text, "no limit"));
	free(text);
}

static void the_first_table_has_no_rates(void **state)
{
	const struct table t = { .with_rates = true };
	const struct sample nothing = { 0 };
	char *text;

	(void)state;
	make_samples();
	text = print(&t, &nothing, 2);
	assert_null(strstr(text, "50.0"));
	assert_null(strstr(text, "2048 0"));
	free(text);
}

static void lines_are_sorted_and_counted(void **state)
{
	const struct table by_memory = { .sort = 'm', .with_full_names = true },
			   by_cpu = { .sort = 'c' };
	char *text;

	(void)state;
	make_samples();
	text = print(&by_memory, &before, 1);
	assert_non_null(strstr(text, "a-name-beyond-ten"));
	assert_null(strstr(text, "tom"));
	free(text);
	text = print(&by_cpu, &before, 1);
	assert_non_null(strstr(text, "tom"));
	free(text);
}

/* Scripts read the columns of xentop -b by their places. */
static void a_line_has_as_many_words_as_the_header(void **state)
{
	const struct table tables[] = { { .with_rates = false }, { .with_rates = true } };

	(void)state;
	make_samples();
	now_domains[1].memory_max_kib = 4096;
	for (int i = 0; i < 2; i++) {
		char *header = NULL, *text = print(&tables[i], &before, 1), *at;
		size_t length, words[2] = { 0 };
		FILE *out = open_memstream(&header, &length);

		table_header(out, &tables[i]);
		fclose(out);
		for (at = strtok(header, " \n"); at; at = strtok(NULL, " \n"))
			words[0]++;
		for (at = strtok(text, " \n"); at; at = strtok(NULL, " \n"))
			words[1]++;
		assert_int_equal(words[0], words[1]);
		free(header);
		free(text);
	}
}

static void put(const char *root, const char *device, const char *name, const char *value)
{
	char command[512];

	snprintf(command, sizeof(command), "mkdir -p \"$(dirname %s/%s/%s)\" && echo %s >%s/%s/%s",
		 root, device, name, value, root, device, name);
	assert_int_equal(system(command), 0);
}

static void devices_are_counted(void **state)
{
	char root[] = "/tmp/top_test.XXXXXX", command[64];

	(void)state;
	assert_non_null(mkdtemp(root));
	make_samples();
	memset(now_domains[0].name, 0, 1);
	now_domains[0].sent = now_domains[0].reads = 0;
	put(root, "vif-3-0", "net/vif3.0/statistics/rx_bytes", "100");
	put(root, "vif-3-1", "net/web/statistics/rx_bytes", "11");
	put(root, "vif-3-1", "net/web/statistics/tx_bytes", "7");
	put(root, "vbd-3-51712", "statistics/rd_req", "5");
	put(root, "vbd-99-51712", "statistics/rd_req", "5");
	put(root, "vbd-x-y", "statistics/rd_req", "5");
	sample_devices(&now, root);
	assert_int_equal(now_domains[0].networks, 2);
	assert_int_equal(now_domains[0].disks, 1);
	assert_int_equal(now_domains[0].sent, 111);
	assert_int_equal(now_domains[0].received, 7);
	assert_int_equal(now_domains[0].reads, 5);
	assert_int_equal(now_domains[1].disks, 0);
	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_are_a_second),
		cmocka_unit_test(the_first_table_has_no_rates),
		cmocka_unit_test(lines_are_sorted_and_counted),
		cmocka_unit_test(a_line_has_as_many_words_as_the_header),
		cmocka_unit_test(devices_are_counted),
	};

	return cmocka_run_group_tests_name("xentop", tests, NULL, NULL);
}
