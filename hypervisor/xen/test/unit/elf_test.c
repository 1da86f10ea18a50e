/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF files made by hand: segments in and out of bounds, every Xen note, good and bad. */
/* sources: common/lib/elf.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/abi.h>
#include <hv/elf.h>
#include <hv/errno.h>

#define EHDR_LEN 64
#define PHDR_LEN 56
#define SHDR_LEN 64

/*
 * The file under test: ELF header, two PT_LOAD and one PT_NOTE, the segments'
 * bytes at 0x200 and 0x280, notes from 0x300 on.
 */
#define DATA1_OFFSET 0x200
#define DATA2_OFFSET 0x280
#define NOTES_OFFSET 0x300
#define FILE_ROOM    0x1000

static uint8_t file[FILE_ROOM];
static size_t file_len;
static const char *why;

static void put(size_t offset, uint64_t v, unsigned int len)
{
	for (; len; len--, v >>= 8)
		file[offset++] = v;
}

static size_t phdr(unsigned int i)
{
	return EHDR_LEN + i * PHDR_LEN;
}

static void put_segment(unsigned int i, uint32_t type, uint64_t offset, uint64_t vaddr,
			uint64_t paddr, uint64_t filesz, uint64_t memsz)
{
	put(phdr(i), type, 4);
	put(phdr(i) + 8, offset, 8);
	put(phdr(i) + 16, vaddr, 8);
	put(phdr(i) + 24, paddr, 8);
	put(phdr(i) + 32, filesz, 8);
	put(phdr(i) + 40, memsz, 8);
	put(phdr(i) + 48, 4, 8);
}

static void make_file(void)
{
	memset(file, 0, sizeof(file));
	memcpy(file,
	       "\x7f"
	       "ELF\2\1\1",
	       7);
	put(16, 2, 2);		/* ET_EXEC */
	put(18, 62, 2);		/* EM_X86_64 */
	put(20, 1, 4);
	put(24, 0x1000040, 8);	/* entry */
	put(32, EHDR_LEN, 8);
	put(52, EHDR_LEN, 2);
	put(54, PHDR_LEN, 2);
	put(56, 3, 2);
	put_segment(0, 1, DATA1_OFFSET, 0xffffffff81000000, 0x1000000, 0x20, 0x30);
	put_segment(1, 1, DATA2_OFFSET, 0xffffffff81001000, 0x1001000, 0x10, 0x10);
	put_segment(2, 4, NOTES_OFFSET, 0, 0, 0, 0);
	memset(file + DATA1_OFFSET, 0x11, 0x20);
	memset(file + DATA2_OFFSET, 0x22, 0x10);
	file_len = NOTES_OFFSET;
}

static void add_note(const char *name, uint32_t type, const void *desc, size_t len)
{
	size_t name_len = strlen(name) + 1, start = file_len;

	put(file_len, name_len, 4);
	put(file_len + 4, len, 4);
	put(file_len + 8, type, 4);
	memcpy(file + file_len + 12, name, name_len);
	file_len = ALIGN_UP(file_len + 12 + name_len, 4);
	memcpy(file + file_len, desc, len);
	file_len = ALIGN_UP(file_len + len, 4);
	assert_true(file_len > start && file_len <= FILE_ROOM);
	put(phdr(2) + 32, file_len - NOTES_OFFSET, 8);
}

static void add_number(uint32_t type, uint64_t v, size_t len)
{
	add_note("Xen", type, &v, len);
}

static void add_text(uint32_t type, const char *text)
{
	add_note("Xen", type, text, strlen(text) + 1);
}

/* A copy of exactly @len bytes, at an odd address, so that nothing in it is aligned. */
static uint8_t *exact_copy(size_t len)
{
	uint8_t *copy = malloc(len + 1);

	assert_non_null(copy);
	memcpy(copy + 1, file, len);
	return copy;
}

/* Parse the first @len bytes and, if that worked, their notes. */
static int parse_notes(size_t len, struct xen_notes *notes)
{
	uint8_t *copy = exact_copy(len);
	struct elf_image elf;
	int rc;

	why = NULL;
	rc = elf_parse(copy + 1, len, &elf, &why);
	if (!rc)
		rc = elf_notes(&elf, notes, &why);
	if (rc)
		assert_non_null(why);
	free(copy);
	return rc;
}

