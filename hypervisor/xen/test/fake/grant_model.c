/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See grant_model.h. The model knows nothing of how grants are kept: it has
 * a list of mappings and where they are, and counts from that anew each time.
 */
#include "grant_model.h"

#include "cpu.h"
#include "grant_world.h"
#include "guest.h"

#include <hv/errno.h>
#include <hv/grant.h>
#include <hv/page_allocator.h>
#include <hv/page_ref.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOMAINS	      3
#define PER_DOMAIN    4	 /* frames */
#define FRAMES	      (DOMAINS * PER_DOMAIN)
#define FIRST_FRAME   10 /* not the allocator's */
#define REFS	      6
#define MAPPINGS      40

struct mapping {
	bool is_live;
	unsigned int user, granter, ref, frame;
	grant_handle_t handle;
	bool is_writing, has_host, has_device;
};

static struct domain *domain[DOMAINS];
static void *table[DOMAINS];
static uint16_t *status_words[DOMAINS];
static unsigned int version[DOMAINS];
static struct mapping mapping[MAPPINGS];
/* The guest has written to the entry while it was in use: its marks are its own affair. */
static bool is_spoilt[DOMAINS][REFS];

static const uint8_t *input;
static size_t input_left;

struct cpu_info *cpu_infos[MAX_CPUS];

static unsigned int byte(void)
{
	if (!input_left)
		return 0;
	input_left--;
	return *input++;
}

static void differ(const char *what, unsigned long a, unsigned long b)
{
	fprintf(stderr, "grant model: %s: %lu, model %lu\n", what, a, b);
	abort();
}

static void same(const char *what, unsigned long machine, unsigned long model)
{
	if (machine != model)
		differ(what, machine, model);
}

static long op(unsigned int d, unsigned int cmd, void *arg, unsigned int count)
{
	fake_run(domain[d]->vcpu[0]);
	return do_grant_table_op(domain[d]->vcpu[0], cmd, va_of(arg), count);
}

static struct page_info *page(unsigned int f)
{
	return page_of_mfn(mfn(FIRST_FRAME + f));
}

static void tables_find(unsigned int d)
{
	xen_pfn_t frame;
	uint64_t status_frame;
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 1 };
	struct gnttab_get_status_frames g = { .dom = DOMID_SELF, .nr_frames = 1 };

	s.frame_list.p = &frame;
	g.frame_list.p = &status_frame;
	op(d, GNTTABOP_setup_table, &s, 1);
	table[d] = frame_map(mfn(frame));
	if (version[d] == 2) {
		op(d, GNTTABOP_get_status_frames, &g, 1);
		status_words[d] = frame_map(mfn(status_frame));
	}
}

static uint16_t *header(unsigned int d, unsigned int ref)
{
	return version[d] == 1 ? &((grant_entry_v1_t *)table[d])[ref].flags :
				 &((grant_entry_v2_t *)table[d])[ref].hdr.flags;
}

static unsigned int marks_wanted(unsigned int d, unsigned int ref)
{
	unsigned int result = 0;

	for (unsigned int i = 0; i < MAPPINGS; i++)
		if (mapping[i].is_live && mapping[i].granter == d && mapping[i].ref == ref)
			result |= GTF_reading | (mapping[i].is_writing ? GTF_writing : 0);
	return result;
}

static unsigned int marks(unsigned int d, unsigned int ref)
{
	uint16_t word = version[d] == 1 ? *header(d, ref) : status_words[d][ref];

	/* a transfer has other marks in the same bits */
	if (version[d] == 1 && (word & GTF_type_mask) == GTF_accept_transfer)
		return marks_wanted(d, ref);
	return word & (GTF_reading | GTF_writing);
}

/* ---- the audit ---- */

/* Does some mapping use @f through an entry of its owner's, to read (0) or write (1)? */
static unsigned int pins(unsigned int f, bool is_writing)
{
	bool seen[DOMAINS][REFS] = { 0 };
	unsigned int n = 0;

	for (unsigned int i = 0; i < MAPPINGS; i++) {
		const struct mapping *m = &mapping[i];

		if (!m->is_live || m->frame != f || m->is_writing != is_writing ||
		    seen[m->granter][m->ref])
			continue;
		seen[m->granter][m->ref] = true;
		n++;
	}
	return n;
}

