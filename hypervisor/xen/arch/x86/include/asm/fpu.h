/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The floating-point state beyond what asm/emulate.h tells. */
#ifndef ASM_FPU_H
#define ASM_FPU_H

#include <hv/types.h>

struct vcpu;

#define FPU_X87 (1UL << 0)	/* of XCR0: always set */

/* Components that guests may enable in XCR0; 0: the CPU has no XSAVE. */
uint64_t fpu_guest_xcr0_mask(void);

/* Bytes of the (not compacted) state with these components. */
uint32_t fpu_state_size(uint64_t components);

/* Boot: the components that this CPU has and that guests may have. */
uint64_t fpu_components_offered(void);

/* May a guest that is @offered these write @value to XCR0? */
bool fpu_components_valid(uint64_t value, uint64_t offered);

/*
 * The 512 bytes that FXSAVE knows, of a vCPU that is loaded nowhere; written, the other components are initial.
 */
void fpu_legacy_read(const struct vcpu *v, void *bytes);
void fpu_legacy_write(struct vcpu *v, const void *bytes);

/* What @v has enabled in XCR0. */
uint64_t fpu_guest_xcr0(const struct vcpu *v);

/* XSETBV of the running vCPU. false: #GP. */
bool fpu_xcr_write(struct vcpu *v, uint32_t index, uint64_t value) __must_check;

#endif
