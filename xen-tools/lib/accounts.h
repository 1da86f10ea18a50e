/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Root's password, copied accounts and keys in the guest. */
#ifndef XT_ACCOUNTS_H
#define XT_ACCOUNTS_H

#include "guest.h"

void accounts_write(const struct guest *g, const struct tree *t);

#endif