static void audit_frame(unsigned int f)
{
	const struct page_info *pg = page(f);
	unsigned int types = pins(f, true), refs = types + pins(f, false);

	for (unsigned int d = 0; d < DOMAINS; d++)
		for (unsigned int n = 0; n < FAKE_PLACES; n++) {
			refs += fake_place[d][n].page == pg;
			types += fake_place[d][n].page == pg && fake_place[d][n].is_writable;
		}
	if (pg->state & FRAME_ALLOCATED)
		refs++;
	same("references of a frame", frame_ref_count(pg->state), refs);
	same("its type references", frame_type_count(pg->state), types);
}

static void audit(void)
{
	for (unsigned int f = 0; f < FRAMES; f++)
		audit_frame(f);
	for (unsigned int d = 0; d < DOMAINS; d++) {
		unsigned int refs = 1;

		for (unsigned int i = 0; i < MAPPINGS; i++)
			refs += mapping[i].is_live && mapping[i].granter == d;
		same("references of a domain", domain[d]->refs, refs);
		for (unsigned int ref = 0; ref < REFS; ref++)
			if (!is_spoilt[d][ref])
				same("marks", marks(d, ref), marks_wanted(d, ref));
	}
}

/* ---- what the guests do ---- */

static void entry_write(void)
{
	unsigned int d = byte() % DOMAINS, ref = byte() % REFS, kind = byte();
	unsigned int frame = FIRST_FRAME + byte() % (FRAMES + 2);
	uint16_t flags = kind % 4 | (kind & 4 ? GTF_readonly : 0) | (kind & 8 ? GTF_PCD : 0);
	domid_t user = byte() % (DOMAINS + 1);

	is_spoilt[d][ref] = marks_wanted(d, ref) != 0;
	if (version[d] == 1) {
		grant_entry_v1_t *e = &((grant_entry_v1_t *)table[d])[ref];

		*e = (grant_entry_v1_t){ flags, user, frame };
		return;
	}
	if (kind & 16)
		flags |= GTF_sub_page;
	if (kind % 4 == GTF_transitive)
		((grant_entry_v2_t *)table[d])[ref] = (grant_entry_v2_t){
			.transitive = { .hdr = { flags, user },
					.trans_domid = frame % DOMAINS,
					.gref = byte() % REFS }
		};
	else
		((grant_entry_v2_t *)table[d])[ref] = (grant_entry_v2_t){
			.sub_page = { .hdr = { flags, user },
				      .page_off = byte() * 16,
				      .length = byte() * 16,
				      .frame = frame }
		};
}

/* What the frame of a granted entry is, as the guest has just written it; -1: not to be mapped. */
static int frame_granted(unsigned int d, unsigned int ref, unsigned int user, bool is_writing)
{
	uint16_t flags = *header(d, ref), domid = header(d, ref)[1];
	uint64_t frame = version[d] == 1 ? ((grant_entry_v1_t *)table[d])[ref].frame :
					   ((grant_entry_v2_t *)table[d])[ref].full_page.frame;

	if ((flags & GTF_type_mask) != GTF_permit_access || flags & GTF_sub_page || domid != user ||
	    (is_writing && flags & GTF_readonly))
		return -1;
	frame -= FIRST_FRAME;
	if (frame >= FRAMES || page(frame)->owner != d || !(page(frame)->state & FRAME_ALLOCATED))
		return -1;
	return (int)frame;
}

static struct mapping *mapping_free(void)
{
	for (unsigned int i = 0; i < MAPPINGS; i++)
		if (!mapping[i].is_live)
			return &mapping[i];
	return NULL;
}

static int frame_in_use(unsigned int d, unsigned int ref)
{
	for (unsigned int i = 0; i < MAPPINGS; i++)
		if (mapping[i].is_live && mapping[i].granter == d && mapping[i].ref == ref)
			return (int)mapping[i].frame;
	return -1;
}

