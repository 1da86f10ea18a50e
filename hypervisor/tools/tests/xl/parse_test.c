// SPDX-License-Identifier: GPL-2.0-or-later
/* The parsers whose results the examples do not show: CPU lists, device numbers, addresses, and JSON there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <guest/config.h>
#include <guest/cpu_list.h>

static void test_devids(void **state)
{
	/* The table of xen-vbd-interface(7). */
	static const struct {
		const char *name;
		uint32_t number;
	} good[] = {
		{ "xvda", 202 << 8 },
		{ "xvda1", 202 << 8 | 1 },
		{ "d0p15", 202 << 8 | 15 },
		{ "xvdp15", 202 << 8 | 15 << 4 | 15 },
		{ "xvdq", 1 << 28 | 16 << 8 },
		{ "xvda16", 1 << 28 | 16 },
		{ "d536p37", 1 << 28 | 536 << 8 | 37 },
		{ "xvdtq37", 1 << 28 | 536 << 8 | 37 },
		{ "sdb3", 8 << 8 | 1 << 4 | 3 },
		{ "hda", 3 << 8 },
		{ "hdb63", 3 << 8 | 1 << 6 | 63 },
		{ "hdc2", 22 << 8 | 2 },
		{ "hdd", 22 << 8 | 1 << 6 },
		{ "51712", 51712 },
		{ "0xca00", 51712 },
	};
	static const char *const bad[] = { "",	     "xvd",	 "xvdA",	 "hde",
					   "sdq",    "sda16",	 "hda64",	 "sda0",
					   "d",	     "d0p256",	 "vda",		 "536870912",
					   "xvda1x", "d1048576", "xvdzzzzzzzzz", "-1" };
	uint32_t number;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(disk_devid(good[i].name, &number));
		assert_int_equal(number, good[i].number);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(disk_devid(bad[i], &number));
}

/* Eight CPUs, four a node. */
static void assert_list(const char *text, const char *expected)
{
	struct cpu_machine machine = { .cpu_count = 8 };
	struct cpu_map map;
	const char *wrong;
	char *out;

	for (unsigned int cpu = 0; cpu < 8; cpu++)
		machine.node_of[cpu] = cpu / 4;
	wrong = cpu_list_parse(text, &machine, &map);
	if (!expected) {
		assert_non_null(wrong);
		return;
	}
	assert_null(wrong);
	out = cpu_map_text(&map, 8);
	assert_string_equal(out, expected);
	free(out);
}

static void test_cpu_lists(void **state)
{
	(void)state;
	assert_list("all", "all");
	assert_list("0-7", "all");
	assert_list("3", "3");
	assert_list(" 0-3, 5 ,^1", "0,2-3,5");
	assert_list("all,^7", "0-6");
	assert_list("node:1", "4-7");
	assert_list("nodes:0-1,^node:0", "4-7");
	assert_list("nodes:^0,1", "1");
	assert_list("1,node:1,^6", "1,4-5,7");
	assert_list("all,^node:1", "0-3");
	assert_list("^1", NULL);
	assert_list("8", NULL);
	assert_list("node:2", NULL);
	assert_list("", NULL);
	assert_list("1,", NULL);
	assert_list("3-1", NULL);
	assert_list("1 2", NULL);
	assert_list("99999999999999999999", NULL);
}

