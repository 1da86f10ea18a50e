/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The segment registers of the vCPU that is on this CPU: selectors, and the
 * bases of FS and GS, which 64-bit code has in hidden registers. A selector
 * that comes from a guest may fault when it is loaded: it is zero then.
 */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/types.h>

#include <asm/cpu_features.h>
#include <asm/emulate.h>
#include <asm/extable.h>
#include <asm/page_table.h>
#include <asm/registers.h>
#include <asm/segment_base.h>
#include <asm/system.h>

static inline void swapgs(void)
{
	__asm__ __volatile__("swapgs" ::: "memory");
}

/* The FSGSBASE instructions. */
static inline unsigned long rdgsbase(void)
{
	unsigned long base;

	__asm__ __volatile__("rdgsbase %0" : "=r"(base));
	return base;
}

static inline void wrgsbase(unsigned long base)
{
	__asm__ __volatile__("wrgsbase %0" : : "r"(base) : "memory");
}

unsigned long fs_base_read(void)
{
	unsigned long base;

	if (!cpu_has(FSGSBASE))
		return rdmsr(MSR_FS_BASE);
	__asm__ __volatile__("rdfsbase %0" : "=r"(base));
	return base;
}

void fs_base_write(unsigned long base)
{
	if (cpu_has(FSGSBASE))
		__asm__ __volatile__("wrfsbase %0" : : "r"(base) : "memory");
	else
		wrmsr(MSR_FS_BASE, base);
}

unsigned long gs_base_read(void)
{
	return cpu_has(FSGSBASE) ? rdgsbase() : rdmsr(MSR_GS_BASE);
}

void gs_base_write(unsigned long base)
{
	if (cpu_has(FSGSBASE))
		wrgsbase(base);
	else
		wrmsr(MSR_GS_BASE, base);
}

/* Two swapgs are cheaper than an MSR; an NMI between them does not mind. */
unsigned long gs_base_shadow_read(void)
{
	unsigned long base;

	if (!cpu_has(FSGSBASE))
		return rdmsr(MSR_KERNEL_GS_BASE);
	swapgs();
	base = rdgsbase();
	swapgs();
	return base;
}

void gs_base_shadow_write(unsigned long base)
{
	if (!cpu_has(FSGSBASE)) {
		wrmsr(MSR_KERNEL_GS_BASE, base);
		return;
	}
	swapgs();
	wrgsbase(base);
	swapgs();
}

#define DEFINE_SELECTOR_ACCESS(name)						\
	static inline uint16_t name##_read(void)				\
	{									\
		uint16_t selector;						\
		__asm__ __volatile__("mov %%" #name ", %0" : "=r"(selector));	\
		return selector;						\
	}									\
	/* false: it faulted, and is zero now */				\
	static bool name##_load(uint16_t selector)				\
	{									\
		unsigned int wanted = ring3_selector(selector), zero = 0;	\
		bool is_good = false;						\
		__asm__ __volatile__("1:	mov %k[wanted], %%" #name "\n"	\
				     "	movb $1, %b[good]\n"			\
				     "2:\n" EXTABLE(1b, 2b)                                \
				     : [good] "+&q"(is_good)			\
				     : [wanted] "r"(wanted)                                \
				     : "memory");                                          \
		if (unlikely(!is_good))						\
			__asm__ __volatile__("mov %0, %%" #name : : "r"(zero) : "memory"); \
		return is_good;							\
	}

/*
 * We load it with our own privilege, where a selector with RPL 0 could name a
 * segment of the hypervisor's. The null selectors, 0 to 3, name none.
 */
static inline uint16_t ring3_selector(uint16_t selector)
{
	return selector & ~3 ? selector | 3 : selector;
}

DEFINE_SELECTOR_ACCESS(ds)
DEFINE_SELECTOR_ACCESS(es)
DEFINE_SELECTOR_ACCESS(fs)
DEFINE_SELECTOR_ACCESS(gs)
#undef DEFINE_SELECTOR_ACCESS

void segments_save(struct vcpu *v)
{
	struct arch_vcpu *arch = &v->arch;
	unsigned long active = gs_base_read(), shadow = gs_base_shadow_read();

	arch->ds = ds_read();
	arch->es = es_read();
	arch->fs = fs_read();
	arch->gs = gs_read();
	arch->fs_base = fs_base_read();
	arch->gs_base_kernel = arch->in_kernel ? active : shadow;
	arch->gs_base_user = arch->in_kernel ? shadow : active;
}

/*
 * Selectors first: loading FS or GS changes its base. One that is zero and
 * shall be zero is not loaded; any other is, its descriptor may be another's.
 */
bool segments_load(struct vcpu *v)
{
	const struct arch_vcpu *arch = &v->arch;
	bool is_good = true;

	if (arch->ds | ds_read())
		is_good &= ds_load(arch->ds);
	if (arch->es | es_read())
		is_good &= es_load(arch->es);
	if (arch->fs | fs_read())
		is_good &= fs_load(arch->fs);
	if (arch->gs | gs_read())
		is_good &= gs_load(arch->gs);

	fs_base_write(arch->fs_base);
	gs_base_write(arch->in_kernel ? arch->gs_base_kernel : arch->gs_base_user);
	gs_base_shadow_write(arch->in_kernel ? arch->gs_base_user : arch->gs_base_kernel);
	return is_good;
}

/*
 * %gs becomes @selector with its descriptor's base as the user's; the
 * kernel's base stays. Linux does not survive a refusal, so a bad selector
 * counts as zero.
 */
static void load_user_gs(uint16_t selector)
{
	swapgs();
	(void)gs_load(selector);
	swapgs();
}

/* HYPERVISOR_set_segment_base. 0; -EINVAL: no such base, or not canonical. */
long do_set_segment_base(struct vcpu *v, unsigned long which, unsigned long base)
{
	(void)v;	/* the one that is running, and in kernel mode */
	switch ((unsigned int)which) {
	case SEGBASE_FS:
		if (!address_is_canonical(base))
			return -EINVAL;
		fs_base_write(base);
		return 0;
	case SEGBASE_GS_USER:
		if (!address_is_canonical(base))
			return -EINVAL;
		gs_base_shadow_write(base);
		return 0;
	case SEGBASE_GS_KERNEL:
		if (!address_is_canonical(base))
			return -EINVAL;
		gs_base_write(base);
		return 0;
	case SEGBASE_GS_USER_SEL:
		load_user_gs(base);
		return 0;
	default:
		return -EINVAL;
	}
}
