/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU TCG plugin: the longest run of the hypervisor's instructions between two
 * moments at which it could have turned to something else: a guest's instruction, or
 * one of the addresses in POINTS, where it asks whether it should. An iteration of a
 * repeated string instruction counts as an instruction. Counting starts with the
 * guest's first instruction. Made for one virtual CPU.
 *
 *   -plugin longest.so,out=FILE,points=FILE,bound=N
 *
 * POINTS has an address in hexadecimal on each line. A guest says which step it is in
 * by "nopl 0x6c6f6eNN(%rax)", NN being a number. Lines written:
 *   STEP NN LONGEST ADDRESS	the longest run of the step; ADDRESS is where it passed
 *				the bound, or 0
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../bench/qemu_plugin_api.h"

PLUGIN_EXPORT extern int qemu_plugin_version;
PLUGIN_EXPORT int qemu_plugin_install(plugin_id_t id, const void *info, int argc, char **argv);

int qemu_plugin_version = 1;

#define HYPERVISOR_START 0xffff800000000000ULL	/* xen/arch-x86/xen-x86_64.h */
#define HYPERVISOR_END	 0xffff880000000000ULL

#define POINTS_MAX 128
#define STEPS	   256

struct step {
	uint64_t longest;
	uint64_t passed_at;
	bool was_entered;
};

static uint64_t points[POINTS_MAX];
static unsigned int point_count;
static uint64_t run, bound, passed_at;
static struct step steps[STEPS];
static unsigned int step_now;
static bool guest_seen;
static FILE *out;

static void run_end(void)
{
	struct step *s = &steps[step_now];

	if (run > s->longest) {
		s->longest = run;
		s->passed_at = passed_at;
	}
	run = passed_at = 0;
}

static void on_guest(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (guest_seen)
		run_end();
	run = 0;
	guest_seen = true;
}

static void on_low(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (guest_seen)
		run_end();
}

static void on_point(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (guest_seen)
		run_end();
}

static void on_marker(unsigned int cpu, void *data)
{
	(void)cpu;
	step_now = (uintptr_t)data;
	steps[step_now].was_entered = true;
}

static void on_hypervisor(unsigned int cpu, void *data)
{
	(void)cpu;
	if (run > bound && !passed_at)
		passed_at = (uintptr_t)data;
}

static bool is_point(uint64_t address)
{
	for (unsigned int i = 0; i < point_count; i++)
		if (points[i] == address)
			return true;
	return false;
}

static void watch_guest(struct qemu_plugin_insn *insn)
{
	const uint8_t *code = qemu_plugin_insn_data(insn);

	if (qemu_plugin_insn_size(insn) == 7 && !memcmp(code, "\x0f\x1f\x80", 3) &&
	    !memcmp(code + 4, "nol", 3))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_marker, PLUGIN_NO_REGS,
						       (void *)(uintptr_t)code[3]);
}

static void watch_hypervisor(struct qemu_plugin_insn *insn)
{
	if (is_point(qemu_plugin_insn_vaddr(insn)))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_point, PLUGIN_NO_REGS, NULL);
	qemu_plugin_register_vcpu_insn_exec_inline(insn, PLUGIN_INLINE_ADD, &run, 1);
}

static void on_translate(plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t count = qemu_plugin_tb_n_insns(tb);
	uint64_t start = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
	bool is_hypervisor = start >= HYPERVISOR_START && start < HYPERVISOR_END;

	(void)id;
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (is_hypervisor)
			watch_hypervisor(insn);
		else
			watch_guest(insn);
	}
	if (is_hypervisor)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, on_hypervisor, PLUGIN_NO_REGS,
						     (void *)(uintptr_t)start);
	else
		qemu_plugin_register_vcpu_tb_exec_cb(
			tb, start >= HYPERVISOR_END ? on_guest : on_low, PLUGIN_NO_REGS, NULL);
}

static void on_exit_of_qemu(plugin_id_t id, void *data)
{
	(void)id;
	(void)data;
	run_end();
	for (unsigned int i = 0; i < STEPS; i++)
		if (steps[i].was_entered || steps[i].longest)
			fprintf(out, "STEP %u %" PRIu64 " %" PRIx64 "\n", i, steps[i].longest,
				steps[i].passed_at);
	fclose(out);
}

static bool points_read(const char *path)
{
	FILE *f = fopen(path, "r");
	uint64_t address;

	if (!f)
		return false;
	while (point_count < POINTS_MAX && fscanf(f, "%" SCNx64, &address) == 1)
		points[point_count++] = address;
	fclose(f);
	return point_count;
}

int qemu_plugin_install(plugin_id_t id, const void *info, int argc, char **argv)
{
	bool has_points = false;

	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			out = fopen(argv[i] + 4, "w");
		else if (!strncmp(argv[i], "points=", 7))
			has_points = points_read(argv[i] + 7);
		else if (!strncmp(argv[i], "bound=", 6))
			bound = strtoull(argv[i] + 6, NULL, 10);
	}
	if (!out || !has_points || !bound) {
		fprintf(stderr, "longest.so: out=FILE, points=FILE and bound=N are needed\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
	return 0;
}
