// SPDX-License-Identifier: GPL-2.0-or-later
/* Names that xm had and xl has not. */
#ifndef XL_XM_COMPAT_H
#define XL_XM_COMPAT_H

#include "xl.h"

/* The verb of today that an old name means; NULL. */
const char *xm_alias(const char *name);
/* A verb that there will not be: its row tells what does its work; NULL. */
const struct xl_verb *xm_gone_verb(const char *name);

#endif
