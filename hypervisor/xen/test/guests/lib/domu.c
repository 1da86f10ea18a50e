/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making a domU of our own image (domu.h), and what the two tell each other. */
#include "domu.h"
#include "event.h"
#include "memory.h"
#include "trap.h"

#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/version.h>

/* Debian's Xen frees the last of a domain when all CPUs have been idle or in a guest. */
#define SETTLED_NS	20000000
#define SETTLE_LIMIT_NS 2000000000

extern char bss_start[];

struct domu_channel domu_channel __page_aligned;
static char window[PAGE_SIZE] __page_aligned;
static vcpu_guest_context_t context;

void trap_table_copy(struct trap_info *table);

long domctl(uint32_t cmd, domid_t dom, struct xen_domctl *op)
{
	op->cmd = cmd;
	op->domain = dom;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	return hypercall(domctl, op);
}

long sysctl(uint32_t cmd, struct xen_sysctl *op)
{
	op->cmd = cmd;
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return hypercall(sysctl, op);
}

uint64_t free_pages(void)
{
	struct xen_sysctl op;

	memset(&op, 0, sizeof(op));
	if (sysctl(XEN_SYSCTL_physinfo, &op))
		test_error("no physinfo");
	return op.u.physinfo.free_pages;
}

uint64_t free_pages_settled(uint64_t expected)
{
	uint64_t now = free_pages(), last, begin = time_now(), since = begin;

	while (now != expected && time_now() - begin < SETTLE_LIMIT_NS &&
	       time_now() - since < SETTLED_NS) {
		hypercall(sched_op, SCHEDOP_yield, 0);
		last = now;
		now = free_pages();
		if (now != last)
			since = time_now();
	}
	return now;
}

/* What it keeps for itself, Debian's Xen takes and gives back as it likes. */
static uint64_t pages_kept(void)
{
	static xen_extraversion_t extra;

	hypercall(xen_version, XENVER_extraversion, extra);
	return strstr(extra, "zazen") ? 0 : 64;
}

void expect_free_pages(uint64_t before)
{
	uint64_t now = free_pages_settled(before), kept = pages_kept();

	check(now + kept >= before && now <= before + kept, "free pages: expected %lu, got %lu",
	      before, now);
}

long foreign_map(const void *va, domid_t dom, unsigned long mfn, uint64_t flags)
{
	return hypercall(update_va_mapping_otherdomain, va, make_pte(mfn, flags), UVMF_INVLPG, dom);
}

void foreign_unmap(const void *va)
{
	if (update_va(va, 0, UVMF_INVLPG))
		test_error("a window cannot be closed");
}

unsigned long domu_pfn_of(const void *va)
{
	return virt_to_pfn(va);
}

void domu_config(struct xen_domctl *op, unsigned int vcpus)
{
	memset(op, 0, sizeof(*op));
	op->u.createdomain.max_vcpus = vcpus;
	op->u.createdomain.max_evtchn_port = 1023;
	op->u.createdomain.max_grant_frames = -1;
	op->u.createdomain.max_maptrack_frames = -1;
	op->u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(2);
}

/* Pages below the image's are left out: nobody needs them. */
static void layout(struct domu *u)
{
	unsigned long pages;

	u->first_pfn = virt_to_pfn(image_start);
	u->info_pfn = virt_to_pfn(image_end);
	u->p2m_pfn = u->info_pfn + 1;
	u->tables_pfn = u->p2m_pfn + DOMU_PAGES_MAX * sizeof(xen_pfn_t) / PAGE_SIZE;
	u->table_count = 3 + DOMU_PAGES_MAX / 512;
	pages = u->tables_pfn + u->table_count;
	u->page_count = pages;
	if (pages > DOMU_PAGES_MAX)
		test_error("the image has %lu pages, too many for a domU", pages);
}

static void memory_make(struct domu *u)
{
	struct xen_memory_reservation r = {
		.nr_extents = u->page_count - u->first_pfn,
		.domid = u->id,
	};
	unsigned long pfn;
	long rc;

	for (pfn = 0; pfn < DOMU_PAGES_MAX; pfn++)
		u->mfn[pfn] = pfn < u->first_pfn || pfn >= u->page_count ? ~0UL : pfn;
	set_xen_guest_handle(r.extent_start, u->mfn + u->first_pfn);
	rc = hypercall(memory_op, XENMEM_populate_physmap, &r);
	if (rc != (long)r.nr_extents)
		test_error("populate_physmap for the domU: %ld of %lu", rc,
			   (unsigned long)r.nr_extents);
}

