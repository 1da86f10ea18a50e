// SPDX-License-Identifier: GPL-2.0-or-later
/* Nodes of the store, one by one and in batches. */
#include "store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

struct store_entry {
	char *path;
	char *value; /* NULL: a folder */
	bool remove;
	bool has_rights;
	unsigned int rights_count;
	struct xs_permissions rights[2];
};

static char *format_path(const char *format, va_list args)
{
	char *path = NULL;

	if (vasprintf(&path, format, args) < 0)
		exit(EXIT_NO_MEMORY);
	return path;
}

char *store_read(struct guest_host *host, const char *format, ...)
{
	unsigned int length;
	va_list args;
	char *path, *value;

	va_start(args, format);
	path = format_path(format, args);
	va_end(args);
	value = xs_read(host->store, XBT_NULL, path, &length);
	free(path);
	return value;
}

long store_read_number(struct guest_host *host, const char *format, ...)
{
	unsigned int length;
	va_list args;
	char *path, *value, *rest;
	long n = -1;

	va_start(args, format);
	path = format_path(format, args);
	va_end(args);
	value = xs_read(host->store, XBT_NULL, path, &length);
	if (value && *value) {
		n = strtol(value, &rest, 10);
		if (*rest)
			n = -1;
	}
	free(value);
	free(path);
	return n;
}

bool store_write(struct guest_host *host, const char *path, const char *value)
{
	return xs_write(host->store, XBT_NULL, path, value, (unsigned int)strlen(value));
}

char **store_list(struct guest_host *host, unsigned int *count, const char *format, ...)
{
	va_list args;
	char *path, **names;

	va_start(args, format);
	path = format_path(format, args);
	va_end(args);
	*count = 0;
	names = xs_directory(host->store, XBT_NULL, path, count);
	free(path);
	return names;
}

void batch_init(struct store_batch *b, unsigned int domid)
{
	*b = (struct store_batch){ .domid = domid };
}

void batch_free(struct store_batch *b)
{
	for (size_t i = 0; i < b->count; i++) {
		free(b->entries[i].path);
		free(b->entries[i].value);
	}
	free(b->entries);
	*b = (struct store_batch){ 0 };
}

static struct store_entry *add(struct store_batch *b, char *path)
{
	if (!(b->count & (b->count - 1)))
		b->entries = alloc_array(b->entries, b->count ? b->count * 2 : 1,
					 sizeof(*b->entries));
	b->entries[b->count] = (struct store_entry){ .path = path };
	return &b->entries[b->count++];
}

static void set_rights(struct store_entry *e, unsigned int domid, enum store_rights rights)
{
	if (rights == STORE_AS_PARENT)
		return;
	e->has_rights = true;
	e->rights[0] = (struct xs_permissions){ .id = 0, .perms = XS_PERM_NONE };
	e->rights_count = 1;
	if (rights == STORE_GUEST_READS) {
		e->rights[e->rights_count++] = (struct xs_permissions){ .id = domid,
									.perms = XS_PERM_READ };
	} else if (rights != STORE_PRIVATE) {
		e->rights[0].id = domid;
	}
	if (rights == STORE_FRONTEND)
		e->rights[e->rights_count++] = (struct xs_permissions){ .id = 0,
									.perms = XS_PERM_READ };
}

void batch_folder(struct store_batch *b, enum store_rights rights, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_rights(add(b, format_path(format, args)), b->domid, rights);
	va_end(args);
}

void batch_write(struct store_batch *b, const char *folder, const char *name, const char *format,
		 ...)
{
	struct store_entry *e = add(b, alloc_format("%s/%s", folder, name));
	va_list args;

	va_start(args, format);
	e->value = format_path(format, args);
	va_end(args);
}

void batch_rights(struct store_batch *b, const char *folder, const char *name,
		  enum store_rights rights)
{
	struct store_entry *e = add(b, alloc_format("%s/%s", folder, name));

	e->value = alloc_string("");
	set_rights(e, b->domid, rights);
}

void batch_remove(struct store_batch *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(b, format_path(format, args))->remove = true;
	va_end(args);
}

static bool apply(struct guest_host *host, xs_transaction_t t, struct store_entry *e)
{
	bool good;

	if (e->remove) {
		good = xs_rm(host->store, t, e->path) || errno == ENOENT;
		return good;
	}
	if (e->value)
		good = xs_write(host->store, t, e->path, e->value, (unsigned int)strlen(e->value));
	else
		good = xs_mkdir(host->store, t, e->path);
	if (good && e->has_rights)
		good = xs_set_permissions(host->store, t, e->path, e->rights, e->rights_count);
	return good;
}

bool batch_commit(struct store_batch *b, struct guest_host *host)
{
	for (;;) {
		xs_transaction_t t = xs_transaction_start(host->store);
		bool good = t != XBT_NULL;

		if (!good)
			return false;
		for (size_t i = 0; good && i < b->count; i++)
			good = apply(host, t, &b->entries[i]);
		if (!good) {
			int why = errno;

			xs_transaction_end(host->store, t, true);
			errno = why;
			return false;
		}
		if (xs_transaction_end(host->store, t, false))
			return true;
		if (errno != EAGAIN)
			return false;
	}
}
