/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal through which somebody in dom0 reads and writes a guest's console. While nobody has it open nothing is written to
 * it, so that whoever comes sees the newest output and not the oldest.
 */
#ifndef XENCONSOLED_PTY_H
#define XENCONSOLED_PTY_H

#include <stdbool.h>

#define PTY_NAME_SIZE 32

/* A new terminal; its master's descriptor, or negative errno. */
int pty_open(void);

/* What clients open. 0 or negative errno. */
int pty_name(int fd, char name[static PTY_NAME_SIZE]);

/* Does anybody have it open? */
bool pty_has_client(int fd);

#endif