static void map(void)
{
	unsigned int user = byte() % DOMAINS, granter = byte() % DOMAINS, ref = byte() % (REFS + 1);
	unsigned int kind = byte(), place = byte() % (FAKE_PLACES + 1);
	struct gnttab_map_grant_ref m = { .dom = granter, .ref = ref, .status = 99 };
	struct mapping *slot = mapping_free();
	int frame, before;

	if (!slot)
		return;
	m.flags = kind & (GNTMAP_host_map | GNTMAP_device_map | GNTMAP_readonly);
	m.host_addr = place == FAKE_PLACES ? 1 : FAKE_PLACE(place);
	if (ref == REFS)
		m.ref = 4711;
	before = ref < REFS ? frame_in_use(granter, ref) : -1;
	frame = ref < REFS ? frame_granted(granter, ref, user, !(m.flags & GNTMAP_readonly)) : -1;
	if (op(user, GNTTABOP_map_grant_ref, &m, 1))
		abort();
	if (before < 0) {
		/* nothing was remembered: the entry alone decides */
		bool may = frame >= 0 && m.flags & (GNTMAP_host_map | GNTMAP_device_map) &&
			   (!(m.flags & GNTMAP_host_map) || place < FAKE_PLACES);

		same("may be mapped", m.status == GNTST_okay, may);
		if (ref < REFS && m.status == GNTST_okay)
			is_spoilt[granter][ref] = false;
	}
	if (m.status != GNTST_okay)
		return;
	*slot = (struct mapping){
		.is_live = true,
		.user = user,
		.granter = granter,
		.ref = ref,
		.frame = (unsigned int)(before < 0 ? frame : before),
		.handle = m.handle,
		.is_writing = !(m.flags & GNTMAP_readonly),
		.has_host = m.flags & GNTMAP_host_map,
		.has_device = m.flags & GNTMAP_device_map,
	};
	same("the device's address", m.dev_bus_addr, (FIRST_FRAME + slot->frame) * PAGE_SIZE);
}

static void spoil_forget(unsigned int d, unsigned int ref)
{
	/* as its last use has gone, its marks have, whoever made them */
	if (!marks_wanted(d, ref))
		is_spoilt[d][ref] = false;
}

static void unmap(void)
{
	struct mapping *m = &mapping[byte() % MAPPINGS];
	unsigned int place = byte() % FAKE_PLACES, kind = byte();
	struct gnttab_unmap_grant_ref u = { .handle = m->handle, .status = 99 };
	bool finds_host;
	unsigned int user = kind & 8 ? byte() % DOMAINS : m->user;

	if (kind & 1)
		u.host_addr = FAKE_PLACE(place);
	if (kind & 2)
		u.dev_bus_addr = (FIRST_FRAME + m->frame) * PAGE_SIZE + (kind & 4 ? PAGE_SIZE : 0);
	if (user != m->user || !m->is_live) {
		/* some other mapping may have that handle: then it is that one */
		u.handle = 0xfffff;
		op(user, GNTTABOP_unmap_grant_ref, &u, 1);
		same("unmap of no handle", (unsigned long)u.status,
		     (unsigned long)GNTST_bad_handle);
		return;
	}
	finds_host = fake_place[user][place].page == page(m->frame);
	op(user, GNTTABOP_unmap_grant_ref, &u, 1);
	if (kind & 2 && (!m->has_device || kind & 4)) {
		same("a bad device address", (unsigned long)u.status,
		     (unsigned long)GNTST_bad_dev_addr);
		return;
	}
	if (kind & 1 && m->has_host) {
		same("the mapping is found", u.status == GNTST_okay, finds_host);
		if (u.status != GNTST_okay)
			return;
		m->has_host = false;
	}
	same("unmap", (unsigned long)u.status, GNTST_okay);
	if (kind & 2)
		m->has_device = false;
	m->is_live = m->has_host || m->has_device;
	spoil_forget(m->granter, m->ref);
}

/* A guest writes over an entry of a page table. */
static void place_lose(void)
{
	fake_place_clear(domain[byte() % DOMAINS], byte() % FAKE_PLACES);
}

static void side_choose(struct gnttab_copy_ptr *p, bool is_gref)
{
	p->offset = byte() * 16;
	if (is_gref) {
		p->domid = byte() % (DOMAINS + 1);
		p->u.ref = byte() % (REFS + 1);
	} else {
		p->domid = byte() % 8 ? DOMID_SELF : 0;
		p->u.gmfn = FIRST_FRAME + byte() % (FRAMES + 2);
	}
}

static void copy(void)
{
	struct gnttab_copy c[3];
	unsigned int user = byte() % DOMAINS, count = 1 + byte() % 3;

	for (unsigned int i = 0; i < count; i++) {
		c[i] = (struct gnttab_copy){ .len = byte() * 16,
					     .flags = byte() % 4,
					     .status = 99 };
		side_choose(&c[i].source, c[i].flags & GNTCOPY_source_gref);
		side_choose(&c[i].dest, c[i].flags & GNTCOPY_dest_gref);
	}
	if (op(user, GNTTABOP_copy, c, count))
		abort();
	for (unsigned int i = 0; i < count; i++)
		if (c[i].status > 0)
			differ("no status of a copy", i, 0);
}

