// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xen-resize-guest(8): disk, root partition and file system grow.  The order is such that an interruption leaves what
 * there was: first the disk, then the table, then the file system.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "guest.h"
#include "guests.h"
#include "loop.h"
#include "report.h"
#include "run.h"

#define GRACE 10 /* seconds to think again */

static void grow_volume(const struct settings *s, const char *path, uint64_t add)
{
	struct stat st;
	char *by;

	if (stat(path, &st))
		die(XT_ENVIRONMENT, "%s: %s", path, strerror(errno));
	if (S_ISREG(st.st_mode)) {
		if (truncate(path, st.st_size + (off_t)add))
			die(XT_FAILED, "%s: %s", path, strerror(errno));
		return;
	}
	if (!setting(s, "lvm"))
		die(XT_ENVIRONMENT, "%s is no file: --lvm is needed to enlarge it", path);
	by = xt_printf("+%llub", (unsigned long long)add);
	run_or_die("the volume", (const char *const[]){ "lvextend", "-q", "-L", by, path, NULL });
	free(by);
}

/* The table's copy moves to the new end, then the last partition up to it. */
static void grow_partition(const char *path)
{
	struct text dump = { 0 };
	struct list lines = { 0 };
	size_t partitions = 0;
	char *number;

	if (run_with((const char *const[]){ "sfdisk", "--relocate", "gpt-bak-std", path, NULL },
		     NULL, &dump))
		die(XT_FAILED, "sfdisk: %s", log_reason());
	text_free(&dump);
	if (run_with((const char *const[]){ "sfdisk", "--dump", path, NULL }, NULL, &dump))
		die(XT_FAILED, "sfdisk: %s", log_reason());
	list_split(&lines, text_get(&dump), "\n");
	for (size_t i = 0; i < lines.count; i++)
		partitions += strstr(lines.items[i], "start=") != NULL;
	number = xt_printf("%zu", partitions); /* the root is the last one */
	if (run_with((const char *const[]){ "sfdisk", "--quiet", "--no-reread", "--no-tell-kernel",
					    "-N", number, path, NULL },
		     ", +\n", &dump))
		die(XT_FAILED, "sfdisk: %s", log_reason());
	free(number);
	text_free(&dump);
	list_free(&lines);
}

/* "DISK?offset=N" is how the programs of e2fsprogs name a part of a disk: no loop device, no root for files. */
static void grow_file_system(const char *path)
{
	uint64_t offset, size;
	char *part, *kilobytes;
	int code;

	if (disk_root_range(path, &offset, &size))
		die(XT_FAILED, "%s cannot be read", path);
	part = xt_printf("%s?offset=%llu", path, (unsigned long long)offset);
	kilobytes = xt_printf("%lluk", (unsigned long long)(size / KIB));
	stage("Checking the file system");
	code = run((const char *const[]){ "e2fsck", "-f", "-p", part, NULL });
	if (code > 1)
		die(XT_FAILED, "e2fsck: %s", log_reason());
	stage("Enlarging the file system");
	run_or_die("the file system", (const char *const[]){ "resize2fs", part, kilobytes, NULL });
	stage(NULL);
	free(part);
	free(kilobytes);
}

static void wait_for_second_thoughts(const char *name, const char *path)
{
	fprintf(stderr, "%s: %s of %s grows in %d seconds; control-C stops it\n", program, path,
		name, GRACE);
	sleep(GRACE);
}

int main(int argc, char **argv)
{
	struct settings s = { 0 };
	struct list words = { 0 };
	struct guest_config c = { 0 };
	const char *name, *disk = NULL;
	uint64_t add, offset, size;
	char *file;

	report_begin(argv[0]);
	if (!options_read(command_find("xen-resize-guest"), argc, argv, &s, &words) || words.count)
		return XT_USAGE;
	guest_defaults(&s);
	name = setting(&s, "hostname");
	add = setting_size(&s, "add") / MIB * MIB;
	if (!name || !add)
		die(XT_USAGE, "--hostname and --add are needed (see --help)");
	file = guest_config_file(&s, name);
	if (guest_config_read(file, &c))
		die(XT_ENVIRONMENT, "%s: no such guest", file);
	for (size_t i = 0; i < c.disks.count && !disk; i++)
		if (!strstr(c.disks.items[i], "swap"))
			disk = c.disks.items[i];
	if (!disk || ends_with(disk, ".qcow2") || disk_root_range(disk, &offset, &size))
		die(XT_ENVIRONMENT, "%s: no disk that can grow", name);
	if (guest_is_running(name))
		die(XT_ENVIRONMENT, "%s is running: shut it down first", name);
	if (setting_on(&s, "dry-run")) {
		printf("would add %llu MiB to %s\n", (unsigned long long)(add / MIB), disk);
		return XT_OK;
	}
	if (access(disk, W_OK))
		die(XT_ENVIRONMENT, "%s: %s", disk, strerror(errno));
	if (!setting_on(&s, "force"))
		wait_for_second_thoughts(name, disk);
	log_open(name);
	grow_volume(&s, disk, add);
	if (offset)
		grow_partition(disk);
	grow_file_system(disk);
	disk_root_range(disk, &offset, &size);
	if (setting_on(&s, "json"))
		printf("{ \"disk\": \"%s\", \"root_size\": %llu }\n", disk,
		       (unsigned long long)size);
	else
		printf("%s: the root partition has %llu MiB now\n", name,
		       (unsigned long long)(size / MIB));
	free(file);
	guest_config_free(&c);
	return XT_OK;
}
