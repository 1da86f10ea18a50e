/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Places in the code that are written once at boot, according to what the
 * processor has and needs. Unpatched, each is a no-operation or a jump around
 * what follows. Usable from assembly.
 */
#ifndef ASM_PATCH_H
#define ASM_PATCH_H

/* What decides about a place. */
#define PATCH_SMAP	   0	/* STAC and CLAC */
#define PATCH_RSB	   1	/* return stack stuffed on entry from a guest */
#define PATCH_BRANCH	   2	/* lfence behind conditions that a guest steers */
#define PATCH_LOCK	   3	/* lfence behind taking a lock */
#define PATCH_VERW	   4	/* buffers cleared on the way to a guest */
#define PATCH_SPEC_CTRL	   5	/* MSR SPEC_CTRL written on entry from and exit to a guest */
#define PATCH_IBPB	   6	/* branch predictors emptied on entry from a guest */
#define PATCH_BHB	   7	/* branch history cleared on entry from a guest */
#define PATCH_XPTI	   8	/* guests run on page tables without the hypervisor's memory */
#define PATCH_THUNK_LFENCE 9	/* indirect branches: lfence; jmp */
#define PATCH_THUNK_JMP	   10	/* ... or jmp alone */
#define PATCH_RARE	   11	/* any of SPEC_CTRL, IBPB, BHB */
#define PATCH_DIV	   12	/* what a division left is overwritten on the way to a guest */
#define PATCH_EXIT	   13	/* any of SPEC_CTRL, DIV, VERW, XPTI */

#ifndef __ASSEMBLY__

#include <stdint.h>

struct code_patch {
	int32_t at;		/* from here */
	uint8_t feature;	/* PATCH_* */
	uint8_t length;
	uint8_t bytes[6];
};

/* An instruction of three bytes, or none, for an asm statement. */
#define OPTIONAL_INSTRUCTION(feature, b0, b1, b2) OPTIONAL_INSTRUCTION_(feature, b0, b1, b2)
#define OPTIONAL_INSTRUCTION_(feature, b0, b1, b2)                                            \
	"771: .byte 0x0f, 0x1f, 0x00\n"                                                       \
	".pushsection .code_patch, \"a\"\n .balign 4\n .long 771b - .\n .byte " #feature      \
	", 3, " #b0 ", " #b1 ", " #b2 ", 0, 0, 0\n .popsection"

/* Boot, before any other CPU runs: write all places of @features, a mask of 1 << PATCH_*. */
void code_patch(uint32_t features);

#endif
#endif