static bool table_is_used(unsigned int d)
{
	for (unsigned int ref = 0; ref < REFS; ref++)
		if (marks_wanted(d, ref))
			return true;
	return false;
}

static void version_change(void)
{
	unsigned int d = byte() % DOMAINS;
	struct gnttab_set_version v = { .version = 1 + byte() % 2 };
	bool is_other = v.version != version[d];
	long rc = op(d, GNTTABOP_set_version, &v, 1);

	if (is_other && table_is_used(d))
		same("version of a table in use", (unsigned long)rc, (unsigned long)-EBUSY);
	else if (rc && rc != -ERANGE)
		differ("set_version", (unsigned long)rc, 0);
	version[d] = v.version;
	tables_find(d);
}

static void swap(void)
{
	unsigned int d = byte() % DOMAINS, a = byte() % REFS, b = byte() % REFS;
	struct gnttab_swap_grant_ref s = { .ref_a = a, .ref_b = b, .status = 99 };
	bool is_used = a != b && (marks_wanted(d, a) || marks_wanted(d, b));

	op(d, GNTTABOP_swap_grant_ref, &s, 1);
	same("swap", (unsigned long)s.status,
	     is_used ? (unsigned long)GNTST_eagain : (unsigned long)GNTST_okay);
}

static void transfer(void)
{
	unsigned int d = byte() % DOMAINS, f = byte() % FRAMES;
	struct gnttab_transfer t = { .mfn = FIRST_FRAME + f,
				     .domid = byte() % (DOMAINS + 1),
				     .ref = byte() % REFS,
				     .status = 99 };
	const struct page_info *pg = page(f);
	bool is_takable = pg->owner == d && pg->state == (FRAME_ALLOCATED | FRAME_REF_ONE);

	op(d, GNTTABOP_transfer, &t, 1);
	if (!is_takable)
		same("transfer", (unsigned long)t.status, (unsigned long)GNTST_bad_page);
	else if (t.status == GNTST_okay)
		same("its new owner", pg->owner, t.domid);
	else
		same("its owner", pg->owner, OWNER_NONE);
}

/* The owner gives a frame back, or gets it anew. */
static void frame_turn(void)
{
	unsigned int f = byte() % FRAMES;
	struct page_info *pg = page(f);

	if (pg->state & FRAME_ALLOCATED) {
		pg->state &= ~FRAME_ALLOCATED;
		page_put(pg);
	} else if (!frame_ref_count(pg->state)) {
		fake_frame_give(domain[f / PER_DOMAIN], FIRST_FRAME + f);
	}
}

static void one_step(void)
{
	static void (*const step[])(void) = {
		entry_write, map,	 unmap,		 map,  unmap, copy,	copy,
		map,	     unmap,	 version_change, swap, swap,  transfer, frame_turn,
		place_lose,  entry_write
	};

	step[byte() % (sizeof(step) / sizeof(step[0]))]();
}

static void world_make(void)
{
	if (!frame_table) {
		fake_frames_init();
		page_allocator_add(mfn(0x100), mfn(0x1000));
	}
	memset(page(0), 0, FRAMES * sizeof(struct page_info));
	fake_cpus_init();
	fake_grants_init();
	memset(mapping, 0, sizeof(mapping));
	memset(is_spoilt, 0, sizeof(is_spoilt));
	for (unsigned int d = 0; d < DOMAINS; d++) {
		domain[d] = fake_domain_make(d, 1);
		domain[d]->max_pages = 100;
		if (grant_domain_init(domain[d]))
			abort();
		version[d] = 1;
		tables_find(d);
		for (unsigned int f = 0; f < PER_DOMAIN; f++)
			fake_frame_give(domain[d], FIRST_FRAME + d * PER_DOMAIN + f);
	}
}

void grant_model_run(const uint8_t *data, size_t size)
{
	input = data;
	input_left = size;
	world_make();
	while (input_left) {
		one_step();
		audit();
	}
	for (unsigned int d = 0; d < DOMAINS; d++) {
		grant_domain_destroy(domain[d]);
		fake_domain_free(domain[d]);
	}
}
