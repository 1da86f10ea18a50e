/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain while it is being built. */
#ifndef BUILD_GUEST_H
#define BUILD_GUEST_H

#include "kernel.h"
#include "layout.h"

struct guest {
	struct ctrl *ctrl;
	domid_t domid;
	const struct build_kernel *kernel;
	struct layout layout;
	xen_pfn_t *p2m;			/* machine frame of each guest frame */
	struct build_why *why;
};

/* memory.c */

/* Give the domain all its pages, in 2 MiB extents as far as there are any. Sets ->p2m. */
int guest_populate(struct guest *g);

/*
 * Map @count guest frames from @pfn on for writing, to be given to ctrl_unmap(). NULL: ->why
 * says why, and errno is set.
 */
void *guest_map(struct guest *g, uint64_t pfn, uint64_t count);

/* Zero @len bytes of guest memory from guest-physical address @paddr on. */
int guest_clear(struct guest *g, uint64_t paddr, uint64_t len);

/* load.c: copy the kernel, and the ramdisk @image, to their places. */
int guest_load_kernel(struct guest *g);
int guest_load_ramdisk(struct guest *g, const struct image *image);

/* page_tables.c: the first page tables and the p2m list. Sets *@root to the pinned L4. */
int guest_build_tables(struct guest *g, xen_pfn_t *root);
int guest_write_p2m(struct guest *g);

/* start_of_day.c: rings, start_info, shared_info; then the first vCPU. */
int guest_write_start_of_day(struct guest *g, const struct build_pv_options *options,
			     struct build_pv_result *result);
int guest_start_vcpu(struct guest *g, xen_pfn_t root);

#endif
