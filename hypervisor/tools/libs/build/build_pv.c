/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order in which a PV domain is built; build.h says what it has before and after. */
#include "guest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is known before there is a domain: the layout, and the ramdisk's file, opened. */
struct plan {
	struct layout layout;
	struct image ramdisk;		/* fd -1: none */
};

static int plan_make(struct plan *plan, const struct build_pv_options *options,
		     struct build_why *why)
{
	uint64_t len = 0;
	int rc;

	plan->ramdisk.fd = -1;
	if (options->cmdline && strlen(options->cmdline) >= MAX_GUEST_CMDLINE)
		return fail(why, -E2BIG, "the command line is longer than %d bytes",
			    MAX_GUEST_CMDLINE - 1);
	if (options->ramdisk) {
		rc = image_open(&plan->ramdisk, options->ramdisk, why);
		if (rc)
			return rc;
		len = plan->ramdisk.len;
	}
	rc = layout_compute(&options->kernel->elf, options->page_count, len, &plan->layout, why);
	if (rc)
		image_close(&plan->ramdisk);
	return rc;
}

int build_pv_check(const struct build_pv_options *options, struct build_pv_result *result,
		   struct build_why *why)
{
	struct plan plan;
	int rc;

	why->text[0] = 0;
	rc = plan_make(&plan, options, why);
	if (rc)
		return rc;
	if (result)
		result->needed_pages = plan.layout.needed_pages;
	image_close(&plan.ramdisk);
	return 0;
}

static int hypercall_page_write(struct guest *g)
{
	const struct layout *l = &g->layout;
	int rc;

	if (!l->hypercall_page)
		return 0;
	rc = ctrl_domain_hypercall_page(g->ctrl, g->domid,
					g->p2m[layout_pfn(l, l->hypercall_page)]);
	return rc ? fail(g->why, rc, "the hypercall page: %s", strerror(-rc)) : 0;
}

static int guest_build(struct guest *g, const struct plan *plan,
		       const struct build_pv_options *options, struct build_pv_result *result)
{
	xen_pfn_t root = 0;
	int rc;

	rc = guest_populate(g);
	if (!rc)
		rc = guest_load_kernel(g);
	if (!rc)
		rc = hypercall_page_write(g);
	if (!rc && plan->ramdisk.fd >= 0)
		rc = guest_load_ramdisk(g, &plan->ramdisk);
	if (!rc)
		rc = guest_write_p2m(g);
	if (!rc)
		rc = guest_write_start_of_day(g, options, result);
	if (!rc)
		rc = guest_build_tables(g, &root);
	if (!rc)
		rc = guest_start_vcpu(g, root);
	return rc;
}

int build_pv(struct ctrl *c, domid_t domid, const struct build_pv_options *options,
	     struct build_pv_result *result, struct build_why *why)
{
	struct guest g = { .ctrl = c, .domid = domid, .kernel = options->kernel, .why = why };
	struct plan plan;
	int rc;

	why->text[0] = 0;
	rc = plan_make(&plan, options, why);
	if (rc)
		return rc;
	g.layout = plan.layout;
	*result = (struct build_pv_result){ .needed_pages = plan.layout.needed_pages };
	rc = guest_build(&g, &plan, options, result);
	free(g.p2m);
	image_close(&plan.ramdisk);
	return rc;
}
