// SPDX-License-Identifier: GPL-2.0-or-later
/* Running of other programs, see run.h. */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"
#include "undo.h"

#define TICK_MS 500

int wait_for(int pid)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), status = 0;

	if (pidfd >= 0) {
		struct pollfd p = { .fd = pidfd, .events = POLLIN };

		while (poll(&p, 1, TICK_MS) <= 0)
			stage_tick();
		close(pidfd);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static _Noreturn void become(const char *root, const char *const argv[], int in, int out)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(log_fd(), STDERR_FILENO) < 0)
		_exit(127);
	if (root && (chroot(root) || chdir("/")))
		_exit(127);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* A file without name that holds @input. */
static int input_file(const char *input)
{
	int fd = input ? (int)syscall(SYS_memfd_create, "input", 1u) :
			 open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || (input && (write(fd, input, strlen(input)) != (ssize_t)strlen(input) ||
				 lseek(fd, 0, SEEK_SET))))
		die(XT_FAILED, "no place for the input of a program: %s", strerror(errno));
	return fd;
}

static void collect(int fd, struct text *output)
{
	char buffer[4096];
	ssize_t count;

	while ((count = read(fd, buffer, sizeof(buffer))) != 0) {
		if (count > 0)
			text_add_bytes(output, buffer, (size_t)count);
		else if (errno != EINTR)
			break;
	}
	close(fd);
}

int run_in(const char *root, const char *const argv[], const char *input, struct text *output)
{
	int ends[2] = { -1, -1 }, in = input_file(input), out = log_fd(), code;
	pid_t pid;

	if (output && pipe2(ends, O_CLOEXEC))
		die(XT_FAILED, "pipe: %s", strerror(errno));
	if (output)
		out = ends[1];
	pid = fork();
	if (pid < 0)
		die(XT_FAILED, "fork: %s", strerror(errno));
	if (pid == 0)
		become(root, argv, in, out);
	undo_child(pid);
	close(in);
	if (output) {
		close(ends[1]);
		collect(ends[0], output);
	}
	code = wait_for(pid);
	undo_child(0);
	return code;
}

int run_with(const char *const argv[], const char *input, struct text *output)
{
	return run_in(NULL, argv, input, output);
}

int run(const char *const argv[])
{
	return run_in(NULL, argv, NULL, NULL);
}

void run_or_die(const char *what, const char *const argv[])
{
	int code = run(argv);

	if (code == 127)
		die(XT_FAILED, "%s: %s cannot be run", what, argv[0]);
	if (code)
		die(XT_FAILED, "%s: %s ended with %d: %s%s%s", what, argv[0], code, log_reason(),
		    log_path() ? "; all of it is in " : "", log_path() ? log_path() : "");
}

bool program_exists(const char *name)
{
	struct list directories = { 0 };
	bool found = false;

	if (strchr(name, '/'))
		return !access(name, X_OK);
	list_split(&directories, getenv("PATH") ? getenv("PATH") : "/usr/sbin:/usr/bin", ":");
	for (size_t i = 0; i < directories.count && !found; i++) {
		char *path = xt_printf("%s/%s", directories.items[i], name);

		found = !access(path, X_OK);
		free(path);
	}
	list_free(&directories);
	return found;
}

void need_program(const char *name, const char *package)
{
	if (!program_exists(name))
		die(XT_ENVIRONMENT, "%s is not installed: run apt-get install %s", name, package);
}
