/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kernels said before there were notes: the section __xen_guest, text like
 * "GUEST_OS=linux,XEN_VER=xen-3.0,VIRT_BASE=0xC0000000". The names are those that
 * xen/elfnote.h calls LEGACY.
 */
#include "elf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LEGACY_PAGE 4096

/* One "name=value", or "name" with an empty value. */
struct entry {
	const char *name, *value;
	size_t name_len, value_len;
};

static bool is_named(const struct entry *e, const char *name)
{
	return e->name_len == strlen(name) && !memcmp(e->name, name, e->name_len);
}

/* Decimal, or hexadecimal after 0x. */
static int number(const struct entry *e, uint64_t *out, bool *has, struct build_why *why)
{
	char digits[24], *end;

	if (!e->value_len || e->value_len >= sizeof(digits))
		return fail(why, -EINVAL, "has a wrong number in its section __xen_guest");
	memcpy(digits, e->value, e->value_len);
	digits[e->value_len] = 0;
	errno = 0;
	*out = strtoull(digits, &end, 0);
	if (errno || *end || digits[0] == '-')
		return fail(why, -EINVAL, "has a wrong number in its section __xen_guest");
	*has = true;
	return 0;
}

static void text(const struct entry *e, char out[32])
{
	size_t i;

	memset(out, 0, 32);
	for (i = 0; i < e->value_len && i < 31; i++)
		out[i] = e->value[i] >= ' ' && e->value[i] < 127 ? e->value[i] : '?';
}

static int entry_add(const struct entry *e, struct xen_notes *n, struct build_why *why)
{
	int rc;

	if (is_named(e, "VIRT_BASE"))
		return number(e, &n->virt_base, &n->has_virt_base, why);
	if (is_named(e, "VIRT_ENTRY"))
		return number(e, &n->entry, &n->has_entry, why);
	if (is_named(e, "ELF_PADDR_OFFSET"))
		return number(e, &n->paddr_offset, &n->has_paddr_offset, why);
	if (is_named(e, "HYPERCALL_PAGE")) {
		rc = number(e, &n->hypercall_page, &n->has_hypercall_page, why);
		if (!rc && n->hypercall_page > UINT64_MAX / LEGACY_PAGE)
			rc = fail(why, -EINVAL, "has its hypercall page outside of memory");
		return rc;
	}
	if (is_named(e, "FEATURES"))
		return feature_names_read(e->value, e->value_len, n, why);
	if (is_named(e, "GUEST_OS"))
		text(e, n->os);
	else if (is_named(e, "GUEST_VER"))
		text(e, n->version);
	else if (is_named(e, "LOADER"))
		text(e, n->loader);
	else if (is_named(e, "XEN_VER"))
		text(e, n->interface);
	else if (is_named(e, "BSD_SYMTAB"))
		n->needs_symbols = true;
	return 0;
}

int legacy_read(const char *bytes, size_t len, struct xen_notes *n, struct build_why *why)
{
	const char *p = bytes, *end = memchr(bytes, 0, len);
	int rc = 0;

	if (!end)
		end = bytes + len;
	n->present = true;
	n->is_legacy = true;
	while (!rc && p < end) {
		struct entry e = { .name = p };

		while (p < end && *p != ',' && *p != '=')
			p++;
		e.name_len = p - e.name;
		e.value = p < end && *p == '=' ? ++p : p;
		while (p < end && *p != ',')
			p++;
		e.value_len = p - e.value;
		rc = entry_add(&e, n, why);
		p++;
	}
	/* Defaults that notes do not have: xen/elfnote.h at PADDR_OFFSET and HYPERCALL_PAGE. */
	if (!n->has_paddr_offset && n->has_virt_base) {
		n->has_paddr_offset = true;
		n->paddr_offset = n->virt_base;
	}
	if (!rc && n->has_hypercall_page)
		n->hypercall_page = n->virt_base + n->hypercall_page * LEGACY_PAGE;
	return rc;
}
