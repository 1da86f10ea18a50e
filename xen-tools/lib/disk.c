// SPDX-License-Identifier: GPL-2.0-or-later
/* Partition tables, swap and file systems, see disk.h. */
#include "disk.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"
#include "run.h"

#define SECTOR 512
#define PAGE 4096

/* Types of the GPT: GRUB's BIOS boot, EFI system, and the Discoverable Partitions Specification's. */
static const char bios_boot_type[] = "21686148-6449-6E6F-744E-656564454649";
static const char efi_type[] = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
static const char linux_type[] = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";
static const char swap_type[] = "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F";
static const char root_amd64_type[] = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709";
static const char root_i386_type[] = "44479540-F297-41B2-9AF7-D131D5F0458A";

void disk_check(const struct guest *g)
{
	for (size_t i = 0; i < g->file_system_count; i++) {
		const char *type = g->file_systems[i].partition->type;

		if (starts_with(type, "ext"))
			need_program("mke2fs", "e2fsprogs");
		else if (!strcmp(type, "btrfs"))
			need_program("mkfs.btrfs", "btrfs-progs");
		else if (!strcmp(type, "xfs"))
			need_program("mkfs.xfs", "xfsprogs");
	}
	if (g->layout == LAYOUT_DISK) {
		need_program("sfdisk", "fdisk");
		need_program("mkfs.vfat", "dosfstools");
		need_program("mcopy", "mtools");
	}
}

static const char *type_of(const struct guest *g, const struct partition *p)
{
	if (!strcmp(p->type, "swap"))
		return swap_type;
	if (strcmp(p->mountpoint, "/"))
		return linux_type;
	return strcmp(g->arch, "i386") ? root_amd64_type : root_i386_type;
}

static void add_row(struct text *t, uint64_t start, uint64_t size, const char *type,
		    const char *name)
{
	text_printf(t, "start=%llu, size=%llu, type=%s, name=\"%s\"\n",
		    (unsigned long long)(start / SECTOR), (unsigned long long)(size / SECTOR), type,
		    name);
}

void disk_partition(const struct guest *g)
{
	const struct volume *v = &g->volumes[0];
	struct text t = { 0 };
	int code;

	if (g->layout != LAYOUT_DISK)
		return;
	text_add(&t, "label: gpt\nunit: sectors\n");
	add_row(&t, DISK_START, BIOS_BOOT_SIZE, bios_boot_type, "bios-boot");
	add_row(&t, g->efi_offset, EFI_SIZE, efi_type, "efi-system");
	for (size_t i = 0; i < g->file_system_count; i++) {
		const struct file_system *fs = &g->file_systems[i];

		add_row(&t, fs->offset, fs->partition->size, type_of(g, fs->partition),
			strcmp(fs->partition->mountpoint, "/") ? fs->partition->name : "root");
	}
	code = run_with((const char *const[]){ "sfdisk", "--quiet", "--no-reread",
					       "--no-tell-kernel", "--wipe=always", v->path, NULL },
			text_get(&t), NULL);
	if (code)
		die(XT_FAILED, "sfdisk: %s", log_reason());
	text_free(&t);
}

static int pwrite_all(int fd, const void *data, size_t size, uint64_t offset)
{
	ssize_t r = pwrite(fd, data, size, (off_t)offset);

	return r == (ssize_t)size ? 0 : r < 0 ? -errno : -EIO;
}

static void uuid_bytes(const char *uuid, uint8_t *bytes)
{
	for (int i = 0; i < 16; i++, uuid += 2) {
		char pair[3] = { 0 };

		if (*uuid == '-')
			uuid++;
		pair[0] = uuid[0];
		pair[1] = uuid[1];
		bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
}

/* linux/swap.h, union swap_header: one page, version 1, the last page's number, UUID, and its magic at the end. */
int swap_write(int fd, uint64_t offset, uint64_t size, const char *uuid)
{
	uint8_t page[PAGE] = { 0 };
	uint32_t version = htole32(1), last = htole32((uint32_t)(size / PAGE - 1));

	if (size < 10 * PAGE || size / PAGE > UINT32_MAX)
		return -EINVAL;
	memcpy(page + 1024, &version, 4);
	memcpy(page + 1028, &last, 4);
	uuid_bytes(uuid, page + 1036);
	memcpy(page + 1052, "swap", 4);
	memcpy(page + PAGE - 10, "SWAPSPACE2", 10);
	return pwrite_all(fd, page, sizeof(page), offset);
}

/*
 * What mke2fs says of the tree: everything below the mount point, but not what is another file system's.  mke2fs -d has
 * no exclusion, so the part of another file system is moved away by a bind mount of an empty directory.
 */
static void make_ext(const struct file_system *fs, const char *source)
{
	char *offset = xt_printf("offset=%llu,nodiscard", (unsigned long long)fs->offset);
	char *size = xt_printf("%lluk", (unsigned long long)(fs->partition->size / KIB));
	const char *type = fs->partition->type;
	const char *features = !strcmp(type, "ext4") ? "^metadata_csum_seed,^orphan_file" : "none";
	const char *label = strcmp(fs->partition->mountpoint, "/") ? fs->partition->name : "root";
	char *cut = xt_printf("%.16s", label);
	const char *const argv[] = { "mke2fs",
				     "-q",
				     "-F",
				     "-t",
				     type,
				     "-L",
				     cut,
				     "-U",
				     fs->uuid,
				     "-d",
				     source,
				     "-E",
				     offset,
				     !strcmp(features, "none") ? "-b" : "-O",
				     !strcmp(features, "none") ? "4096" : features,
				     fs->volume->path,
				     size,
				     NULL };

	run_or_die("the file system", argv);
	free(offset);
	free(size);
	free(cut);
}

int copy_data(const char *from, uint64_t begin, uint64_t size, const char *to, uint64_t offset)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CLOEXEC), rc = 0;
	off_t data, end = (off_t)begin, last = (off_t)(begin + size);
	static char buffer[1 << 20];

	if (in < 0 || out < 0)
		rc = -errno;
	while (!rc && (data = lseek(in, end, SEEK_DATA)) >= 0 && data < last) {
		end = lseek(in, data, SEEK_HOLE);
		if (end > last)
			end = last;
		while (!rc && data < end) {
			size_t most = end - data < (off_t)sizeof(buffer) ? (size_t)(end - data) :
									   sizeof(buffer);
			ssize_t r = pread(in, buffer, most, data);

			rc = r <= 0 ? -EIO :
				      pwrite_all(out, buffer, (size_t)r,
						 offset + (uint64_t)data - begin);
			data += r;
		}
	}
	if (in >= 0)
		close(in);
	if (out >= 0 && close(out) && !rc)
		rc = -errno;
	return rc;
}

