/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bits of control and debug registers, MSRs: AMD64 manual volume 2, Intel SDM volume 3. */
#ifndef ASM_REGISTERS_H
#define ASM_REGISTERS_H

#define CR0_PE (1UL << 0)
#define CR0_MP (1UL << 1)
#define CR0_EM (1UL << 2)
#define CR0_TS (1UL << 3)
#define CR0_ET (1UL << 4)
#define CR0_NE (1UL << 5)
#define CR0_WP (1UL << 16)
#define CR0_AM (1UL << 18)
#define CR0_PG (1UL << 31)

#define CR4_VME	       (1UL << 0)
#define CR4_PVI	       (1UL << 1)
#define CR4_TSD	       (1UL << 2)
#define CR4_DE	       (1UL << 3)
#define CR4_PSE	       (1UL << 4)
#define CR4_PAE	       (1UL << 5)
#define CR4_MCE	       (1UL << 6)
#define CR4_PGE	       (1UL << 7)
#define CR4_PCE	       (1UL << 8)
#define CR4_OSFXSR     (1UL << 9)
#define CR4_OSXMMEXCPT (1UL << 10)
#define CR4_UMIP       (1UL << 11)
#define CR4_FSGSBASE   (1UL << 16)
#define CR4_OSXSAVE    (1UL << 18)
#define CR4_SMEP       (1UL << 20)
#define CR4_SMAP       (1UL << 21)

#define DR6_B_MASK	0xfUL		/* which breakpoints were hit */
#define DR6_BS		(1UL << 14)	/* single step */
#define DR6_DEFAULT	0xffff0ff0UL
#define DR7_DEFAULT	0x400UL
#define DR7_ENABLE_MASK 0xffUL		/* L0 G0 ... L3 G3 */
#define DR7_GD		(1UL << 13)

#define MSR_FS_BASE	   0xc0000100
#define MSR_GS_BASE	   0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_TSC_AUX	   0xc0000103

/* What every CPU's page attribute table holds, in the order that PV kernels expect. */
#define PAT_VALUE 0x50100070406UL

#endif
