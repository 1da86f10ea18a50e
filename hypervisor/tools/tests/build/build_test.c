/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a built guest finds, looked at through its own page tables; and what is refused, and how. */
#include <build/build.h>

#include "fake_ctrl.h"
#include "make_kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xen/elfnote.h>

#include <cmocka.h>

#define LINUX_BASE 0xffffffff80000000ULL
#define PAGES	   8300		/* 32 MiB and a bit, not a multiple of 2 MiB */

static struct kernel_file file;

/* One guest that is built, and what it is built from. */
struct world {
	struct ctrl *ctrl;
	struct fake *fake;
	struct build_kernel *kernel;
	struct build_pv_options options;
	struct build_pv_result result;
	struct build_why why;
	int kernel_fd, ramdisk_fd;
	char ramdisk[32];
};

static void world_open(struct world *w)
{
	char path[32];

	memset(w, 0, sizeof(*w));
	w->ctrl = fake_new(&w->fake);
	w->ramdisk_fd = -1;
	w->kernel_fd = kernel_store(&file, file.len, path);
	if (build_kernel_open(path, NULL, 0, &w->kernel, &w->why))
		fail_msg("%s", w->why.text);
	w->options.kernel = w->kernel;
	w->options.page_count = PAGES;
	w->options.cmdline = "console=hvc0";
}

static void world_ramdisk(struct world *w, size_t len)
{
	static struct kernel_file ramdisk;
	size_t i;

	for (i = 0; i < len; i++)
		ramdisk.bytes[i] = pattern_byte(i + 77);
	w->ramdisk_fd = kernel_store(&ramdisk, len, w->ramdisk);
	w->options.ramdisk = w->ramdisk;
}

static int world_build(struct world *w)
{
	return build_pv(w->ctrl, 5, &w->options, &w->result, &w->why);
}

static void world_close(struct world *w)
{
	assert_int_equal(w->fake->maps, 0);
	build_kernel_close(w->kernel);
	fake_free(w->ctrl);
	close(w->kernel_fd);
	if (w->ramdisk_fd >= 0)
		close(w->ramdisk_fd);
}

static uint8_t guest_byte(struct world *w, uint64_t va)
{
	bool writable;
	const uint8_t *at = fake_guest_byte(w->ctrl, va, &writable);

	if (!at)
		fail_msg("nothing is mapped at %#llx", (unsigned long long)va);
	return *at;
}

static bool is_mapped(struct world *w, uint64_t va)
{
	bool writable;

	return fake_guest_byte(w->ctrl, va, &writable);
}

static uint64_t guest_word(struct world *w, uint64_t va)
{
	uint64_t word = 0;
	unsigned int i;

	for (i = 8; i--;)
		word = word << 8 | guest_byte(w, va + i);
	return word;
}

static const struct start_info *start_info(struct world *w)
{
	bool writable;

	return (const void *)fake_guest_byte(w->ctrl, w->fake->context.user_regs.rsi, &writable);
}

/* A segment as kernel_segment() made it, at @base + @paddr. */
static void assert_segment(struct world *w, uint64_t base, uint64_t paddr, size_t len,
			   size_t memory_len)
{
	size_t i;

	for (i = 0; i < len; i++)
		assert_int_equal(guest_byte(w, base + paddr + i), pattern_byte(paddr + i));
	for (; i < memory_len; i++)
		assert_int_equal(guest_byte(w, base + paddr + i), 0);
}

/* The p2m list names the frame that shows at each address of the region. */
static void assert_p2m(struct world *w, uint64_t base)
{
	uint64_t list = start_info(w)->mfn_list, i;

	for (i = 0; is_mapped(w, base + i * 4096); i++) {
		const uint8_t *frame = fake_frame(w->ctrl, guest_word(w, list + 8 * i));
		bool writable;

		assert_ptr_equal(frame, fake_guest_byte(w->ctrl, base + i * 4096, &writable));
	}
	assert_true(i >= 1024);
}

