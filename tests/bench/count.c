/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU TCG plugin: counts executed instructions by layer, and the dear ones among
 * the hypervisor's. Markers (marker.h) in user code say which row they belong to.
 *
 * A layer is an address range: user (and firmware) below the canonical hole, the
 * hypervisor in what the PV ABI reserves for it, the kernel above. Idle time executes
 * nothing and so costs nothing here. Made for one virtual CPU.
 *
 *   -plugin count.so,out=FILE[,places=on]
 *
 * Lines written:
 *   FIRST hypervisor|kernel TOTAL       instructions before the layer first ran
 *   STAGE USER KERNEL HYPERVISOR        running totals at a stage marker
 *   ROW INDEX USER KERNEL HYPERVISOR CR3 TLB MSR IRET SYSRET LOCK LFENCE IO
 *   PLACE INDEX ADDRESS COUNT           (places=on) per hypervisor instruction; row 0:
 *                                       all until the kernel first ran
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marker.h"
#include "qemu_plugin_api.h"

PLUGIN_EXPORT extern int qemu_plugin_version;
PLUGIN_EXPORT int qemu_plugin_install(plugin_id_t id, const void *info, int argc, char **argv);

int qemu_plugin_version = 1;

#define HYPERVISOR_START 0xffff800000000000ULL	/* xen/arch-x86/xen-x86_64.h */
#define HYPERVISOR_END	 0xffff880000000000ULL

enum counter {
	USER,
	KERNEL,
	HYPERVISOR,
	CR3,	/* from here on dear instructions of the hypervisor */
	TLB,	/* control register writes but CR3, invlpg */
	MSR,
	IRET,
	SYSRET,
	LOCK,	/* with a LOCK prefix, or xchg with memory */
	LFENCE,
	IO,
	COUNTER_COUNT,
	NOT_DEAR = COUNTER_COUNT,
};

/* One counter for each instruction of the hypervisor, found by a hash of its address. */
#define PLACES_MAX (1U << 18)

struct place {
	uint64_t address;	/* 0: free */
	uint64_t count;
	uint64_t begun;
	uint64_t sum;
};

static uint64_t count[COUNTER_COUNT], begun[COUNTER_COUNT], sum[COUNTER_COUNT];
static struct place *places;	/* NULL: not asked for */
static unsigned int place_count;
static unsigned int row_count;
static bool hypervisor_seen, kernel_seen;
static FILE *out;

static unsigned int layer_of(uint64_t address)
{
	if (address >= HYPERVISOR_END)
		return KERNEL;
	return address >= HYPERVISOR_START ? HYPERVISOR : USER;
}

static bool is_prefix(uint8_t byte)
{
	static const uint8_t legacy[] = { 0xf0, 0xf2, 0xf3, 0x66, 0x2e, 0x3e, 0x64, 0x65 };

	return (byte & 0xf0) == 0x40 || memchr(legacy, byte, sizeof(legacy));
}

static bool is_port_io(uint8_t opcode)
{
	return (opcode >= 0xe4 && opcode <= 0xe7) || (opcode >= 0xec && opcode <= 0xef) ||
	       (opcode >= 0x6c && opcode <= 0x6f);
}

/* The kind of a two-byte opcode; @code points behind the 0x0f, @size bytes are left. */
static unsigned int dear_two_byte(const uint8_t *code, size_t size)
{
	unsigned int reg = size > 1 ? code[1] >> 3 & 7 : 0;
	bool memory = size > 1 && code[1] < 0xc0;

	switch (code[0]) {
	case 0x07:
		return SYSRET;
	case 0x30:	/* wrmsr */
	case 0x32:	/* rdmsr */
		return MSR;
	case 0x22:	/* mov to a control register */
		return reg == 3 ? CR3 : TLB;
	case 0x01:	/* group 7: /7 with memory is invlpg */
		return memory && reg == 7 ? TLB : NOT_DEAR;
	case 0xae:	/* group 15: /5 with a register is lfence */
		return !memory && reg == 5 ? LFENCE : NOT_DEAR;
	}
	return NOT_DEAR;
}

/* Which kind of dear instruction (one that hardware takes 20 to 200 cycles for) this is. */
static unsigned int dear_kind(const uint8_t *code, size_t size)
{
	size_t at = 0;

	while (at < size && is_prefix(code[at]))
		if (code[at++] == 0xf0)
			return LOCK;
	if (at == size)
		return NOT_DEAR;
	if (code[at] == 0xcf)
		return IRET;
	if (is_port_io(code[at]))
		return IO;
	if ((code[at] == 0x86 || code[at] == 0x87) && at + 1 < size && code[at + 1] < 0xc0)
		return LOCK;	/* xchg with memory locks by itself */
	if (code[at] == 0x0f && at + 1 < size)
		return dear_two_byte(code + at + 1, size - at - 1);
	return NOT_DEAR;
}

static struct place *place_find(uint64_t address)
{
	unsigned int slot = (unsigned int)(address * 0x9e3779b97f4a7c15ULL >> 46);