void domu_make(struct domu *u, unsigned int vcpus)
{
	struct xen_domctl op;
	long rc;

	domu_config(&op, vcpus);
	rc = domctl(XEN_DOMCTL_createdomain, 0, &op);
	if (rc)
		test_failure("createdomain: %ld", rc);
	u->id = op.domain;
	memset(&op, 0, sizeof(op));
	op.u.max_vcpus.max = vcpus;
	rc = domctl(XEN_DOMCTL_max_vcpus, u->id, &op);
	if (rc)
		test_failure("max_vcpus: %ld", rc);
	layout(u);
	memset(&op, 0, sizeof(op));
	op.u.max_mem.max_memkb = u->page_count * 4;
	rc = domctl(XEN_DOMCTL_max_mem, u->id, &op);
	if (rc)
		test_failure("max_mem: %ld", rc);
	memory_make(u);
}

/* Page @pfn of the domU, to be written; until the next one. */
static void *page_open(const struct domu *u, unsigned long pfn)
{
	long rc = foreign_map(window, u->id, u->mfn[pfn], PTE_RW_PAGE);

	if (rc)
		test_failure("page %lu of the domU cannot be mapped: %ld", pfn, rc);
	return window;
}

static void image_write(const struct domu *u)
{
	const char *from;

	for (from = image_start; from < bss_start; from += PAGE_SIZE)
		memcpy(page_open(u, virt_to_pfn(from)), from, PAGE_SIZE);
}

static uint64_t shared_info_address(const struct domu *u)
{
	struct xen_domctl op;

	if (domctl(XEN_DOMCTL_getdomaininfo, u->id, &op) || op.domain != u->id)
		test_failure("getdomaininfo of the domU");
	return op.u.getdomaininfo.shared_info_frame << PAGE_SHIFT;
}

static void info_write(const struct domu *u)
{
	uint64_t shared = shared_info_address(u);
	struct start_info *si = page_open(u, u->info_pfn);

	memcpy(si->magic, "xen-3.0-x86_64", 15);
	si->nr_pages = u->page_count;
	si->shared_info = shared;
	si->pt_base = (unsigned long)pfn_to_virt(u->tables_pfn);
	si->nr_pt_frames = u->table_count;
	si->mfn_list = (unsigned long)pfn_to_virt(u->p2m_pfn);
	memcpy(page_open(u, u->p2m_pfn), u->mfn, PAGE_SIZE);
	memcpy(page_open(u, u->p2m_pfn + 1), (const char *)u->mfn + PAGE_SIZE, PAGE_SIZE);
}

static bool is_table(const struct domu *u, unsigned long pfn)
{
	return pfn >= u->tables_pfn && pfn < u->tables_pfn + u->table_count;
}

/* In order: L4, L3, L2, then the L1 tables. */
static void tables_write(const struct domu *u)
{
	unsigned long n, i;
	uint64_t *t;

	for (n = 0; n < 2; n++) {
		t = page_open(u, u->tables_pfn + n);
		t[L_INDEX(VIRT_BASE_ADDRESS, 4 - n)] = make_pte(u->mfn[u->tables_pfn + n + 1],
								PTE_TABLE);
	}
	t = page_open(u, u->tables_pfn + 2);
	for (i = 0; i < u->table_count - 3; i++)
		t[L_INDEX(VIRT_BASE_ADDRESS, 2) + i] = make_pte(u->mfn[u->tables_pfn + 3 + i],
								PTE_TABLE);
	for (n = 0; n < u->table_count - 3; n++) {
		t = page_open(u, u->tables_pfn + 3 + n);
		for (i = 0; i < 512; i++)
			if (u->mfn[n * 512 + i] != ~0UL)
				t[i] = make_pte(u->mfn[n * 512 + i], is_table(u, n * 512 + i) ?
									     PTE_RO_PAGE :
									     PTE_RW_PAGE);
	}
}

void domu_fill(struct domu *u)
{
	struct mmuext_op pin = {
		.cmd = MMUEXT_PIN_L4_TABLE,
		.arg1.mfn = u->mfn[u->tables_pfn],
	};
	long rc;

	image_write(u);
	info_write(u);
	tables_write(u);
	foreign_unmap(window);
	if (!u->view)
		u->view = page_alloc();
	u->channel = u->view;
	rc = foreign_map(u->view, u->id, u->mfn[domu_pfn_of(&domu_channel)], PTE_RW_PAGE);
	if (rc)
		test_failure("the domU's channel cannot be mapped: %ld", rc);
	rc = hypercall(mmuext_op, &pin, 1, 0, u->id);
	if (rc)
		test_failure("the domU's root table is refused: %ld", rc);
}

