// SPDX-License-Identifier: GPL-2.0-or-later
/* The store's promises, request by request (misc/xenstore.txt in xen-doc). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store_world.h"

static int setup(void **state)
{
	struct store_world *w = malloc(sizeof(*w));

	if (!w)
		return -1;
	store_world_init(w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	store_world_destroy(*state);
	free(*state);
	return 0;
}

#define OK(call)	  assert_string_equal(call, "")
#define FAILS(call, name) assert_string_equal(call, name)

/* A write has no zero byte at its end. */
static const char *write_value(struct store_world *w, uint32_t slot, uint32_t tx, const char *path,
			       const char *value)
{
	char body[XENSTORE_PAYLOAD_MAX];
	size_t size = strlen(path) + 1;

	memcpy(body, path, size);
	memcpy(body + size, value, strlen(value));
	return ask(w, slot, XS_WRITE, tx, body, size + strlen(value));
}

static const char *read_value(struct store_world *w, uint32_t slot, uint32_t tx, const char *path)
{
	const char *error = ask(w, slot, XS_READ, tx, path, strlen(path) + 1);

	return *error ? error : w->reply.data;
}

static uint32_t start(struct store_world *w, uint32_t slot)
{
	OK(ASK(w, slot, XS_TRANSACTION_START, 0, ""));
	return (uint32_t)strtoul(w->reply.data, NULL, 10);
}

static void test_nodes(void **state)
{
	struct store_world *w = *state;

	FAILS(read_value(w, SOCKET, 0, "/a"), "ENOENT");
	OK(write_value(w, SOCKET, 0, "/a/b/c", "value"));
	assert_string_equal(read_value(w, SOCKET, 0, "/a/b/c"), "value");
	assert_string_equal(read_value(w, SOCKET, 0, "/a/b"), "");
	OK(ASK(w, SOCKET, XS_MKDIR, 0, "/a/b/c"));
	assert_string_equal(read_value(w, SOCKET, 0, "/a/b/c"), "value");
	OK(ASK(w, SOCKET, XS_MKDIR, 0, "/a/x"));
	OK(ASK(w, SOCKET, XS_DIRECTORY, 0, "/a"));
	assert_int_equal(w->reply.length, 4);
	assert_memory_equal(w->reply.data, "b\0x", 4);
	OK(ASK(w, SOCKET, XS_RM, 0, "/a/b"));
	FAILS(read_value(w, SOCKET, 0, "/a/b/c"), "ENOENT");
	OK(ASK(w, SOCKET, XS_RM, 0, "/a/b"));
	FAILS(ASK(w, SOCKET, XS_RM, 0, "/no/such"), "ENOENT");
	FAILS(ASK(w, SOCKET, XS_RM, 0, "/"), "EINVAL");
	OK(ASK(w, SOCKET, XS_DIRECTORY, 0, "/a/x"));
	assert_int_equal(w->reply.length, 0);
}

/* Paths that are none, and requests that lack something or have too much. */
static void test_bad_requests(void **state)
{
	static const char *const paths[] = { "",     "//",   "/a/",   "/a//b",
					     "/a b", "/a.b", "/\xff", "a:b" };
	struct store_world *w = *state;
	char path[3100];

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		FAILS(read_value(w, SOCKET, 0, paths[i]), "EINVAL");
		FAILS(write_value(w, SOCKET, 0, paths[i], "x"), "EINVAL");
	}
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[3073] = '\0';
	FAILS(write_value(w, SOCKET, 0, path, "x"), "EINVAL");
	path[3072] = '\0';
	OK(write_value(w, SOCKET, 0, path, "x"));
	path[0] = 'a';
	path[2049] = '\0';
	FAILS(write_value(w, DOMAIN_1, 0, path, "x"), "EINVAL");

	FAILS(ask(w, SOCKET, XS_READ, 0, "/a", 2), "EINVAL");
	FAILS(ASK(w, SOCKET, XS_READ, 0, "/a\0/b"), "EINVAL");
	FAILS(ask(w, SOCKET, XS_READ, 0, "", 0), "EINVAL");
	FAILS(ASK(w, SOCKET, XS_SET_PERMS, 0, "/"), "EINVAL");
	FAILS(ASK(w, SOCKET, XS_SET_PERMS, 0, "/\0x1"), "EINVAL");
	FAILS(ASK(w, SOCKET, XS_SET_PERMS, 0, "/\0r65536"), "EINVAL");
	FAILS(ASK(w, SOCKET, XS_WATCH, 0, "/a"), "EINVAL");
	FAILS(ASK(w, SOCKET, XS_TRANSACTION_END, 0, "T"), "ENOENT");
	FAILS(ASK(w, SOCKET, XS_TRANSACTION_END, 0, "X"), "EINVAL");
	FAILS(ASK(w, SOCKET, XS_READ, 77, "/"), "ENOENT");
	FAILS(ASK(w, SOCKET, 20, 0, ""), "ENOSYS");
	FAILS(ASK(w, SOCKET, 0xffff, 0, ""), "ENOSYS");
	FAILS(ASK(w, SOCKET, XS_INTRODUCE, 0, "0\0001\0002"), "EINVAL");
	FAILS(ASK(w, SOCKET, XS_INTRODUCE, 0, "32752\0001\0002"), "EINVAL");
}

