/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Included first in every file, by the compiler's command line: declarations
 * are hidden too, so that no address is loaded from a table that a linker
 * would make for shared objects.
 */
#pragma GCC visibility push(hidden)
