// SPDX-License-Identifier: GPL-2.0-or-later
/* Readers of configuration files and of values: what they take, and where and how they say no. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config.h"
#include "guess.h"
#include "guests.h"
#include "values.h"

static int fake_backtick(const char *command, struct text *out)
{
	if (strcmp(command, "uname -r"))
		return -1;
	text_add(out, "6.1.0-56-amd64");
	return 0;
}

static const char *errors_of(const char *content, struct settings *s, struct text *errors)
{
	config_parse("f", content, CONFIG_FILE, fake_backtick, s, errors);
	return text_get(errors);
}

static void test_config_good(void **state)
{
	struct settings s = { 0 };
	struct text errors = { 0 };

	(void)state;
	assert_string_equal(
		errors_of(
			"# comment\n\nsize = 4G  # Root\nkernel = /boot/vmlinuz-`uname -r`\n"
			"nohosts = 1\ninstall_method = tar\nown_key = a b\nip = 10.0.0.1/8 10.0.0.2/8\n"
			"lvm =\ndhcp=yes",
			&s, &errors),
		"");
	assert_true(setting_size(&s, "size") == 4 * GIB);
	assert_string_equal(setting(&s, "kernel"), "/boot/vmlinuz-6.1.0-56-amd64");
	assert_false(setting_on(&s, "hosts"));
	assert_string_equal(setting(&s, "install-method"), "tar");
	assert_string_equal(setting(&s, "own_key"), "a b");
	assert_string_equal(setting(&s, "ip"), "10.0.0.1/8\n10.0.0.2/8");
	assert_null(setting(&s, "lvm"));
	assert_true(setting_on(&s, "dhcp"));
	assert_string_equal(setting_find(&s, "size")->place, "f:3");
	settings_free(&s);
}

static void test_config_bad(void **state)
{
	struct settings s = { 0 };
	struct text errors = { 0 };

	(void)state;
	assert_string_equal(
		errors_of(
			"size 4G\nimage = sparsefoo\ntwo words = 1\nmemory = `false`\nvlan = `x\n= 1\nvcpus = 0\n",
			&s, &errors),
		"f:1: no '=' in this line\n"
		"f:2: image: 'sparsefoo' is none of sparse|full\n"
		"f:3: 'two words' is no key\n"
		"f:4: the command `false` failed\n"
		"f:5: a backtick without its partner\n"
		"f:6: '' is no key\n"
		"f:7: vcpus: '0' is no number from 1-512\n");
	text_free(&errors);
	settings_free(&s);
}

static void test_origins(void **state)
{
	struct settings s = { 0 };

	(void)state;
	setting_set(&s, "size", "1G", COMMAND_LINE, "--size");
	setting_set(&s, "size", "2G", CONFIG_FILE, "f:1");
	assert_string_equal(setting(&s, "size"), "1G");
	setting_set(&s, "serial_device", "hvc0", CONFIG_FILE, "f:2");
	setting_set(&s, "serial-device", "ttyS0", EXTRA_CONFIG_FILE, "g:1");
	assert_string_equal(setting(&s, "serial_device"), "ttyS0");
	settings_free(&s);
}

static void test_partitions(void **state)
{
	struct partitions p;
	struct text errors = { 0 };

	(void)state;
	assert_int_equal(
		partitions_parse(
			"p",
			"[root]\nsize=1G\ntype=ext3\nmountpoint=/\noptions=a,b\n\n[swap]\n"
			"size = 1.5G\ntype=swap\n[var-tmp]\nsize=100\ntype=xfs\nmountpoint=/var/tmp\n",
			&p, &errors),
		0);
	assert_int_equal(p.count, 3);
	assert_string_equal(p.items[0].options, "a,b");
	assert_true(p.items[1].size == 1536 * MIB);
	assert_true(p.items[2].size == 100 * MIB);
	assert_int_not_equal(
		partitions_parse(
			"p",
			"size=1G\n[a b]\n[x]\nsize=0\ntype=fat\nmountpoint=a\nspeed=3\nfoo\n[x]\n"
			"[y\n[s]\nsize=1G\ntype=swap\nmountpoint=/s\n[z]\nsize=1M\ntype=ext4\n"
			"mountpoint=/s\noptions=a b\n",
			&p, &errors),
		0);
	assert_string_equal(text_get(&errors), "p:1: before the first section: size\n"
					       "p:2: no name for a partition: a b\n"
					       "p:4: no size of at least 1M: 0\n"
					       "p:5: no such file system: fat\n"
					       "p:6: no mount point: a\n"
					       "p:7: no such key: speed\n"
					       "p:8: no '=' in this line\n"
					       "p:9: twice: x\n"
					       "p:10: a section is [name]\n"
					       "p:19: no mount options: a b\n"
					       "p:19: no size: x\n"
					       "p:19: no type: x\n"
					       "p:19: no mountpoint: x\n"
					       "p:19: swap has no mountpoint: s\n"
					       "p:19: the same mountpoint twice: /s\n"
					       "p:19: no partition has the mountpoint /\n");
	text_free(&errors);
}

static void test_distributions(void **state)
{
	static const char file[] =
		"# c\nsqueeze = debian eol default-keyring\nxenial = ubuntu pygrub a.gpg dont-test\n";
	struct distribution d;
	struct text errors = { 0 };
	char *mirror;

	(void)state;
	assert_int_equal(distribution_find("d", file, "xenial", &d, &errors), 0);
	assert_string_equal(d.family, "ubuntu");
	assert_string_equal(d.keyring, "a.gpg");
	assert_true(d.boots_itself && !d.is_old);
	assert_int_equal(distribution_find("d", file, "squeeze", &d, &errors), 0);
	assert_true(d.is_old && d.default_keyring);
	mirror = mirror_find("debian = http://x\ndebian_archive = http://y # z\n", &d);
	assert_string_equal(mirror, "http://y");
	free(mirror);
	mirror = mirror_find("squeeze = http://own\n", &d);
	assert_string_equal(mirror, "http://own");
	free(mirror);
	assert_null(mirror_find("ubuntu = http://x\n", &d));
	assert_true(distribution_find("d", file, "nosuch", &d, &errors) < 0);
	assert_string_equal(text_get(&errors), "");
	assert_true(distribution_find("d", "a = b c\nfoo\nd =\n", "a", &d, &errors) < 0);
	assert_string_equal(text_get(&errors), "d:1: no such keyword: c\n"
					       "d:2: a line is 'suite = family keywords'\n"
					       "d:3: a line is 'suite = family keywords'\n");
	text_free(&errors);
}

static void test_sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes; /* 0: refused */
	} cases[] = {
		{ "4G", 4 * GIB },
		{ "4Gb", 4 * GIB },
		{ "4gib", 4 * GIB },
		{ "512", 512 * MIB },
		{ "512M", 512 * MIB },
		{ "1.5G", 1536 * MIB },
		{ "4096k", 4 * MIB },
		{ "2T", 2 * TIB },
		{ "100b", 100 },
		{ "4 G", 4 * GIB },
		{ "", 0 },
		{ "G", 0 },
		{ "-1G", 0 },
		{ "4X", 0 },
		{ "4GG", 0 },
		{ "1.G", 0 },
		{ "0", 0 },
		{ "9999999999999T", 0 },
		{ "4Gbb", 0 },
		{ " 4G", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t bytes = 0;
		bool good = size_read(cases[i].text, MIB, &bytes);

		if (good != (cases[i].bytes != 0) || (good && bytes != cases[i].bytes))
			fail_msg("'%s': %d %llu", cases[i].text, good, (unsigned long long)bytes);
	}
}