/* Mapped to the end, which is 4 MiB aligned and 512 KiB behind the stack; tables read-only. */
static void assert_region(struct world *w)
{
	const struct start_info *si = start_info(w);
	uint64_t stack_end = w->fake->context.user_regs.rsp, end, i;
	bool writable;

	for (end = stack_end - 4096; is_mapped(w, end); end += 4096)
		;
	assert_int_equal(end % (4 << 20), 0);
	assert_true(end - stack_end >= 512 << 10);
	assert_true(fake_guest_byte(w->ctrl, stack_end - 1, &writable) && writable);
	for (i = 0; i < si->nr_pt_frames; i++)
		assert_true(fake_guest_byte(w->ctrl, si->pt_base + i * 4096, &writable) &&
			    !writable);
	assert_ptr_equal(fake_guest_byte(w->ctrl, si->pt_base, &writable),
			 fake_frame(w->ctrl, w->fake->root));
	assert_int_equal(stack_end - 4096, si->pt_base + si->nr_pt_frames * 4096);
}

static void assert_rings(struct world *w)
{
	const struct start_info *si = start_info(w);
	unsigned int i;

	assert_int_equal(si->store_mfn, w->result.store_mfn);
	assert_int_equal(si->store_evtchn, w->result.store_port);
	assert_int_equal(si->console.domU.mfn, w->result.console_mfn);
	assert_int_equal(si->console.domU.evtchn, w->result.console_port);
	assert_int_not_equal(w->result.store_port, w->result.console_port);
	for (i = 0; i < 4096; i++) {
		assert_int_equal(fake_frame(w->ctrl, si->store_mfn)[i], 0);
		assert_int_equal(fake_frame(w->ctrl, si->console.domU.mfn)[i], 0);
	}
	assert_int_equal(w->fake->grants[0].ref, GNTTAB_RESERVED_CONSOLE);
	assert_int_equal(w->fake->grants[0].frame, si->console.domU.mfn);
	assert_int_equal(w->fake->grants[1].ref, GNTTAB_RESERVED_XENSTORE);
	assert_int_equal(w->fake->grants[1].frame, si->store_mfn);
}

static void test_like_linux(void **state)
{
	const struct start_info *si;
	struct world w;
	uint64_t i;

	(void)state;
	kernel_like_linux(&file);
	world_open(&w);
	world_ramdisk(&w, 70001);
	assert_int_equal(build_pv_check(&w.options, &w.result, &w.why), 0);
	assert_true(w.result.needed_pages < PAGES);
	assert_int_equal(world_build(&w), 0);

	assert_segment(&w, LINUX_BASE, 0x100000, 0x5432, 0x5432);
	assert_segment(&w, LINUX_BASE, 0x106000, 0x2000, 0x9123);
	assert_p2m(&w, LINUX_BASE);
	assert_region(&w);
	assert_rings(&w);
	assert_int_equal(w.fake->context.user_regs.rip, LINUX_BASE + 0x106010);
	assert_int_equal(w.fake->context.flags & VGCF_in_kernel, VGCF_in_kernel);

	si = start_info(&w);
	assert_string_equal(si->magic, "xen-3.0-x86_64");
	assert_string_equal((const char *)si->cmd_line, "console=hvc0");
	assert_int_equal(si->nr_pages, PAGES);
	assert_int_equal(si->mfn_list, 0x8000000000);
	assert_int_equal(si->nr_p2m_frames, 17 + 3);
	assert_int_equal(si->flags, SIF_MOD_START_PFN);
	assert_int_equal(si->mod_len, 70001);
	for (i = 0; i < 18 * 4096; i++) {
		xen_pfn_t mfn = guest_word(&w, si->mfn_list + 8 * (si->mod_start + i / 4096));

		assert_int_equal(fake_frame(w.ctrl, mfn)[i % 4096],
				 i < 70001 ? pattern_byte(i + 77) : 0);
	}
	assert_int_equal(guest_word(&w, si->mfn_list + 8ULL * PAGES), ~0ULL);
	assert_int_equal(w.fake->hypercall_mfn, guest_word(&w, si->mfn_list + 8 * 0x101));
	world_close(&w);
}

