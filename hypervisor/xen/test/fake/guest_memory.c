/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See guest_memory.h. */
#include "guest_memory.h"

#include <hv/event_channel.h>
#include <hv/grant.h>
#include <hv/hypercall.h>
#include <hv/page_allocator.h>
#include <hv/panic.h>
#include <hv/softirq.h>

#include <asm/cache.h>
#include <asm/cpu_tables.h>
#include <asm/frame.h>
#include <asm/hypervisor_map.h>
#include <asm/image.h>
#include <asm/io_memory.h>
#include <asm/speculation.h>
#include <asm/system.h>
#include <asm/tlb.h>

#include <stdlib.h>
#include <string.h>

#include <hv/frame.h>

#include "cpu.h"
#include "guest.h"

struct cpu_info *cpu_infos[MAX_CPUS];
struct domain *fake_pv;
struct vcpu *fake_pv_vcpu;
static struct domain *other;

/* ---- chance and preemption ---- */

unsigned int fake_preempt_rate, fake_preempt_after, fake_preempt_wishes;
void (*fake_meanwhile)(void);
unsigned long fake_continuation[5];
uint64_t fake_random_state;

unsigned int fake_random(void)
{
	fake_random_state = fake_random_state * 6364136223846793005UL + 1442695040888963407UL;
	return fake_random_state >> 33;
}

bool hypercall_preempt_check(void)
{
	void (*meanwhile)(void) = fake_meanwhile;

	fake_meanwhile = NULL;
	if (meanwhile)
		meanwhile();
	if (fake_preempt_after && !--fake_preempt_after)
		fake_preempt_rate = 1;
	if (!fake_preempt_rate || fake_random() % fake_preempt_rate)
		return false;
	fake_preempt_wishes++;
	return true;
}

long hypercall_continue(unsigned int nr, unsigned int argc, const unsigned long *args)
{
	(void)nr;
	memcpy(fake_continuation, args, argc * sizeof(*args));
	return FAKE_CONTINUED;
}

/* ---- the TLB ---- */

bool fake_tlb_writable[FRAME_COUNT];
unsigned char fake_tlb_walks[FRAME_COUNT];
unsigned char fake_cache[FRAME_COUNT];
bool fake_uncached[FRAME_COUNT];
static bool tlb_passes_caches[FRAME_COUNT];
static uint32_t tlb_clock, flushed_at;

static void fill_from(const struct page_info *pg)
{
	const pte_t *table = frame_map(mfn_of_page(pg));

	for (unsigned int i = 0; i < TABLE_ENTRIES; i++) {
		unsigned long f = mfn_raw(pte_mfn(table[i]));

		if (!(table[i] & PTE_P) || f >= FRAME_COUNT)
			continue;
		if (table[i] & PTE_RW)
			fake_tlb_writable[f] = true;
		if (table[i] & PTE_CACHE_L1)
			fake_uncached[f] = true;
		if (table[i] & PTE_RW && table[i] & PTE_CACHE_L1) {
			tlb_passes_caches[f] = true;
			fake_cache[f] |= CACHE_STALE;
		}
	}
}

/* Tables that are being judged, or given back, are in no address space. */
void fake_tlb_fill(void)
{
	memset(fake_uncached, 0, sizeof(fake_uncached));
	for (unsigned int f = 0; f < FRAME_COUNT; f++) {
		uint64_t s = frame_table[f].state;

		if (!frame_type_count(s) || !(s & FRAME_VALIDATED) || frame_type(s) > TYPE_L4)
			continue;
		fake_tlb_walks[f] = frame_type(s);
		if (frame_type(s) == TYPE_L1)
			fill_from(&frame_table[f]);
	}
}

void fake_tlb_flush(void)
{
	flushed_at = ++tlb_clock;
	memset(fake_tlb_writable, 0, sizeof(fake_tlb_writable));
	memset(fake_tlb_walks, 0, sizeof(fake_tlb_walks));
	memset(tlb_passes_caches, 0, sizeof(tlb_passes_caches));
	fake_tlb_fill();
}

