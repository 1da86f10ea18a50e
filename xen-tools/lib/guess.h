/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's own release and mirror, from APT's sources. */
#ifndef XT_GUESS_H
#define XT_GUESS_H

#include "text.h"

/* One line of sources.list, or one stanza of deb822: the first mirror and suite that are the main archive's. */
bool sources_parse(const char *content, char **mirror, char **suite);
/* From @file, or APT's own files.  Allocated; NULL when nothing was found. */
char *guess_suite(const char *file);
char *guess_mirror(const char *file);

#endif
