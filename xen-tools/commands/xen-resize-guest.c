// SPDX-License-Identifier: GPL-2.0-or-later
/* xen-resize-guest(8): disk, root partition and file system grow.  Of a file there is always a whole one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "disk.h"
#include "guest.h"
#include "guests.h"
#include "loop.h"
#include "report.h"
#include "run.h"
#include "undo.h"

#define GRACE 10 /* seconds to think again */

/* Ends the program when the file system cannot be made whole, or larger. */
static void grow_file_system(const char *device)
{
	int code;

	stage("Checking the file system");
	code = run((const char *const[]){ "e2fsck", "-f", "-p", device, NULL });
	if (code > 1)
		die(XT_FAILED, "e2fsck: %s", log_reason());
	stage("Enlarging the file system");
	run_or_die("the file system", (const char *const[]){ "resize2fs", device, NULL });
	stage(NULL);
}

/* The table's copy moves to the new end, then the last partition, the root, grows up to it. */
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
	number = xt_printf("%zu", partitions);
	if (run_with((const char *const[]){ "sfdisk", "--quiet", "--no-reread", "--no-tell-kernel",
					    "-N", number, path, NULL },
		     ", +\n", &dump))
		die(XT_FAILED, "sfdisk: %s", log_reason());
	free(number);
	text_free(&dump);
	list_free(&lines);
}

static void make_file(const char *path, uint64_t size, mode_t mode)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0 || ftruncate(fd, (off_t)size))
		die(XT_FAILED, "%s: %s", path, strerror(errno));
	close(fd);
}

static void copy_or_die(const char *from, uint64_t begin, uint64_t size, const char *to,
			uint64_t offset)
{
	int rc = copy_data(from, begin, size, to, offset);

	if (rc)
		die(XT_FAILED, "%s: %s", to, strerror(-rc));
}

/*
 * A larger disk is made beside the old one and takes its name when it is whole.  resize2fs gets the root as a file of its
 * own: it takes "DISK?offset=N", but then cuts the disk file short.
 */
static void grow_disk_file(const char *path, const struct stat *st, uint64_t add)
{
	char *larger = xt_printf("%s.larger", path), *part = xt_printf("%s.root", path);
	uint64_t offset, old_size, size;

	undo_add(UNDO_UNLINK, larger);
	undo_add(UNDO_UNLINK, part);
	disk_root_range(path, &offset, &old_size);
	make_file(larger, (uint64_t)st->st_size + add, st->st_mode & 0777);
	copy_or_die(path, 0, offset, larger, 0);
	grow_partition(larger);
	disk_root_range(larger, &offset, &size);
	make_file(part, size, 0600);
	copy_or_die(path, offset, old_size, part, 0);
	grow_file_system(part);
	copy_or_die(part, 0, size, larger, offset);
	if ((!geteuid() && chown(larger, st->st_uid, st->st_gid)) || rename(larger, path))
		die(XT_FAILED, "%s: %s", path, strerror(errno));
	unlink(part);
	free(larger);
	free(part);
}

static void grow_volume(const struct settings *s, const char *path, uint64_t add)
{
	char *by = xt_printf("+%llub", (unsigned long long)add);
	uint64_t offset, size;
	struct loop loop;
	int rc;

	if (!setting(s, "lvm"))
		die(XT_ENVIRONMENT, "%s is no file: --lvm is needed to enlarge it", path);
	run_or_die("the volume", (const char *const[]){ "lvextend", "-q", "-L", by, path, NULL });
	disk_root_range(path, &offset, &size);
	if (offset)
		grow_partition(path);
	rc = loop_attach_root(path, &loop);
	if (rc)
		die(XT_ENVIRONMENT, "%s: %s: a loop device is needed", path, strerror(-rc));
	grow_file_system(loop.device);
	loop_detach(&loop);
	free(by);
}

static void grow(const struct settings *s, const char *path, uint64_t add)
{
	uint64_t offset, size;
	struct stat st;

	if (stat(path, &st) || disk_root_range(path, &offset, &size))
		die(XT_ENVIRONMENT, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode)) {
		grow_volume(s, path, add);
	} else if (offset) {
		grow_disk_file(path, &st, add);
	} else {
		if (truncate(path, st.st_size + (off_t)add))
			die(XT_FAILED, "%s: %s", path, strerror(errno));
		grow_file_system(path);
	}
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
	undo_begin(false);
	undo_catch_signals();
	grow(&s, disk, add);
	undo_commit();
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
