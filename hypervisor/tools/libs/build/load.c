/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of files into guest memory: read() straight into mappings of it, so they
 * are copied once. Holes of the file and what is zero anyway are cleared by the
 * hypervisor, which takes neither a mapping nor a copy.
 */
#include "guest.h"

#include <errno.h>
#include <unistd.h>

#define MAP_PAGES 4096UL		/* at once */

/*
 * @len bytes at @offset of @image to guest-physical address @paddr, a few pages at a time. What is
 * beside them in the first and last page stays.
 */
static int copy_in(struct guest *g, const struct image *image, uint64_t offset, uint64_t len,
		   uint64_t paddr)
{
	while (len) {
		uint64_t in_page = paddr % PAGE_SIZE, n = MAP_PAGES * PAGE_SIZE - in_page, pages;
		uint8_t *at;
		int rc;

		if (n > len)
			n = len;
		pages = pages_of(in_page + n);
		at = guest_map(g, paddr >> PAGE_SHIFT, pages);
		if (!at)
			return -errno;
		rc = image_read(image, offset, at + in_page, n, g->why);
		ctrl_unmap(g->ctrl, at, pages);
		if (rc)
			return rc;
		offset += n;
		paddr += n;
		len -= n;
	}
	return 0;
}

/*
 * The next hole of the file at or after @from, both offsets in the image and bound by @end. The
 * hole begins at the result and ends at *@hole_end. No hole: both are @end.
 */
static uint64_t next_hole(const struct image *image, uint64_t from, uint64_t end,
			  uint64_t *hole_end)
{
	off_t hole = lseek(image->fd, image->start + from, SEEK_HOLE), data;
	uint64_t begin;

	*hole_end = end;
	if (hole < 0 || (begin = hole - image->start) >= end)
		return end;
	data = lseek(image->fd, hole, SEEK_DATA);	/* fails behind the last data */
	if (data >= 0 && data - image->start < end)
		*hole_end = data - image->start;
	return begin;
}

static int load_segment(struct guest *g, const struct elf_segment *s)
{
	const struct image *image = &g->kernel->image;
	uint64_t to = s->paddr - g->layout.paddr_offset, end = s->offset + s->file_len;
	uint64_t at = s->offset;
	int rc = 0;

	while (!rc && at < end) {
		uint64_t hole_end, hole = next_hole(image, at, end, &hole_end);

		rc = copy_in(g, image, at, hole - at, to + (at - s->offset));
		if (!rc && hole < hole_end)
			rc = guest_clear(g, to + (hole - s->offset), hole_end - hole);
		at = hole_end;
	}
	if (!rc && s->memory_len > s->file_len)
		rc = guest_clear(g, to + s->file_len, s->memory_len - s->file_len);
	return rc;
}

int guest_load_kernel(struct guest *g)
{
	const struct elf_kernel *elf = &g->kernel->elf;
	unsigned int i;
	int rc = 0;

	for (i = 0; !rc && i < elf->segment_count; i++)
		rc = load_segment(g, &elf->segments[i]);
	return rc;
}

int guest_load_ramdisk(struct guest *g, const struct image *image)
{
	uint64_t to = g->layout.ramdisk_pfn << PAGE_SHIFT, len = g->layout.ramdisk_len;
	int rc = copy_in(g, image, 0, len, to);

	if (!rc)
		rc = guest_clear(g, to + len, -len & (PAGE_SIZE - 1));
	return rc;
}