/* mkfs.btrfs knows no offset: it gets a file of its own, in the sandbox's memory or beside the tree. */
static void make_btrfs(const struct file_system *fs, const struct tree *t, const char *source)
{
	char *file = xt_printf("%s.btrfs", t->path);
	int fd = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), rc;

	if (fd < 0 || ftruncate(fd, (off_t)fs->partition->size))
		die(XT_FAILED, "%s: %s", file, strerror(errno));
	close(fd);
	run_or_die("the file system",
		   (const char *const[]){ "mkfs.btrfs", "-q", "-f", "-U", fs->uuid, "--rootdir",
					  source, file, NULL });
	rc = copy_data(file, 0, fs->partition->size, fs->volume->path, fs->offset);
	if (rc)
		die(XT_FAILED, "%s: %s", fs->volume->path, strerror(-rc));
	unlink(file);
	free(file);
}

static void make_xfs(const struct file_system *fs, const struct tree *t, const char *source)
{
	char *point = xt_printf("%s.mnt", t->path), *all = xt_printf("%s/.", source);

	run_or_die("the file system", (const char *const[]){ "mkfs.xfs", "-q", "-f", "-m",
							     "uuid=", fs->volume->path, NULL });
	if (mkdir(point, 0755) || mount(fs->volume->path, point, "xfs", 0, NULL))
		die(XT_FAILED, "%s: %s", fs->volume->path, strerror(errno));
	run_or_die("copying", (const char *const[]){ "cp", "-a", "--", all, point, NULL });
	if (umount(point) || rmdir(point))
		die(XT_FAILED, "%s: %s", point, strerror(errno));
	free(point);
	free(all);
}

static void make_swap(const struct file_system *fs)
{
	int fd = open(fs->volume->path, O_WRONLY | O_CLOEXEC), rc = -errno;

	if (fd >= 0) {
		rc = swap_write(fd, fs->offset, fs->partition->size, fs->uuid);
		if (close(fd) && !rc)
			rc = -errno;
	}
	if (rc)
		die(XT_FAILED, "%s: swap: %s", fs->volume->path, strerror(-rc));
}

static int deeper_first(const void *a, const void *b)
{
	const struct file_system *const *x = a, *const *y = b;

	return strcmp((*y)->partition->mountpoint, (*x)->partition->mountpoint);
}

/* Each file system takes its part out of the tree, the deepest first, so that the rest is the root's. */
static void fill_one(const struct file_system *fs, const struct tree *t)
{
	bool is_root = !strcmp(fs->partition->mountpoint, "/");
	char *inside = xt_printf("%s%s", t->path, is_root ? "" : fs->partition->mountpoint);
	char *apart = is_root ? xt_dup(inside) : xt_printf("%s.part", t->path);
	const char *type = fs->partition->type;
	struct stat st = { .st_mode = 0755 };

	if (!is_root) {
		tree_mkdir(t, fs->partition->mountpoint, 0755);
		if (lstat(inside, &st) || !S_ISDIR(st.st_mode) || rename(inside, apart) ||
		    mkdir(inside, 0755))
			die(XT_FAILED, "%s: no directory to mount on", fs->partition->mountpoint);
	}
	if (starts_with(type, "ext"))
		make_ext(fs, apart);
	else if (!strcmp(type, "btrfs"))
		make_btrfs(fs, t, apart);
	else
		make_xfs(fs, t, apart);
	if (!is_root)
		run(((const char *const[]){ "rm", "-rf", apart, NULL }));
	free(inside);
	free(apart);
}

void disk_fill(const struct guest *g, const struct tree *t)
{
	const struct file_system *mounted[PARTITIONS_MOST] = { NULL };
	size_t count = 0;

	for (size_t i = 0; i < g->file_system_count; i++) {
		const struct file_system *fs = &g->file_systems[i];

		if (!strcmp(fs->partition->type, "swap"))
			make_swap(fs);
		else
			mounted[count++] = fs;
	}
	qsort(mounted, count, sizeof(mounted[0]), deeper_first);
	for (size_t i = 0; i < count; i++)
		fill_one(mounted[i], t);
}
