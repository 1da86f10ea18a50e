/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Start info, initial page tables and the two translations.
 *
 * xen/xen.h, "Start-of-day memory layout": the bootstrap elements lie packed
 * and in order (image, module, frame list, start info, page tables, stack) in
 * a region mapped 1:1 to the first pseudo-physical frames, which ends on a
 * 4 MiB boundary with at least 512 KiB behind the last element. All is mapped
 * writable but the page tables. pt_base names the root, nr_pt_frames counts
 * the tables. Notes INIT_P2M and MOD_START_PFN move the frame list and the
 * module out of the region (rows start-info-p2m, start-info-module of the
 * matrix). The frame list and the machine-to-physical table must be each
 * other's inverse for every frame, and everything the tables map must agree.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "Start info and the initial page tables";

#define MIB4 (4UL << 20)

static unsigned long region_end;

static unsigned long page_up(unsigned long a)
{
	return (a + PAGE_SIZE - 1) & PAGE_MASK;
}

static void check_fields(void)
{
	const struct start_info *si = start_info;
	uint32_t want = SIF_PRIVILEGED | SIF_INITDOMAIN;

	check(!strncmp(si->magic, "xen-", 4) && memcmp(si->magic + 31, "", 1) == 0,
	      "magic is \"xen-<version>-<platform>\"");
	expect_equal("nr_pages (dom0_mem=64M)", si->nr_pages, 16384);
	check(si->shared_info && !(si->shared_info & ~PAGE_MASK),
	      "shared_info is the machine address of a page, got 0x%lx", si->shared_info);
	expect_equal("flags: privileged and initial domain", si->flags & want, want);
	expect_equal("start info is page aligned", (unsigned long)si & ~PAGE_MASK, 0);
	expect_equal("pt_base is page aligned", si->pt_base & ~PAGE_MASK, 0);
	expect_equal("mfn_list is page aligned", si->mfn_list & ~PAGE_MASK, 0);
#ifdef CHECK_ARGS
	check(!strcmp((const char *)si->cmd_line, "alpha=1 beta"),
	      "cmd_line \"alpha=1 beta\", got \"%s\"", (const char *)si->cmd_line);
#else
	expect_equal("cmd_line is empty", (unsigned long)si->cmd_line[0], 0);
#endif
}

static void check_console_info(void)
{
	uint32_t off = start_info->console.dom0.info_off;
	uint32_t size = start_info->console.dom0.info_size;
	const struct dom0_vga_console_info *vga;

	if (!size)
		return;
	check(off >= sizeof(struct start_info) && off + size <= PAGE_SIZE,
	      "console info lies in the start info page behind it, got offset %u size %u", off,
	      size);
	vga = (const void *)((const char *)start_info + off);
	check(vga->video_type == XEN_VGATYPE_TEXT_MODE_3 ||
		      vga->video_type == XEN_VGATYPE_VESA_LFB ||
		      vga->video_type == XEN_VGATYPE_EFI_LFB,
	      "video_type is one of three, got 0x%x", vga->video_type);
	if (vga->video_type == XEN_VGATYPE_TEXT_MODE_3) {
		expect_equal("text columns", vga->u.text_mode_3.columns, 80);
		expect_equal("text rows", vga->u.text_mode_3.rows, 25);
		expect_equal("font height", vga->u.text_mode_3.font_height, 16);
	}
}

/* Elements in order; each begins where the one before it ended. */
static void check_order(void)
{
	unsigned long at = page_up((unsigned long)image_end);
	unsigned long pt_end = start_info->pt_base + start_info->nr_pt_frames * PAGE_SIZE;

#if defined(WITH_MODULE) && !defined(NOTE_MOD_START_PFN)
	expect_equal("the module follows the image", start_info->mod_start, at);
	at = page_up(start_info->mod_start + start_info->mod_len);
#endif
#ifndef NOTE_INIT_P2M
	expect_equal("the frame list follows", start_info->mfn_list, at);
	at = page_up(start_info->mfn_list + start_info->nr_pages * 8);
#endif
	expect_equal("start info follows", (unsigned long)start_info, at);
	at += PAGE_SIZE;
	expect_equal("page tables follow", start_info->pt_base, at);
	check(boot_rsp > pt_end && boot_rsp <= pt_end + PAGE_SIZE,
	      "the boot stack is the page behind the page tables (%p), rsp was %p", (void *)pt_end,
	      (void *)boot_rsp);
}

