/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries of page tables that map granted frames. They obey the rules of
 * table_entry.c; that they were made through a grant is known to the user's
 * list of handles only (common/grant/).
 */
#include <asm/grant_mapping.h>

#include <hv/abi.h>
#include <hv/domain.h>
#include <hv/frame.h>

#include <asm/guest_walk.h>
#include <asm/page_types.h>

/* The hardware may set A and D between a look at an entry and its exchange: twice at most. */
#define TRIES 4

/* The guest's bits of an entry, 9 to 11, in GNTMAP_guest_avail_mask. */
#define PTE_AVAIL(flags) ((((uint64_t)(flags) >> _GNTMAP_guest_avail0) & 7) << 9)

/* An entry of what shall be an L1 table. */
struct place {
	struct page_info *table;
	unsigned int index;
};

static bool place_of_address(const struct vcpu *v, uint64_t va, struct place *p)
{
	struct guest_walk w;

	if (!guest_walk(v, guest_root(v), va, &w))
		return false;
	p->table = w.l1;
	p->index = w.index;
	return true;
}

static bool place_find(const struct vcpu *v, uint64_t host_addr, uint32_t flags, struct place *p)
{
	mfn_t m = mfn_of_paddr(host_addr);

	if (!(flags & GNTMAP_contains_pte))
		return place_of_address(v, host_addr, p);
	/* whether it is a table is asked again, with the table locked */
	p->table = page_of_mfn(m);
	if (!mfn_valid(m) || p->table->flags & PAGE_NOT_RAM ||
	    READ_ONCE(p->table->owner) != v->domain->id || host_addr % sizeof(pte_t))
		return false;
	p->index = host_addr % PAGE_SIZE / sizeof(pte_t);
	return true;
}

static pte_t place_read(const struct place *p)
{
	const pte_t *table = frame_map(mfn_of_page(p->table));
	pte_t e = READ_ONCE(table[p->index]);

	frame_unmap(table);
	return e;
}

static pte_t mapping_of(const struct page_info *pg, uint32_t flags, uint16_t cache)
{
	pte_t e = pte_make(mfn_of_page(pg), PTE_NX | PTE_P | PTE_A | PTE_US | PTE_AVAIL(flags));

	if (!(flags & GNTMAP_readonly))
		e |= PTE_RW | PTE_D;
	if (cache & GTF_PWT)
		e |= PTE_PWT;
	if (cache & GTF_PCD)
		e |= PTE_PCD;
	if (cache & GTF_PAT)
		e |= PTE_PAT;
	return e;
}

int16_t grant_mapping_install(struct vcpu *v, const struct domain *granter, struct page_info *pg,
			      uint64_t host_addr, uint32_t flags, uint16_t cache)
{
	struct place p;
	pte_t old;

	if (!place_find(v, host_addr, flags, &p) ||
	    table_entry_write_l1(v->domain, granter, p.table, p.index, mapping_of(pg, flags, cache),
				 ENTRY_EXCHANGE, &old))
		return GNTST_general_error;
	return GNTST_okay;
}

/* Let the entry be @value if it maps @m. */
static bool place_write(struct domain *d, const struct place *p, mfn_t m, pte_t value)
{
	pte_t was = place_read(p);

	for (unsigned int i = 0; i < TRIES; i++) {
		int rc;

		if (!(was & PTE_P) || !mfn_eq(pte_mfn(was), m))
			return false;
		rc = table_entry_write_l1(d, d, p->table, p->index, value, ENTRY_COMPARE, &was);
		if (rc <= 0)
			return !rc;
	}
	return false;
}

int16_t grant_mapping_remove(struct vcpu *v, const struct page_info *pg, uint64_t host_addr,
			     uint32_t flags)
{
	struct place p;

	if (!place_find(v, host_addr, flags, &p) || !place_write(v->domain, &p, mfn_of_page(pg), 0))
		return GNTST_general_error;
	return GNTST_okay;
}

/*
 * The other entry is copied, then cleared: between the two both hold
 * references. One of another domain's frame is not copied, since nobody
 * offers that frame a second time.
 */
int16_t grant_mapping_replace(struct vcpu *v, const struct page_info *pg, uint64_t host_addr,
			      uint64_t new_addr, uint32_t flags)
{
	struct place p, from;
	pte_t value;

	if (!place_find(v, host_addr, flags, &p) || !place_of_address(v, new_addr, &from))
		return GNTST_general_error;
	value = place_read(&from);
	if (!place_write(v->domain, &p, mfn_of_page(pg), value))
		return GNTST_general_error;
	/* if it is another by now, so be it */
	if (value & PTE_P)
		(void)place_write(v->domain, &from, pte_mfn(value), 0);
	return GNTST_okay;
}
