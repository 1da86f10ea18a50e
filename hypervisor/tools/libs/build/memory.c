/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The domain's pages: getting them, mapping some, clearing some without mapping them. */
#include "guest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define EXTENT_ORDER 9			/* 2 MiB: one entry of the M2P's own page tables is kept whole */
#define EXTENT_PAGES (1UL << EXTENT_ORDER)

static int short_of_memory(struct guest *g, uint64_t done, int rc)
{
	if (rc < 0)
		return fail(g->why, rc, "memory cannot be populated: %s", strerror(-rc));
	return fail(g->why, -ENOMEM, "memory: only %llu of %llu MiB could be had",
		    (unsigned long long)(done >> 8),
		    (unsigned long long)(g->layout.page_count >> 8));
}

/* Large extents from guest frame 0 on. Returns the number of pages that they make. */
static int64_t populate_extents(struct guest *g)
{
	size_t count = g->layout.page_count / EXTENT_PAGES, i, j;
	xen_pfn_t *bases = malloc((count ? count : 1) * sizeof(*bases));
	int64_t done;

	if (!bases)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		bases[i] = i * EXTENT_PAGES;
	done = count ? ctrl_memory_populate(g->ctrl, g->domid, EXTENT_ORDER, 0, bases, count) : 0;
	if (done == -ENOMEM)
		done = 0;
	for (i = 0; (int64_t)i < done; i++)
		for (j = 0; j < EXTENT_PAGES; j++)
			g->p2m[i * EXTENT_PAGES + j] = bases[i] + j;
	free(bases);
	return done < 0 ? done : done * (int64_t)EXTENT_PAGES;
}

int guest_populate(struct guest *g)
{
	uint64_t count = g->layout.page_count, i;
	int64_t done;
	int rc = 0;

	g->p2m = malloc(count * sizeof(*g->p2m));
	if (!g->p2m)
		return fail(g->why, -ENOMEM, "memory: too little for the list of pages");
	done = populate_extents(g);
	if (done < 0)
		return short_of_memory(g, 0, done);
	for (i = done; i < count; i++)
		g->p2m[i] = i;
	if ((uint64_t)done < count)
		rc = ctrl_memory_populate(g->ctrl, g->domid, 0, 0, g->p2m + done, count - done);
	if (rc < 0 && rc != -ENOMEM)
		return short_of_memory(g, 0, rc);
	if (rc == -ENOMEM || (uint64_t)rc < count - done)
		return short_of_memory(g, done + (rc > 0 ? rc : 0), 0);
	return 0;
}

void *guest_map(struct guest *g, uint64_t pfn, uint64_t count)
{
	void *at;

	if (!is_inside(pfn, count, g->layout.page_count)) {
		errno = EINVAL;
		fail(g->why, -EINVAL, "does not fit into the memory");
		return NULL;
	}
	at = ctrl_map(g->ctrl, g->domid, PROT_READ | PROT_WRITE, g->p2m + pfn, count);
	if (!at)
		fail(g->why, -errno, "memory cannot be mapped: %s", strerror(errno));
	return at;
}

/* Zero a part of one page. */
static int clear_part(struct guest *g, uint64_t paddr, uint64_t len)
{
	uint8_t *at;

	if (!len)
		return 0;
	at = guest_map(g, paddr >> PAGE_SHIFT, 1);
	if (!at)
		return -errno;
	memset(at + paddr % PAGE_SIZE, 0, len);
	ctrl_unmap(g->ctrl, at, 1);
	return 0;
}

int guest_clear(struct guest *g, uint64_t paddr, uint64_t len)
{
	uint64_t first = pages_of(paddr), end = (paddr + len) >> PAGE_SHIFT;
	int rc;

	if (end < first)	/* begins and ends within a page */
		return clear_part(g, paddr, len);
	rc = clear_part(g, paddr, first * PAGE_SIZE - paddr);
	if (!rc)
		rc = clear_part(g, end * PAGE_SIZE, (paddr + len) % PAGE_SIZE);
	if (rc || first == end)
		return rc;
	rc = ctrl_clear_pages(g->ctrl, g->domid, g->p2m + first, end - first);
	return rc ? fail(g->why, rc, "memory cannot be cleared: %s", strerror(-rc)) : 0;
}
