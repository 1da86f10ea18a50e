/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HYPERVISOR_platform_op (xen/platform.h): the machine as dom0 manages it: clock,
 * firmware, power, CPUs. One row for each sub-command; what this hypervisor does not do has
 * a row that says so.
 */
#include <hv/pirq.h>

#include <hv/abi.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/nospec.h>
#include <hv/sched.h>
#include <hv/string.h>
#include <hv/symbols.h>
#include <hv/time.h>

#include <asm/acpi.h>
#include <asm/apic.h>
#include <asm/image.h>
#include <asm/microcode.h>
#include <asm/smp.h>
#include <asm/system.h>

#include "efi_runtime_call.h"
#include "firmware_info.h"

#define SECONDS_MAX	     (1UL << 33)	/* nanoseconds of it fit 64 bits */
#define RESOURCE_ENTRIES_MAX 16
#define MSR_TSC		     0x10
#define PDC_WORDS	     3
#define IDLE_TIMES_MAX	     4096	/* of one call: no CPU has so high a number */

static_assert(sizeof(struct xen_platform_op) == 136, "xen/platform.h: 8 bytes and a union of 128");

/* ---- time ---- */

static int time_set(struct vcpu *v, uint64_t seconds, uint32_t ns, uint64_t at)
{
	if (seconds >= SECONDS_MAX || ns >= NS_PER_SECOND || at > seconds * NS_PER_SECOND)
		return -EINVAL;
	wallclock_set(seconds, ns, at);
	guest_wallclock_update(v->domain);
	return 0;
}

static long op_settime32(struct vcpu *v, struct xen_platform_op *op)
{
	return time_set(v, op->u.settime32.secs, op->u.settime32.nsecs,
			op->u.settime32.system_time);
}

static long op_settime64(struct vcpu *v, struct xen_platform_op *op)
{
	if (op->u.settime64.mbz)
		return -EINVAL;
	return time_set(v, op->u.settime64.secs, op->u.settime64.nsecs,
			op->u.settime64.system_time);
}

/* ---- firmware and power ---- */

static long op_firmware_info(struct vcpu *v, struct xen_platform_op *op)
{
	(void)v;
	return firmware_info_get(&op->u.firmware_info);
}

static long op_efi_runtime_call(struct vcpu *v, struct xen_platform_op *op)
{
	(void)v;
	return efi_runtime_call_for_guest(&op->u.efi_runtime_call);
}

static long op_enter_acpi_sleep(struct vcpu *v, struct xen_platform_op *op)
{
	const struct xenpf_enter_acpi_sleep *s = &op->u.enter_acpi_sleep;

	(void)v;
	if (s->flags & ~XENPF_ACPI_SLEEP_EXTENDED)
		return -EINVAL;
	return acpi_sleep_enter(s->sleep_state, s->val_a, s->val_b,
				s->flags & XENPF_ACPI_SLEEP_EXTENDED);
}

static bool acpi_id_is_known(uint32_t acpi_id)
{
	for (unsigned int i = 0; i < cpu_count_present; i++)
		if (acpi_id_of_cpu[i] == acpi_id)
			return true;
	return false;
}

/* What the OS tells the firmware that it can do: of power states beyond HLT, nothing. */
static int pdc_limit(unsigned long words_va)
{
	uint32_t words[PDC_WORDS];

	if (guest_read(&words, words_va))
		return -EFAULT;
	/* revision 1, one word of capabilities */
	if (words[0] != 1 || words[1] != 1)
		return -EINVAL;
	words[2] = 0;
	return guest_write(words_va, &words) ? -EFAULT : 0;
}

/* Idle CPUs halt and frequencies are the firmware's: the tables are accepted and need not be kept. */
static long op_set_processor_pminfo(struct vcpu *v, struct xen_platform_op *op)
{
	const struct xenpf_set_processor_pminfo *info = &op->u.set_pminfo;

	(void)v;
	switch (info->type) {
	case XEN_PM_CX:
	case XEN_PM_PX:
		return acpi_id_is_known(info->id) ? 0 : -EINVAL;
	case XEN_PM_PDC:
		return pdc_limit((unsigned long)info->u.pdc.p);
	default:
		return -EINVAL;
	}
}

static long op_change_freq(struct vcpu *v, struct xen_platform_op *op)
{
	(void)v;
	if (op->u.change_freq.flags || !cpu_is_online(op->u.change_freq.cpu))
		return -EINVAL;
	return -EOPNOTSUPP;
}

static long op_core_parking(struct vcpu *v, struct xen_platform_op *op)
{
	struct xenpf_core_parking *p = &op->u.core_parking;

	(void)v;
	switch (p->type) {
	case XEN_CORE_PARKING_SET:
		return cpus_park(p->idle_nums);
	case XEN_CORE_PARKING_GET:
		p->idle_nums = cpus_parked();
		return 0;
	default:
		return -EINVAL;
	}
}

/* ---- CPUs ---- */

