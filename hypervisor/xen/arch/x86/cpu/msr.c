/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Model-specific registers as a PV guest sees them: an allow-list; all others
 * raise #GP. Some values are the machine's, most are constants, because PV
 * kernels ask for what they cannot use. Chosen so that stock kernels complain
 * of no more than they do on Debian's Xen. AMD64 manual volume 2 appendix A,
 * Intel SDM volume 4.
 */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/types.h>

#include <asm/cpu_features.h>
#include <asm/emulate.h>
#include <asm/extable.h>
#include <asm/guest_registers.h>
#include <asm/page_table.h>
#include <asm/registers.h>
#include <asm/segment_base.h>
#include <asm/system.h>
#include <asm/traps.h>

#define MSR_TSC		     0x10
#define MSR_APIC_BASE	     0x1b
#define MSR_PRED_CMD	     0x49
#define MSR_UCODE_REV	     0x8b
#define MSR_ARCH_CAPABILITIES 0x10a
#define MSR_MISC_ENABLE	     0x1a0
#define MSR_PAT		     0x277
#define MSR_EFER	     0xc0000080
#define MSR_AMD_HWCR	     0xc0010015
#define MSR_AMD_DE_CFG	     0xc0011029

#define PRED_CMD_IBPB	     (1UL << 0)
#define DE_CFG_LFENCE_SERIALIZES (1UL << 1)
#define HWCR_TSC_AT_P0	     (1UL << 24)
#define EFER_GUEST	     0xd01UL	/* SCE, LME, LMA, NXE */
#define APIC_BASE_GUEST	     0xfee00800UL
#define APIC_BASE_BSP	     0x100UL
/* No branch trace, no event sampling, no task-priority messages; no MONITOR. */
#define MISC_ENABLE_ADDED    0x801800UL
#define MISC_ENABLE_REMOVED  (1UL << 18)

/* ARCH_CAPABILITIES: what the CPU does not suffer from, and nothing that there is to control. */
#define ARCH_CAPABILITIES_GUEST                                                                   \
	(1UL << 0 | 1UL << 1 | 1UL << 2 | 1UL << 4 | 1UL << 5 | 1UL << 6 | 1UL << 8 | 1UL << 13 | \
	 1UL << 14 | 1UL << 15 | 1UL << 19 | 1UL << 20 | 1UL << 24 | 1UL << 26 | 1UL << 27 |      \
	 1UL << 62)

int rdmsr_safe(uint32_t msr, uint64_t *value)
{
	uint32_t low = 0, high = 0;
	int rc = -EFAULT;

	__asm__ __volatile__("1:	rdmsr\n"
			     "	xor %[rc], %[rc]\n"
			     "2:\n" EXTABLE(1b, 2b)
			     : [rc] "+&r"(rc), "+&a"(low), "+&d"(high)
			     : "c"(msr)
			     : "cc");
	*value = (uint64_t)high << 32 | low;
	return rc;
}

int wrmsr_safe(uint32_t msr, uint64_t value)
{
	int rc = -EFAULT;

	__asm__ __volatile__("1:	wrmsr\n"
			     "	xor %[rc], %[rc]\n"
			     "2:\n" EXTABLE(1b, 2b)
			     : [rc] "+&r"(rc)
			     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			     : "memory", "cc");
	return rc;
}

static bool has_tsc_aux(void)
{
	return cpu_has(RDTSCP) || cpu_has(RDPID);
}

enum msr_vendor { ANY, INTEL, AMD };

enum msr_read {
	READ_ZERO,
	READ_ONE,
	READ_MACHINE,	/* for the hardware domain; others read zero */
};

enum msr_write {
	WRITE_REFUSED,
	WRITE_IGNORED,
};

struct msr_row {
	uint32_t first, last;
	uint8_t vendor, read, write;
};