static int parse(void)
{
	struct xen_notes notes;

	return parse_notes(file_len, &notes);
}

static void test_load(void **state)
{
	uint8_t memory[0x1020], want[0x1020];
	struct elf_image elf;

	(void)state;
	make_file();
	assert_int_equal(elf_parse(file, file_len, &elf, &why), 0);
	assert_int_equal(elf.entry, 0x1000040);
	assert_int_equal(elf.paddr_start, 0x1000000);
	assert_int_equal(elf.paddr_end, 0x1001010);
	assert_true(elf.vaddr_start == 0xffffffff81000000);
	assert_true(elf.vaddr_end == 0xffffffff81001010);

	memset(memory, 0xee, sizeof(memory));
	memset(want, 0xee, sizeof(want));
	memset(want + 0x10, 0x11, 0x20);
	memset(want + 0x30, 0, 0x10);
	memset(want + 0x1010, 0x22, 0x10);
	assert_int_equal(elf_load(&elf, memory, 0xfffff0, sizeof(memory)), 0);
	assert_memory_equal(memory, want, sizeof(want));

	assert_int_equal(elf_load(&elf, memory, 0xfffff0, sizeof(memory) - 1), -EINVAL);
	assert_int_equal(elf_load(&elf, memory, 0x1000001, sizeof(memory)), -EINVAL);
	assert_int_equal(elf_load(&elf, memory, 0, sizeof(memory)), -EINVAL);
	assert_memory_equal(memory, want, sizeof(want));
}

static void test_segments(void **state)
{
	struct elf_segment segment;
	struct elf_image elf;

	(void)state;
	make_file();
	assert_int_equal(elf_parse(file, file_len, &elf, &why), 0);
	assert_int_equal(elf.phdr_count, 3);
	assert_true(elf_segment(&elf, 0, &segment));
	assert_ptr_equal(segment.bytes, file + DATA1_OFFSET);
	assert_int_equal(segment.paddr, 0x1000000);
	assert_int_equal(segment.file_len, 0x20);
	assert_int_equal(segment.memory_len, 0x30);
	assert_true(elf_segment(&elf, 1, &segment));
	assert_false(elf_segment(&elf, 2, &segment));
}

static void test_truncated(void **state)
{
	struct xen_notes notes;

	(void)state;
	make_file();
	add_text(XEN_ELFNOTE_GUEST_OS, "linux");
	for (size_t len = 0; len < file_len; len++)
		assert_int_equal(parse_notes(len, &notes), len < 4 ? -ENOEXEC : -EINVAL);
	assert_int_equal(parse_notes(file_len, &notes), 0);
}

static void test_bad_headers(void **state)
{
	static const struct {
		size_t offset;
		uint64_t value;
		unsigned int len;
		int want;
	} cases[] = {
		{ 0, 0, 1, -ENOEXEC },
		{ 4, 1, 1, -EINVAL },			/* 32 bit */
		{ 5, 2, 1, -EINVAL },			/* big endian */
		{ 6, 0, 1, -EINVAL },			/* version */
		{ 16, 1, 2, -EINVAL },			/* ET_REL */
		{ 18, 3, 2, -EINVAL },			/* EM_386 */
		{ 54, 32, 2, -EINVAL },			/* phentsize */
		{ 56, 0, 2, -EINVAL },			/* nothing to load */
		{ 56, 0xffff, 2, -EINVAL },
		{ 32, UINT64_MAX, 8, -EINVAL },
		{ EHDR_LEN + 8, UINT64_MAX, 8, -EINVAL },	/* offset */
		{ EHDR_LEN + 32, UINT64_MAX, 8, -EINVAL },	/* filesz */
		{ EHDR_LEN + 32, 0x31, 8, -EINVAL },	/* larger than memsz */
		{ EHDR_LEN + 40, UINT64_MAX, 8, -EINVAL },	/* memsz: wraps */
		{ EHDR_LEN + 40, 0x81000000, 8, -EINVAL },	/* only vaddr wraps */
		{ EHDR_LEN + 24, UINT64_MAX - 5, 8, -EINVAL },	/* paddr: wraps */
		{ EHDR_LEN + 2 * PHDR_LEN + 32, 0x10000, 8, -EINVAL },	/* notes' filesz */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		make_file();
		assert_int_equal(parse(), 0);
		put(cases[i].offset, cases[i].value, cases[i].len);
		assert_int_equal(parse(), cases[i].want);
	}
}

