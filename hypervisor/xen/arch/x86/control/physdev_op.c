/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HYPERVISOR_physdev_op (xen/physdev.h): how dom0 drives interrupts, tells of PCI
 * devices, and how any guest kernel gives ports to its user mode. One row for
 * each sub-command; the argument is copied once.
 */
#include <hv/pirq.h>

#include <hv/abi.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/guest_copy.h>
#include <hv/nospec.h>
#include <hv/pci.h>

#include <asm/guest_pirq.h>
#include <asm/irq.h>
#include <asm/msi.h>

#define IO_PORT_COUNT 65536
#define IOPL_MAX      3

union physdev_arg {
	struct physdev_eoi		  eoi;
	struct physdev_pirq_eoi_gmfn	  eoi_gmfn;
	struct physdev_irq_status_query	  irq_status;
	struct physdev_set_iopl		  set_iopl;
	struct physdev_set_iobitmap	  set_iobitmap;
	struct physdev_apic		  apic;
	struct physdev_irq		  irq;
	struct physdev_map_pirq		  map_pirq;
	struct physdev_unmap_pirq	  unmap_pirq;
	struct physdev_manage_pci	  manage_pci;
	struct physdev_manage_pci_ext	  manage_pci_ext;
	struct physdev_restore_msi	  restore_msi;
	struct physdev_setup_gsi	  setup_gsi;
	struct physdev_get_free_pirq	  free_pirq;
	struct physdev_pci_mmcfg_reserved mmcfg;
	struct physdev_pci_device_add	  pci_add;
	struct physdev_pci_device	  pci;
	struct physdev_dbgp_op		  dbgp;
};

static_assert(offsetof(struct physdev_pci_device_add, optarr) == 12, "the fixed part");

/* ---- any domain ---- */

/* "... once the guest used this function", _v1, "the associated event channel will automatically get unmasked". */
static int op_eoi(struct vcpu *v, union physdev_arg *arg)
{
	unsigned int port;

	if (!pirq_is_mapped(v->domain, arg->eoi.irq))
		return -EINVAL;
	port = pirq_port_to_unmask(v->domain, arg->eoi.irq);
	if (port)
		(void)evtchn_unmask(v->domain, port);
	pirq_guest_eoi(v->domain, arg->eoi.irq);
	return 0;
}

static int op_pirq_eoi_gmfn_v1(struct vcpu *v, union physdev_arg *arg)
{
	return pirq_eoi_page_set(v->domain, arg->eoi_gmfn.gmfn, true);
}

static int op_pirq_eoi_gmfn_v2(struct vcpu *v, union physdev_arg *arg)
{
	return pirq_eoi_page_set(v->domain, arg->eoi_gmfn.gmfn, false);
}

static int op_irq_status_query(struct vcpu *v, union physdev_arg *arg)
{
	return pirq_status(v->domain, arg->irq_status.irq, &arg->irq_status.flags);
}

static int op_set_iopl(struct vcpu *v, union physdev_arg *arg)
{
	if (arg->set_iopl.iopl > IOPL_MAX)
		return -EINVAL;
	v->arch.iopl = arg->set_iopl.iopl;
	return 0;
}

/* The map is read when a port is used. */
static int op_set_iobitmap(struct vcpu *v, union physdev_arg *arg)
{
	if (arg->set_iobitmap.nr_ports > IO_PORT_COUNT)
		return -EINVAL;
	v->arch.io_bitmap = (unsigned long)arg->set_iobitmap.bitmap.p;
	v->arch.io_bitmap_ports = arg->set_iobitmap.nr_ports;
	return 0;
}

/* ---- the hardware domain ---- */

static int op_apic_read(struct vcpu *v, union physdev_arg *arg)
{
	(void)v;
	return ioapic_guest_read(arg->apic.apic_physbase, arg->apic.reg, &arg->apic.value);
}

static int op_apic_write(struct vcpu *v, union physdev_arg *arg)
{
	(void)v;
	return ioapic_guest_write(arg->apic.apic_physbase, arg->apic.reg, arg->apic.value);
}

/* Vectors are ours; the answer, a number for an old dom0 to show, is the line's own. */
static int op_alloc_irq_vector(struct vcpu *v, union physdev_arg *arg)
{
	(void)v;
	if (!irq_of_gsi(arg->irq.irq))
		return -EINVAL;
	arg->irq.vector = arg->irq.irq;
	return 0;
}

