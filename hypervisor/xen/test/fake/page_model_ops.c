/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations: what bytes spell is done to the machine, and judged and done by the model. */
#include "page_model_private.h"

#include <hv/errno.h>
#include <hv/page_allocator.h>

#include <asm/descriptor_tables.h>
#include <asm/frame.h>
#include <asm/mmu_hypercalls.h>
#include <asm/page_types.h>
#include <asm/tlb.h>

#include <hv/domain_pages.h>
#include <hv/frame.h>

#include <string.h>

#include "guest.h"
#include "log.h"

#define OWNED_AT_START 20

/* ---- operations on whole tables ---- */

static void op_pin(void)
{
	unsigned long f = any_frame();
	unsigned int level = any_level(f);
	struct take take = { is_known(f) ? f : 0, level };
	struct verdict v = may_take(&take, 1);

	if (is_known(f) && model.pin[f])
		v.refuse = true;
	if (judged(mmuext(MMUEXT_PIN_L1_TABLE + level - 1, f, 0, v), v, f, level))
		model.pin[f] = level;
}

static void op_unpin(void)
{
	unsigned long f = any_frame();
	struct verdict v = verdict(!is_known(f) || !model.pin[f]);

	if (judged(mmuext(MMUEXT_UNPIN_TABLE, f, 0, v), v, f, 0))
		model.pin[f] = 0;
}

static struct verdict may_be_root(unsigned long f, unsigned int now)
{
	struct take take = { is_known(f) ? f : 0, 4 };

	return f && f == now ? verdict(false) : may_take(&take, 1);
}

static void op_new_root(void)
{
	unsigned long f = any_frame();
	struct verdict v = may_be_root(f, model.kernel_root);

	if (judged(mmuext(MMUEXT_NEW_BASEPTR, f, 0, v), v, f, 0))
		model.kernel_root = f;
}

static void op_new_user_root(void)
{
	unsigned long f = byte() & 1 ? any_frame() : byte() % 3;
	struct verdict v = f ? may_be_root(f, model.user_root) : verdict(false);

	if (judged(mmuext(MMUEXT_NEW_USER_BASEPTR, f, 0, v), v, f, 0))
		model.user_root = f;
}

static void op_clear(void)
{
	unsigned long f = any_frame();
	struct take take = { is_known(f) ? f : 0, 6 };
	struct verdict v = may_take(&take, 1);

	if (judged(mmuext(MMUEXT_CLEAR_PAGE, f, 0, v), v, f, 0))
		words_set(f, NULL);
}

static void op_copy(void)
{
	unsigned long to = any_frame(), from = any_frame();
	struct take take[] = { { is_known(to) ? to : 0, 6 }, { is_known(from) ? from : 0, 0 } };
	struct verdict v = may_take(take, 2);

	if (judged(mmuext(MMUEXT_COPY_PAGE, to, from, v), v, to, from))
		words_set(to, model.word[from]);
}

static void op_flush(void)
{
	(void)judged(mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0, verdict(false)), verdict(false), 0, 0);
}

/* ---- operations on entries ---- */

static uint64_t entry_after(unsigned int level, uint64_t old, uint64_t value, bool preserve)
{
	value = entry_mended(level, value);
	return preserve ? value | (old & (E_ACCESSED | E_DIRTY)) : value;
}

/* One request of mmu_update; also to pages that are no tables, and to wrong ones. */
static void op_mmu_update(void)
{
	unsigned long f = any_frame();
	unsigned int k = byte() % SLOTS, flags = byte(), type;
	bool preserve = flags & 1, io_only = (flags & 0xf0) == 0xf0, odd = (flags & 0xfc) == 0x14;
	uint64_t value = any_change(is_known(f) ? model.word[f][k] : 0);
	struct mmu_update req = {
		(f << 12 | slot_index[k] * 8) | (preserve ? 2 : 0) | (odd ? 4 : 0), value
	};
	const unsigned long args[] = { va_of(&req), 1, 0, io_only ? DOMID_IO : DOMID_SELF };
	struct take take = { is_known(f) ? f : 0, 6 };
	struct verdict v = verdict(true);

	type = is_known(f) && model.kind[f] == KIND_OURS ? type_now(f) : 0;
	if (type && type <= 4 && !model.waiting[f].type)
		v = may_write(type, k, model.word[f][k], value, io_only);
	else
		v = may_take(&take, 1);
	if (odd)
		v.refuse = true;
	if (!judged(call(do_mmu_update, args, v), v, req.ptr, value))
		return;
	if (type && type <= 4)
		value = entry_after(type, model.word[f][k], value, preserve);
	model.word[f][k] = value;
}