static unsigned long count_tables(uint64_t *table, int level)
{
	unsigned long n = 1;
	unsigned int i;

	if (level == 1)
		return n;
	for (i = 0; i < 512; i++) {
		if (level == 4 && i >= 256 && i < 272)
			continue;
#ifdef NOTE_INIT_P2M
		if (level == 4 && i == L_INDEX(NOTE_INIT_P2M, 4))
			continue;
#endif
		if (table[i] & PTE_P)
			n += count_tables(pfn_to_virt(mfn_to_pfn(mfn_of_pte(table[i]))), level - 1);
	}
	return n;
}

static bool is_table_page(unsigned long va)
{
	return va >= start_info->pt_base &&
	       va < start_info->pt_base + start_info->nr_pt_frames * PAGE_SIZE;
}

/* Walk the region page by page until the first page that is not mapped. */
static void check_region(void)
{
	unsigned long va = VIRT_BASE_ADDRESS, wrong_frame = 0, wrong_rights = 0;

	for (;; va += PAGE_SIZE) {
		uint64_t *entry = entry_of((void *)va, 1);

		if (!entry || !(*entry & PTE_P))
			break;
		if (mfn_of_pte(*entry) != pfn_to_mfn(virt_to_pfn((void *)va)))
			wrong_frame++;
		if (!(*entry & PTE_RW) != is_table_page(va)) {
			if (!wrong_rights++)
				print("  note: first wrong rights at %p: 0x%lx\n", (void *)va,
				      *entry);
		}
	}
	region_end = va;
	expect_equal("pages mapped to another frame than the list says", wrong_frame, 0);
	expect_equal("pages neither writable nor tables, or writable tables", wrong_rights, 0);
	expect_equal("the region ends on a 4 MiB boundary", region_end & (MIB4 - 1), 0);
	check(region_end >= page_up(boot_rsp) + (512UL << 10),
	      "512 KiB of padding: region ends at %p, stack at %p", (void *)region_end,
	      (void *)page_up(boot_rsp));
}

static void check_root(void)
{
	const uint64_t *root = (const uint64_t *)start_info->pt_base;
	unsigned int i, others = 0;
	unsigned long cr3;

	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	expect_equal("cr3 names the frame of pt_base", cr3 >> PAGE_SHIFT,
		     virt_to_mfn((void *)start_info->pt_base));
	for (i = 0; i < 512; i++) {
		if ((i >= 256 && i < 272) || i == 511)
			continue;
#ifdef NOTE_INIT_P2M
		if (i == L_INDEX(NOTE_INIT_P2M, 4))
			continue;
#endif
		others += root[i] != 0;
	}
	expect_equal("further root entries", others, 0);
	check(root[511] & PTE_P, "root entry 511 maps the kernel");
	expect_equal("nr_pt_frames", start_info->nr_pt_frames, count_tables(table_of(0, 4), 4));
}

static void check_translations(void)
{
	unsigned long pfn, wrong = 0;

	for (pfn = 0; pfn < start_info->nr_pages; pfn++) {
		unsigned long m = pfn_to_mfn(pfn);

		if (mfn_to_pfn(m) != pfn && !wrong++)
			print("  note: pfn 0x%lx -> mfn 0x%lx -> pfn 0x%lx\n", pfn, m,
			      mfn_to_pfn(m));
	}
	expect_equal("frames whose two translations disagree", wrong, 0);
}

