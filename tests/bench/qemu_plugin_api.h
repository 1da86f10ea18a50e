/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of QEMU's TCG plugin interface, version 1, that our plugins use.
 * Debian ships no qemu-plugin.h; QEMU exports these names to what it loads with
 * -plugin (QEMU documentation, "QEMU TCG Plugins").
 */
#ifndef QEMU_PLUGIN_API_H
#define QEMU_PLUGIN_API_H

#include <stddef.h>
#include <stdint.h>

#define PLUGIN_EXPORT	 __attribute__((visibility("default")))
#define PLUGIN_NO_REGS	 0	/* the callback reads and writes no guest register */
#define PLUGIN_INLINE_ADD 0	/* the one inline operation: add to a 64-bit word */

typedef uint64_t plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

typedef void plugin_translate_t(plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void plugin_execute_t(unsigned int cpu, void *data);
typedef void plugin_exit_t(plugin_id_t id, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id_t id, plugin_translate_t *cb);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, plugin_execute_t *cb, int flags,
					  void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, plugin_execute_t *cb,
					    int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *word,
						uint64_t value);
void qemu_plugin_register_atexit_cb(plugin_id_t id, plugin_exit_t *cb, void *data);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

#endif