/* Base 0, no address for the p2m list, segments that share a page and begin anywhere in the file. */
static void test_like_grub(void **state)
{
	const struct start_info *si;
	struct world w;
	uint64_t i;

	(void)state;
	kernel_begin(&file, 0);
	kernel_segment(&file, 0, 0xeaef, 0x2e1f0, 4096);
	kernel_segment(&file, 0x2e1f0, 0x1f5bd, 0x1f5bd, 1);
	kernel_notes_begin(&file);
	kernel_note_text(&file, XEN_ELFNOTE_GUEST_OS, "GRUB");
	kernel_note_text(&file, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
	kernel_notes_end(&file);
	world_open(&w);
	world_ramdisk(&w, 5000);
	assert_int_equal(world_build(&w), 0);

	assert_segment(&w, 0, 0, 0xeaef, 0x2e1f0);
	assert_segment(&w, 0, 0x2e1f0, 0x1f5bd, 0x1f5bd);
	assert_p2m(&w, 0);
	assert_region(&w);
	assert_rings(&w);
	si = start_info(&w);
	assert_int_equal(si->flags, 0);
	assert_int_equal(si->nr_p2m_frames, 0);
	for (i = 0; i < 5000; i++)
		assert_int_equal(guest_byte(&w, si->mod_start + i), pattern_byte(i + 77));
	assert_true(si->mod_start >= 0x2e1f0 + 0x1f5bd && si->mfn_list > si->mod_start);
	world_close(&w);
}

/* Before there were notes; numbers of physical pages, and of addresses that begin with VIRT_BASE. */
static void test_legacy_section(void **state)
{
	struct world w;

	(void)state;
	kernel_begin(&file, 0xc0001000);
	kernel_segment(&file, 0xc0000000, 0x3000, 0x3000, 4096);
	kernel_legacy_section(&file, "GUEST_OS=mini,XEN_VER=xen-3.0,VIRT_BASE=0xc0000000,"
				     "HYPERCALL_PAGE=2,LOADER=generic,BSD_SYMTAB_NOT,PAE=yes");
	world_open(&w);
	assert_int_equal(world_build(&w), 0);
	assert_segment(&w, 0, 0xc0000000, 0x3000, 0x3000);
	assert_int_equal(w.fake->context.user_regs.rip, 0xc0001000);
	assert_int_equal(w.fake->hypercall_mfn, guest_word(&w, start_info(&w)->mfn_list + 8 * 2));
	world_close(&w);
}

/* Memory may come in single pages, may be too little, and page tables may be refused. */
static void test_memory(void **state)
{
	struct world w;

	(void)state;
	kernel_like_linux(&file);
	world_open(&w);
	w.fake->no_extents = true;
	assert_int_equal(world_build(&w), 0);
	assert_p2m(&w, LINUX_BASE);
	world_close(&w);

	world_open(&w);
	w.fake->free_frames = PAGES - 1;
	assert_int_equal(world_build(&w), -ENOMEM);
	assert_string_equal(w.why.text, "memory: only 32 of 32 MiB could be had");
	world_close(&w);

	world_open(&w);
	w.fake->refuse_pin = -EINVAL;
	assert_int_equal(world_build(&w), -EINVAL);
	assert_string_equal(w.why.text, "page tables are refused: Invalid argument");
	world_close(&w);
}

static void test_options(void **state)
{
	char cmdline[1025];
	struct world w;

	(void)state;
	kernel_like_linux(&file);
	world_open(&w);
	w.options.page_count = 300;
	assert_int_equal(build_pv_check(&w.options, NULL, &w.why), -ENOMEM);
	assert_string_equal(w.why.text, "does not fit: with ramdisk and tables it needs 5 MiB");
	w.options.page_count = PAGES;
	w.options.ramdisk = "/nowhere/ramdisk";
	assert_int_equal(build_pv_check(&w.options, NULL, &w.why), -ENOENT);
	w.options.ramdisk = NULL;
	memset(cmdline, 'x', 1024);
	cmdline[1024] = 0;
	w.options.cmdline = cmdline;
	assert_int_equal(build_pv_check(&w.options, NULL, &w.why), -E2BIG);
	cmdline[1023] = 0;
	assert_int_equal(world_build(&w), 0);
	assert_string_equal((const char *)start_info(&w)->cmd_line, cmdline);
	world_close(&w);
}

/* Open what is in @file; the result, and the reason in @why. */
static int open_file(size_t len, const char *cache, struct build_why *why)
{
	struct build_kernel *kernel;
	char path[32];
	int fd = kernel_store(&file, len, path), rc;

	rc = build_kernel_open(path, cache, 0, &kernel, why);
	if (!rc)
		build_kernel_close(kernel);
	close(fd);
	return rc;
}

static void test_truncated(void **state)
{
	struct build_why why;
	size_t len;

	(void)state;
	kernel_like_linux(&file);
	assert_int_equal(open_file(file.len, NULL, &why), 0);
	for (len = 0; len < file.len - 2; len += len < 0x420 || len > file.len - 600 ? 1 : 997) {
		int rc = open_file(len, NULL, &why);

		assert_true(rc == -EINVAL || (rc == -ENOEXEC && len < 4));
		assert_true(why.text[0]);
	}
}

/* Kernels that ask for what cannot be: a change of a good one, and the reason that is given. */
static void test_refused(void **state)
{
	static const struct {
		uint32_t note;
		uint64_t value;
		const char *why;
	} bad[] = {
		{ XEN_ELFNOTE_ENTRY, 0x1000, "has its entry point outside of it" },
		{ XEN_ELFNOTE_VIRT_BASE, 0xffff800000000000,
		  "has segments where no PV guest can have them" },
		{ XEN_ELFNOTE_VIRT_BASE, 0x0000800000000000,
		  "has segments where no PV guest can have them" },
		{ XEN_ELFNOTE_VIRT_BASE, 0x12345, "has a VIRT_BASE that is not page aligned" },
		{ XEN_ELFNOTE_VIRT_BASE, 0xffffffffffc00000,
		  "has no room behind it for ramdisk and tables" },
		{ XEN_ELFNOTE_PADDR_OFFSET, 0x200000,
		  "has segments where no PV guest can have them" },
		{ XEN_ELFNOTE_INIT_P2M, 0xffffffff80000000,
		  "wants its p2m list where it cannot be (INIT_P2M)" },
		{ XEN_ELFNOTE_INIT_P2M, 0xffff800000000000,
		  "wants its p2m list where it cannot be (INIT_P2M)" },
		{ XEN_ELFNOTE_INIT_P2M, 0x8000000008, "has an INIT_P2M that is not page aligned" },
		{ XEN_ELFNOTE_HYPERCALL_PAGE, 0xffffffff80000010,
		  "has its hypercall page outside of it" },
		{ XEN_ELFNOTE_HV_START_LOW, 0xffff880000000000,
		  "wants addresses that are the hypervisor's (HV_START_LOW)" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct world w;

		kernel_like_linux(&file);
		kernel_note_number(&file, bad[i].note, bad[i].value);	/* the last one counts */
		if (bad[i].note == XEN_ELFNOTE_VIRT_BASE) {
			kernel_note_number(&file, XEN_ELFNOTE_ENTRY, bad[i].value + 0x106010);
			kernel_note_number(&file, XEN_ELFNOTE_HYPERCALL_PAGE,
					   bad[i].value + 0x101000);
		}
		kernel_notes_end(&file);
		world_open(&w);
		assert_int_equal(build_pv_check(&w.options, NULL, &w.why), -EINVAL);
		assert_string_equal(w.why.text, bad[i].why);
		world_close(&w);
	}
}

static void test_refused_at_once(void **state)
{
	struct build_why why;

	(void)state;
	kernel_begin(&file, 0);
	kernel_segment(&file, 0, 100, 100, 1);
	assert_int_equal(open_file(file.len, NULL, &why), -EINVAL);
	assert_string_equal(why.text, "has no Xen notes: it is not made to run as a PV guest");

	kernel_like_linux(&file);
	file.bytes[4] = 1;
	assert_int_equal(open_file(file.len, NULL, &why), -EOPNOTSUPP);
	assert_string_equal(why.text, "is a 32-bit kernel; only 64-bit ones are supported");

	kernel_like_linux(&file);
	kernel_note_text(&file, XEN_ELFNOTE_FEATURES, "writable_page_tables|!teleport");
	kernel_notes_end(&file);
	assert_int_equal(open_file(file.len, NULL, &why), -EOPNOTSUPP);
	assert_string_equal(why.text, "requires an unknown Xen feature");

	memset(file.bytes, 'x', 5000);
	assert_int_equal(open_file(5000, NULL, &why), -ENOEXEC);
	assert_string_equal(why.text, "is not a kernel: neither bzImage nor ELF");
	assert_int_equal(build_kernel_open("/dev/null", NULL, 0, NULL, &why), -EINVAL);
	assert_string_equal(why.text, "is not a regular file");
}

/* One byte or word of a good kernel's headers changed, where the System V ABI has it. */
static void test_refused_headers(void **state)
{
	static const struct {
		size_t at;		/* in the file; the first program header is at 64 */
		uint64_t value;
		size_t len;
		const char *why;
	} bad[] = {
		{ 18, 3, 2, "is not an ELF file for x86-64" },
		{ 16, 1, 2, "is not an executable ELF file" },
		{ 54, 32, 2, "has ELF program headers of a wrong size" },
		{ 56, 300, 2, "has too many ELF program headers" },
		{ 60, 5000, 2, "has ELF section headers of a wrong size or number" },
		{ 64 + 8, 1 << 30, 8, "is truncated: an ELF segment is outside the file" },
		{ 64 + 40, 16, 8, "has an ELF segment larger in the file than in memory" },
		{ 64 + 24, INT64_MAX, 8, "has an ELF segment outside of memory" },
		{ 56, 0, 2, "has nothing to load: no ELF segment" },
	};
	struct build_why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		kernel_like_linux(&file);
		if (bad[i].at == 60)	/* sections are looked at when segments have no notes */
			file.bytes[64 + 2 * 56] = 0;
		memcpy(file.bytes + bad[i].at, &bad[i].value, bad[i].len);
		assert_int_equal(open_file(file.len, NULL, &why), -EINVAL);
		assert_string_equal(why.text, bad[i].why);
	}
}

/* A good kernel with one more note. */
static void test_refused_notes(void **state)
{
	static const struct {
		uint32_t note;
		const char *text;
		int rc;
		const char *why;
	} bad[] = {
		{ XEN_ELFNOTE_XEN_VERSION, "xen-2.0", -EINVAL,
		  "is for another interface: xen-2.0" },
		{ XEN_ELFNOTE_LOADER, "odd", -EOPNOTSUPP,
		  "wants to be loaded in an unknown way: odd" },
		{ XEN_ELFNOTE_GUEST_OS, "", -EINVAL,
		  "lacks a Xen note that a PV kernel has: GUEST_OS" },
		{ XEN_ELFNOTE_ENTRY, "12", -EINVAL, "has a Xen note with a number of 3 bytes" },
	};
	struct build_why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		kernel_like_linux(&file);
		kernel_note_text(&file, bad[i].note, bad[i].text);
		kernel_notes_end(&file);
		assert_int_equal(open_file(file.len, NULL, &why), bad[i].rc);
		assert_string_equal(why.text, bad[i].why);
	}
	kernel_like_linux(&file);
	kernel_note_text(&file, XEN_ELFNOTE_GUEST_OS, "NetBSD");
	kernel_note_text(&file, XEN_ELFNOTE_BSD_SYMTAB, "yes");
	kernel_notes_end(&file);
	assert_int_equal(open_file(file.len, NULL, &why), -EOPNOTSUPP);
}