	while (places[slot].address && places[slot].address != address)
		slot = (slot + 1) % PLACES_MAX;
	if (!places[slot].address) {
		if (++place_count == PLACES_MAX) {
			fprintf(stderr, "count.so: more than %u hypervisor instructions\n",
				PLACES_MAX);
			exit(1);
		}
		places[slot].address = address;
	}
	return &places[slot];
}

/* Write the places of row @index, whose counts @in_sum says where to find. */
static void places_write(unsigned int index, bool in_sum)
{
	if (!places)
		return;
	for (struct place *place = places; place < places + PLACES_MAX; place++) {
		uint64_t n = in_sum ? place->sum : place->count;

		if (n)
			fprintf(out, "PLACE %u %" PRIx64 " %" PRIu64 "\n", index, place->address,
				n);
	}
}

static void row_forget(void)
{
	memset(sum, 0, sizeof(sum));
	if (places)
		for (struct place *place = places; place < places + PLACES_MAX; place++)
			place->sum = 0;
}

static void row_write(void)
{
	fprintf(out, "ROW %u", ++row_count);
	for (unsigned int i = 0; i < COUNTER_COUNT; i++)
		fprintf(out, " %" PRIu64, sum[i]);
	fputc('\n', out);
	places_write(row_count, true);
	fflush(out);
	row_forget();
}

static void region_begin(void)
{
	memcpy(begun, count, sizeof(begun));
	if (places)
		for (struct place *place = places; place < places + PLACES_MAX; place++)
			place->begun = place->count;
}

static void region_end(void)
{
	for (unsigned int i = 0; i < COUNTER_COUNT; i++)
		sum[i] += count[i] - begun[i];
	if (places)
		for (struct place *place = places; place < places + PLACES_MAX; place++)
			place->sum += place->count - place->begun;
}

static void on_marker(unsigned int cpu, void *data)
{
	(void)cpu;
	switch ((enum marker)(uintptr_t)data) {
	case MARKER_FORGET:
		row_forget();
		break;
	case MARKER_BEGIN:
		region_begin();
		break;
	case MARKER_END:
		region_end();
		break;
	case MARKER_STAGE:
		fprintf(out, "STAGE %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", count[USER],
			count[KERNEL], count[HYPERVISOR]);
		fflush(out);
		break;
	case MARKER_ROW:
		row_write();
		break;
	}
}

static void first_write(const char *layer)
{
	fprintf(out, "FIRST %s %" PRIu64 "\n", layer,
		count[USER] + count[KERNEL] + count[HYPERVISOR]);
	fflush(out);
}

static void on_first_hypervisor(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (!hypervisor_seen)
		first_write("hypervisor");
	hypervisor_seen = true;
}

static void on_first_kernel(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (kernel_seen)
		return;
	kernel_seen = true;
	places_write(0, false);
	first_write("kernel");
}

static void watch_user(struct qemu_plugin_insn *insn, const uint8_t *code, size_t size)
{
	static const uint8_t magic[] = { MARKER_MAGIC & 0xff, MARKER_MAGIC >> 8 & 0xff,
					 MARKER_MAGIC >> 16 };

	if (size == 7 && !memcmp(code, "\x0f\x1f\x80", 3) &&
	    !memcmp(code + 4, magic, sizeof(magic)))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_marker, PLUGIN_NO_REGS,
						       (void *)(uintptr_t)code[3]);
}

static void watch_hypervisor(struct qemu_plugin_insn *insn, const uint8_t *code, size_t size)
{
	unsigned int kind = dear_kind(code, size);

	if (!hypervisor_seen)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_first_hypervisor, PLUGIN_NO_REGS,
						       NULL);
	if (kind != NOT_DEAR)
		qemu_plugin_register_vcpu_insn_exec_inline(insn, PLUGIN_INLINE_ADD, &count[kind],
							   1);
	if (places)
		qemu_plugin_register_vcpu_insn_exec_inline(
			insn, PLUGIN_INLINE_ADD, &place_find(qemu_plugin_insn_vaddr(insn))->count,
			1);
}

static void on_translate(plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t insn_count = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < insn_count; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		unsigned int layer = layer_of(qemu_plugin_insn_vaddr(insn));
		const uint8_t *code = qemu_plugin_insn_data(insn);
		size_t size = qemu_plugin_insn_size(insn);

		qemu_plugin_register_vcpu_insn_exec_inline(insn, PLUGIN_INLINE_ADD, &count[layer],
							   1);
		if (layer == USER)
			watch_user(insn, code, size);
		else if (layer == HYPERVISOR)
			watch_hypervisor(insn, code, size);
		else if (!kernel_seen)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_first_kernel,
							       PLUGIN_NO_REGS, NULL);
	}
}

static void on_exit_of_qemu(plugin_id_t id, void *data)
{
	(void)id;
	(void)data;
	fclose(out);
}

int qemu_plugin_install(plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			out = fopen(argv[i] + 4, "w");
		else if (!strcmp(argv[i], "places=on"))
			places = calloc(PLACES_MAX, sizeof(*places));
	}
	if (!out) {
		fprintf(stderr, "count.so: out=FILE is needed\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
	return 0;
}
