/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Archives of the cpio format "newc". */
#ifndef HV_CPIO_H
#define HV_CPIO_H

#include <hv/types.h>

/* The content of file @name, *@size bytes, in an archive at the start of these @len bytes; NULL: there is none. */
const void *cpio_find(const void *archive, size_t len, const char *name, size_t *size);

#endif