/* Registers that need no more than this. */
static const struct msr_row rows[] = {
	{ 0x00000000, 0x00000001, ANY, READ_ZERO, WRITE_REFUSED },	/* P5 machine check */
	{ 0x00000017, 0x00000017, INTEL, READ_MACHINE, WRITE_REFUSED },	/* PLATFORM_ID */
	{ 0x0000003a, 0x0000003a, INTEL, READ_ONE, WRITE_REFUSED },	/* FEATURE_CONTROL */
	{ 0x000000c1, 0x000000c8, INTEL, READ_ZERO, WRITE_IGNORED },	/* performance counters */
	{ 0x000000ce, 0x000000ce, ANY, READ_ZERO, WRITE_REFUSED },	/* PLATFORM_INFO */
	{ 0x00000140, 0x00000140, ANY, READ_ZERO, WRITE_IGNORED },	/* MISC_FEATURES_ENABLES */
	{ 0x00000179, 0x0000017b, ANY, READ_ZERO, WRITE_IGNORED },	/* MCG: no banks */
	{ 0x00000186, 0x0000018d, INTEL, READ_ZERO, WRITE_IGNORED },	/* event selectors */
	{ 0x00000198, 0x00000198, INTEL, READ_MACHINE, WRITE_REFUSED },	/* PERF_STATUS */
	{ 0x00000199, 0x00000199, INTEL, READ_MACHINE, WRITE_IGNORED },	/* PERF_CTL */
	{ 0x0000019c, 0x0000019c, INTEL, READ_MACHINE, WRITE_REFUSED },	/* THERM_STATUS */
	{ 0x000001a2, 0x000001a2, INTEL, READ_MACHINE, WRITE_REFUSED },	/* TEMPERATURE_TARGET */
	{ 0x000001b1, 0x000001b1, INTEL, READ_MACHINE, WRITE_REFUSED },	/* PACKAGE_THERM_STATUS */
	{ 0x00000280, 0x0000029f, ANY, READ_ZERO, WRITE_IGNORED },	/* MCi_CTL2 */
	{ 0x00000309, 0x0000030c, INTEL, READ_ZERO, WRITE_IGNORED },	/* fixed counters */
	{ 0x00000345, 0x00000345, ANY, READ_ZERO, WRITE_REFUSED },	/* PERF_CAPABILITIES */
	{ 0x0000038d, 0x00000390, INTEL, READ_ZERO, WRITE_IGNORED },	/* counter control */
	{ 0x00000400, 0x0000047f, ANY, READ_ZERO, WRITE_IGNORED },	/* machine-check banks */
	{ 0x40000000, 0x40000000, ANY, READ_ZERO, WRITE_REFUSED },	/* Xen's hypercall page */
	{ 0xc0010000, 0xc0010007, AMD, READ_ZERO, WRITE_IGNORED },	/* performance counters */
	{ 0xc0010010, 0xc0010010, AMD, READ_MACHINE, WRITE_REFUSED },	/* SYSCFG */
	{ 0xc0010016, 0xc001001a, AMD, READ_MACHINE, WRITE_REFUSED },	/* IORRs, TOP_MEM */
	{ 0xc001001d, 0xc001001d, AMD, READ_MACHINE, WRITE_REFUSED },	/* TOP_MEM2 */
	{ 0xc001001f, 0xc001001f, ANY, READ_ZERO, WRITE_IGNORED },	/* NB_CFG */
	{ 0xc0010061, 0xc001006b, AMD, READ_MACHINE, WRITE_IGNORED },	/* P-states */
	{ 0xc0010112, 0xc0010113, AMD, READ_MACHINE, WRITE_REFUSED },	/* SMM window */
	{ 0xc0010200, 0xc001020b, AMD, READ_ZERO, WRITE_IGNORED },	/* performance counters */
};

static const struct msr_row *find_row(uint32_t msr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (msr < rows[i].first || msr > rows[i].last)
			continue;
		if (rows[i].vendor == ANY ||
		    (rows[i].vendor == INTEL && cpu_identity.vendor == CPU_INTEL) ||
		    (rows[i].vendor == AMD && cpu_identity.vendor == CPU_AMD))
			return &rows[i];
	}
	return NULL;
}