/* It does not last while a TLB lets the guest write again. */
void fake_cache_flush(mfn_t m)
{
	fake_cache[mfn_raw(m)] = tlb_passes_caches[mfn_raw(m)] ? CACHE_STALE : 0;
}

void fake_tlb_freed(struct page_info *pg)
{
	pg->aux = tlb_clock;
}

void fake_tlb_reuse(const struct page_info *pg, unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		if (pg[i].aux && pg[i].aux >= flushed_at) {
			fake_tlb_flush();
			return;
		}
}

/* ---- what the hypervisor has beside it ---- */

uint64_t image_load_offset;
static pte_t idle_table[TABLE_ENTRIES];
pte_t *idle_root = idle_table;

void hypervisor_slots_install(pte_t *l4, const void *perdomain_l3)
{
	(void)perdomain_l3;
	memcpy(&l4[HV_FIRST_SLOT], &idle_root[HV_FIRST_SLOT], HV_SLOT_COUNT * sizeof(*l4));
}

void isolated_slots_install(pte_t *l4, const void *perdomain_l3, bool with_m2p)
{
	(void)perdomain_l3;
	memset(&l4[HV_FIRST_SLOT], 0, HV_SLOT_COUNT * sizeof(*l4));
	if (with_m2p)
		l4[HV_FIRST_SLOT] = idle_root[HV_FIRST_SLOT];
}

/* All domains are isolated, so that the copies of their roots are tried, too. */
struct speculation speculation = { .xpti_dom0 = true, .xpti_domu = true };

struct cpuid_result cpuid(uint32_t leaf, uint32_t subleaf)
{
	(void)subleaf;
	return (struct cpuid_result){ .eax = leaf == 0x80000000 ? 0x80000008 :
								  FRAME_IO_BITS + PAGE_SHIFT };
}

mfn_t cpu_gdt_mfn(unsigned int cpu)
{
	return mfn(FRAME_OURS + cpu);
}

void gdt_window_load(unsigned long window)
{
	(void)window;
}

void ldt_descriptor_set(unsigned int cpu, unsigned long base, unsigned int entries)
{
	(void)cpu;
	(void)base;
	(void)entries;
}

struct domain *domain_owning(domid_t owner)
{
	return owner == fake_pv->id ? fake_pv : owner == other->id ? other : NULL;
}

/* ---- memory, a frame at a time ---- */

void pages_prepare(struct page_info *pg, unsigned long count)
{
	BUG_ON(count != 1 || !(pg->flags & PAGE_FREE));
	tlb_flush_before_reuse(pg, 1);
	pg->flags = 0;
	pg->aux = 0;
	/* All of it will be zeroed, in the cache. */
	fake_cache[mfn_raw(mfn_of_page(pg))] = CACHE_DIRTY;
}

struct page_info *pages_alloc(unsigned int order, unsigned int address_bits)
{
	(void)address_bits;
	for (unsigned int f = FRAME_RAM_FIRST; !order && f <= FRAME_RAM_LAST; f++) {
		struct page_info *pg = &frame_table[f];

		if (!(pg->flags & PAGE_FREE))
			continue;
		pages_prepare(pg, 1);
		return pg;
	}
	return NULL;
}

void pages_free(struct page_info *pg, unsigned int order)
{
	BUG_ON(order || pg->flags & PAGE_FREE);
	pg->state = 0;
	pg->owner = OWNER_NONE;
	pg->flags = PAGE_FREE;
}

void *hv_pages_alloc(unsigned int order)
{
	void *p = aligned_alloc(PAGE_SIZE, PAGE_SIZE << order);

	return p ? memset(p, 0, PAGE_SIZE << order) : NULL;
}

void hv_pages_free(void *va, unsigned int order)
{
	(void)order;
	free(va);
}

static void frame_set(unsigned int f, unsigned int owner, uint64_t state, unsigned int flags)
{
	frame_table[f].owner = owner;
	frame_table[f].state = state;
	frame_table[f].flags = flags;
}