static void test_permissions(void **state)
{
	struct store_world *w = *state;

	OK(write_value(w, SOCKET, 0, "/local/domain/1", ""));
	FAILS(write_value(w, DOMAIN_1, 0, "key", "x"), "EACCES");
	FAILS(read_value(w, DOMAIN_1, 0, "key"), "EACCES");
	OK(ASK(w, SOCKET, XS_SET_PERMS, 0, "/local/domain/1\0n1\0r2"));
	OK(write_value(w, DOMAIN_1, 0, "key", "x"));
	assert_string_equal(read_value(w, SOCKET, 0, "/local/domain/1/key"), "x");
	OK(ASK(w, DOMAIN_1, XS_GET_PERMS, 0, "key"));
	assert_memory_equal(w->reply.data, "n1\0r2", 6);
	/* Domain 2 may read what it was given, and learns what is not there. */
	assert_string_equal(read_value(w, DOMAIN_2, 0, "/local/domain/1/key"), "x");
	FAILS(read_value(w, DOMAIN_2, 0, "/local/domain/1/other"), "ENOENT");
	FAILS(write_value(w, DOMAIN_2, 0, "/local/domain/1/key", "y"), "EACCES");
	FAILS(ASK(w, DOMAIN_2, XS_SET_PERMS, 0, "/local/domain/1/key\0b2"), "EACCES");
	/* An owner gives rights, but not the node itself. */
	FAILS(ASK(w, DOMAIN_1, XS_SET_PERMS, 0, "key\0n2"), "EPERM");
	OK(ASK(w, DOMAIN_1, XS_SET_PERMS, 0, "key\0n1\0b2"));
	OK(write_value(w, DOMAIN_2, 0, "/local/domain/1/key", "y"));
	FAILS(ASK(w, DOMAIN_2, XS_RM, 0, "/local/domain/1"), "EACCES");
	FAILS(ASK(w, DOMAIN_1, XS_INTRODUCE, 0, "5\0001\0002"), "EACCES");
	FAILS(ASK(w, DOMAIN_1, XS_CONTROL, 0, "help"), "EACCES");
	/* Acting for another. */
	FAILS(write_value(w, DOMAIN_2, 0, "/local/domain/1/new", "y"), "EACCES");
	OK(ASK(w, SOCKET, XS_SET_TARGET, 0, "2\0001"));
	OK(write_value(w, DOMAIN_2, 0, "/local/domain/1/new", "y"));
}

static void test_watches(void **state)
{
	struct store_world *w = *state;

	OK(ASK(w, SOCKET, XS_WATCH, 0, "/w\0token"));
	assert_string_equal(next_event(w, SOCKET), "/w|token");
	FAILS(ASK(w, SOCKET, XS_WATCH, 0, "/w\0token"), "EEXIST");
	OK(write_value(w, SOCKET, 0, "/w/a/b", "x"));
	assert_string_equal(next_event(w, SOCKET), "/w/a/b|token");
	OK(write_value(w, SOCKET, 0, "/wide", "x"));
	OK(write_value(w, SOCKET, 0, "/v", "x"));
	assert_string_equal(next_event(w, SOCKET), "");
	/* What goes away with a parent is told to those who watch it. */
	OK(ASK(w, SOCKET, XS_WATCH, 0, "/w/a/b\0deep"));
	assert_string_equal(next_event(w, SOCKET), "/w/a/b|deep");
	OK(ASK(w, SOCKET, XS_RM, 0, "/w/a"));
	assert_string_equal(next_event(w, SOCKET), "/w/a|token");
	assert_string_equal(next_event(w, SOCKET), "/w/a/b|deep");
	OK(ASK(w, SOCKET, XS_UNWATCH, 0, "/w\0token"));
	FAILS(ASK(w, SOCKET, XS_UNWATCH, 0, "/w\0token"), "ENOENT");
	OK(write_value(w, SOCKET, 0, "/w/c", "x"));
	assert_string_equal(next_event(w, SOCKET), "");
	/* Depth. */
	OK(ASK(w, SOCKET, XS_WATCH, 0, "/d\0t\0001"));
	next_event(w, SOCKET);
	OK(write_value(w, SOCKET, 0, "/d/a/b", "x"));
	assert_string_equal(next_event(w, SOCKET), "");
	OK(write_value(w, SOCKET, 0, "/d/a", "x"));
	assert_string_equal(next_event(w, SOCKET), "/d/a|t");
	OK(ASK(w, SOCKET, XS_WATCH, 0, "/\0root"));
	assert_string_equal(next_event(w, SOCKET), "/|root");
	OK(ASK(w, SOCKET, XS_MKDIR, 0, "/anything"));
	assert_string_equal(next_event(w, SOCKET), "/anything|root");
}

