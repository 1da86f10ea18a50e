/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was made is taken back unless undo_commit() is reached.  A small process, the keeper, holds the list: it acts when
 * the last process of this program is gone, however that one ended (kill -9 included).
 */
#ifndef XT_UNDO_H
#define XT_UNDO_H

#include <stdbool.h>

enum undo_kind {
	UNDO_UNLINK = 'u',   /* a file */
	UNDO_RMDIR = 'r',    /* a directory, if empty */
	UNDO_TREE = 't',     /* a directory with all in it, also what users of our namespace own */
	UNDO_LVM = 'l',	     /* a logical volume, GROUP/NAME */
	UNDO_ZFS = 'z',	     /* a ZFS volume */
	UNDO_ADDRESS = 'a',  /* an address taken from the pool */
	UNDO_HOSTS = 'h',    /* a name added to /etc/hosts */
};

/* Starts the keeper.  With @keep only what was a place to work in is taken back. */
void undo_begin(bool keep);
/* Told before the thing is made.  Taken back in reverse order. */
void undo_add(enum undo_kind kind, const char *argument);
/* All is well: nothing will be taken back. */
void undo_commit(void);
/*
 * Before a fork: a signal waits until undo_child() in the parent and undo_in_child() in the child, or it would not end a child
 * that nobody knows yet, and wait for it.
 */
void undo_hold_signals(void);
void undo_release_signals(void);
/* The child that a signal has to end first, or 0. */
void undo_child(int pid);
/* In a forked child that goes on in this program: signals are the parent's business. */
void undo_in_child(void);

/* SIGINT, SIGTERM and SIGHUP end the program with XT_INTERRUPTED after taking back. */
void undo_catch_signals(void);

#endif
