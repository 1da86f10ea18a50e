/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation that does not come back empty-handed. What a guest can make the daemon hold is bounded by its quotas
 * (quota.h), so running out means that the machine is broken; the keeper then starts the daemon again
 * with the state as of the last finished request.
 */
#ifndef XENSTORED_MEMORY_H
#define XENSTORED_MEMORY_H

#include <stddef.h>

void *xs_alloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xs_zalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xs_realloc(void *old, size_t size) __attribute__((returns_nonnull));
char *xs_strndup(const char *text, size_t length) __attribute__((malloc, returns_nonnull));

#endif