/* A domain names and hears its own paths as it likes, and hears nothing of what it may not read. */
static void test_watches_of_domains(void **state)
{
	struct store_world *w = *state;

	OK(ASK(w, SOCKET, XS_MKDIR, 0, "/local/domain/1"));
	OK(ASK(w, SOCKET, XS_SET_PERMS, 0, "/local/domain/1\0n1"));
	OK(ASK(w, DOMAIN_1, XS_WATCH, 0, "device\0t"));
	assert_string_equal(next_event(w, DOMAIN_1), "device|t");
	OK(write_value(w, SOCKET, 0, "/local/domain/1/device/vif", "x"));
	assert_string_equal(next_event(w, DOMAIN_1), "device/vif|t");
	OK(ASK(w, DOMAIN_2, XS_WATCH, 0, "/local/domain/1\0spy"));
	next_event(w, DOMAIN_2);
	OK(write_value(w, SOCKET, 0, "/local/domain/1/device/vif", "y"));
	assert_string_equal(next_event(w, DOMAIN_2), "");
	/* The same event waits only once. */
	OK(write_value(w, SOCKET, 0, "/local/domain/1/device/vif", "z"));
	assert_string_equal(next_event(w, DOMAIN_1), "device/vif|t");
	assert_string_equal(next_event(w, DOMAIN_1), "");
	OK(ASK(w, DOMAIN_1, XS_RESET_WATCHES, 0, ""));
	OK(write_value(w, SOCKET, 0, "/local/domain/1/device/vif", "z"));
	assert_string_equal(next_event(w, DOMAIN_1), "");
}

static void test_special_watches(void **state)
{
	struct store_world *w = *state;

	OK(ASK(w, SOCKET, XS_WATCH, 0, "@releaseDomain\0gone"));
	OK(ASK(w, SOCKET, XS_WATCH, 0, "@introduceDomain\0new\0001"));
	next_event(w, SOCKET);
	next_event(w, SOCKET);
	OK(ASK(w, SOCKET, XS_INTRODUCE, 0, "9\0007\0003"));
	assert_string_equal(next_event(w, SOCKET), "@introduceDomain/9|new");
	OK(ASK(w, SOCKET, XS_IS_DOMAIN_INTRODUCED, 0, "9"));
	assert_string_equal(w->reply.data, "T");
	OK(write_value(w, SOCKET, 0, "/of-9/below", "x"));
	OK(ASK(w, SOCKET, XS_SET_PERMS, 0, "/of-9\0n9"));
	/* Shut down is told once; then it is gone, with what it owned. */
	store_domain_ended(&w->store, 9, false);
	store_domain_ended(&w->store, 9, false);
	assert_string_equal(next_event(w, SOCKET), "@releaseDomain|gone");
	assert_string_equal(next_event(w, SOCKET), "");
	OK(ASK(w, SOCKET, XS_RESUME, 0, "9"));
	store_domain_ended(&w->store, 9, false);
	assert_string_equal(next_event(w, SOCKET), "@releaseDomain|gone");
	OK(ASK(w, SOCKET, XS_RELEASE, 0, "9"));
	assert_string_equal(next_event(w, SOCKET), "@releaseDomain|gone");
	assert_int_equal(w->released, 1);
	FAILS(read_value(w, SOCKET, 0, "/of-9/below"), "ENOENT");
	OK(ASK(w, SOCKET, XS_IS_DOMAIN_INTRODUCED, 0, "9"));
	assert_string_equal(w->reply.data, "F");
	FAILS(ASK(w, SOCKET, XS_RELEASE, 0, "9"), "ENOENT");
	/* Domains hear of it when they are allowed to. */
	OK(ASK(w, DOMAIN_1, XS_WATCH, 0, "@releaseDomain\0t"));
	next_event(w, DOMAIN_1);
	store_domain_ended(&w->store, 2, false);
	assert_string_equal(next_event(w, DOMAIN_1), "");
	OK(ASK(w, SOCKET, XS_SET_PERMS, 0, "@releaseDomain\0n0\0r1"));
	OK(ASK(w, SOCKET, XS_RELEASE, 0, "2"));
	assert_string_equal(next_event(w, DOMAIN_1), "@releaseDomain|t");
}