static long op_get_cpuinfo(struct vcpu *v, struct xen_platform_op *op)
{
	struct xenpf_pcpuinfo *info = &op->u.pcpu_info;
	unsigned int cpu = info->xen_cpuid;

	(void)v;
	if (cpu >= MAX_CPUS)
		return -EINVAL;
	info->max_present = cpu_count_present - 1;
	info->flags = XEN_PCPU_FLAGS_INVALID;
	if (cpu < cpu_count_present) {
		cpu = index_nospec(cpu, MAX_CPUS);
		info->flags = cpu_is_in_use(cpu) ? XEN_PCPU_FLAGS_ONLINE : 0;
		info->apic_id = apic_id_of_cpu[cpu];
		info->acpi_id = acpi_id_of_cpu[cpu];
	}
	return 0;
}

/* CPUs of one machine are alike: this one answers for all. */
static long op_get_cpu_version(struct vcpu *v, struct xen_platform_op *op)
{
	struct xenpf_pcpu_version *out = &op->u.pcpu_version;
	struct cpuid_result vendor = cpuid(0, 0), version = cpuid(1, 0);
	unsigned int family = version.eax >> 8 & 15;

	(void)v;
	if (out->xen_cpuid >= MAX_CPUS)
		return -EINVAL;
	out->max_present = cpu_count_present - 1;
	if (!cpu_is_online(out->xen_cpuid)) {
		memset(out->vendor_id, 0, sizeof(out->vendor_id));
		out->family = out->model = out->stepping = 0;
		return 0;
	}
	memcpy(out->vendor_id, &vendor.ebx, 4);
	memcpy(out->vendor_id + 4, &vendor.edx, 4);
	memcpy(out->vendor_id + 8, &vendor.ecx, 4);
	out->stepping = version.eax & 15;
	out->model = version.eax >> 4 & 15;
	if (family == 6 || family == 15)
		out->model |= version.eax >> 12 & 0xf0;
	out->family = family == 15 ? family + (version.eax >> 20 & 0xff) : family;
	return 0;
}

static long op_cpu_online(struct vcpu *v, struct xen_platform_op *op)
{
	(void)v;
	return cpu_take_online(op->u.cpu_ol.cpuid);
}

static long op_cpu_offline(struct vcpu *v, struct xen_platform_op *op)
{
	(void)v;
	return cpu_take_offline(op->u.cpu_ol.cpuid);
}

/* One entry of the caller's two arrays. */
static int idle_time_tell(const struct xenpf_getidletime *t, unsigned int cpu, uint8_t *bits)
{
	vcpu_runstate_info_t runstate = { 0 };
	uint64_t time;

	if (!(*bits >> cpu % 8 & 1))
		return 0;
	if (cpu < cpu_count_present && idle_vcpu[index_nospec(cpu, MAX_CPUS)])
		runstate_read(idle_vcpu[index_nospec(cpu, MAX_CPUS)], &runstate);
	else
		*bits &= ~(1U << cpu % 8);
	time = runstate.time[RUNSTATE_running];
	return guest_write((unsigned long)t->idletime.p + cpu * sizeof(time), &time) ? -EFAULT : 0;
}

/* "... any non-existent CPUs are cleared. Such CPUs have their @idletime array entry cleared." */
static long op_getidletime(struct vcpu *v, struct xen_platform_op *op)
{
	struct xenpf_getidletime *t = &op->u.getidletime;
	unsigned int count = t->cpumap_nr_cpus;
	uint8_t bits;
	int rc = 0;

	(void)v;
	if (count > IDLE_TIMES_MAX)
		return -E2BIG;
	for (unsigned int cpu = 0; cpu < count && !rc; cpu += 8) {
		unsigned long at = (unsigned long)t->cpumap_bitmap.p + cpu / 8;

		if (guest_read(&bits, at))
			return -EFAULT;
		for (unsigned int i = cpu; i < cpu + 8 && i < count && !rc; i++)
			rc = idle_time_tell(t, i, &bits);
		if (!rc && guest_write(at, &bits))
			rc = -EFAULT;
	}
	t->now = system_time_ns();
	return rc;
}

/* ---- registers and symbols ---- */

/* The clock is all that may be read: no other register of the CPU is dom0's business. */
static int resource_entry_do(struct xenpf_resource_entry *e)
{
	if (e->rsvd)
		return -EINVAL;
	switch (e->u.cmd) {
	case XEN_RESOURCE_OP_MSR_READ:
		if (e->idx != MSR_TSC)
			return -EACCES;
		e->val = system_time_ns();
		return 0;
	case XEN_RESOURCE_OP_MSR_WRITE:
		return -EACCES;
	default:
		return -EOPNOTSUPP;
	}
}