static int op_free_irq_vector(struct vcpu *v, union physdev_arg *arg)
{
	(void)v;
	return irq_of_gsi(arg->irq.irq) ? 0 : -EINVAL;
}

/* Interrupts are mapped for the caller alone: no other domain is given devices. */
static int caller_check(const struct vcpu *v, domid_t domid)
{
	struct domain *d;

	if (domid == DOMID_SELF || domid == v->domain->id)
		return 0;
	d = domain_get(domid);
	if (!d)
		return -ESRCH;
	domain_put(d);
	return -EOPNOTSUPP;
}

static int map_line(struct domain *d, struct physdev_map_pirq *map)
{
	struct irq *irq = irq_of_gsi(map->index);
	unsigned int pirq;
	int rc;

	if (!irq)
		return -EINVAL;
	rc = pirq_map(d, irq, map->pirq, &pirq);
	if (!rc)
		map->pirq = pirq;
	return rc;
}

/* 0: none, or more than a function can have. */
static unsigned int round_up_to_power(unsigned int n)
{
	unsigned int power = 1;

	if (!n || n > MSI_COUNT_MAX)
		return 0;
	while (power < n)
		power *= 2;
	return power;
}

static int map_message(struct domain *d, struct physdev_map_pirq *map)
{
	struct pci_address pci = { .bus = map->bus, .devfn = map->devfn };
	unsigned int pirq, count = 1;
	struct irq *irq;
	int rc;

	if (map->entry_nr < 0)
		return -EINVAL;
	if (map->type != MAP_PIRQ_TYPE_MSI)
		pci.segment = (unsigned int)map->bus >> 16;
	if (map->type == MAP_PIRQ_TYPE_MULTI_MSI) {
		count = round_up_to_power(map->entry_nr);
		if (!count || map->table_base || map->pirq != -1)
			return -EINVAL;
	}

	rc = msi_create(pci, map->table_base ? map->entry_nr : 0, map->table_base, count, &irq);
	if (rc)
		return rc;
	rc = count > 1 ? pirq_map_several(d, irq, count, &pirq) :
			 pirq_map(d, irq, map->pirq, &pirq);
	if (rc)
		msi_destroy(irq);
	else
		map->pirq = pirq;
	return rc;
}

static int op_map_pirq(struct vcpu *v, union physdev_arg *arg)
{
	int rc = caller_check(v, arg->map_pirq.domid);

	if (rc)
		return rc;
	switch (arg->map_pirq.type) {
	case MAP_PIRQ_TYPE_GSI:
		return map_line(v->domain, &arg->map_pirq);
	case MAP_PIRQ_TYPE_MSI:
	case MAP_PIRQ_TYPE_MSI_SEG:
	case MAP_PIRQ_TYPE_MULTI_MSI:
		return map_message(v->domain, &arg->map_pirq);
	default:
		return -EINVAL;
	}
}

static int op_unmap_pirq(struct vcpu *v, union physdev_arg *arg)
{
	int rc = caller_check(v, arg->unmap_pirq.domid);

	return rc ? rc : pirq_unmap(v->domain, arg->unmap_pirq.pirq);
}

static int op_get_free_pirq(struct vcpu *v, union physdev_arg *arg)
{
	unsigned int pirq;
	int rc;

	if (arg->free_pirq.type != MAP_PIRQ_TYPE_MSI && arg->free_pirq.type != MAP_PIRQ_TYPE_GSI)
		return -EINVAL;
	rc = pirq_reserve(v->domain, &pirq);
	if (!rc)
		arg->free_pirq.pirq = pirq;
	return rc;
}

static int op_setup_gsi(struct vcpu *v, union physdev_arg *arg)
{
	(void)v;
	return gsi_setup(arg->setup_gsi.gsi, arg->setup_gsi.triggering, arg->setup_gsi.polarity);
}

/*
 * Devices need no record of their own: what they were given is found by their address when
 * it is needed. dom0 is told whether we could reach them.
 */
static int device_known(uint16_t segment, uint8_t bus, uint8_t devfn)
{
	struct pci_address pci = { .segment = segment, .bus = bus, .devfn = devfn };

	return pci_is_reachable(pci) ? 0 : -ENODEV;
}

