// SPDX-License-Identifier: GPL-2.0-or-later
/* The keeper of what has to be taken back, see undo.h. */
#include "undo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host_files.h"
#include "report.h"
#include "run.h"
#include "sandbox.h"
#include "text.h"

#define RECORD_MOST 4096

static int keeper_pipe = -1;
static pid_t keeper, child;
static bool is_child, keeps_guest;

static int remove_tree(void *path)
{
	const char *const argv[] = { "rm", "-rf", "--one-file-system", path, NULL };

	return run(argv);
}

static void take_back(char *record)
{
	char *argument = record + 1;

	switch ((enum undo_kind) * record) {
	case UNDO_UNLINK:
		unlink(argument);
		break;
	case UNDO_RMDIR:
		rmdir(argument);
		break;
	case UNDO_TREE:
		sandbox_run(remove_tree, argument);
		break;
	case UNDO_LVM:
		run((const char *const[]){ "lvremove", "-f", "-q", argument, NULL });
		break;
	case UNDO_ZFS:
		run((const char *const[]){ "zfs", "destroy", argument, NULL });
		break;
	case UNDO_ADDRESS:
		pool_release(argument);
		break;
	case UNDO_HOSTS:
		hosts_remove(argument);
		break;
	}
}

/* Reads records, each ended by a zero byte, until all writers are gone or one commits with 'c'. */
static _Noreturn void keep(int fd)
{
	struct text all = { 0 };
	struct list records = { 0 };
	char buffer[RECORD_MOST];
	ssize_t count;

	for (;;) {
		count = read(fd, buffer, sizeof(buffer));
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			break;
		text_add_bytes(&all, buffer, (size_t)count);
	}
	for (size_t at = 0; at < all.length; at += strlen(all.data + at) + 1)
		list_add(&records, all.data + at);
	if (list_has(&records, "c"))
		_exit(0);
	for (size_t i = records.count; i > 0; i--)
		take_back(records.items[i - 1]);
	_exit(0);
}

/* Only calls that are safe in a signal handler. */
static void end_everything(void)
{
	if (child > 0) {
		kill(child, SIGKILL);
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (keeper_pipe >= 0 && keeper > 0 && !is_child) {
		close(keeper_pipe);
		while (waitpid(keeper, NULL, 0) < 0 && errno == EINTR)
			;
		keeper = 0;
	}
}

static void on_signal(int signal_number)
{
	static const char said[] = "\ninterrupted: everything is taken back\n";

	(void)signal_number;
	if (keeper > 0 && write(STDERR_FILENO, said, sizeof(said) - 1) < 0)
		_exit(XT_INTERRUPTED);
	end_everything();
	_exit(XT_INTERRUPTED);
}

static void on_exit_take_back(void)
{
	if (!is_child)
		end_everything();
}

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

static sigset_t caught_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (int i = 0; i < 3; i++)
		sigaddset(&set, signals[i]);
	return set;
}

void undo_catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_mask = caught_signals() };

	for (int i = 0; i < 3; i++)
		sigaction(signals[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

void undo_release_signals(void)
{
	sigset_t set = caught_signals();

	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void undo_hold_signals(void)
{
	sigset_t set = caught_signals();

	sigprocmask(SIG_BLOCK, &set, NULL);
}

void undo_begin(bool keep_guest)
{
	int ends[2];

	keeps_guest = keep_guest;

	if (pipe(ends))
		die(XT_ENVIRONMENT, "pipe: %s", strerror(errno));
	fflush(NULL);
	keeper = fork();
	if (keeper < 0)
		die(XT_ENVIRONMENT, "fork: %s", strerror(errno));
	if (keeper == 0) {
		keeper = 0;
		is_child = true;
		setsid();
		signal(SIGINT, SIG_IGN);
		signal(SIGTERM, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		close(ends[1]);
		keep(ends[0]);
	}
	close(ends[0]);
	/* The writing end goes to all children: the keeper waits until the last of them is gone. */
	keeper_pipe = ends[1];
	atexit(on_exit_take_back);
}

void undo_add(enum undo_kind kind, const char *argument)
{
	char *record;

	/* Directories go only when they are empty. */
	if (keeper_pipe < 0 || (keeps_guest && kind != UNDO_TREE && kind != UNDO_RMDIR))
		return;
	record = xt_printf("%c%s", kind, argument);
	if (strlen(record) >= RECORD_MOST ||
	    write(keeper_pipe, record, strlen(record) + 1) != (ssize_t)strlen(record) + 1)
		die(XT_FAILED, "%s cannot be remembered for taking back", argument);
	free(record);
}

void undo_commit(void)
{
	if (keeper_pipe >= 0 && write(keeper_pipe, "c", 2) != 2)
		report_error("the keeper is gone");
	end_everything();
	keeper_pipe = -1;
}

void undo_child(int pid)
{
	child = pid;
	undo_release_signals();
}

void undo_in_child(void)
{
	is_child = true;
	child = 0;
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	undo_release_signals();
}