static void test_transactions(void **state)
{
	struct store_world *w = *state;
	uint32_t a = start(w, SOCKET), b = start(w, SOCKET);

	OK(write_value(w, SOCKET, 0, "/n", "0"));
	OK(ASK(w, SOCKET, XS_TRANSACTION_END, a, "F"));
	OK(ASK(w, SOCKET, XS_TRANSACTION_END, b, "T"));
	FAILS(ASK(w, SOCKET, XS_TRANSACTION_END, b, "T"), "ENOENT");
	/* Isolation: nobody sees it before its end, and it sees nobody's changes. */
	a = start(w, SOCKET);
	OK(write_value(w, SOCKET, a, "/n", "1"));
	assert_string_equal(read_value(w, SOCKET, 0, "/n"), "0");
	assert_string_equal(read_value(w, SOCKET, a, "/n"), "1");
	OK(write_value(w, SOCKET, 0, "/other", "x"));
	FAILS(read_value(w, SOCKET, a, "/other"), "ENOENT");
	FAILS(ASK(w, SOCKET, XS_TRANSACTION_END, a, "T"), "EAGAIN");
	assert_string_equal(read_value(w, SOCKET, 0, "/n"), "0");
	/* What others do elsewhere is no conflict. */
	a = start(w, SOCKET);
	OK(write_value(w, SOCKET, a, "/dir/mine", "1"));
	b = start(w, SOCKET);
	OK(write_value(w, SOCKET, b, "/dir2/theirs", "2"));
	OK(write_value(w, SOCKET, 0, "/elsewhere", "3"));
	OK(ASK(w, SOCKET, XS_TRANSACTION_END, b, "T"));
	OK(ASK(w, SOCKET, XS_TRANSACTION_END, a, "T"));
	assert_string_equal(read_value(w, SOCKET, 0, "/dir/mine"), "1");
	/* Who lists a directory relies on the list. */
	a = start(w, SOCKET);
	OK(ASK(w, SOCKET, XS_DIRECTORY, a, "/dir"));
	OK(write_value(w, SOCKET, a, "/seen", "1"));
	OK(write_value(w, SOCKET, 0, "/dir/new", "x"));
	FAILS(ASK(w, SOCKET, XS_TRANSACTION_END, a, "T"), "EAGAIN");
	/* Removing and making again what was there. */
	a = start(w, SOCKET);
	OK(ASK(w, SOCKET, XS_RM, a, "/dir"));
	OK(write_value(w, SOCKET, a, "/dir/mine", "again"));
	OK(write_value(w, SOCKET, 0, "/elsewhere", "4"));
	OK(ASK(w, SOCKET, XS_TRANSACTION_END, a, "T"));
	assert_string_equal(read_value(w, SOCKET, 0, "/dir/mine"), "again");
	FAILS(read_value(w, SOCKET, 0, "/dir/new"), "ENOENT");
}

/* Events come at the end, if that is good, and only then. */
static void test_transaction_events(void **state)
{
	struct store_world *w = *state;
	uint32_t tx;

	OK(ASK(w, SOCKET, XS_WATCH, 0, "/t\0w"));
	next_event(w, SOCKET);
	tx = start(w, SOCKET);
	OK(write_value(w, SOCKET, tx, "/t/a", "1"));
	OK(ASK(w, SOCKET, XS_MKDIR, tx, "/t/b"));
	assert_string_equal(next_event(w, SOCKET), "");
	OK(ASK(w, SOCKET, XS_TRANSACTION_END, tx, "T"));
	assert_string_equal(next_event(w, SOCKET), "/t/a|w");
	assert_string_equal(next_event(w, SOCKET), "/t/b|w");
	tx = start(w, SOCKET);
	OK(write_value(w, SOCKET, tx, "/t/a", "2"));
	OK(ASK(w, SOCKET, XS_TRANSACTION_END, tx, "F"));
	assert_string_equal(next_event(w, SOCKET), "");
}

