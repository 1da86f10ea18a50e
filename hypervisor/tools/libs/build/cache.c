/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An entry gets its name when it is complete and on the disk, so a process that
 * is killed leaves nothing, and two that unpack the same kernel at once do no
 * harm. Zero pages of a kernel are holes of the file: they need neither space
 * nor, when a guest is built, copying.
 */
#include "cache.h"
#include "unpack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define PAGE	   4096UL
#define COMPARE	   (64UL << 10)		/* bytes at once */
#define SAMPLE	   512			/* bytes of each COMPARE that the name depends on */
#define NAME_LEN   32
#define MAX_PACKED (512ULL << 20)

static const char entry_magic[8] = "zazen-k1";

struct entry_header {
	char magic[8];
	uint64_t packed_len, kernel_len;
};

static uint64_t packed_start(void)
{
	return PAGE;
}

static uint64_t kernel_start(uint64_t packed_len)
{
	return (packed_start() + packed_len + PAGE - 1) & -PAGE;
}

/* The folder, if it is ours alone. -1: there is none to use. */
static int folder_open(const char *path)
{
	struct stat st;
	int fd;

	if (!path)
		return -1;
	if (mkdir(path, 0700) && errno != EEXIST)
		return -1;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) || st.st_uid != geteuid() || st.st_mode & 022) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Length and samples: where to look. It may be the same for different kernels. */
static int entry_name(const struct image *packed, char name[NAME_LEN], struct build_why *why)
{
	unsigned char sample[SAMPLE];
	uint64_t at, len;
	uLong sum = crc32(0, NULL, 0);
	int rc;

	for (at = 0; at < packed->len; at += COMPARE) {
		len = packed->len - at < SAMPLE ? packed->len - at : SAMPLE;
		rc = image_read(packed, at, sample, len, why);
		if (rc)
			return rc;
		sum = crc32(sum, sample, len);
	}
	snprintf(name, NAME_LEN, "%llx-%08lx", (unsigned long long)packed->len, sum);
	return 0;
}

static bool are_equal(const struct image *a, const struct image *b)
{
	static uint8_t in_a[COMPARE], in_b[COMPARE];
	struct build_why ignored;
	uint64_t at, len;

	if (a->len != b->len)
		return false;
	for (at = 0; at < a->len; at += len) {
		len = a->len - at < COMPARE ? a->len - at : COMPARE;
		if (image_read(a, at, in_a, len, &ignored) ||
		    image_read(b, at, in_b, len, &ignored) || memcmp(in_a, in_b, len))
			return false;
	}
	return true;
}

/* Look for @packed's entry. True: @out is its kernel, and the entry counts as used now. */
static bool entry_find(int folder, const char *name, const struct image *packed, struct image *out)
{
	struct image whole = { .fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) };
	struct image kept;
	struct entry_header h;
	struct build_why ignored;
	struct stat st;

	if (whole.fd < 0)
		return false;
	if (fstat(whole.fd, &st))
		goto refuse;
	whole.len = st.st_size;
	if (image_read(&whole, 0, &h, sizeof(h), &ignored) ||
	    memcmp(h.magic, entry_magic, sizeof(h.magic)) || h.packed_len != packed->len ||
	    !is_inside(kernel_start(h.packed_len), h.kernel_len, whole.len))
		goto refuse;
	kept = (struct image){ .fd = whole.fd, .start = packed_start(), .len = h.packed_len };
	if (!are_equal(&kept, packed))
		goto refuse;
	futimens(whole.fd, NULL);
	*out = (struct image){
		.fd = whole.fd,
		.start = kernel_start(h.packed_len),
		.len = h.kernel_len,
	};
	return true;

refuse:
	close(whole.fd);
	return false;
}

static int write_all(int fd, const void *bytes, size_t len, uint64_t at)
{
	const uint8_t *from = bytes;

	while (len) {
		ssize_t r = pwrite(fd, from, len, at);

		if (r < 0 && errno != EINTR)
			return -errno;
		if (r > 0) {
			from += r;
			at += r;
			len -= r;
		}
	}
	return 0;
}

/* The kernel's part of a new entry, being written. */
struct entry_sink {
	struct unpack_sink sink;
	int fd;
	uint64_t start;
};

/* Write what is not zero, a page at a time; the file's end is set when it is known. */
static int entry_write(struct unpack_sink *sink, const void *bytes, size_t len)
{
	static const uint8_t zeros[PAGE];
	struct entry_sink *entry = (struct entry_sink *)sink;
	uint64_t at = entry->start + sink->len;
	const uint8_t *from = bytes;

	while (len) {
		size_t n = PAGE - at % PAGE;
		int rc = 0;

		if (n > len)
			n = len;
		if (memcmp(from, zeros, n))
			rc = write_all(entry->fd, from, n, at);
		if (rc)
			return rc;
		from += n;
		at += n;
		len -= n;
	}
	return 0;
}