static void test_macs_and_uuids(void **state)
{
	char text[GUEST_UUID_TEXT];
	uint8_t bytes[16];

	(void)state;
	assert_true(nic_parse_mac("00:16:3e:0a:Bb:ff", bytes));
	assert_int_equal(bytes[4], 0xbb);
	assert_false(nic_parse_mac("00:16:3e:0a:bb", bytes));
	assert_false(nic_parse_mac("00:16:3e:0a:bb:ff:", bytes));
	assert_false(nic_parse_mac("00-16-3e-0a-bb-ff", bytes));
	assert_true(nic_random_mac(bytes));
	assert_memory_equal(bytes, "\x00\x16\x3e", 3);
	guest_uuid_random(bytes);
	guest_uuid_text(bytes, text);
	assert_int_equal(text[14], '4');
	assert_true(guest_uuid_parse("59e1cf6c6ab9487990e7adc8d1c63bf5", bytes));
	guest_uuid_text(bytes, text);
	assert_string_equal(text, "59e1cf6c-6ab9-4879-90e7-adc8d1c63bf5");
	assert_false(guest_uuid_parse("59e1cf6c-6ab9-4879-90e7-adc8d1c63bf", bytes));
	assert_false(guest_uuid_parse("59e1cf6c-6ab9-4879-90e7-adc8d1c63bf5a", bytes));
}

static const char everything[] =
	"name='all'; uuid='59e1cf6c-6ab9-4879-90e7-adc8d1c63bf5'; pool='Pool-0'\n"
	"vcpus=2; maxvcpus=3; memory=64; maxmem=128; cpu_weight=512; cap=50\n"
	"cpus=['0','1']; cpus_soft='0-1'; kernel='/k'; ramdisk='/r'; cmdline='a \"b\"'\n"
	"bootloader='b'; bootloader_args='x y'; on_poweroff='preserve'\n"
	"on_reboot='rename-restart'; on_crash='restart'; on_watchdog='restart'\n"
	"max_grant_frames=65; max_maptrack_frames=66; max_grant_version=1\n"
	"max_event_channels=2000; tsc_mode='native'; rtc_timeoffset=-5; localtime=1\n"
	"nomigrate=1; driver_domain=1; xend_suspend_evtchn_compat=1\n"
	"disk=['/a b,raw,xvda,w!,discard', 'vdev=hdc,devtype=cdrom,direct-io-safe,untrusted',\n"
	"	'/q,qcow2,xvdb,no-discard,backendtype=qdisk', 'script=s,vdev=xvdc,backend=d,target=t']\n"
	"vif=['mac=00:16:3e:00:00:01,bridge=b,ip=1 2,vifname=v,gatewaydev=g,mtu=1400,rate=1MB/s',\n"
	"	'devid=4,script=/s,backend=d,untrusted']\n";

static void test_json_there_and_back(void **state)
{
	struct report report = { .out = stderr, .program = "test" };
	struct guest_config config, again;
	struct settings settings;
	char *first, *second;

	(void)state;
	settings_init(&settings);
	settings_parse(&settings, "everything", everything, sizeof(everything) - 1, &report);
	guest_config_init(&config);
	guest_config_read(&config, &settings, &report);
	settings_free(&settings);
	assert_int_equal(report.errors + report.warnings, 0);
	first = guest_config_to_json(&config);
	assert_true(guest_config_from_json(&again, first));
	second = guest_config_to_json(&again);
	assert_string_equal(first, second);
	assert_int_equal(again.rtc_timeoffset, -5);
	assert_int_equal(again.on_reboot, ACTION_RENAME_RESTART);
	assert_int_equal(again.disks[1].devid, 22 << 8);
	assert_true(again.disks[0].may_share && again.disks[2].no_discard);
	assert_int_equal(again.nics[0].rate_bytes, 50000);
	free(first);
	free(second);
	guest_config_free(&config);
	guest_config_free(&again);
}

static void test_broken_json(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		"{\"c_info\":{\"name\":\"1\"}}",
		"{\"c_info\":{\"name\":\"a\"},\"disks\":5}",
		"{\"c_info\":{\"name\":\"a\"},\"disks\":[{}]}",
		"{\"c_info\":{\"name\":\"a\"},\"b_info\":{\"max_vcpus\":0}}"
	};
	struct guest_config config;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(guest_config_from_json(&config, bad[i]));
		guest_config_free(&config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_devids),	       cmocka_unit_test(test_cpu_lists),
		cmocka_unit_test(test_macs_and_uuids), cmocka_unit_test(test_json_there_and_back),
		cmocka_unit_test(test_broken_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