static bool read_row(const struct vcpu *v, uint32_t msr, uint64_t *value)
{
	const struct msr_row *row = find_row(msr);

	if (!row)
		return false;
	if (row->read == READ_MACHINE && v->domain->is_hardware)
		return !rdmsr_safe(msr, value);
	*value = row->read == READ_ONE;
	return true;
}

/* The machine's value as far as @mask goes; #GP where the machine has none. */
static bool read_masked(uint32_t msr, uint64_t mask, uint64_t *value)
{
	if (rdmsr_safe(msr, value))
		return false;
	*value &= mask;
	return true;
}

bool guest_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *value)
{
	switch (msr) {
	case MSR_FS_BASE:
		*value = fs_base_read();
		return true;
	case MSR_GS_BASE:
		*value = gs_base_read();
		return true;
	case MSR_KERNEL_GS_BASE:
		*value = gs_base_shadow_read();
		return true;
	case MSR_TSC:
		*value = rdtsc();
		return true;
	case MSR_TSC_AUX:
		*value = v->arch.tsc_aux;
		return has_tsc_aux();
	case MSR_APIC_BASE:
		*value = APIC_BASE_GUEST | (v->id ? 0 : APIC_BASE_BSP);
		return true;
	case MSR_UCODE_REV:
		return read_masked(msr, ~0UL, value);
	case MSR_ARCH_CAPABILITIES:
		return cpu_has(ARCH_CAPS) && read_masked(msr, ARCH_CAPABILITIES_GUEST, value);
	case MSR_MISC_ENABLE:
		if (!read_masked(msr, ~MISC_ENABLE_REMOVED, value))
			return false;
		*value |= MISC_ENABLE_ADDED;
		return true;
	case MSR_PAT:
		*value = PAT_VALUE;
		return true;
	case MSR_EFER:
		*value = EFER_GUEST;
		return true;
	case MSR_AMD_HWCR:
		return cpu_identity.vendor == CPU_AMD && read_masked(msr, HWCR_TSC_AT_P0, value);
	case MSR_AMD_DE_CFG:
		return cpu_identity.vendor == CPU_AMD &&
		       read_masked(msr, DE_CFG_LFENCE_SERIALIZES, value);
	default:
		return read_row(v, msr, value);
	}
}

static bool has_ibpb(void)
{
	return cpu_has(IBPB) || cpu_has(IBRSB);
}

/* A base of FS or GS: only canonical ones exist. */
static bool write_base(uint32_t msr, uint64_t value)
{
	if (!address_is_canonical(value))
		return false;
	if (msr == MSR_FS_BASE)
		fs_base_write(value);
	else if (msr == MSR_GS_BASE)
		gs_base_write(value);
	else
		gs_base_shadow_write(value);
	return true;
}

static bool write_row(uint32_t msr)
{
	const struct msr_row *row = find_row(msr);

	return row && row->write == WRITE_IGNORED;
}

bool guest_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value)
{
	switch (msr) {
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE:
		return write_base(msr, value);
	case MSR_TSC_AUX:
		if (!has_tsc_aux() || value >> 32)
			return false;
		v->arch.tsc_aux = value;
		guest_registers_load(v);
		return true;
	case MSR_PRED_CMD:
		if (!has_ibpb() || value & ~PRED_CMD_IBPB)
			return false;
		return !value || !wrmsr_safe(msr, value);
	case MSR_UCODE_REV:	/* Intel: part of asking for the revision */
		return cpu_identity.vendor == CPU_INTEL && !value;
	case MSR_PAT:
		return value == PAT_VALUE;
	case MSR_EFER:
		return value == EFER_GUEST;
	case MSR_MISC_ENABLE:
		return true;
	case MSR_AMD_HWCR:
	case MSR_AMD_DE_CFG:
		return cpu_identity.vendor == CPU_AMD;
	default:
		return write_row(msr);
	}
}
