/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HYPERVISOR_mca (xen/arch-x86/xen-mca.h): dom0's machine-check log asks which
 * processors there are, and fetches what has happened to them, which traps/machine_check.c
 * finds. Uncorrected errors end this hypervisor: no record is urgent.
 */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/page_allocator.h>
#include <hv/string.h>

#include <asm/apic.h>
#include <asm/cpu_features.h>
#include <asm/machine_check.h>
#include <asm/mca.h>
#include <asm/system.h>

/* As CPUID leaf 0 gives it: ebx, edx, ecx. */
static void vendor_string(char *text)
{
	struct cpuid_result r = cpuid(0, 0);

	memcpy(text, &r.ebx, 4);
	memcpy(text + 4, &r.edx, 4);
	memcpy(text + 8, &r.ecx, 4);
}

static void brand_string(char *text)
{
	if (cpu_identity.max_extended_leaf < 0x80000004)
		return;
	for (unsigned int i = 0; i < 3; i++) {
		struct cpuid_result r = cpuid(0x80000002 + i, 0);

		memcpy(text + 16 * i, &r, 16);
	}
}

/* All processors are of one kind: what differs is the number. */
static void describe_cpu(unsigned int cpu, xen_mc_logical_cpu_t *out)
{
	memset(out, 0, sizeof(*out));
	out->mc_cpunr = cpu;
	out->mc_apicid = apic_id_of_cpu[cpu];
	out->mc_chipid = cpu;
	out->mc_ncores = out->mc_ncores_active = out->mc_nthreads = 1;
	out->mc_cpuid_level = cpu_identity.max_leaf;
	out->mc_family = cpu_identity.family;
	out->mc_model = cpu_identity.model;
	out->mc_step = cpu_identity.stepping;
	out->mc_vendor = cpu_identity.vendor;
	vendor_string(out->mc_vendorid);
	brand_string(out->mc_brandid);
	out->mc_cpu_caps[MC_CAPS_STD_EDX] = cpu_identity.feature[WORD_1_EDX];
	out->mc_cpu_caps[MC_CAPS_STD_ECX] = cpu_identity.feature[WORD_1_ECX];
	out->mc_cpu_caps[MC_CAPS_AMD_EDX] = cpu_identity.feature[WORD_80000001_EDX];
	out->mc_cpu_caps[MC_CAPS_AMD_ECX] = cpu_identity.feature[WORD_80000001_ECX];
	out->mc_cache_alignment = 64;
}

/* Up to ncpus descriptions; without a buffer only the number. */
static long physcpuinfo(xen_mc_physcpuinfo_t *info)
{
	unsigned long buffer = (unsigned long)info->info.p;
	unsigned int n = cpu_count_present;
	xen_mc_logical_cpu_t *one;
	long rc = 0;

	if (buffer && info->ncpus < n)
		n = info->ncpus;
	info->ncpus = n;
	if (!buffer)
		return 0;
	one = heap_alloc(sizeof(*one));
	if (!one)
		return -ENOMEM;
	for (unsigned int i = 0; i < n && !rc; i++) {
		describe_cpu(i, one);
		rc = guest_write(buffer + i * sizeof(*one), one);
	}
	heap_free(one);
	return rc;
}

static long fetch(xen_mc_fetch_t *f)
{
	uint32_t what = f->flags & ~XEN_MC_ACK;
	unsigned long to = (unsigned long)f->data.p;
	uint64_t id = f->fetch_id;
	struct mc_info *info;
	long rc = 0;

	if (what != XEN_MC_URGENT && what != XEN_MC_NONURGENT)
		return -EINVAL;
	if (f->flags & XEN_MC_ACK) {
		f->flags = mc_log_acknowledge(id) ? XEN_MC_OK : XEN_MC_NODATA;
		return 0;
	}
	f->flags = XEN_MC_NODATA;
	f->fetch_id = 0;
	if (what == XEN_MC_URGENT)
		return 0;

	info = heap_alloc(sizeof(*info));
	if (!info)
		return -ENOMEM;
	id = mc_log_fetch(info);
	if (id) {
		f->flags = XEN_MC_OK;
		f->fetch_id = id;
		if (!to || guest_write(to, info))
			rc = -EFAULT;
	}
	heap_free(info);
	return rc;
}

/*
 * -EPERM: not dom0; -EACCES: another interface version; -ENOSYS: nothing of
 * the kind here (injection of errors, notification of domains).
 */
long do_mca(struct vcpu *v, unsigned long arg)
{
	xen_mc_t op;
	long rc;

	if (!v->domain->is_privileged)
		return -EPERM;
	if (guest_read(&op, arg))
		return -EFAULT;
	if (op.interface_version != XEN_MCA_INTERFACE_VERSION)
		return -EACCES;
	switch (op.cmd) {
	case XEN_MC_fetch:
		rc = fetch(&op.u.mc_fetch);
		break;
	case XEN_MC_physcpuinfo:
		rc = physcpuinfo(&op.u.mc_physcpuinfo);
		break;
	case XEN_MC_notifydomain:
	case XEN_MC_msrinject:
	case XEN_MC_mceinject:
	case XEN_MC_inject_v2:
		return -ENOSYS;
	default:
		return -EINVAL;
	}
	if (!rc && guest_write(arg, &op))
		rc = -EFAULT;
	return rc;
}