static void test_identity(void **state)
{
	struct build_kernel_identity is;
	struct world w;

	(void)state;
	kernel_like_linux(&file);
	kernel_note_text(&file, XEN_ELFNOTE_GUEST_VERSION, "2.6\n");
	kernel_notes_end(&file);
	world_open(&w);
	build_kernel_identity(w.kernel, &is);
	assert_string_equal(is.os, "linux");
	assert_string_equal(is.version, "2.6?");
	assert_string_equal(is.loader, "generic");
	world_close(&w);
}

/* What @command makes of the bytes of a file, into another. */
static size_t packed_by(const char *command, const void *bytes, size_t len, void *out, size_t room)
{
	char from[] = "/tmp/build-test-XXXXXX", line[200];
	int fd = mkstemp(from);
	FILE *pipe;
	size_t n;

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
		abort();
	close(fd);
	snprintf(line, sizeof(line), "cat %s | %s", from, command);
	pipe = popen(line, "r");
	n = fread(out, 1, room, pipe);
	if (pclose(pipe))
		fail_msg("%s failed", command);
	unlink(from);
	return n;
}

/* All packings of a bzImage and of a file as a whole; cut and corrupt ones are told. */
static void test_packed(void **state)
{
	static const char *const commands[] = { "gzip -9", "xz --check=crc32 --x86 --lzma2",
						"zstd -q -c -19", "lz4 -l -9 -c -", "cat" };
	static uint8_t packed[KERNEL_ROOM];
	struct build_why why;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		kernel_like_linux(&file);
		len = packed_by(commands[i], file.bytes, file.len, packed, sizeof(packed));
		memcpy(file.bytes, packed, len);
		if (open_file(len, NULL, &why))
			fail_msg("%s: %s", commands[i], why.text);
		kernel_wrap(&file, packed, len, 12345);
		if (open_file(file.len, NULL, &why))
			fail_msg("bzImage of %s: %s", commands[i], why.text);
		assert_int_equal(open_file(file.len - 150, NULL, &why), -EINVAL);
		assert_string_equal(why.text, "is truncated: its payload is outside the file");
		kernel_wrap(&file, packed, len / 2, 12345);
		assert_int_equal(open_file(file.len, NULL, &why), -EINVAL);
	}
	kernel_like_linux(&file);
	len = packed_by("gzip | gzip | gzip | gzip", file.bytes, file.len, packed, sizeof(packed));
	memcpy(file.bytes, packed, len);
	assert_int_equal(open_file(len, NULL, &why), -EINVAL);
	assert_string_equal(why.text, "is packed too many times");
	kernel_wrap(&file, packed, 100, 12345);
	file.bytes[0x206] = 7;
	assert_int_equal(open_file(file.len, NULL, &why), -EINVAL);
	assert_string_equal(why.text, "is a bzImage of a boot protocol older than 2.08");
	kernel_wrap(&file, packed, 0, 0);
	assert_int_equal(open_file(file.len, NULL, &why), -EINVAL);
	assert_string_equal(why.text, "is a bzImage without payload");
}