/* dom0 maps what it says is the other domain's: which alone is what it may map then. */
static void op_foreign_update(void)
{
	unsigned long f = any_frame();
	unsigned int k = byte() % SLOTS, b = byte();
	uint64_t value = any_change(is_known(f) ? model.word[f][k] : 0);
	struct mmu_update req = { f << 12 | slot_index[k] * 8, 0 };
	const unsigned long args[] = { va_of(&req), 1, 0, 1 };
	struct verdict v;

	if (!is_known(f) || model.kind[f] != KIND_OURS || type_now(f) != 1 || model.waiting[f].type)
		return;
	if (b & 3)
		value = (value & ~E_ADDRESS) | (uint64_t)FRAME_FOREIGN << 12;
	req.val = value;
	model.for_other = true;
	v = may_write(1, k, model.word[f][k], value, false);
	model.for_other = false;
	if (judged(call(do_mmu_update, args, v), v, req.ptr, value))
		model.word[f][k] = entry_after(1, model.word[f][k], value, false);
}

/* The L1 table and slot for four indices in a row, from the kernel's root; 0: none. */
static unsigned int walk(const unsigned int *index)
{
	unsigned int f = model.kernel_root;

	if (index[0] >= 256 && index[0] < 272)
		return 0;
	for (unsigned int level = 0; level < 3; level++) {
		uint64_t e = word_at(f, index[level]);

		if (!(e & E_PRESENT))
			return 0;
		f = target_of(e);
	}
	return f;
}

/* A linear address, mostly of small indices; @k is the slot of its L1 entry. */
static unsigned long any_va(unsigned int *index, unsigned int *k)
{
	unsigned int b = byte(), slots[4] = { b & 3, b >> 2 & 3, b >> 4 & 3, b >> 6 };
	unsigned long va = 0;

	b = byte();
	for (unsigned int i = 0; i < 4; i++) {
		if (b >> 2 * i & 1 && b >> (2 * i + 1) & 1)
			slots[i] = byte() % SLOTS;
		index[i] = slot_index[slots[i]];
		va = va << 9 | index[i];
	}
	*k = slots[3];
	va <<= 12;
	return va >> 47 ? va | 0xffffUL << 48 : va;
}

static long update_va(struct vcpu *v, unsigned long va, unsigned long value, unsigned long flags,
		      unsigned long unused)
{
	(void)unused;
	return do_update_va_mapping(v, va, value, flags);
}

static void op_update_va(void)
{
	unsigned int index[4], k;
	unsigned long va = any_va(index, &k);
	unsigned int f = walk(index);
	uint64_t value = any_change(f ? model.word[f][k] : 0);
	const unsigned long args[] = { va, value, byte() & 1 ? UVMF_TLB_FLUSH : UVMF_NONE, 0 };
	struct verdict v = f ? may_write(1, k, model.word[f][k], value, false) : verdict(true);

	if (judged(call(update_va, args, v), v, va, value))
		model.word[f][k] = entry_after(1, model.word[f][k], value, false);
}