static void frames_init(void)
{
	const uint64_t held = FRAME_ALLOCATED | FRAME_REF_ONE;

	memset(frame_table, 0, FRAME_COUNT * sizeof(*frame_table));
	memset(fake_memory, 0, FRAME_COUNT * PAGE_SIZE);
	frame_set(0, OWNER_NONE, 0, PAGE_NOT_RAM);
	for (unsigned int f = FRAME_RAM_FIRST; f <= FRAME_RAM_LAST; f++)
		frame_set(f, OWNER_NONE, 0, PAGE_FREE);
	frame_set(FRAME_FOREIGN, other->id, held, 0);
	frame_set(FRAME_HOLE, OWNER_NONE, 0, PAGE_NOT_RAM);
	frame_set(FRAME_DENIED, OWNER_NONE, 0, PAGE_NOT_RAM);
	frame_set(FRAME_SHARED_INFO, fake_pv->id, held | FRAME_HYPERVISOR | FRAME_SHARED, 0);
	frame_set(FRAME_OURS, OWNER_HYPERVISOR, held | FRAME_HYPERVISOR, 0);
}

static void machine_once(void)
{
	fake_frames_init();
	fake_cpus_init();
	frame_table_end = FRAME_COUNT;
	io_memory_deny((paddr_t)FRAME_DENIED << PAGE_SHIFT, PAGE_SIZE);
	io_memory_read_only((paddr_t)FRAME_IO_READ_ONLY << PAGE_SHIFT, PAGE_SIZE);
	idle_root[HV_FIRST_SLOT] = pte_make(mfn(FRAME_OURS), PTE_P | PTE_A);
	idle_root[HV_FIRST_SLOT + HV_SLOT_COUNT - 1] = pte_make(mfn(FRAME_OURS), PTE_P | PTE_RW);
}

void fake_machine_init(unsigned int owned)
{
	static pte_t window[32], isolated[2][TABLE_ENTRIES];

	if (!frame_table)
		machine_once();
	if (fake_pv) {
		fake_domain_free(fake_pv);
		fake_domain_free(other);
	}
	fake_pv = fake_domain_make(0, 1);
	other = fake_domain_make(1, 1);
	fake_pv->max_pages = FRAME_RAM_LAST;
	fake_pv->page_list = other->page_list = FRAME_NO_LINK;
	fake_pv->shared_page = &frame_table[FRAME_SHARED_INFO];
	fake_pv->arch.perdomain_l1[0] = window;
	fake_pv_vcpu = fake_pv->vcpu[0];
	fake_pv_vcpu->arch.kernel_root = fake_pv_vcpu->arch.user_root = INVALID_MFN;
	fake_pv_vcpu->arch.in_kernel = true;
	memset(isolated, 0, sizeof(isolated));
	fake_pv_vcpu->arch.isolated_root[false] = isolated[false];
	fake_pv_vcpu->arch.isolated_root[true] = isolated[true];
	other->vcpu[0]->arch.kernel_root = other->vcpu[0]->arch.user_root = INVALID_MFN;
	fake_run(fake_pv_vcpu);

	memset(fake_tlb_writable, 0, sizeof(fake_tlb_writable));
	memset(fake_tlb_walks, 0, sizeof(fake_tlb_walks));
	memset(tlb_passes_caches, 0, sizeof(tlb_passes_caches));
	memset(fake_cache, 0, sizeof(fake_cache));
	memset(fake_uncached, 0, sizeof(fake_uncached));
	tlb_clock = flushed_at = 1;
	fake_preempt_rate = fake_preempt_after = 0;
	fake_meanwhile = NULL;
	fake_random_state = 1;
	frames_init();
	while (owned--)
		BUG_ON(!domain_pages_alloc(fake_pv, 0, ADDRESS_BITS_ANY));
}

uint64_t image_load_offset;

/* It has no event channels, and grants nothing. */
void evtchn_pages_visit(const struct domain *d, page_visitor *visit, void *data)
{
	(void)d;
	(void)visit;
	(void)data;
}

void grant_pins_visit(const struct domain *d, grant_visitor *visit, void *data)
{
	(void)d;
	(void)visit;
	(void)data;
}
