/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions of the hypervisor that may fault. A row of the exception
 * table says where to go on instead; the exception handlers look it up.
 */
#ifndef ASM_EXTABLE_H
#define ASM_EXTABLE_H

/* For inline assembly: a fault at label @fault goes on at @fixup. Rows are self-relative. */
#define EXTABLE(fault, fixup)				\
	".pushsection .ex_table,\"a\"\n"		\
	"	.balign 4\n"				\
	"	.long " #fault " - .\n"			\
	"	.long " #fixup " - .\n"			\
	".popsection\n"

#endif
