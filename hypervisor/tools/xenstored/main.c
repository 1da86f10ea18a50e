// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xenstored: options, and the keeper. The keeper is the process that holds the daemon's open files and starts it again when
 * it dies; the daemon takes the keeper's place when that dies. Whoever is killed, the other goes on.
 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "descriptors.h"
#include "server.h"

#define DEFAULT_SOCKET "/run/xenstored/socket"
#define FAILURES_IN_A_ROW 5

enum {
	EXIT_USAGE = 2,
};

static const char usage[] =
	"usage: xenstored [--socket PATH] [--no-domains]\n"
	"\n"
	"  --socket PATH   where clients in dom0 connect (" DEFAULT_SOCKET ")\n"
	"  --no-domains    serve the socket alone; needs no hypervisor\n"
	"  --help          this text\n"
	"\n"
	"Stays in the foreground. Can be killed and started again at any time: state and connections go on.\n";

struct options {
	const char *socket_path;
	bool with_xen;
};

static volatile sig_atomic_t daemon_pid;

/* The daemon is to stop, and the keeper with it. */
static void pass_on(int signal)
{
	if (daemon_pid > 0)
		kill((pid_t)daemon_pid, signal);
}

static int state_open(const struct options *o, struct state **st, int *state_fd)
{
	*st = descriptors_take(state_fd);
	if (*st)
		return 0;
	*st = state_create(state_fd);
	if (!*st)
		return -errno;
	(*st)->listen_fd = socket_listen(o->socket_path);
	return (*st)->listen_fd < 0 ? (*st)->listen_fd : 0;
}

/* A process with the same table of files, which is what makes kill -9 harmless. */
static pid_t fork_sharing_files(void)
{
	return (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, 0);
}

/* In the daemon's process. Does not return, unless it is to become the keeper. */
static void daemon_run(struct state *st, int state_fd, pid_t keeper, const struct options *o)
{
	static struct server server;
	int why;

	prctl(PR_SET_NAME, "xenstored");
	prctl(PR_SET_PDEATHSIG, SIGUSR1);
	descriptors_tidy(st, state_fd);
	if (server_start(&server, st, o->with_xen))
		_exit(EXIT_FAILURE);
	descriptors_keep(st, state_fd, false);
	sd_notify(0, "READY=1");
	why = getppid() == keeper ? server_run(&server) : SERVER_KEEP;
	if (why == SERVER_KEEP)
		return;
	if (why == SERVER_STOP)
		descriptors_keep(st, state_fd, true);
	_exit(why == SERVER_STOP ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* Starts the daemon again and again until it ends by itself; the exit status. */
static int keep(struct state *st, int state_fd, const struct options *o)
{
	struct sigaction action = { .sa_handler = pass_on };
	int failures = 0;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	while (failures < FAILURES_IN_A_ROW) {
		pid_t keeper = getpid(), pid = fork_sharing_files();
		int status;

		if (pid < 0) {
			perror("xenstored: fork");
			return EXIT_FAILURE;
		}
		if (!pid) {
			daemon_run(st, state_fd, keeper, o);
			failures = 0;
			continue; /* the keeper is gone: now this is it */
		}
		prctl(PR_SET_NAME, "xenstore-keeper");
		daemon_pid = pid;
		sigprocmask(SIG_UNBLOCK, &(sigset_t){ { ~0ul } }, NULL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (WIFEXITED(status) && !WEXITSTATUS(status))
			return EXIT_SUCCESS;
		failures = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? 0 : failures + 1;
		syslog(LOG_WARNING, "the daemon ended (status %#x); starting it again", status);
	}
	syslog(LOG_ERR, "the daemon ends again and again; giving up");
	return EXIT_FAILURE;
}

static int options_parse(struct options *o, int argc, char **argv)
{
	static const struct option known[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "no-domains", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 's':
			o->socket_path = optarg;
			break;
		case 'n':
			o->with_xen = false;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		default:
			return -EINVAL;
		}
	}
	return optind < argc ? -EINVAL : 0;
}

int main(int argc, char **argv)
{
	struct options o = { .socket_path = DEFAULT_SOCKET, .with_xen = true };
	struct state *st;
	int state_fd, rc;

	if (options_parse(&o, argc, argv)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	openlog("xenstored", LOG_PID, LOG_DAEMON);
	umask(0077);
	rc = state_open(&o, &st, &state_fd);
	if (rc) {
		fprintf(stderr, "xenstored: %s: %s\n", o.socket_path, strerror(-rc));
		return EXIT_FAILURE;
	}
	return keep(st, state_fd, &o);
}