/* What a guest's store to an L1 table becomes: exchange, or compare and exchange. */
static void op_emulated_write(void)
{
	unsigned long f = any_frame();
	unsigned int k = byte() % SLOTS, b = byte();
	uint64_t value = any_entry(), was, old, wrong;
	struct verdict v;
	bool compare = b & 1;
	int rc;

	if (!is_known(f) || !f || type_now(f) != 1)
		return;
	was = model.word[f][k];
	wrong = compare && b >= 192 ? E_ADDRESS : 0;
	old = was ^ wrong;
	v = model.kind[f] == KIND_OURS ? may_write(1, k, was, value, false) : verdict(true);
	rc = table_entry_write(fake_pv, fake_pv, &frame_table[f], slot_index[k], value,
			       compare ? ENTRY_COMPARE : ENTRY_EXCHANGE, &old);
	if (wrong) {
		if (rc != 1 || old != was)
			differ("compare and exchange", rc, old, was);
		return;
	}
	if (rc == 1 || rc == -ERESTART)
		differ("an odd result", rc, 0, 0);
	if (!judged(rc ? REFUSED : ACCEPTED, v, f << 12 | k, value))
		return;
	if (old != was)
		differ("the old value", old, was, 0);
	model.word[f][k] = entry_after(1, was, value, false);
}

/* The guest uses a mapping, old or new: the rules must not care. */
static void op_guest_store(void)
{
	unsigned long f = any_frame();
	unsigned int k = byte() % SLOTS, type;
	uint64_t value = any_entry(), *words;

	if (!is_known(f) || (model.kind[f] != KIND_OURS && model.kind[f] != KIND_SHARED))
		return;
	type = type_now(f);
	if (type && type != 6)
		return;
	if (byte() & 1)	/* now and then a code or data segment, for descriptor tables */
		value |= 1UL << 47 | 1UL << 44;
	words = frame_map(mfn(f));
	words[slot_index[k]] = model.word[f][k] = value;
}

/* ---- descriptor tables ---- */

static long set_gdt(struct vcpu *v, unsigned long list, unsigned long entries, unsigned long unused,
		    unsigned long unused2)
{
	(void)unused;
	(void)unused2;
	return do_set_gdt(v, list, entries);
}

static void op_set_gdt(void)
{
	unsigned long frames[TABLE_PAGES] = { 0 };
	unsigned int count = byte() % (TABLE_PAGES + 1);
	struct take take[TABLE_PAGES] = { { 0, 5 }, { 0, 5 }, { 0, 5 } };
	const unsigned long args[] = { va_of(frames), count * 512 - (count && byte() & 1), 0, 0 };
	struct verdict v;

	for (unsigned int i = 0; i < count; i++) {
		frames[i] = any_frame();
		take[i].frame = is_known(frames[i]) ? frames[i] : 0;
	}
	v = may_take(take, count);
	if (!judged(call(set_gdt, args, v), v, count, frames[0]))
		return;
	for (unsigned int i = 0; i < TABLE_PAGES; i++)
		model.gdt[i] = i < count ? frames[i] : 0;
}

static void op_update_descriptor(void)
{
	unsigned long f = any_frame();
	unsigned int k = byte() % SLOTS;
	uint64_t desc = (uint64_t)byte() << 40 | (uint64_t)byte() << 48 | byte(), mended = desc;
	struct take take = { is_known(f) ? f : 0, 0 };
	struct verdict v = may_take(&take, 1);
	unsigned int type = v.refuse ? 0 : type_now(f);
	long rc = do_update_descriptor(fake_pv_vcpu, f << 12 | slot_index[k] * 8, desc);

	if ((type && type < 5) || !descriptor_allowed(&mended))
		v.refuse = true;
	if (judged(rc ? REFUSED : ACCEPTED, v, f, desc))
		model.word[f][k] = mended;
}

