/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attaching this terminal to a guest's console, for `xenconsole` and `xl console`. Users link with -lxenstore.
 */
#ifndef XENCONSOLE_ATTACH_H
#define XENCONSOLE_ATTACH_H

#include <xenstore.h>

/* The key that detaches, Ctrl-]. */
#define CONSOLE_ESCAPE 0x1d

enum console_type {
	CONSOLE_PV,
	CONSOLE_SERIAL, /* that of a guest with a device model */
};

/* How it ended: */
enum {
	CONSOLE_DETACHED = 0, /* by the key, or the end of standard input */
	CONSOLE_GONE = 1, /* the domain is gone */
};

/*
 * The terminal of console @number, once the daemon has named it in the store; waits @seconds for that (-1: as long as the domain
 * is there). Returns a descriptor; -ESRCH: there is no such domain; -ETIMEDOUT; -EBUSY: somebody else is attached; -EPERM:
 * what the store names is no terminal of a console.
 */
int console_open(struct xs_handle *xs, unsigned int domid, enum console_type type,
		 unsigned int number, int seconds);

/*
 * Connects standard input and output with it until @escape is typed (-1: no such key). A terminal on standard input is put into
 * raw mode meanwhile. Returns CONSOLE_DETACHED, CONSOLE_GONE or negative errno. Closes @fd.
 */
int console_attach(int fd, int escape);

#endif
