/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floating-point and vector registers: saved with XSAVE where there is one,
 * else with FXSAVE, and restored when a vCPU gets the CPU, not when it first
 * uses them, so that nobody ever sees another's, speculation included. The
 * hypervisor itself uses none. Intel SDM volume 1 chapter 13.
 */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/page_allocator.h>
#include <hv/string.h>
#include <hv/types.h>

#include <asm/cpu_features.h>
#include <asm/emulate.h>
#include <asm/fpu.h>
#include <asm/guest_registers.h>
#include <asm/percpu.h>
#include <asm/registers.h>
#include <asm/system.h>

#define LEGACY_SIZE 512
#define AREA_ALIGN 64

#define FCW_INITIAL   0x37f
#define MXCSR_INITIAL 0x1f80
#define MXCSR_DEFINED 0xffbf	/* those that every processor with SSE has */
#define FSW_EXCEPTION 0x80	/* an unmasked exception is pending */

struct fpu_state {
	uint64_t xcr0;		/* what the guest has enabled */
	void	*area;		/* aligned, in the same allocation */
};

/* The part of an FXSAVE image that is looked at. */
struct fxsave_image {
	uint16_t control, status;
	uint8_t	 other[20];
	uint32_t mxcsr;
};

static_assert(offsetof(struct fxsave_image, mxcsr) == 24, "layout of FXSAVE");

/* Constant after fpu_cpu_init() on the boot CPU. */
static uint64_t xcr0_mask;	/* 0: no XSAVE */
static uint32_t area_size;

/* XCR0 as it is in each CPU, which touches its own alone. */
static struct {
	uint64_t value;
} __cacheline_aligned cpu_xcr0[MAX_CPUS];

