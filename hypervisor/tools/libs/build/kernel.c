/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a file to a kernel: take off what it is packed in, read its ELF headers, judge its notes. */
#include "kernel.h"

#include "bzimage.h"
#include "cache.h"
#include "unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WRAPPINGS 3		/* a packed bzImage with a packed ELF file */

/* What is packed inside @image: the payload of a bzImage, or all of it. -ENOEXEC: it is not packed. */
static int packed_part(const struct image *image, struct image *part, struct build_why *why)
{
	unsigned char first[8] = { 0 };
	size_t len = image->len < sizeof(first) ? image->len : sizeof(first);
	int rc;

	rc = bzimage_payload(image, part, why);
	if (rc != -ENOEXEC)
		return rc;
	rc = image_read(image, 0, first, len, why);
	if (rc)
		return rc;
	*part = *image;
	return unpack_knows(first, len) ? 0 : -ENOEXEC;
}

static bool is_packed(const struct image *image)
{
	struct build_why ignored;
	unsigned char first[8];

	return !image_read(image, 0, first, sizeof(first), &ignored) &&
	       unpack_knows(first, sizeof(first));
}

/* Replace @image by what is in it until nothing is packed any more. */
static int unwrap(struct image *image, const char *cache, uint64_t limit, struct build_why *why)
{
	unsigned int i;

	for (i = 0; i < MAX_WRAPPINGS; i++) {
		struct image part, inner;
		int rc = packed_part(image, &part, why);

		if (rc == -ENOEXEC)
			return 0;
		if (rc)
			return rc;
		if (!is_packed(&part)) {	/* a bzImage with a plain payload */
			image->start = part.start;
			image->len = part.len;
			continue;
		}
		rc = cache_unpack(cache, limit, &part, &inner, why);
		if (rc)
			return rc;
		image_close(image);
		*image = inner;
	}
	return fail(why, -EINVAL, "is packed too many times");
}

static int judge(const struct elf_kernel *elf, struct build_why *why)
{
	const struct xen_notes *n = &elf->notes;

	if (!n->present)
		return fail(why, -EINVAL, "has no Xen notes: it is not made to run as a PV guest");
	if (!n->os[0] || !n->interface[0])
		return fail(why, -EINVAL, "lacks a Xen note that a PV kernel has: %s",
			    n->os[0] ? "XEN_VERSION" : "GUEST_OS");
	if (strncmp(n->interface, "xen-3.0", 7))
		return fail(why, -EINVAL, "is for another interface: %s", n->interface);
	if (strcmp(n->loader, "generic") && n->loader[0])
		return fail(why, -EOPNOTSUPP, "wants to be loaded in an unknown way: %s",
			    n->loader);
	if (n->needs_symbols && strcmp(n->os, "linux"))
		return fail(why, -EOPNOTSUPP,
			    "wants its symbol table loaded, which is not supported");
	return 0;
}

int build_kernel_open(const char *path, const char *cache, uint64_t cache_limit,
		      struct build_kernel **out, struct build_why *why)
{
	struct build_kernel *kernel = calloc(1, sizeof(*kernel));
	int rc;

	if (!kernel)
		return fail(why, -ENOMEM, "cannot be read: out of memory");
	rc = image_open(&kernel->image, path, why);
	if (!rc)
		rc = unwrap(&kernel->image, cache, cache_limit, why);
	if (!rc)
		rc = elf_parse(&kernel->image, &kernel->elf, why);
	if (rc == -ENOEXEC)
		fail(why, rc, "is not a kernel: neither bzImage nor ELF");
	if (!rc)
		rc = judge(&kernel->elf, why);
	if (rc) {
		build_kernel_close(kernel);
		return rc;
	}
	*out = kernel;
	return 0;
}

void build_kernel_close(struct build_kernel *kernel)
{
	if (!kernel)
		return;
	image_close(&kernel->image);
	free(kernel);
}

void build_kernel_identity(const struct build_kernel *kernel, struct build_kernel_identity *out)
{
	const struct xen_notes *n = &kernel->elf.notes;

	memcpy(out->os, n->os, sizeof(out->os));
	memcpy(out->version, n->version, sizeof(out->version));
	memcpy(out->loader, n->loader, sizeof(out->loader));
}