/* A copy of the packed bytes: those, and no others, are what is unpacked. */
static int packed_copy(const struct image *packed, int fd, struct build_why *why)
{
	static uint8_t buffer[COMPARE];
	uint64_t at, len;
	int rc = 0;

	for (at = 0; !rc && at < packed->len; at += len) {
		len = packed->len - at < COMPARE ? packed->len - at : COMPARE;
		rc = image_read(packed, at, buffer, len, why);
		if (rc)
			return rc;
		rc = write_all(fd, buffer, len, packed_start() + at);
	}
	return rc ? fail(why, rc, "cannot be unpacked: %s", strerror(-rc)) : 0;
}

/* Fill the empty file @fd, which is nobody else's, with an entry. */
static int entry_fill(int fd, const struct image *packed, struct image *out, struct build_why *why)
{
	struct entry_sink entry = {
		.sink.write = entry_write,
		.fd = fd,
		.start = kernel_start(packed->len),
	};
	struct entry_header h = { .packed_len = packed->len };
	void *in;
	int rc;

	rc = packed_copy(packed, fd, why);
	if (rc)
		return rc;
	in = mmap(NULL, packed->len, PROT_READ, MAP_PRIVATE, fd, packed_start());
	if (in == MAP_FAILED)
		return fail(why, -errno, "cannot be unpacked: %s", strerror(errno));
	rc = unpack(in, packed->len, &entry.sink, why);
	munmap(in, packed->len);
	if (rc)
		return rc;
	memcpy(h.magic, entry_magic, sizeof(h.magic));
	h.kernel_len = entry.sink.len;
	if (ftruncate(fd, entry.start + h.kernel_len) || write_all(fd, &h, sizeof(h), 0))
		return fail(why, -EIO, "cannot be unpacked: %s", strerror(errno));
	*out = (struct image){ .fd = fd, .start = entry.start, .len = h.kernel_len };
	return 0;
}

/* Bytes that all entries take, and the one that was not used for longest. */
static uint64_t entries_size(int folder, char oldest[NAME_LEN])
{
	DIR *dir = fdopendir(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct timespec first = { 0 };
	struct dirent *file;
	uint64_t size = 0;

	oldest[0] = 0;
	while (dir && (file = readdir(dir))) {
		struct stat st;

		if (strlen(file->d_name) >= NAME_LEN ||
		    fstatat(folder, file->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
			continue;
		size += st.st_blocks * 512;
		if (oldest[0] &&
		    (st.st_mtim.tv_sec > first.tv_sec ||
		     (st.st_mtim.tv_sec == first.tv_sec && st.st_mtim.tv_nsec >= first.tv_nsec)))
			continue;
		first = st.st_mtim;
		strcpy(oldest, file->d_name);
	}
	if (dir)
		closedir(dir);
	return size;
}

/* Name a complete entry, and let old ones go. That it fails costs the next guest time, no more. */
static void entry_keep(int folder, const char *name, int fd, uint64_t limit)
{
	char path[32], oldest[NAME_LEN];
	struct stat st;

	if (fstat(fd, &st) || (uint64_t)st.st_blocks * 512 > limit || fsync(fd))
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	unlinkat(folder, name, 0);	/* another kernel's with the same name */
	if (linkat(AT_FDCWD, path, folder, name, AT_SYMLINK_FOLLOW))
		return;
	while (entries_size(folder, oldest) > limit && oldest[0])
		if (unlinkat(folder, oldest, 0))
			break;
}

int cache_unpack(const char *path, uint64_t limit, const struct image *packed, struct image *out,
		 struct build_why *why)
{
	char name[NAME_LEN];
	int folder, fd, rc;
	bool can_keep;

	if (packed->len > MAX_PACKED)
		return fail(why, -E2BIG, "is larger than 512 MiB");
	rc = entry_name(packed, name, why);
	if (rc)
		return rc;
	folder = folder_open(path);
	if (folder >= 0 && entry_find(folder, name, packed, out))
		goto out;
	fd = folder < 0 ? -1 : openat(folder, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	can_keep = fd >= 0;
	if (!can_keep)
		fd = memfd_create("kernel", MFD_CLOEXEC);
	if (fd < 0) {
		rc = fail(why, -errno, "cannot be unpacked: %s", strerror(errno));
		goto out;
	}
	rc = entry_fill(fd, packed, out, why);
	if (rc)
		close(fd);
	else if (can_keep)
		entry_keep(folder, name, fd, limit ? limit : CACHE_DEFAULT_LIMIT);

out:
	if (folder >= 0)
		close(folder);
	return rc;
}
