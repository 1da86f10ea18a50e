/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers of the CPU that hold a guest's value while it runs: CR4, of which
 * only TSD is really the guest's, and TSC_AUX, which its user code reads.
 */
#include <hv/domain.h>
#include <hv/types.h>

#include <asm/clock.h>
#include <asm/cpu_features.h>
#include <asm/guest_registers.h>
#include <asm/percpu.h>
#include <asm/registers.h>
#include <asm/system.h>
#include <asm/traps.h>

#define MSR_AMD_DE_CFG		 0xc0011029
#define DE_CFG_LFENCE_SERIALIZES (1UL << 1)

/* On for every guest; writes may leave them out. */
#define CR4_ALWAYS (CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT)

/* The guest reads back what it wrote. Of these, TSD and DE mean something here. */
#define CR4_OWN (CR4_VME | CR4_PVI | CR4_TSD | CR4_DE | CR4_PSE | CR4_MCE | CR4_PGE | CR4_PCE)

/* TSC_AUX as it is in each CPU, which touches its own alone. */
static struct {
	uint32_t value;
} __cacheline_aligned cpu_tsc_aux[MAX_CPUS];

/* AMD's LFENCE waits for all before it, as kernels rely on. Fails where it needs no setting. */
static void make_lfence_serialize(void)
{
	uint64_t value;

	if (rdmsr_safe(MSR_AMD_DE_CFG, &value) || value & DE_CFG_LFENCE_SERIALIZES)
		return;
	if (wrmsr_safe(MSR_AMD_DE_CFG, value | DE_CFG_LFENCE_SERIALIZES))
		return;
}

void guest_registers_cpu_init(void)
{
	if (cpu_identity.vendor == CPU_AMD)
		make_lfence_serialize();
	if (cpu_has(FSGSBASE))
		cr4_write(cr4_read() | CR4_FSGSBASE);
	if (cpu_has(RDTSCP) || cpu_has(RDPID))
		wrmsr(MSR_TSC_AUX, 0);
}

/* OSXSAVE before the guest sets it: PV kernels look whether the hypervisor has. */
static unsigned long cr4_always(void)
{
	unsigned long value = CR4_ALWAYS;

	if (cpu_has(XSAVE))
		value |= CR4_OSXSAVE;
	if (cpu_has(FSGSBASE))
		value |= CR4_FSGSBASE;
	return value;
}

unsigned long guest_cr4_read(const struct vcpu *v)
{
	return cr4_always() | (v->arch.cr4_guest & CR4_OWN);
}

bool guest_cr4_write(struct vcpu *v, unsigned long value)
{
	if (value & ~(cr4_always() | CR4_OWN))
		return false;
	v->arch.cr4_guest = value & CR4_OWN;
	guest_registers_load(v);
	return true;
}

void guest_registers_load(const struct vcpu *v)
{
	unsigned long cr4 = cr4_read();
	unsigned long wanted = (cr4 & ~CR4_TSD) | (v->arch.cr4_guest & CR4_TSD);

	if (unlikely(guest_tsc_traps(v->domain)))
		wanted |= CR4_TSD;

	if (unlikely(cr4 != wanted))
		cr4_write(wanted);
	if (unlikely(cpu_tsc_aux[this_cpu()].value != v->arch.tsc_aux)) {
		wrmsr(MSR_TSC_AUX, v->arch.tsc_aux);
		cpu_tsc_aux[this_cpu()].value = v->arch.tsc_aux;
	}
}