void domu_context_fill(const struct domu *u, vcpu_guest_context_t *c)
{
	memset(c, 0, sizeof(*c));
	c->flags = VGCF_in_kernel | VGCF_online;
	c->user_regs.rip = (unsigned long)guest_entry;
	c->user_regs.rsp = (unsigned long)pfn_to_virt(u->info_pfn);
	c->user_regs.rsi = (unsigned long)pfn_to_virt(u->info_pfn);
	c->user_regs.rflags = 0x202;
	c->user_regs.cs = FLAT_KERNEL_CS;
	c->user_regs.ss = FLAT_KERNEL_SS;
	c->user_regs.ds = c->user_regs.es = FLAT_KERNEL_DS;
	c->user_regs.fs = c->user_regs.gs = FLAT_KERNEL_DS;
	c->kernel_ss = FLAT_KERNEL_SS;
	c->kernel_sp = c->user_regs.rsp;
	c->ctrlreg[3] = xen_pfn_to_cr3(u->mfn[u->tables_pfn]);
}

long domu_context_set(const struct domu *u, unsigned int vcpu, vcpu_guest_context_t *c)
{
	struct xen_domctl op;

	memset(&op, 0, sizeof(op));
	op.u.vcpucontext.vcpu = vcpu;
	set_xen_guest_handle(op.u.vcpucontext.ctxt, c);
	return domctl(XEN_DOMCTL_setvcpucontext, u->id, &op);
}

void domu_start(struct domu *u)
{
	struct xen_domctl op;
	long rc;

	domu_context_fill(u, &context);
	rc = domu_context_set(u, 0, &context);
	if (rc)
		test_failure("setvcpucontext: %ld", rc);
	rc = domctl(XEN_DOMCTL_unpausedomain, u->id, &op);
	if (rc)
		test_failure("unpausedomain: %ld", rc);
}

void domu_run(struct domu *u, unsigned int vcpus)
{
	domu_make(u, vcpus);
	domu_fill(u);
	domu_start(u);
}

unsigned int domu_wait(struct domu *u)
{
	struct xen_domctl op;

	for (;;) {
		if (domctl(XEN_DOMCTL_getdomaininfo, u->id, &op) || op.domain != u->id)
			test_failure("the domU has gone");
		if (op.u.getdomaininfo.flags & XEN_DOMINF_shutdown)
			break;
		hypercall(sched_op, SCHEDOP_yield, 0);
	}
	if (u->channel->text_length)
		print("%s", u->channel->text);
	check(u->channel->is_over, "the domU has come to its end");
	check(!u->channel->checks_failed, "%u of the domU's %u checks failed",
	      u->channel->checks_failed, u->channel->checks_made);
	return op.u.getdomaininfo.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
}

void domu_wait_step(struct domu *u, uint32_t n)
{
	struct xen_domctl op;

	while (u->channel->said < n) {
		if (u->channel->is_over || domctl(XEN_DOMCTL_getdomaininfo, u->id, &op) ||
		    op.u.getdomaininfo.flags & XEN_DOMINF_shutdown) {
			domu_wait(u);
			test_failure("the domU ended before its step %u", n);
		}
		hypercall(sched_op, SCHEDOP_yield, 0);
	}
}

void domu_let_go(struct domu *u, uint32_t n)
{
	__atomic_store_n(&u->channel->heard, n, __ATOMIC_SEQ_CST);
}

long domu_destroy(struct domu *u)
{
	struct xen_domctl op;

	if (u->channel)
		foreign_unmap(u->view);
	u->channel = NULL;
	return domctl(XEN_DOMCTL_destroydomain, u->id, &op);
}

/* ---- in the domU ---- */

void domu_text(const char *text, size_t length)
{
	size_t room = sizeof(domu_channel.text) - 1 - domu_channel.text_length;

	if (length > room)
		length = room;
	memcpy(domu_channel.text + domu_channel.text_length, text, length);
	domu_channel.text_length += length;
}

void domu_step(uint32_t n)
{
	__atomic_store_n(&domu_channel.said, n, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&domu_channel.heard, __ATOMIC_SEQ_CST) < n)
		hypercall(sched_op, SCHEDOP_yield, 0);
}

void __noreturn domu_end(uint32_t checks_made, uint32_t checks_failed)
{
	domu_channel.checks_made = checks_made;
	domu_channel.checks_failed = checks_failed;
	domu_channel.is_over = 1;
	shutdown(SHUTDOWN_poweroff);
}
