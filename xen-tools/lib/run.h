/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other programs: run without a shell, their talk in the log, their end awaited. */
#ifndef XT_RUN_H
#define XT_RUN_H

#include <stdbool.h>

#include "text.h"

/* Exit code of @argv, 127 when it cannot be started, 128 + the signal that ended it. */
int run(const char *const argv[]);
/* With @input on its stdin, and what it prints in @output (each may be NULL). */
int run_with(const char *const argv[], const char *input, struct text *output);
/* The same in the tree @root, as chroot(8). */
int run_in(const char *root, const char *const argv[], const char *input, struct text *output);
/* Ends the program with XT_FAILED, @what and the log's reason unless the exit code is 0. */
void run_or_die(const char *what, const char *const argv[]);
/* Whether a program of this name is on PATH, which report_begin() has completed. */
bool program_exists(const char *name);
/* Ends the program with XT_ENVIRONMENT when it is not there; @package has it. */
void need_program(const char *name, const char *package);
/* Waits for @pid, while the stage's time goes on; its exit code as of run(). */
int wait_for(int pid);

#endif
