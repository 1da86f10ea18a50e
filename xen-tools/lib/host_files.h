/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of the host that say which addresses and names are taken: /etc/xen-tools/ips.txt and /etc/hosts. */
#ifndef XT_HOST_FILES_H
#define XT_HOST_FILES_H

/* Takes the first free address, of which @before is told: its line becomes "ADDRESS: used".  Allocated; NULL when none is free or no file is there. */
char *pool_take(void (*before)(const char *address));
/* The same without taking. */
char *pool_next(void);
/* Gives it back.  Returns whether it was taken. */
int pool_release(const char *address);
/* Adds "ADDRESS NAME SHORT". Returns 0 or -errno. */
int hosts_add(const char *address, const char *name, const char *alias);
/* Takes the line of @name away that hosts_add() wrote. */
void hosts_remove(const char *name);

#endif