static int op_manage_pci(struct vcpu *v, union physdev_arg *arg)
{
	(void)v;
	return device_known(0, arg->manage_pci.bus, arg->manage_pci.devfn);
}

static int op_manage_pci_ext(struct vcpu *v, union physdev_arg *arg)
{
	(void)v;
	if (arg->manage_pci_ext.is_extfn > 1 || arg->manage_pci_ext.is_virtfn > 1)
		return -EINVAL;
	return device_known(0, arg->manage_pci_ext.bus, arg->manage_pci_ext.devfn);
}

/* Where its table is may not be settled yet: map_pirq looks again. */
static int op_pci_device_add(struct vcpu *v, union physdev_arg *arg)
{
	struct pci_address pci = {
		.segment = arg->pci_add.seg,
		.bus = arg->pci_add.bus,
		.devfn = arg->pci_add.devfn,
	};
	int rc = device_known(pci.segment, pci.bus, pci.devfn);

	(void)v;
	if (!rc)
		(void)msix_table_protect(pci, 0);
	return rc;
}

/* Removal; and prepare_msix, release_msix: table entries are ours to write at any time. */
static int op_pci_device(struct vcpu *v, union physdev_arg *arg)
{
	(void)v;
	return device_known(arg->pci.seg, arg->pci.bus, arg->pci.devfn);
}

static int op_pci_mmcfg_reserved(struct vcpu *v, union physdev_arg *arg)
{
	const struct physdev_pci_mmcfg_reserved *m = &arg->mmcfg;

	(void)v;
	if (m->flags & ~XEN_PCI_MMCFG_RESERVED)
		return -EINVAL;
	if (!(m->flags & XEN_PCI_MMCFG_RESERVED))
		return 0;
	return pci_mmconfig_add(m->address, m->segment, m->start_bus, m->end_bus);
}

static int op_restore_msi(struct vcpu *v, union physdev_arg *arg)
{
	struct pci_address pci = { .bus = arg->restore_msi.bus, .devfn = arg->restore_msi.devfn };

	(void)v;
	return msi_restore(pci);
}

static int op_restore_msi_ext(struct vcpu *v, union physdev_arg *arg)
{
	struct pci_address pci = {
		.segment = arg->pci.seg,
		.bus = arg->pci.bus,
		.devfn = arg->pci.devfn,
	};

	(void)v;
	return msi_restore(pci);
}

/* No console of ours is an EHCI debug port: dom0 may reset any controller. */
static int op_dbgp(struct vcpu *v, union physdev_arg *arg)
{
	(void)v;
	if (arg->dbgp.op != PHYSDEVOP_DBGP_RESET_PREPARE &&
	    arg->dbgp.op != PHYSDEVOP_DBGP_RESET_DONE)
		return -EINVAL;
	return arg->dbgp.bus <= PHYSDEVOP_DBGP_BUS_PCI ? 0 : -EINVAL;
}

enum physdev_caller {
	BY_ANY,
	BY_HARDWARE,	/* the hardware domain */
};

struct physdev_row {
	int (*function)(struct vcpu *v, union physdev_arg *arg);
	uint8_t size;		/* of the argument */
	uint8_t caller;
	bool	has_result;	/* the argument is written back on success */
};

#define IN(fn, field, who)                                              \
	{                                                               \
		fn, sizeof(((union physdev_arg *)0)->field), who, false \
	}
#define OUT(fn, field, who)                                            \
	{                                                              \
		fn, sizeof(((union physdev_arg *)0)->field), who, true \
	}