static void check_module(void)
{
#ifndef WITH_MODULE
	expect_equal("mod_len without a module", start_info->mod_len, 0);
	expect_equal("SIF_MOD_START_PFN without a module", start_info->flags & SIF_MOD_START_PFN,
		     0);
#else
	unsigned long n, wrong = 0, words = start_info->mod_len / 8;

	expect_equal("mod_len", start_info->mod_len, WITH_MODULE * 1024UL);
#ifdef NOTE_MOD_START_PFN
	const uint64_t *window = page_alloc();

	expect_equal("SIF_MOD_START_PFN", start_info->flags & SIF_MOD_START_PFN, SIF_MOD_START_PFN);
	for (n = 0; n < words; n++) {
		unsigned long pfn = start_info->mod_start + (n >> 9);

		if (!(n & 511) && map_at(window, pfn_to_mfn(pfn), PTE_RW_PAGE))
			test_failure("module page 0x%lx cannot be mapped", pfn);
		wrong += READ_ONCE(window[n & 511]) != n * 0x9e3779b97f4a7c15UL;
	}
#else
	expect_equal("SIF_MOD_START_PFN", start_info->flags & SIF_MOD_START_PFN, 0);
	for (n = 0; n < words; n++)
		wrong += ((uint64_t *)start_info->mod_start)[n] != n * 0x9e3779b97f4a7c15UL;
#endif
	expect_equal("wrong words in the module", wrong, 0);
#endif
}

#ifdef NOTE_INIT_P2M
/*
 * The list and its own tables are frames [first_p2m_pfn, +nr_p2m_frames),
 * owned by the guest but outside the region; large pages are allowed.
 */
static void check_init_p2m(void)
{
	unsigned long list_pages = page_up(start_info->nr_pages * 8) >> PAGE_SHIFT;
	unsigned long first = start_info->first_p2m_pfn, n = start_info->nr_p2m_frames;

	expect_equal("mfn_list is where INIT_P2M says", start_info->mfn_list, NOTE_INIT_P2M);
	check(n >= list_pages && n <= list_pages + 520,
	      "nr_p2m_frames covers %lu list pages and their tables, got %lu", list_pages, n);
	check(first + n <= start_info->nr_pages, "the list's frames are the guest's: 0x%lx + 0x%lx",
	      first, n);
	check(first >= virt_to_pfn((void *)region_end) ||
		      first + n <= virt_to_pfn((void *)region_end),
	      "first_p2m_pfn 0x%lx lies in the initial region or behind it", first);
}
#else
static void check_init_p2m(void)
{
	expect_equal("nr_p2m_frames without INIT_P2M", start_info->nr_p2m_frames, 0);
}
#endif

static void check_registers(void)
{
	uint16_t cs, ss, ds, es, fs, gs;

	__asm__("mov %%cs, %0; mov %%ss, %1" : "=r"(cs), "=r"(ss));
	__asm__("mov %%ds, %0; mov %%es, %1" : "=r"(ds), "=r"(es));
	__asm__("mov %%fs, %0; mov %%gs, %1" : "=r"(fs), "=r"(gs));
	expect_equal("cs", cs, FLAT_RING3_CS64);
	expect_equal("ss", ss, FLAT_RING3_SS64);
	check((!ds || ds == FLAT_RING3_DS32) && ds == es, "ds and es are flat: 0x%x 0x%x", ds, es);
	check(!fs && !gs, "fs and gs are null: 0x%x 0x%x", fs, gs);
}

static void check_shared_info(void)
{
	const struct shared_info *s = shared_info_map();

	expect_equal("events are masked at the start", s->vcpu_info[0].evtchn_upcall_mask, 1);
	expect_equal("no event is pending", s->vcpu_info[0].evtchn_upcall_pending, 0);
	check(s->vcpu_info[0].time.tsc_to_system_mul != 0, "the time record is filled in");
	check(s->wc_sec > 1500000000 || s->wc_sec_hi, "the wall clock is set, got %u", s->wc_sec);
}

void test_main(void)
{
	STEP(check_registers);
	STEP(check_fields);
	STEP(check_console_info);
	STEP(check_order);
	STEP(check_region);
	STEP(check_root);
	STEP(check_translations);
	STEP(check_module);
	STEP(check_init_p2m);
	STEP(check_shared_info);
}
