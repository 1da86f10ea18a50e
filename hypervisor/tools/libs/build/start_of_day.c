/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a new guest finds: start_info, the rings of store and console, its first vCPU (xen/xen.h). */
#include "guest.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define EFLAGS_ONE 0x002		/* always set */
#define EFLAGS_IF  0x200

/* Addresses are of 64 bits: the page's shape in this library must be the guest's. */
_Static_assert(sizeof(struct start_info) == 1168, "x86-64 layout in xen/xen.h");

/* Ports that the two servers may bind, and grants of their rings' pages. */
static int rings_connect(struct guest *g, const struct build_pv_options *options,
			 struct build_pv_result *result)
{
	const struct layout *l = &g->layout;
	struct ctrl_grant grants[2];
	int console, store, rc;

	store = ctrl_evtchn_alloc_unbound(g->ctrl, g->domid, options->store_domid);
	console = ctrl_evtchn_alloc_unbound(g->ctrl, g->domid, options->console_domid);
	if (store < 0 || console < 0) {
		rc = store < 0 ? store : console;
		return fail(g->why, rc, "event channels: %s", strerror(-rc));
	}
	result->store_port = store;
	result->console_port = console;
	result->store_mfn = g->p2m[layout_pfn(l, l->store)];
	result->console_mfn = g->p2m[layout_pfn(l, l->console)];

	grants[0] = (struct ctrl_grant){ GNTTAB_RESERVED_CONSOLE, options->console_domid,
					 result->console_mfn };
	grants[1] = (struct ctrl_grant){ GNTTAB_RESERVED_XENSTORE, options->store_domid,
					 result->store_mfn };
	rc = ctrl_grant_offer(g->ctrl, g->domid, grants, 2);
	return rc ? fail(g->why, rc, "grant table: %s", strerror(-rc)) : 0;
}

/* vCPUs begin with events masked, also those whose info is in this page alone. */
static int shared_info_write(struct guest *g, uint64_t *address)
{
	struct xen_domctl_getdomaininfo info;
	struct shared_info *shared;
	xen_pfn_t frame;
	unsigned int i;
	int rc;

	rc = ctrl_domain_info(g->ctrl, g->domid, &info);
	if (rc)
		return fail(g->why, rc, "the domain: %s", strerror(-rc));
	frame = info.shared_info_frame;
	shared = ctrl_map(g->ctrl, g->domid, PROT_READ | PROT_WRITE, &frame, 1);
	if (!shared)
		return fail(g->why, -errno, "shared info: %s", strerror(errno));
	for (i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
		shared->vcpu_info[i].evtchn_upcall_mask = 1;
	ctrl_unmap(g->ctrl, shared, 1);
	*address = (uint64_t)frame << PAGE_SHIFT;
	return 0;
}

static void start_info_fill(const struct guest *g, const struct build_pv_options *options,
			    const struct build_pv_result *result, struct start_info *si)
{
	const struct layout *l = &g->layout;

	strcpy(si->magic, "xen-3.0-x86_64");
	si->nr_pages = l->page_count;
	si->flags = options->flags;
	si->store_mfn = result->store_mfn;
	si->store_evtchn = result->store_port;
	si->console.domU.mfn = result->console_mfn;
	si->console.domU.evtchn = result->console_port;
	si->pt_base = l->tables;
	si->nr_pt_frames = l->table_count;
	si->mfn_list = l->p2m;
	if (l->p2m_is_apart) {
		si->first_p2m_pfn = l->p2m_pfn;
		si->nr_p2m_frames = l->p2m_page_count + l->p2m_table_count;
	}
	if (l->ramdisk_len) {
		si->mod_start = l->ramdisk ? l->ramdisk : l->ramdisk_pfn;
		si->mod_len = l->ramdisk_len;
		si->flags |= l->ramdisk ? 0 : SIF_MOD_START_PFN;
	}
	if (options->cmdline)
		memcpy(si->cmd_line, options->cmdline,
		       strnlen(options->cmdline, MAX_GUEST_CMDLINE - 1));
}

int guest_write_start_of_day(struct guest *g, const struct build_pv_options *options,
			     struct build_pv_result *result)
{
	const struct layout *l = &g->layout;
	uint64_t shared_info = 0;
	void *pages;
	int rc;

	rc = rings_connect(g, options, result);
	if (!rc)
		rc = shared_info_write(g, &shared_info);
	if (rc)
		return rc;
	pages = guest_map(g, layout_pfn(l, l->start_info), 3);	/* and the two rings behind it */
	if (!pages)
		return -errno;
	memset(pages, 0, 3 * PAGE_SIZE);
	start_info_fill(g, options, result, pages);
	((struct start_info *)pages)->shared_info = shared_info;
	ctrl_unmap(g->ctrl, pages, 3);
	return 0;
}

int guest_start_vcpu(struct guest *g, xen_pfn_t root)
{
	const struct layout *l = &g->layout;
	struct vcpu_guest_context context;
	int rc;

	memset(&context, 0, sizeof(context));
	context.flags = VGCF_in_kernel | VGCF_online;
	context.user_regs.rip = l->entry;
	context.user_regs.rsp = l->stack + PAGE_SIZE;
	context.user_regs.rsi = l->start_info;
	context.user_regs.rflags = EFLAGS_ONE | EFLAGS_IF;
	context.user_regs.cs = FLAT_KERNEL_CS;
	context.user_regs.ss = FLAT_KERNEL_SS;
	context.user_regs.ds = FLAT_KERNEL_DS;
	context.user_regs.es = FLAT_KERNEL_DS;
	context.kernel_ss = FLAT_KERNEL_SS;
	context.kernel_sp = l->stack + PAGE_SIZE;
	context.ctrlreg[3] = xen_pfn_to_cr3(root);
	rc = ctrl_vcpu_set_context(g->ctrl, g->domid, 0, &context);
	return rc ? fail(g->why, rc, "the first vCPU is refused: %s", strerror(-rc)) : 0;
}