static void test_names(void **state)
{
	static const char *const good[] = { "a", "web", "web-1.example.org", "1a", "A.b" };
	static const char *const bad[] = {
		"",
		".",
		"a.",
		".a",
		"a..b",
		"-a",
		"a-",
		"a_b",
		"a b",
		"a/b",
		"a.-b",
		"../x",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(hostname_valid(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (hostname_valid(bad[i]))
			fail_msg("'%s' is taken for a host name", bad[i]);
}

static void test_addresses(void **state)
{
	struct address a, b;
	uint8_t mac[6], again[6];
	int prefix;

	(void)state;
	assert_true(address_read("192.0.2.1/24", &a) && a.prefix == 24);
	assert_true(address_read("2001:db8::1", &b) && b.prefix == -1);
	assert_false(address_read("192.0.2.256", &b));
	assert_false(address_read("192.0.2.1/33", &b));
	assert_false(address_read("1.2.3", &b));
	assert_true(address_read("192.0.2.200", &b));
	assert_true(same_network(&a, &b, 24));
	assert_false(same_network(&a, &b, 25));
	assert_true(netmask_read("255.255.240.0", &prefix) && prefix == 20);
	assert_false(netmask_read("255.0.255.0", &prefix));
	assert_true(mac_read("00:16:3E:aa:bb:cc", mac));
	assert_false(mac_read("01:16:3e:aa:bb:cc", mac));
	assert_false(mac_read("00-16-3e-aa-bb-cc", mac));
	mac_from("web 10.0.0.1 bookworm", mac);
	mac_from("web 10.0.0.1 bookworm", again);
	assert_memory_equal(mac, again, 6);
	mac_from("web 10.0.0.2 bookworm", again);
	assert_memory_not_equal(mac, again, 6);
}

static void test_sources(void **state)
{
	char *mirror = NULL, *suite = NULL;

	(void)state;
	assert_true(sources_parse(
		"# x\ndeb http://security.debian.org/debian-security bookworm-security main\n"
		"deb [arch=amd64 signed-by=/k] http://deb.debian.org/debian/ bookworm main\n",
		&mirror, &suite));
	assert_string_equal(mirror, "http://deb.debian.org/debian");
	assert_string_equal(suite, "bookworm");
	free(mirror);
	free(suite);
	assert_true(sources_parse(
		"Types: deb\nURIs: http://deb.debian.org/debian\nSuites: trixie trixie-updates\n"
		"Components: main\n",
		&mirror, &suite));
	assert_string_equal(suite, "trixie");
	free(mirror);
	free(suite);
	assert_false(sources_parse(
		"Types: deb\nEnabled: no\nURIs: http://deb.debian.org/debian\nSuites: trixie\n\n"
		"deb-src http://deb.debian.org/debian sid main\n",
		&mirror, &suite));
}

static void test_guest_config(void **state)
{
	struct guest_config c = { 0 };

	(void)state;
	guest_config_parse(
		"name = 'web'\nmemory = 512\nroot = '/dev/xvda2 ro'\ndisk = [ 'file:/a/disk.img,xvda2,w',\n"
		"  \"phy:vg/web-swap,xvda1,w\", 'format=qcow2,vdev=sda,target=/q,x' ,\n]\n"
		"vif = [ 'mac=00:16:3e:00:00:01,ip=10.0.0.1 10.0.0.2,bridge=b' ]\n",
		&c);
	assert_string_equal(c.name, "web");
	assert_string_equal(c.memory, "512");
	assert_string_equal(c.ip, "10.0.0.1 10.0.0.2");
	assert_string_equal(c.mac, "00:16:3e:00:00:01");
	assert_int_equal(c.disks.count, 3);
	assert_string_equal(c.disks.items[0], "/a/disk.img");
	assert_string_equal(c.disks.items[1], "/dev/vg/web-swap");
	assert_string_equal(c.disks.items[2], "/q,x");
	assert_string_equal(c.devices.items[0], "xvda2");
	assert_string_equal(c.devices.items[2], "sda");
	guest_config_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config_good), cmocka_unit_test(test_config_bad),
		cmocka_unit_test(test_origins),	    cmocka_unit_test(test_partitions),
		cmocka_unit_test(test_distributions), cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_names),	    cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_sources),	    cmocka_unit_test(test_guest_config),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