static unsigned int entries_in(const char *folder)
{
	char line[100];
	FILE *pipe;
	unsigned int n = 0;

	snprintf(line, sizeof(line), "ls -A %s | wc -l", folder);
	pipe = popen(line, "r");
	if (fscanf(pipe, "%u", &n) != 1)
		abort();
	pclose(pipe);
	return n;
}

/* Open the kernel of @file by the cache, and say where its bytes are. */
static ino_t inode_of_cached(const char *folder, uint64_t limit, size_t seed)
{
	static uint8_t packed[KERNEL_ROOM];
	struct build_kernel *kernel;
	struct build_why why;
	struct stat st;
	char path[32];
	size_t len;
	int fd;

	kernel_like_linux(&file);
	kernel_note_number(&file, XEN_ELFNOTE_ENTRY, LINUX_BASE + 0x106000 + seed);
	kernel_notes_end(&file);
	len = packed_by("gzip -1n", file.bytes, file.len, packed, sizeof(packed));
	kernel_wrap(&file, packed, len, file.len);
	fd = kernel_store(&file, file.len, path);
	if (build_kernel_open(path, folder, limit, &kernel, &why))
		fail_msg("%s", why.text);
	if (fstat(*(int *)kernel, &st))		/* the image's descriptor is its first field */
		abort();
	build_kernel_close(kernel);
	close(fd);
	return st.st_ino;
}