static void op_set_ldt(void)
{
	unsigned int index[4], k, entries = byte() % (TABLE_PAGES + 1) * 512;
	unsigned long base = any_va(index, &k);
	struct mmuext_op op = { .cmd = MMUEXT_SET_LDT,
				.arg1.linear_addr = base,
				.arg2.nr_ents = entries };
	const unsigned long args[] = { va_of(&op), 1, 0, DOMID_SELF };
	struct verdict v = verdict(false);

	if (entries)
		v.refuse = !address_is_canonical(base + entries * 8UL) ||
			   (base < HV_VIRT_END && base + entries * 8UL > HV_VIRT_START);
	if (!judged(call(do_mmuext_op, args, v), v, base, entries))
		return;
	if (base == model.ldt_base && entries == model.ldt_entries)
		return;
	memset(model.ldt, 0, sizeof(model.ldt));
	model.ldt_base = entries ? base : 0;
	model.ldt_entries = entries;
}

/* The CPU looks for a page of the LDT: it is taken from the guest's own mapping. */
static void op_ldt_fault(void)
{
	unsigned int page = byte() % TABLE_PAGES, index[4], f;
	unsigned long va = model.ldt_base + page * PAGE_SIZE, offset;
	struct take take = { 0, 5 };
	struct verdict v = verdict(true);
	bool is_ldt, done;

	for (unsigned int i = 0; i < 4; i++)
		index[i] = va >> (39 - 9 * i) & 511;
	f = walk(index);
	if (page * 512 < model.ldt_entries && !model.ldt[page] && f &&
	    word_at(f, index[3]) & E_PRESENT) {
		take.frame = target_of(word_at(f, index[3]));
		v = may_take(&take, 1);
	}
	done = ldt_page_fault(fake_pv_vcpu, vcpu_ldt_window(fake_pv_vcpu) + page * PAGE_SIZE,
			      &is_ldt, &offset);
	if (judged(done ? ACCEPTED : REFUSED, v, va, f))
		model.ldt[page] = take.frame;
}

/* ---- ownership ---- */

/* XENMEM_decrease_reservation of one frame, as common/memory/populate.c does it. */
static void op_release(void)
{
	unsigned long f = any_frame();
	struct page_info *pg = is_known(f) ? &frame_table[f] : NULL;
	bool mine = pg && model.is_allocated[f] &&
		    (model.kind[f] == KIND_OURS || model.kind[f] == KIND_SHARED);

	if (!pg)
		return;
	if (page_get(pg, fake_pv) != mine)
		differ("page_get", f, mine, 0);
	if (!mine)
		return;
	if (model.kind[f] == KIND_OURS) {
		domain_page_release(fake_pv, pg);
		model.is_allocated[f] = false;
	}
	page_put(pg);
}

static void op_populate(void)
{
	struct page_info *pg = domain_pages_alloc(fake_pv, 0, ADDRESS_BITS_ANY);
	unsigned int f;

	if (!pg)
		return;
	f = mfn_raw(mfn_of_page(pg));
	if (model.kind[f] != KIND_FREE || fake_tlb_writable[f] || fake_tlb_walks[f])
		differ("a frame is given that is in use", f, model.kind[f], fake_tlb_writable[f]);
	model.kind[f] = KIND_OURS;
	model.is_allocated[f] = true;
	words_set(f, NULL);
}

/* XENMEM_exchange that fails in the end: set aside and put back, as common/memory/exchange.c does it. */
static void op_set_aside(void)
{
	unsigned long f = any_frame();
	struct world w;
	bool unused;

	if (!is_known(f))
		return;
	world_make(&w, NULL, 0);
	unused = model.kind[f] == KIND_OURS && model.is_allocated[f] && w.refs[f] == 1 &&
		 !type_in(&w, f);
	if (domain_page_detach(fake_pv, &frame_table[f]) != unused)
		differ("domain_page_detach", f, unused, 0);
	if (!unused)
		return;
	tlb_flush_before_reuse(&frame_table[f], 1);
	domain_pages_attach(fake_pv, &frame_table[f], 0);
}

/* How often operations are preempted from now on, and whether guests give up on them. */
static void op_preemption(void)
{
	static const unsigned int rate[] = { 0, 1, 2, 3, 8, 30, 2, 1 };
	unsigned int b = byte();

	fake_preempt_rate = rate[b & 7];
	page_model_input.may_abandon = b & 0x30;
	fake_random_state ^= b;
}

