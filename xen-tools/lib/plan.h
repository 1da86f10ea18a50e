/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that make a plan share: guest_plan() is plan.c's, the network plan_network.c's.  See guest.h. */
#ifndef XT_PLAN_H
#define XT_PLAN_H

#include "guest.h"

/* What is wrong is said at once; guest_plan() ends the program with XT_USAGE, or with XT_ENVIRONMENT. */
__attribute__((format(printf, 1, 2))) void plan_usage(const char *format, ...);
__attribute__((format(printf, 1, 2))) void plan_lacking(const char *format, ...);
/* "--name" or "FILE:LINE", for messages. */
const char *plan_place(const struct guest *g, const char *name);
bool plan_on_command_line(const struct guest *g, const char *name);

void plan_network(struct guest *g);
/* After the network: by default the address is a part of it. */
void plan_mac(struct guest *g);

#endif