static void test_cache(void **state)
{
	char folder[] = "/tmp/build-cache-XXXXXX", line[200];
	ino_t first, other;

	(void)state;
	assert_non_null(mkdtemp(folder));
	first = inode_of_cached(folder, 0, 1);
	assert_int_equal(entries_in(folder), 1);
	assert_int_equal(inode_of_cached(folder, 0, 1), first);
	other = inode_of_cached(folder, 0, 2);
	assert_int_not_equal(other, first);
	assert_int_equal(entries_in(folder), 2);

	/* Of an entry, packed bytes that differ are believed no more; it is made anew. */
	snprintf(
		line, sizeof(line),
		"for f in %s/*; do printf x | dd of=$f bs=1 seek=4500 conv=notrunc 2>/dev/null; done",
		folder);
	assert_int_equal(system(line), 0);
	assert_int_not_equal(inode_of_cached(folder, 0, 1), first);
	assert_int_equal(entries_in(folder), 2);

	/* The oldest go when there is too little room; what is larger than all of it is not kept. */
	inode_of_cached(folder, 150 << 10, 3);
	assert_int_equal(entries_in(folder), 2);
	inode_of_cached(folder, 4096, 4);
	assert_int_equal(entries_in(folder), 2);

	/* A folder that others may write to is not used. */
	chmod(folder, 0777);
	assert_int_not_equal(inode_of_cached(folder, 0, 3), inode_of_cached(folder, 0, 3));
	snprintf(line, sizeof(line), "rm -r %s", folder);
	assert_int_equal(system(line), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_like_linux),     cmocka_unit_test(test_like_grub),
		cmocka_unit_test(test_legacy_section), cmocka_unit_test(test_memory),
		cmocka_unit_test(test_options),	       cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_refused),	       cmocka_unit_test(test_refused_at_once),
		cmocka_unit_test(test_refused_headers), cmocka_unit_test(test_refused_notes),
		cmocka_unit_test(test_identity),	cmocka_unit_test(test_packed),
		cmocka_unit_test(test_cache),
	};

	return cmocka_run_group_tests_name("domain builder", tests, NULL, NULL);
}
