/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where images are made: namespaces of their own for mounts and processes, and for users unless we are root.  Whatever
 * goes wrong, all processes and mounts in it end with its first process; nothing outside has to be unmounted.
 */
#ifndef XT_SANDBOX_H
#define XT_SANDBOX_H

/*
 * Runs @work as root of new namespaces and waits.  Returns its exit code, as of run().  Ends the program with
 * XT_ENVIRONMENT when the machine gives no namespaces, or this user no subordinate ids (newuidmap, /etc/subuid).
 */
int sandbox_run(int (*work)(void *arg), void *arg);

#endif
