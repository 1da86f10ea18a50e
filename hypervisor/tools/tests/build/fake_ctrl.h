/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine for the domain builder's tests: ctrl.h over an array of frames, with
 * the hypervisor's rules about page tables. Fresh memory is full of rubbish.
 */
#ifndef FAKE_CTRL_H
#define FAKE_CTRL_H

#include <ctrl/ctrl.h>

#define FAKE_FIRST_MFN 0x1000
#define FAKE_FRAMES    16384		/* 64 MiB */
#define FAKE_RUBBISH   0xa5

struct fake {
	/* What a test may set before it builds. */
	unsigned long free_frames;	/* that populating can have */
	bool no_extents;		/* only single pages are to be had */
	int refuse_pin;			/* an errno, negative, for the next pin */

	/* What it may look at then. */
	struct vcpu_guest_context context;
	struct ctrl_grant grants[2];
	unsigned int ports, maps;	/* given out; still mapped */
	uint64_t hypercall_mfn;
	xen_pfn_t root;			/* pinned */
};

struct ctrl *fake_new(struct fake **fake);	/* memory full of rubbish again, none given out */
void fake_free(struct ctrl *c);

/* The frame's bytes. */
uint8_t *fake_frame(struct ctrl *c, xen_pfn_t mfn);

/*
 * The byte that the guest sees at a linear address through its first page tables. NULL: nothing is
 * mapped there. *@writable says whether it may write to it.
 */
uint8_t *fake_guest_byte(struct ctrl *c, uint64_t va, bool *writable);

#endif