/* ---- sequences ---- */

struct op {
	const char *name;
	void (*run)(void);
	unsigned int weight;
};

static const struct op ops[] = {
	{ "pin", op_pin, 22 },
	{ "unpin", op_unpin, 22 },
	{ "new_root", op_new_root, 14 },
	{ "new_user_root", op_new_user_root, 12 },
	{ "mmu_update", op_mmu_update, 50 },
	{ "mmu_update for another domain", op_foreign_update, 10 },
	{ "update_va_mapping", op_update_va, 30 },
	{ "emulated write", op_emulated_write, 16 },
	{ "guest store", op_guest_store, 24 },
	{ "clear_page", op_clear, 4 },
	{ "copy_page", op_copy, 6 },
	{ "tlb_flush", op_flush, 2 },
	{ "set_gdt", op_set_gdt, 8 },
	{ "update_descriptor", op_update_descriptor, 6 },
	{ "set_ldt", op_set_ldt, 4 },
	{ "ldt fault", op_ldt_fault, 6 },
	{ "release", op_release, 4 },
	{ "populate", op_populate, 4 },
	{ "exchange", op_set_aside, 4 },
	{ "preemption", op_preemption, 8 },
};

static const struct op *any_op(void)
{
	unsigned int b = byte(), i = 0;

	while (b >= ops[i].weight) {
		b -= ops[i].weight;
		i = (i + 1) % ARRAY_SIZE(ops);
	}
	return &ops[i];
}

static void store(unsigned int f, unsigned int k, uint64_t value)
{
	uint64_t *words = frame_map(mfn(f));

	words[slot_index[k]] = model.word[f][k] = value;
}

/* Two address spaces of four levels, the first one's in use: frames 1, 3, 5, 7 and 2, 4, 6, 8. */
static void start_tables(void)
{
	const struct verdict yes = { .refuse = false };

	for (unsigned int tree = 1; tree <= 2; tree++) {
		for (unsigned int level = 0; level < 3; level++)
			store(tree + 2 * level, 0,
			      (tree + 2 * level + 2) << 12 | E_PRESENT | E_WRITABLE);
		for (unsigned int k = 0; k < SLOTS; k++)
			store(tree + 6, k, (k + 1) << 12 | E_PRESENT | (k > 7 ? E_WRITABLE : 0));
	}
	if (mmuext(MMUEXT_NEW_BASEPTR, 1, 0, yes) != ACCEPTED)
		differ("the first root", 0, 0, 0);
	model.kernel_root = 1;
	model_compare();
}

static void start(void)
{
	memset(&model, 0, sizeof(model));
	model.doing = "start";
	page_model_input.may_abandon = page_model_input.is_at_end = false;
	fake_log_clear();
	fake_machine_init(OWNED_AT_START);
	fake_pv->is_hardware = model.has_devices = byte() & 3;
	for (unsigned int f = 0; f < FRAME_COUNT; f++)
		model.is_allocated[f] = frame_table[f].state & FRAME_ALLOCATED;
	for (unsigned int f = FRAME_RAM_FIRST; f <= FRAME_RAM_LAST; f++)
		model.kind[f] = model.is_allocated[f] ? KIND_OURS : KIND_FREE;
	model.kind[FRAME_FOREIGN] = KIND_FOREIGN;
	model.kind[0] = model.kind[FRAME_HOLE] = model.kind[FRAME_DENIED] = KIND_HOLE;
	model.kind[FRAME_SHARED_INFO] = KIND_SHARED;
	model.kind[FRAME_OURS] = KIND_HYPERVISOR;
	start_tables();
	op_preemption();
}

void page_model_run(const uint8_t *data, size_t size)
{
	page_model_input.next = data;
	page_model_input.left = size;
	start();
	while (!page_model_input.is_at_end) {
		const struct op *op = any_op();

		model.doing = "what the operation before left";
		drain();
		model.doing = op->name;
		op->run();
		model_compare();
		tables_audit();
		fake_tlb_fill();
	}
}