static const struct physdev_row physdev_ops[] = {
	[PHYSDEVOP_irq_status_query]   = OUT(op_irq_status_query, irq_status, BY_ANY),
	[PHYSDEVOP_set_iopl]	       = IN(op_set_iopl, set_iopl, BY_ANY),
	[PHYSDEVOP_set_iobitmap]       = IN(op_set_iobitmap, set_iobitmap, BY_ANY),
	[PHYSDEVOP_apic_read]	       = OUT(op_apic_read, apic, BY_HARDWARE),
	[PHYSDEVOP_apic_write]	       = IN(op_apic_write, apic, BY_HARDWARE),
	[PHYSDEVOP_alloc_irq_vector]   = OUT(op_alloc_irq_vector, irq, BY_HARDWARE),
	[PHYSDEVOP_free_irq_vector]    = IN(op_free_irq_vector, irq, BY_HARDWARE),
	[PHYSDEVOP_eoi]		       = IN(op_eoi, eoi, BY_ANY),
	[PHYSDEVOP_map_pirq]	       = OUT(op_map_pirq, map_pirq, BY_HARDWARE),
	[PHYSDEVOP_unmap_pirq]	       = IN(op_unmap_pirq, unmap_pirq, BY_HARDWARE),
	[PHYSDEVOP_manage_pci_add]     = IN(op_manage_pci, manage_pci, BY_HARDWARE),
	[PHYSDEVOP_manage_pci_remove]  = IN(op_manage_pci, manage_pci, BY_HARDWARE),
	[PHYSDEVOP_restore_msi]	       = IN(op_restore_msi, restore_msi, BY_HARDWARE),
	[PHYSDEVOP_manage_pci_add_ext] = IN(op_manage_pci_ext, manage_pci_ext, BY_HARDWARE),
	[PHYSDEVOP_setup_gsi]	       = IN(op_setup_gsi, setup_gsi, BY_HARDWARE),
	[PHYSDEVOP_get_free_pirq]      = OUT(op_get_free_pirq, free_pirq, BY_HARDWARE),
	[PHYSDEVOP_pci_mmcfg_reserved] = IN(op_pci_mmcfg_reserved, mmcfg, BY_HARDWARE),
	/* without its optional parameters: there is one NUMA node */
	[PHYSDEVOP_pci_device_add]     = { op_pci_device_add,
				       offsetof(struct physdev_pci_device_add, optarr), BY_HARDWARE,
				       false },
	[PHYSDEVOP_pci_device_remove]  = IN(op_pci_device, pci, BY_HARDWARE),
	[PHYSDEVOP_restore_msi_ext]    = IN(op_restore_msi_ext, pci, BY_HARDWARE),
	[PHYSDEVOP_pirq_eoi_gmfn_v1]   = IN(op_pirq_eoi_gmfn_v1, eoi_gmfn, BY_ANY),
	[PHYSDEVOP_pirq_eoi_gmfn_v2]   = IN(op_pirq_eoi_gmfn_v2, eoi_gmfn, BY_ANY),
	[PHYSDEVOP_dbgp_op]	       = IN(op_dbgp, dbgp, BY_HARDWARE),
	[PHYSDEVOP_prepare_msix]       = IN(op_pci_device, pci, BY_HARDWARE),
	[PHYSDEVOP_release_msix]       = IN(op_pci_device, pci, BY_HARDWARE),
};

long do_physdev_op(struct vcpu *v, unsigned long cmd_reg, unsigned long arg_va)
{
	unsigned int cmd = cmd_reg;
	const struct physdev_row *row;
	union physdev_arg arg = { 0 };
	int rc;

	if (cmd >= ARRAY_SIZE(physdev_ops))
		return -ENOSYS;
	row = &physdev_ops[index_nospec(cmd, ARRAY_SIZE(physdev_ops))];
	if (!row->function)
		return -ENOSYS;
	if (row->caller == BY_HARDWARE && !v->domain->is_hardware)
		return -EPERM;

	if (guest_copy_from(&arg, arg_va, row->size))
		return -EFAULT;
	rc = row->function(v, &arg);
	if (!rc && row->has_result && guest_copy_to(arg_va, &arg, row->size))
		rc = -EFAULT;
	return rc;
}

/* The call as it was before interface version 0x00030202: command and argument in one structure. */
long do_physdev_op_compat(struct vcpu *v, unsigned long op_va)
{
	uint32_t cmd;

	if (guest_read(&cmd, op_va + offsetof(struct physdev_op, cmd)))
		return -EFAULT;
	switch (cmd) {
	case PHYSDEVOP_irq_status_query:
	case PHYSDEVOP_set_iopl:
	case PHYSDEVOP_set_iobitmap:
	case PHYSDEVOP_apic_read:
	case PHYSDEVOP_apic_write:
	case PHYSDEVOP_alloc_irq_vector:
	case PHYSDEVOP_free_irq_vector:
		return do_physdev_op(v, cmd, op_va + offsetof(struct physdev_op, u));
	default:
		return -ENOSYS;
	}
}