/* In order, up to the first that fails; the number of those that did not is the result. */
static long op_resource(struct vcpu *v, struct xen_platform_op *op)
{
	unsigned long va = (unsigned long)op->u.resource_op.entries.p;
	unsigned int count = op->u.resource_op.nr_entries, done;
	struct xenpf_resource_entry e;
	int rc;

	(void)v;
	if (count > RESOURCE_ENTRIES_MAX || !cpu_is_online(op->u.resource_op.cpu))
		return -EINVAL;
	for (done = 0; done < count; done++, va += sizeof(e)) {
		if (guest_read(&e, va))
			return -EFAULT;
		rc = resource_entry_do(&e);
		if (rc)
			e.u.ret = rc;
		if (guest_write(va, &e))
			return -EFAULT;
		if (rc)
			break;
	}
	return done;
}

static long op_get_symbol(struct vcpu *v, struct xen_platform_op *op)
{
	struct xenpf_symdata *s = &op->u.symdata;
	static const char end;
	const char *name;
	size_t length, room = s->namelen;
	unsigned long to = (unsigned long)s->name.p, number;

	(void)v;
	/* The cursor that does not move is the end of the list. */
	if (s->symnum >= symbol_count)
		return 0;
	number = index_nospec(s->symnum, symbol_count);
	name = symbol_names + symbol_name_offsets[number];
	length = strlen(name);
	s->address = (unsigned long)text_start + symbol_offsets[number];
	s->type = 't';
	s->namelen = length;
	if (room) {
		if (length >= room)
			length = room - 1;
		if (guest_copy_to(to, name, length) || guest_write(to + length, &end))
			return -EFAULT;
	}
	s->symnum++;
	return 0;
}

static long op_platform_quirk(struct vcpu *v, struct xen_platform_op *op)
{
	(void)v;
	switch (op->u.platform_quirk.quirk_id) {
	case QUIRK_NOIRQBALANCING:
	case QUIRK_IOAPIC_BAD_REGSEL:
	case QUIRK_IOAPIC_GOOD_REGSEL:
		/* Interrupts are never moved, and the index is written for every access. */
		return 0;
	default:
		return -EINVAL;
	}
}

static long op_read_memtype(struct vcpu *v, struct xen_platform_op *op)
{
	(void)v;
	return mtrr_get(&op->u.read_memtype);
}

static long op_microcode_update(struct vcpu *v, struct xen_platform_op *op)
{
	(void)v;
	return microcode_update_guest((unsigned long)op->u.microcode.data.p,
				      op->u.microcode.length);
}

/* Known, and not done here. */
static long op_not_done(struct vcpu *v, struct xen_platform_op *op)
{
	(void)v;
	(void)op;
	return -EOPNOTSUPP;
}

#define PLATFORM_OPS(ROW)					\
	ROW(XENPF_settime32,		op_settime32)		\
	ROW(XENPF_settime64,		op_settime64)		\
	ROW(XENPF_add_memtype,		op_not_done)		\
	ROW(XENPF_del_memtype,		op_not_done)		\
	ROW(XENPF_read_memtype,		op_read_memtype)	\
	ROW(XENPF_microcode_update,	op_microcode_update)	\
	ROW(XENPF_platform_quirk,	op_platform_quirk)	\
	ROW(XENPF_get_cpu_version,	op_get_cpu_version)	\
	ROW(XENPF_efi_runtime_call,	op_efi_runtime_call)		\
	ROW(XENPF_firmware_info,	op_firmware_info)	\
	ROW(XENPF_enter_acpi_sleep,	op_enter_acpi_sleep)	\
	ROW(XENPF_change_freq,		op_change_freq)		\
	ROW(XENPF_getidletime,		op_getidletime)		\
	ROW(XENPF_set_processor_pminfo, op_set_processor_pminfo) \
	ROW(XENPF_get_cpuinfo,		op_get_cpuinfo)		\
	ROW(XENPF_cpu_online,		op_cpu_online)		\
	ROW(XENPF_cpu_offline,		op_cpu_offline)		\
	ROW(XENPF_cpu_hotadd,		op_not_done)		\
	ROW(XENPF_mem_hotadd,		op_not_done)		\
	ROW(XENPF_core_parking,		op_core_parking)	\
	ROW(XENPF_resource_op,		op_resource)		\
	ROW(XENPF_get_symbol,		op_get_symbol)

static long platform_op_run(struct vcpu *v, struct xen_platform_op *op)
{
	switch (op->cmd) {
#define ROW(number, handler)	\
	case number:		\
		return handler(v, op);
		PLATFORM_OPS(ROW)
#undef ROW
	default:
		return -ENOSYS;
	}
}

/* The answer is written back unless there was an error, as the caller sees its own words then. */
long do_platform_op(struct vcpu *v, unsigned long op_va)
{
	struct xen_platform_op op;
	long rc;

	if (!v->domain->is_privileged)
		return -EPERM;
	if (guest_read(&op, op_va))
		return -EFAULT;
	if (op.interface_version != XENPF_INTERFACE_VERSION)
		return -EACCES;

	rc = platform_op_run(v, &op);
	if (rc >= 0 && guest_write(op_va, &op))
		rc = -EFAULT;
	return rc;
}