static void add_all_notes(void)
{
	static const uint64_t pairs[] = { 1, 1, 3, 2 };

	add_text(XEN_ELFNOTE_INFO, "A=B");
	add_text(XEN_ELFNOTE_GUEST_OS, "linux");
	add_text(XEN_ELFNOTE_GUEST_VERSION, "2.6");
	add_text(XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
	add_text(XEN_ELFNOTE_LOADER, "generic");
	add_text(XEN_ELFNOTE_PAE_MODE, "yes");
	add_text(XEN_ELFNOTE_BSD_SYMTAB, "yes");
	add_number(XEN_ELFNOTE_ENTRY, 0xffffffff83079000, 8);
	add_number(XEN_ELFNOTE_HYPERCALL_PAGE, 0x1234000, 4);
	add_number(XEN_ELFNOTE_VIRT_BASE, 0xffffffff80000000, 8);
	add_number(XEN_ELFNOTE_PADDR_OFFSET, 0, 8);
	add_number(XEN_ELFNOTE_HV_START_LOW, 0xffff800000000000, 8);
	add_number(XEN_ELFNOTE_INIT_P2M, 0x8000000000, 8);
	add_number(XEN_ELFNOTE_PHYS32_ENTRY, 0x1000000, 4);
	add_number(XEN_ELFNOTE_SUSPEND_CANCEL, 1, 4);
	add_number(XEN_ELFNOTE_MOD_START_PFN, 1, 4);
	add_note("Xen", XEN_ELFNOTE_L1_MFN_VALID, pairs, sizeof(pairs));
	add_text(XEN_ELFNOTE_FEATURES, "!writable_page_tables|pae_pgdir_above_4gb|unheard_of");
	add_number(XEN_ELFNOTE_SUPPORTED_FEATURES, 1 << XENFEAT_dom0, 4);
	add_number(0x12345, 7, 4);
}

static void check_all_notes(const struct xen_notes *n)
{
	assert_true(n->present);
	assert_string_equal(n->guest_os, "linux");
	assert_string_equal(n->guest_version, "2.6");
	assert_string_equal(n->xen_version, "xen-3.0");
	assert_string_equal(n->loader, "generic");
	assert_string_equal(n->pae_mode, "yes");
	assert_true(n->bsd_symtab && n->suspend_cancel && n->mod_start_pfn);
	assert_true(n->has_entry && n->entry == 0xffffffff83079000);
	assert_true(n->has_hypercall_page && n->hypercall_page == 0x1234000);
	assert_true(n->has_virt_base && n->virt_base == 0xffffffff80000000);
	assert_true(n->has_paddr_offset && n->paddr_offset == 0);
	assert_true(n->has_hv_start_low && n->hv_start_low == 0xffff800000000000);
	assert_true(n->has_init_p2m && n->init_p2m == 0x8000000000);
	assert_true(n->has_phys32_entry && n->phys32_entry == 0x1000000);
	assert_true(n->has_l1_mfn_valid);
	assert_true(n->l1_mfn_valid.mask == 1 && n->l1_mfn_valid.value == 1);
	assert_true(n->has_features);
	assert_int_equal(n->required_features, 1 << XENFEAT_writable_page_tables);
	assert_int_equal(n->supported_features, 1 << XENFEAT_writable_page_tables |
							1 << XENFEAT_pae_pgdir_above_4gb |
							1 << XENFEAT_dom0);
}

static void test_notes(void **state)
{
	struct xen_notes notes;

	(void)state;
	make_file();
	add_number(XEN_ELFNOTE_ENTRY, 5, 8);	/* a later note replaces an earlier one */
	add_note("GNU", XEN_ELFNOTE_ENTRY, "1", 1);
	add_all_notes();
	add_note("GNU", XEN_ELFNOTE_ENTRY, "12345678", 8);
	assert_int_equal(parse_notes(file_len, &notes), 0);
	check_all_notes(&notes);
}

static void test_no_notes(void **state)
{
	struct xen_notes notes;

	(void)state;
	make_file();
	add_note("GNU", 3, "12345678", 8);
	assert_int_equal(parse_notes(file_len, &notes), 0);
	assert_false(notes.present || notes.has_entry || notes.has_features);
	assert_string_equal(notes.guest_os, "");
}

/* Without notes in segments, those in sections are read. */
static void test_note_section(void **state)
{
	struct xen_notes notes;
	size_t notes_end;

	(void)state;
	make_file();
	add_all_notes();
	notes_end = file_len;
	put(phdr(2), 0, 4);	/* PT_NULL */
	put(40, notes_end, 8);
	put(58, SHDR_LEN, 2);
	put(60, 2, 2);
	put(notes_end + SHDR_LEN + 4, 7, 4);	/* SHT_NOTE */
	put(notes_end + SHDR_LEN + 24, NOTES_OFFSET, 8);
	put(notes_end + SHDR_LEN + 32, notes_end - NOTES_OFFSET, 8);
	file_len = notes_end + 2 * SHDR_LEN;
	assert_int_equal(parse_notes(file_len, &notes), 0);
	check_all_notes(&notes);
	assert_int_equal(parse_notes(file_len - 1, &notes), -EINVAL);
	put(58, 40, 2);
	assert_int_equal(parse(), -EINVAL);
}

/* Files with .note.gnu.property have note segments aligned to eight bytes. */
static void test_notes_aligned_to_eight(void **state)
{
	struct xen_notes notes;

	(void)state;
	make_file();
	put(phdr(2) + 48, 8, 8);
	add_note("Xen", XEN_ELFNOTE_GUEST_OS, "linux\0\0\0", 6);
	assert_int_equal(file_len - NOTES_OFFSET, 24);
	add_text(XEN_ELFNOTE_LOADER, "generic");
	assert_int_equal(parse_notes(file_len, &notes), 0);
	assert_string_equal(notes.guest_os, "linux");
	assert_string_equal(notes.loader, "generic");
}

static void test_bad_notes(void **state)
{
	(void)state;
	make_file();
	add_number(XEN_ELFNOTE_ENTRY, 0, 2);
	assert_int_equal(parse(), -EINVAL);

	make_file();
	add_number(XEN_ELFNOTE_MOD_START_PFN, 0, 0);
	assert_int_equal(parse(), -EINVAL);

	make_file();
	add_number(XEN_ELFNOTE_L1_MFN_VALID, 0, 8);
	assert_int_equal(parse(), -EINVAL);

	make_file();
	add_text(XEN_ELFNOTE_FEATURES, "dom0|!unheard_of");
	assert_int_equal(parse(), -EOPNOTSUPP);

	make_file();
	add_number(XEN_ELFNOTE_ENTRY, 0, 8);
	put(NOTES_OFFSET, UINT32_MAX, 4);	/* length of the name */
	assert_int_equal(parse(), -EINVAL);

	make_file();
	add_number(XEN_ELFNOTE_ENTRY, 0, 8);
	put(NOTES_OFFSET + 4, UINT32_MAX, 4);	/* length of the value */
	assert_int_equal(parse(), -EINVAL);
}

static void test_texts(void **state)
{
	static const char long_text[] = "0123456789012345678901234567890123456789";
	struct xen_notes notes;

	(void)state;
	make_file();
	add_text(XEN_ELFNOTE_GUEST_OS, long_text);
	add_note("Xen", XEN_ELFNOTE_LOADER, "generic", 7);	/* no zero at its end */
	add_note("Xen", XEN_ELFNOTE_XEN_VERSION, "", 0);
	add_note("Xen", XEN_ELFNOTE_FEATURES, "||!dom0", 7);
	add_note("Xen", XEN_ELFNOTE_BSD_SYMTAB, "ye", 2);
	assert_int_equal(parse_notes(file_len, &notes), 0);
	assert_int_equal(strlen(notes.guest_os), XEN_NOTES_TEXT - 1);
	assert_memory_equal(notes.guest_os, long_text, XEN_NOTES_TEXT - 1);
	assert_string_equal(notes.loader, "generic");
	assert_string_equal(notes.xen_version, "");
	assert_int_equal(notes.required_features, 1 << XENFEAT_dom0);
	assert_false(notes.bsd_symtab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_load),	     cmocka_unit_test(test_segments),
		cmocka_unit_test(test_truncated),    cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_notes),	     cmocka_unit_test(test_no_notes),
		cmocka_unit_test(test_note_section), cmocka_unit_test(test_notes_aligned_to_eight),
		cmocka_unit_test(test_bad_notes),    cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
