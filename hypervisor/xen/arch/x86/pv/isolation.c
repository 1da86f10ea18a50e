/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page-table isolation: the copies of roots on which guests run (asm/isolation.h). */
#include "table_entry.h"

#include <hv/errno.h>
#include <hv/page_allocator.h>
#include <hv/string.h>

#include <asm/hypervisor_map.h>
#include <asm/isolation.h>
#include <asm/percpu.h>
#include <asm/speculation.h>

int isolation_vcpu_init(struct vcpu *v)
{
	if (!(v->domain->is_hardware ? speculation.xpti_dom0 : speculation.xpti_domu))
		return 0;
	for (unsigned int i = 0; i < 2; i++) {
		v->arch.isolated_root[i] = hv_pages_alloc(0);
		if (!v->arch.isolated_root[i])
			return -ENOMEM;
		v->arch.isolated_cr3[i] = paddr_of_mfn(virt_to_mfn(v->arch.isolated_root[i]));
	}
	return 0;
}

void isolation_vcpu_destroy(struct vcpu *v)
{
	for (unsigned int i = 0; i < 2; i++)
		if (v->arch.isolated_root[i])
			hv_pages_free(v->arch.isolated_root[i], 0);
}

void isolation_root_set(struct vcpu *v, bool is_kernel, mfn_t *place, mfn_t root)
{
	pte_t *copy = v->arch.isolated_root[is_kernel];
	struct page_info *pt = page_of_mfn(root);
	const pte_t *l4;
	uint64_t state;

	/* Locked: no entry changes between the copy and our being found by who changes it. */
	if (!copy || mfn_eq(root, INVALID_MFN) || !table_lock(pt, v->domain, &state)) {
		*place = root;
		return;
	}
	l4 = frame_map(root);
	memcpy(copy, l4, HV_FIRST_SLOT * sizeof(*copy));
	memcpy(copy + HV_FIRST_SLOT + HV_SLOT_COUNT, l4 + HV_FIRST_SLOT + HV_SLOT_COUNT,
	       (TABLE_ENTRIES - HV_FIRST_SLOT - HV_SLOT_COUNT) * sizeof(*copy));
	frame_unmap(l4);
	isolated_slots_install(copy, v->domain->arch.perdomain_l3, is_kernel);
	*place = root;
	table_unlock(pt);
}

void isolation_entry_written(const struct domain *d, const struct page_info *pt, unsigned int index,
			     pte_t value)
{
	mfn_t m = mfn_of_page(pt);

	if (!(d->is_hardware ? speculation.xpti_dom0 : speculation.xpti_domu))
		return;
	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		const struct vcpu *v = d->vcpu[i];

		if (!v)
			continue;
		if (mfn_eq(v->arch.user_root, m))
			WRITE_ONCE(((pte_t *)v->arch.isolated_root[false])[index], value);
		if (mfn_eq(v->arch.kernel_root, m))
			WRITE_ONCE(((pte_t *)v->arch.isolated_root[true])[index], value);
	}
}

void isolation_note(const struct vcpu *v)
{
	struct cpu_info *info = cpu_info();
	bool is_kernel = v->arch.in_kernel || mfn_eq(v->arch.user_root, INVALID_MFN);

	info->kernel_cr3 = paddr_of_mfn(v->arch.kernel_root);
	info->full_cr3 = is_kernel ? info->kernel_cr3 : paddr_of_mfn(v->arch.user_root);
	info->guest_cr3 = v->arch.isolated_cr3[is_kernel];
}
