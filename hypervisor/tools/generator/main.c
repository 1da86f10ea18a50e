// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xen-zazen-generator: puts xen.service and xendomains.service in force where this hypervisor runs, and only there. Debian's
 * packages bring an init script or a unit of the same names, for Debian's Xen; both can be installed, and the running
 * hypervisor decides (systemd.generator(7): what is put into the first directory goes before /usr/lib/systemd, and an
 * administrator's unit or mask in /etc goes before both).
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNITS "/usr/lib/xen-zazen/systemd/"
#define EXTRA_VERSION "/sys/hypervisor/version/extra"

static const char *const names[] = { "xen.service", "xendomains.service" };

static bool is_ours(const char *path)
{
	FILE *f = fopen(path, "re");
	char text[64] = "";

	if (!f)
		return false;
	if (!fgets(text, sizeof(text), f))
		text[0] = '\0';
	fclose(f);
	return strstr(text, "zazen");
}

/* @directory/@name becomes a link to the unit. */
static int link_make(const char *directory, const char *name, const char *unit)
{
	char link[4096], target[256];

	snprintf(target, sizeof(target), UNITS "%s", unit);
	if ((size_t)snprintf(link, sizeof(link), "%s/%s", directory, name) >= sizeof(link))
		return -ENAMETOOLONG;
	return symlink(target, link) && errno != EEXIST ? -errno : 0;
}

int main(int argc, char **argv)
{
	/* A test names another file than the kernel's. */
	const char *version = argc > 4 ? argv[4] : EXTRA_VERSION;
	char wants[4096];
	int rc = 0;

	if (argc < 2) {
		fputs("usage: xen-zazen-generator DIRECTORY [EARLY LATE [VERSION-FILE]]\n", stderr);
		return 2;
	}
	if (!is_ours(version))
		return 0;
	if ((size_t)snprintf(wants, sizeof(wants), "%s/multi-user.target.wants", argv[1]) >=
	    sizeof(wants))
		rc = -ENAMETOOLONG;
	else if (mkdir(wants, 0755) && errno != EEXIST)
		rc = -errno;
	for (size_t i = 0; !rc && i < sizeof(names) / sizeof(names[0]); i++) {
		rc = link_make(argv[1], names[i], names[i]);
		if (!rc)
			rc = link_make(wants, names[i], names[i]);
	}
	if (rc)
		fprintf(stderr, "xen-zazen-generator: %s: %s\n", argv[1], strerror(-rc));
	return rc ? 1 : 0;
}
