/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The exception table: pairs of self-relative offsets, fault and fixup. It is
 * short and searched from the front: a fixup is taken on a guest's error, and
 * for a selector that IRET refuses.
 */
#include <asm/fixup.h>

struct ex_entry {
	int32_t fault, fixup;
};

extern const struct ex_entry ex_table_start[], ex_table_end[];

bool fixup_apply(struct cpu_user_regs *regs)
{
	for (const struct ex_entry *e = ex_table_start; e < ex_table_end; e++) {
		if ((unsigned long)&e->fault + e->fault != regs->rip)
			continue;
		regs->rip = (unsigned long)&e->fixup + e->fixup;
		return true;
	}
	return false;
}