static void xcr0_load(uint64_t value)
{
	if (cpu_xcr0[this_cpu()].value == value)
		return;
	__asm__ __volatile__("xsetbv"
			     :
			     : "c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			     : "memory");
	cpu_xcr0[this_cpu()].value = value;
}

static inline void ts_clear(void)
{
	__asm__ __volatile__("clts" ::: "memory");
}

uint64_t fpu_guest_xcr0_mask(void)
{
	return xcr0_mask;
}

static void choose_components(void)
{
	xcr0_mask = fpu_components_offered();
	area_size = fpu_state_size(xcr0_mask);
}

void fpu_cpu_init(void)
{
	unsigned long cr4;

	guest_registers_cpu_init();
	cr0_write((cr0_read() & ~(CR0_EM | CR0_TS)) | CR0_MP | CR0_NE);
	cr4 = cr4_read() | CR4_OSFXSR | CR4_OSXMMEXCPT;
	if (!cpu_has(XSAVE)) {
		cr4_write(cr4);
		area_size = LEGACY_SIZE;
		return;
	}
	cr4_write(cr4 | CR4_OSXSAVE);
	if (!xcr0_mask)
		choose_components();
	xcr0_load(xcr0_mask);
}

/* XSTATE_BV is zero: all is initial, but for MXCSR, which is always taken from memory. */
int fpu_vcpu_init(struct vcpu *v)
{
	struct fpu_state *fpu = heap_alloc(sizeof(*fpu) + area_size + AREA_ALIGN);
	struct fxsave_image *image;

	if (!fpu)
		return -ENOMEM;
	fpu->xcr0 = xcr0_mask ? FPU_X87 : 0;
	fpu->area = (void *)ALIGN_UP((unsigned long)(fpu + 1), AREA_ALIGN);
	image = fpu->area;
	image->control = FCW_INITIAL;
	image->mxcsr = MXCSR_INITIAL;
	v->arch.fpu = fpu;
	return 0;
}

static void area_save(void *area)
{
	uint32_t low = xcr0_mask, high = xcr0_mask >> 32;

	if (!xcr0_mask)
		__asm__ __volatile__("fxsave64 (%0)" : : "r"(area) : "memory");
	else if (cpu_has(XSAVEOPT))
		__asm__ __volatile__("xsaveopt64 (%0)"
				     :
				     : "r"(area), "a"(low), "d"(high)
				     : "memory");
	else
		__asm__ __volatile__("xsave64 (%0)" : : "r"(area), "a"(low), "d"(high) : "memory");
}

/*
 * AMD processors save and restore the pointers of the last x87 instruction
 * only if an exception is pending: without one the last vCPU's would stay to
 * be read (CVE-2006-1056). A load of something known overwrites them.
 */
static void pointers_clear(const void *area)
{
	static const uint32_t known;

	if (cpu_identity.vendor != CPU_AMD || cpu_has(RSTR_FP_ERR_PTRS))
		return;
	if (((const struct fxsave_image *)area)->status & FSW_EXCEPTION)
		return;
	__asm__ __volatile__("fnclex; ffree %%st(7); fildl %0" : : "m"(known) : "memory");
}

static void area_restore(const void *area)
{
	uint32_t low = xcr0_mask, high = xcr0_mask >> 32;

	pointers_clear(area);
	if (xcr0_mask)
		__asm__ __volatile__("xrstor64 (%0)" : : "r"(area), "a"(low), "d"(high) : "memory");
	else
		__asm__ __volatile__("fxrstor64 (%0)" : : "r"(area) : "memory");
}

/* All components are saved, whatever the guest has enabled: with less, XSAVE would skip some. */
void fpu_save(struct vcpu *v)
{
	if (!v->arch.fpu_is_loaded)
		return;
	ts_clear();
	if (xcr0_mask)
		xcr0_load(xcr0_mask);
	area_save(v->arch.fpu->area);
	v->arch.fpu_is_loaded = false;
}

void fpu_restore(struct vcpu *v)
{
	ts_clear();
	if (xcr0_mask)
		xcr0_load(xcr0_mask);
	area_restore(v->arch.fpu->area);
	if (xcr0_mask)
		xcr0_load(v->arch.fpu->xcr0);
	v->arch.fpu_is_loaded = true;
	fpu_sync_ts(v);
}

/* The firmware may use any of it (UEFI 2.9 section 2.3.4), and wants it as at power-on. */
void fpu_firmware_begin(void)
{
	static const uint32_t mxcsr = MXCSR_INITIAL;

	fpu_save(cpu_info()->current);
	ts_clear();
	__asm__ __volatile__("fninit; ldmxcsr %0" : : "m"(mxcsr));
}

void fpu_firmware_end(void)
{
	/* Idle vCPUs have none. */
	if (cpu_info()->current->domain)
		fpu_restore(cpu_info()->current);
}

void fpu_sync_ts(struct vcpu *v)
{
	unsigned long cr0 = cr0_read();

	if (v->arch.cr0_guest & CR0_TS)
		cr0_write(cr0 | CR0_TS);
	else if (cr0 & CR0_TS)
		ts_clear();
}

uint64_t fpu_guest_xcr0(const struct vcpu *v)
{
	return v->arch.fpu->xcr0;
}

bool fpu_xcr_write(struct vcpu *v, uint32_t index, uint64_t value)
{
	if (index || !fpu_components_valid(value, xcr0_mask))
		return false;
	v->arch.fpu->xcr0 = value;
	xcr0_load(value);
	return true;
}

/* Behind the legacy part, the header: which components are not initial (Intel SDM volume 1, 13.4.2). */
#define COMPONENTS_OFFSET 512
#define HEADER_SIZE	  64
#define FPU_SSE		  (1UL << 1)

void fpu_legacy_read(const struct vcpu *v, void *bytes)
{
	memcpy(bytes, v->arch.fpu->area, LEGACY_SIZE);
}

void fpu_legacy_write(struct vcpu *v, const void *bytes)
{
	const uint64_t components = FPU_X87 | FPU_SSE;
	struct fxsave_image *image = v->arch.fpu->area;
	char *area = v->arch.fpu->area;

	memcpy(area, bytes, LEGACY_SIZE);
	/* bits that are not MXCSR's would fault */
	image->mxcsr &= MXCSR_DEFINED;
	if (!xcr0_mask)
		return;
	memset(area + COMPONENTS_OFFSET, 0, HEADER_SIZE);
	memcpy(area + COMPONENTS_OFFSET, &components, sizeof(components));
}

/* HYPERVISOR_fpu_taskswitch: CR0.TS on or off. Always 0. */
long do_fpu_taskswitch(struct vcpu *v, unsigned long set)
{
	if ((int)set)
		v->arch.cr0_guest |= CR0_TS;
	else
		v->arch.cr0_guest &= ~CR0_TS;
	fpu_sync_ts(v);
	return 0;
}
