/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The making of a guest, stage by stage. */
#ifndef XT_CREATE_H
#define XT_CREATE_H

#include "guest.h"

/* What is known only afterwards; shared with the sandbox. */
struct outcome {
	char fingerprints[4096];
};

/* Ends the program when something fails; the undo keeper takes back. */
void create_guest(struct guest *g, struct outcome **outcome);

#endif