static void test_quotas(void **state)
{
	struct store_world *w = *state;
	char path[64], value[2100];
	unsigned int i;
	uint32_t tx;

	OK(ASK(w, SOCKET, XS_MKDIR, 0, "/local/domain/1"));
	OK(ASK(w, SOCKET, XS_SET_PERMS, 0, "/local/domain/1\0n1"));
	for (i = 0; i < 999; i++) {
		snprintf(path, sizeof(path), "n%u", i);
		OK(write_value(w, DOMAIN_1, 0, path, "x"));
	}
	FAILS(write_value(w, DOMAIN_1, 0, "more", "x"), "ENOSPC");
	tx = start(w, DOMAIN_1);
	FAILS(write_value(w, DOMAIN_1, tx, "more", "x"), "ENOSPC");
	OK(ASK(w, DOMAIN_1, XS_RM, tx, "n5"));
	OK(write_value(w, DOMAIN_1, tx, "more", "x"));
	OK(ASK(w, DOMAIN_1, XS_TRANSACTION_END, tx, "T"));
	OK(write_value(w, SOCKET, 0, "/local/domain/1/by-dom0", "x"));

	memset(value, 'x', sizeof(value));
	value[2049] = '\0';
	FAILS(write_value(w, DOMAIN_1, 0, "n1", value), "ENOSPC");
	value[2048] = '\0';
	OK(write_value(w, DOMAIN_1, 0, "n1", value));
	FAILS(ASK(w, DOMAIN_1, XS_SET_PERMS, 0, "n1\0n1\0r2\0r3\0r4\0r5\0r6"), "ENOSPC");

	for (i = 0; i < 128; i++) {
		int size = snprintf(path, sizeof(path), "n1%ct%u", 0, i);

		OK(ask(w, DOMAIN_1, XS_WATCH, 0, path, (size_t)size + 1));
	}
	FAILS(ASK(w, DOMAIN_1, XS_WATCH, 0, "n1\0more"), "E2BIG");
	for (i = 0; i < 10; i++)
		start(w, DOMAIN_1);
	FAILS(ASK(w, DOMAIN_1, XS_TRANSACTION_START, 0, ""), "ENOSPC");
	OK(ASK(w, SOCKET, XS_CONTROL, 0, "check"));
	assert_string_equal(w->reply.data, "OK");
	OK(ASK(w, SOCKET, XS_CONTROL, 0, "quota\0set\0nodes\0002000"));
	OK(write_value(w, DOMAIN_1, 0, "more2", "x"));
}

/* A domain that never takes its events cannot make the daemon grow. */
static void test_events_are_bounded(void **state)
{
	struct store_world *w = *state;
	struct client *c = client_by_slot(&w->store, DOMAIN_1);
	char path[64];

	OK(ASK(w, SOCKET, XS_MKDIR, 0, "/open"));
	OK(ASK(w, SOCKET, XS_SET_PERMS, 0, "/open\0r0"));
	OK(ASK(w, DOMAIN_1, XS_WATCH, 0, "/open\0t"));
	for (unsigned int i = 0; i < 20000; i++) {
		snprintf(path, sizeof(path), "/open/%u", i);
		OK(write_value(w, SOCKET, 0, path, "x"));
		assert_true(c->event_bytes <= w->store.quota.event_bytes);
	}
	assert_true(c->is_ignored);
}

static void test_long_lists(void **state)
{
	struct store_world *w = *state;
	char path[64], body[64], generation[32];
	size_t offset = 0, names = 0;

	for (unsigned int i = 0; i < 700; i++) {
		snprintf(path, sizeof(path), "/long/name-%u", i);
		OK(write_value(w, SOCKET, 0, path, "x"));
	}
	FAILS(ASK(w, SOCKET, XS_DIRECTORY, 0, "/long"), "E2BIG");
	for (;;) {
		int size = snprintf(body, sizeof(body), "/long%c%zu", 0, offset);
		const char *at, *end;

		OK(ask(w, SOCKET, XS_DIRECTORY_PART, 0, body, (size_t)size + 1));
		at = w->reply.data;
		end = at + w->reply.length;
		if (offset)
			assert_string_equal(at, generation);
		strcpy(generation, at);
		at += strlen(at) + 1;
		offset += (size_t)(end - at);
		for (; at < end && *at; at += strlen(at) + 1)
			names++;
		if (at < end)
			break;
	}
	assert_int_equal(names, 700);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_nodes),
		TEST(test_bad_requests),
		TEST(test_permissions),
		TEST(test_watches),
		TEST(test_watches_of_domains),
		TEST(test_special_watches),
		TEST(test_transactions),
		TEST(test_transaction_events),
		TEST(test_quotas),
		TEST(test_events_are_bounded),
		TEST(test_long_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
