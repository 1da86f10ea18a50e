/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The choice of speculation_choose.c made good: patched code, MSRs, and what the log says of it. */
#include <asm/speculation.h>

#include <hv/domain.h>
#include <hv/printk.h>

#include <asm/patch.h>
#include <asm/percpu.h>
#include <asm/system.h>

#define MSR_SPEC_CTRL	      0x48
#define MSR_PRED_CMD	      0x49
#define PRED_CMD_IBPB	      (1UL << 0)
#define MSR_ARCH_CAPABILITIES 0x10a
#define MSR_EFER	      0xc0000080
#define EFER_AIBRSE	      (1UL << 21)

struct speculation speculation;

static uint64_t arch_capabilities(void)
{
	return cpu_has(ARCH_CAPS) ? rdmsr(MSR_ARCH_CAPABILITIES) : 0;
}

void speculation_init(void)
{
	speculation = speculation_choose(&cpu_identity, arch_capabilities(),
					 &boot_options.speculation);
	code_patch(speculation.patches | (cpu_has(SMAP) ? 1U << PATCH_SMAP : 0));
}

void speculation_cpu_init(void)
{
	if (speculation.spec_ctrl)
		wrmsr(MSR_SPEC_CTRL, speculation.spec_ctrl);
	if (speculation.auto_ibrs)
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_AIBRSE);
}

void speculation_guest_enters(const struct vcpu *v)
{
	static struct {
		const struct domain *d;
	} __cacheline_aligned last[MAX_CPUS];	/* written by the CPU itself */
	struct cpu_info *info = cpu_info();

	info->history_cleared = !v->domain->is_hardware || speculation.bhb_dom0;
	if (speculation.ibpb_switch && last[info->cpu].d && last[info->cpu].d != v->domain)
		wrmsr(MSR_PRED_CMD, PRED_CMD_IBPB);
	last[info->cpu].d = v->domain;
}

static bool is_patched(unsigned int patch)
{
	return speculation.patches >> patch & 1;
}

static const char *name_if(bool on, const char *name)
{
	return on ? name : "";
}

void speculation_log(void)
{
	const struct speculation *s = &speculation;
	const char *thunk = is_patched(PATCH_THUNK_JMP)	     ? "JMP" :
			    is_patched(PATCH_THUNK_LFENCE) ? "LFENCE" :
							     "RETPOLINE";

	log_info("Speculative mitigation facilities:\n");
	log_info("  Hardware features:%s%s%s%s%s%s%s\n", name_if(cpu_has(IBRSB), " IBRS/IBPB"),
		 name_if(cpu_has(IBPB), " IBPB"), name_if(cpu_has(STIBP), " STIBP"),
		 name_if(cpu_has(SSBD) || cpu_has(AMD_SSBD), " SSBD"),
		 name_if(cpu_has(MD_CLEAR), " MD_CLEAR"), name_if(cpu_has(SMEP), " SMEP"),
		 name_if(cpu_has(AUTO_IBRS), " AUTO_IBRS"));
	log_info("  Hardware faults:%s%s%s%s\n", name_if(s->has_meltdown, " MELTDOWN"),
		 name_if(s->has_l1tf, " L1TF"), name_if(s->has_mds, " MDS"),
		 name_if(s->has_bhi, " BHI"));
	log_info("  Hypervisor: BTI-Thunk %s, SPEC_CTRL %s%s%s%s%s, Other:%s%s%s%s\n", thunk,
		 s->auto_ibrs			  ? "AUTO_IBRS" :
		 is_patched(PATCH_SPEC_CTRL) ? "IBRS on entry" :
		 s->spec_ctrl & 1		  ? "IBRS+" :
					       "IBRS-",
		 name_if(s->spec_ctrl & 2, " STIBP+"), name_if(s->spec_ctrl & 4, " SSBD+"),
		 name_if(s->spec_ctrl & 0x80, " PSFD+"), name_if(s->ibpb_switch, ", IBPB-switch"),
		 name_if(is_patched(PATCH_DIV), " DIV"),
		 name_if(is_patched(PATCH_BRANCH), " BRANCH_HARDEN"),
		 name_if(is_patched(PATCH_LOCK), " LOCK_HARDEN"),
		 name_if(is_patched(PATCH_VERW), " VERW"));
	log_info("  PV L1TF: Dom0 %s, DomU %s\n", s->l1tf_dom0 ? "enabled" : "disabled",
		 s->l1tf_domu ? "enabled" : "disabled");
	log_info("  On entry from PV guests:%s%s%s%s\n", name_if(is_patched(PATCH_RSB), " RSB"),
		 name_if(is_patched(PATCH_SPEC_CTRL), " MSR_SPEC_CTRL"),
		 name_if(is_patched(PATCH_IBPB), " IBPB-entry"),
		 name_if(is_patched(PATCH_BHB), " BHB-entry"));
	log_info("  XPTI (64-bit PV only): Dom0 %s, DomU %s\n",
		 s->xpti_dom0 ? "enabled" : "disabled", s->xpti_domu ? "enabled" : "disabled");
}
