/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The notes by which a kernel says what it needs of Xen: xen/elfnote.h, xen/features.h. */
#include "elf.h"

#include <errno.h>
#include <string.h>
#include <xen/elfnote.h>
#include <xen/features.h>

/* One note whose value has been found to be inside. */
struct note {
	uint32_t type;
	size_t len;
	const uint8_t *value;
};

static const struct {
	const char *name;
	unsigned int bit;
} features[] = {
	{ "writable_page_tables",	XENFEAT_writable_page_tables },
	{ "writable_descriptor_tables",	XENFEAT_writable_descriptor_tables },
	{ "auto_translated_physmap",	XENFEAT_auto_translated_physmap },
	{ "supervisor_mode_kernel",	XENFEAT_supervisor_mode_kernel },
	{ "pae_pgdir_above_4gb",	XENFEAT_pae_pgdir_above_4gb },
	{ "mmu_pt_update_preserve_ad",	XENFEAT_mmu_pt_update_preserve_ad },
	{ "highmem_assist",		XENFEAT_highmem_assist },
	{ "gnttab_map_avail_bits",	XENFEAT_gnttab_map_avail_bits },
	{ "hvm_callback_vector",	XENFEAT_hvm_callback_vector },
	{ "hvm_safe_pvclock",		XENFEAT_hvm_safe_pvclock },
	{ "hvm_pirqs",			XENFEAT_hvm_pirqs },
	{ "dom0",			XENFEAT_dom0 },
	{ "memory_op_vnode_supported",	XENFEAT_memory_op_vnode_supported },
	{ "ARM_SMCCC_supported",	XENFEAT_ARM_SMCCC_supported },
	{ "linux_rsdp_unrestricted",	XENFEAT_linux_rsdp_unrestricted },
	{ "not_direct_mapped",		XENFEAT_not_direct_mapped },
	{ "direct_mapped",		XENFEAT_direct_mapped },
};

/* Returns the bit of a feature, 0 for an unknown one. */
static uint32_t feature_mask(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (strlen(features[i].name) == len && !memcmp(features[i].name, name, len))
			return 1U << features[i].bit;
	return 0;
}

int feature_names_read(const char *text, size_t len, struct xen_notes *notes, struct build_why *why)
{
	const char *p = text, *end = text + len;

	notes->has_features = true;
	while (p < end && *p) {
		bool required = *p == '!';
		const char *name = p + required;
		uint32_t mask;

		for (p = name; p < end && *p && *p != '|';)
			p++;
		mask = feature_mask(name, p - name);
		if (required && !mask)
			return fail(why, -EOPNOTSUPP, "requires an unknown Xen feature");
		if (required)
			notes->required_features |= mask;
		if (p < end && *p == '|')
			p++;
	}
	return 0;
}

static int number(const struct note *note, uint64_t *value, bool *has, struct build_why *why)
{
	uint32_t narrow;

	if (note->len == sizeof(*value)) {
		memcpy(value, note->value, sizeof(*value));
	} else if (note->len == sizeof(narrow)) {
		memcpy(&narrow, note->value, sizeof(narrow));
		*value = narrow;
	} else {
		return fail(why, -EINVAL, "has a Xen note with a number of %zu bytes", note->len);
	}
	*has = true;
	return 0;
}

static int flag(const struct note *note, bool *value, struct build_why *why)
{
	uint64_t n = 0;
	bool has;
	int rc = number(note, &n, &has, why);

	*value = n != 0;
	return rc;
}

/* Whether or not a zero ends it; what does not fit is cut off, what cannot be printed becomes '?'. */
static void text(const struct note *note, char out[32])
{
	size_t i;

	memset(out, 0, 32);
	for (i = 0; i < note->len && i < 31 && note->value[i]; i++)
		out[i] = note->value[i] >= ' ' && note->value[i] < 127 ? note->value[i] : '?';
}

static int note_add(const struct note *note, struct xen_notes *n, struct build_why *why)
{
	n->present = true;
	switch (note->type) {
	case XEN_ELFNOTE_ENTRY:
		return number(note, &n->entry, &n->has_entry, why);
	case XEN_ELFNOTE_HYPERCALL_PAGE:
		return number(note, &n->hypercall_page, &n->has_hypercall_page, why);
	case XEN_ELFNOTE_VIRT_BASE:
		return number(note, &n->virt_base, &n->has_virt_base, why);
	case XEN_ELFNOTE_PADDR_OFFSET:
		return number(note, &n->paddr_offset, &n->has_paddr_offset, why);
	case XEN_ELFNOTE_HV_START_LOW:
		return number(note, &n->hv_start_low, &n->has_hv_start_low, why);
	case XEN_ELFNOTE_INIT_P2M:
		return number(note, &n->init_p2m, &n->has_init_p2m, why);
	case XEN_ELFNOTE_MOD_START_PFN:
		return flag(note, &n->mod_start_pfn, why);
	case XEN_ELFNOTE_XEN_VERSION:
		text(note, n->interface);
		return 0;
	case XEN_ELFNOTE_GUEST_OS:
		text(note, n->os);
		return 0;
	case XEN_ELFNOTE_GUEST_VERSION:
		text(note, n->version);
		return 0;
	case XEN_ELFNOTE_LOADER:
		text(note, n->loader);
		return 0;
	case XEN_ELFNOTE_FEATURES:
		return feature_names_read((const char *)note->value, note->len, n, why);
	case XEN_ELFNOTE_BSD_SYMTAB:
		n->needs_symbols = note->len >= 3 && !memcmp(note->value, "yes", 3);
		return 0;
	default:	/* for people, for PVH, for saving: not for building a PV guest */
		return 0;
	}
}

int notes_read(const uint8_t *bytes, size_t len, size_t align, struct xen_notes *notes,
	       struct build_why *why)
{
	struct {
		uint32_t name_len, value_len, type;
	} head;
	size_t pos = 0;
	int rc = 0;

	while (!rc && is_inside(pos, sizeof(head), len)) {
		uint64_t name = pos + sizeof(head), value, next;

		memcpy(&head, bytes + pos, sizeof(head));
		value = (name + head.name_len + align - 1) & -align;
		next = (value + head.value_len + align - 1) & -align;
		if (!is_inside(value, head.value_len, len))
			return fail(why, -EINVAL, "has an ELF note larger than its segment");
		if (head.name_len == 4 && !memcmp(bytes + name, "Xen", 4))
			rc = note_add(&(struct note){ head.type, head.value_len, bytes + value },
				      notes, why);
		pos = next;
	}
	return rc;
}
