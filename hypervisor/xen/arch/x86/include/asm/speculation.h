/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done against guests that make the processor speculate: chosen at boot, listed in the log. */
#ifndef ASM_SPECULATION_H
#define ASM_SPECULATION_H

#include <hv/options.h>
#include <hv/types.h>

#include <asm/cpu_features.h>

/* Bits of MSR ARCH_CAPABILITIES: Intel SDM volume 4. */
#define ARCH_CAPS_RDCL_NO  (1UL << 0)	/* neither Meltdown nor L1TF */
#define ARCH_CAPS_IBRS_ALL (1UL << 1)
#define ARCH_CAPS_RSBA	   (1UL << 2)
#define ARCH_CAPS_MDS_NO   (1UL << 5)
#define ARCH_CAPS_FB_CLEAR (1UL << 17)
#define ARCH_CAPS_BHI_NO   (1UL << 20)

struct speculation {
	uint32_t patches;	/* 1 << PATCH_* */
	uint64_t spec_ctrl;	/* MSR SPEC_CTRL from boot on, 0: left alone */
	bool	 auto_ibrs;	/* EFER.AIBRSE */
	bool	 ibpb_switch;	/* branch predictors emptied between vCPUs of different domains */
	bool	 xpti_dom0, xpti_domu;
	bool	 l1tf_dom0, l1tf_domu;	/* entries that are not present are judged, too: asm/l1tf.h */
	bool	 bhb_dom0;	/* dom0 too clears its branch history when it enters */
	bool	 has_meltdown, has_l1tf, has_mds, has_bhi;
};

/* Set by speculation_init(), constant since. */
extern struct speculation speculation;

/* What @id with @arch_caps needs and @o allows. Pure. */
struct speculation speculation_choose(const struct cpu_identity *id, uint64_t arch_caps,
				      const struct speculation_options *o);

/* Boot CPU, text still writable: choose, and patch the code. */
void speculation_init(void);

/* Each CPU: its MSRs. */
void speculation_cpu_init(void);

/* @v's state comes to this CPU, whose last guest may have been another domain's. */
struct vcpu;
void speculation_guest_enters(const struct vcpu *v);

/* Lines for the log. */
void speculation_log(void);

#endif
