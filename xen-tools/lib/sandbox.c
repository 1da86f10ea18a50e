// SPDX-License-Identifier: GPL-2.0-or-later
/* Namespaces to make images in, see sandbox.h and namespaces(7), user_namespaces(7). */
#include "sandbox.h"

#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pwd.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"
#include "run.h"
#include "undo.h"

struct subordinate {
	char start[16], count[16];
};

/* The first range of /etc/subuid or /etc/subgid for the caller. */
static bool find_range(const char *file, struct subordinate *range)
{
	const struct passwd *pw = getpwuid(getuid());
	struct text t = { 0 };
	struct list lines = { 0 };
	char *by_id = xt_printf("%u:", getuid());
	char *by_name = xt_printf("%s:", pw ? pw->pw_name : "");
	bool found = false;

	if (!file_read(file, &t))
		list_split(&lines, text_get(&t), "\n");
	for (size_t i = 0; i < lines.count && !found; i++) {
		const char *line = lines.items[i];

		if (starts_with(line, by_id) || (pw && starts_with(line, by_name)))
			found = sscanf(strchr(line, ':'), ":%15[0-9]:%15[0-9]", range->start,
				       range->count) == 2 &&
				atol(range->count) >= 65536;
	}
	list_free(&lines);
	text_free(&t);
	free(by_id);
	free(by_name);
	return found;
}

static int map(const char *helper, int pid, unsigned int id, const struct subordinate *range)
{
	char *process = xt_printf("%d", pid), *self = xt_printf("%u", id);
	const char *const argv[] = { helper, process,	   "0",	    self, "1",
				     "1",    range->start, "65535", NULL };
	int code = run(argv);

	free(process);
	free(self);
	return code;
}

static void map_ids(int pid, const struct subordinate *uids, const struct subordinate *gids)
{
	if (map("newuidmap", pid, getuid(), uids) || map("newgidmap", pid, getgid(), gids))
		die(XT_ENVIRONMENT, "newuidmap refuses: %s", log_reason());
}

static void need_ids(struct subordinate *uids, struct subordinate *gids)
{
	need_program("newuidmap", "uidmap");
	if (!find_range("/etc/subuid", uids) || !find_range("/etc/subgid", gids))
		die(XT_ENVIRONMENT,
		    "no 65536 subordinate ids for you in /etc/subuid and /etc/subgid: "
		    "run usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER");
}

/* First process of the new namespaces. */
static _Noreturn void inside(int (*work)(void *arg), void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		die(XT_ENVIRONMENT, "mounts of our own: %s", strerror(errno));
	umask(022);
	exit(work(arg));
}

/* Between us and the new namespaces: only the child of a process that asked is in the new PID namespace. */
static _Noreturn void middle(int ready[2], int mapped[2], int (*work)(void *arg), void *arg)
{
	bool root = geteuid() == 0;
	char byte;
	pid_t pid;

	close(ready[0]);
	close(mapped[1]);
	if (unshare((root ? 0 : CLONE_NEWUSER) | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC))
		die(XT_ENVIRONMENT, "the kernel gives no namespaces: %s", strerror(errno));
	if (write(ready[1], "r", 1) != 1 || read(mapped[0], &byte, 1) != 1)
		exit(XT_ENVIRONMENT);
	close(ready[1]);
	close(mapped[0]);
	if (!root && (setgroups(0, NULL) || setresgid(0, 0, 0) || setresuid(0, 0, 0)))
		die(XT_ENVIRONMENT, "root of a namespace: %s", strerror(errno));
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a change of ids has cleared it */
	pid = fork();
	if (pid < 0)
		die(XT_ENVIRONMENT, "fork: %s", strerror(errno));
	if (pid == 0)
		inside(work, arg);
	exit(wait_for(pid));
}

int sandbox_run(int (*work)(void *arg), void *arg)
{
	struct subordinate uids, gids;
	int ready[2], mapped[2], code;
	char byte;
	pid_t pid;

	if (geteuid() != 0)
		need_ids(&uids, &gids);
	if (pipe(ready) || pipe(mapped))
		die(XT_ENVIRONMENT, "pipe: %s", strerror(errno));
	fflush(NULL);
	undo_hold_signals();
	pid = fork();
	if (pid < 0)
		die(XT_ENVIRONMENT, "fork: %s", strerror(errno));
	if (pid > 0)
		undo_child(pid);
	if (pid == 0) {
		undo_in_child();
		/* What the terminal's keys send is for us alone. */
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		middle(ready, mapped, work, arg);
	}
	close(ready[1]);
	close(mapped[0]);
	if (read(ready[0], &byte, 1) == 1) {
		if (geteuid() != 0)
			map_ids(pid, &uids, &gids);
		if (write(mapped[1], "m", 1) != 1)
			report_error("the sandbox ended early");
	}
	close(ready[0]);
	close(mapped[1]);
	code = wait_for(pid);
	undo_child(0);
	return code;
}
