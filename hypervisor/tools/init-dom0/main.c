// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xen-init-dom0: what tools expect in the store about domain 0 (xenstore-paths(7)), which nobody has built: its name, its
 * number, its memory, its CPUs. What is there already stays as it is, so that it may run again at any time.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xenstore.h>

#define HOME "/local/domain/0"
#define NO_UUID "00000000-0000-0000-0000-000000000000"
#define TARGET_FILE "/sys/devices/system/xen_memory/xen_memory0/target_kb"

static const char usage[] =
	"usage: xen-init-dom0\n"
	"\n"
	"Writes into the store what tools expect about domain 0. $XEN_DOM0_UUID is its UUID.\n";

/* A node that is there stays. */
static int node_make(struct xs_handle *xs, const char *path, const char *value)
{
	unsigned int length;
	char *old = xs_read(xs, XBT_NULL, path, &length);

	if (old) {
		free(old);
		return 0;
	}
	if (xs_write(xs, XBT_NULL, path, value, (unsigned int)strlen(value)))
		return 0;
	fprintf(stderr, "xen-init-dom0: %s: %s\n", path, strerror(errno));
	return -errno;
}

/* The kernel's own idea of how much memory it has and should have, in KiB; written back, it changes nothing. */
static int memory_make(struct xs_handle *xs)
{
	FILE *f = fopen(TARGET_FILE, "re");
	char text[32];
	unsigned long kib = 0;
	int rc;

	if (!f)
		return 0; /* a kernel without balloon: nobody can change its memory */
	if (fscanf(f, "%lu", &kib) != 1)
		kib = 0;
	fclose(f);
	if (!kib)
		return 0;
	snprintf(text, sizeof(text), "%lu", kib);
	rc = node_make(xs, HOME "/memory/static-max", text);
	return rc ? rc : node_make(xs, HOME "/memory/target", text);
}

static int cpus_make(struct xs_handle *xs)
{
	long count = sysconf(_SC_NPROCESSORS_CONF);
	char path[64];
	int rc = 0;

	for (long i = 0; i < count && !rc; i++) {
		snprintf(path, sizeof(path), HOME "/cpu/%ld/availability", i);
		rc = node_make(xs, path, "online");
	}
	return rc;
}

/* As uuid_parse(3) wants it: 36 characters, hexadecimal digits and four dashes. */
static bool is_uuid(const char *text)
{
	if (strlen(text) != sizeof(NO_UUID) - 1)
		return false;
	for (size_t i = 0; i < sizeof(NO_UUID) - 1; i++)
		if (NO_UUID[i] == '-' ? text[i] != '-' : !strchr("0123456789abcdefABCDEF", text[i]))
			return false;
	return true;
}

static int identity_make(struct xs_handle *xs, const char *uuid)
{
	char path[128];
	int rc;

	rc = node_make(xs, HOME "/domid", "0");
	if (!rc)
		rc = node_make(xs, HOME "/name", "Domain-0");
	snprintf(path, sizeof(path), "/vm/%s", uuid);
	if (!rc)
		rc = node_make(xs, HOME "/vm", path);
	snprintf(path, sizeof(path), "/vm/%s/uuid", uuid);
	if (!rc)
		rc = node_make(xs, path, uuid);
	snprintf(path, sizeof(path), "/vm/%s/name", uuid);
	return rc ? rc : node_make(xs, path, "Domain-0");
}

int main(int argc, char **argv)
{
	const char *uuid = getenv("XEN_DOM0_UUID");
	struct xs_handle *xs;
	int rc;

	if (argc > 1) {
		fputs(usage, strcmp(argv[1], "--help") ? stderr : stdout);
		return strcmp(argv[1], "--help") ? 2 : 0;
	}
	if (!uuid || !*uuid)
		uuid = NO_UUID;
	if (!is_uuid(uuid)) {
		fprintf(stderr, "xen-init-dom0: XEN_DOM0_UUID: %s: not a UUID\n", uuid);
		return 1;
	}
	xs = xs_open(0);
	if (!xs) {
		fprintf(stderr, "xen-init-dom0: xenstored: %s\n", strerror(errno));
		return 1;
	}
	rc = identity_make(xs, uuid);
	if (!rc)
		rc = memory_make(xs);
	if (!rc)
		rc = cpus_make(xs);
	xs_close(xs);
	return rc ? 1 : 0;
}
