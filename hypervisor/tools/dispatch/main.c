// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xen-dispatch, under the names of commands in /usr/sbin (xl, xm, xen, xentop): runs the tools of the hypervisor that is running.
 * Ours are in /usr/lib/xen-zazen/bin, those of Debian's Xen in /usr/lib/xen-VERSION/bin, where Debian's own wrapper
 * (xen-utils-common), whose place this takes, finds them.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HYPERVISOR "/sys/hypervisor/"
#define OURS "/usr/lib/xen-zazen/bin/"

/* As Debian's wrapper ends. */
enum {
	EXIT_NO_XEN = 1,
	EXIT_NO_TOOLS = 127,
};

/* The first line of a file, "" if there is none. */
static void line_read(const char *path, char *line, int size)
{
	FILE *f = fopen(path, "re");

	line[0] = '\0';
	if (!f)
		return;
	if (!fgets(line, size, f))
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
}

/* Where the running hypervisor's tools are. */
static void directory_find(char *directory, size_t size)
{
	char extra[64], major[16], minor[16];

	line_read(HYPERVISOR "version/extra", extra, sizeof(extra));
	if (strstr(extra, "zazen")) {
		snprintf(directory, size, "%s", OURS);
		return;
	}
	line_read(HYPERVISOR "version/major", major, sizeof(major));
	line_read(HYPERVISOR "version/minor", minor, sizeof(minor));
	snprintf(directory, size, "/usr/lib/xen-%s.%s/bin/", major, minor);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int main(int argc, char **argv)
{
	const char *name = argc > 0 ? base_name(argv[0]) : "xen-dispatch";
	char type[16], directory[64], path[192];

	line_read(HYPERVISOR "type", type, sizeof(type));
	/* Help and parse checks need no hypervisor. */
	if (strcmp(type, "xen"))
		snprintf(directory, sizeof(directory), "%s", OURS);
	else
		directory_find(directory, sizeof(directory));

	/* "xen" has been another name of xl on Debian since xm. */
	snprintf(path, sizeof(path), "%s%s", directory, strcmp(name, "xen") ? name : "xl");
	if (argc > 0)
		execv(path, argv);
	if (strcmp(type, "xen")) {
		fprintf(stderr, "%s: no Xen is running\n", name);
		return EXIT_NO_XEN;
	}
	fprintf(stderr, "%s: %s: %s\n", name, path, strerror(errno));
	return EXIT_NO_TOOLS;
}
