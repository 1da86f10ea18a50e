// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a device's script as /etc/xen/scripts expects it: the command as its first argument, the device's folder in XENBUS_PATH; the
 * script writes hotplug-status, and hotplug-error if it cannot do its work.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "device.h"

#define SCRIPT_TIMEOUT_MS 60000
#define SCRIPT_LOG	  "/var/log/xen/xen-hotplug.log"

struct script {
	char *path;
	const char *command;
	const char *interface;
	const struct device *device;
};

static void set_variables(const struct script *s)
{
	setenv("PATH", "/usr/lib/xen-zazen/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("XENBUS_PATH", s->device->backend, 1);
	setenv("XENBUS_TYPE", s->device->backend_kind, 1);
	setenv("XENBUS_BASE_PATH", "backend", 1);
	setenv("script", s->path, 1);
	if (s->interface)
		setenv("vif", s->interface, 1);
}

/* In the child. */
static void run(const struct script *s)
{
	const char *argv[4] = { s->path, s->command, s->interface ? "type_if=vif" : NULL, NULL };
	int null = open("/dev/null", O_RDWR);
	int log = open(SCRIPT_LOG, O_WRONLY | O_APPEND | O_CREAT, 0640);
	char *copies[4] = { 0 };

	setsid();
	dup2(null, 0);
	dup2(log < 0 ? null : log, 1);
	dup2(log < 0 ? null : log, 2);
	set_variables(s);
	for (unsigned int i = 0; i < 3 && argv[i]; i++)
		copies[i] = alloc_string(argv[i]);
	execv(s->path, copies);
	_exit(127);
}

/* The exit status, or -1: it took too long and was ended. */
static int wait_for(pid_t pid)
{
	struct pollfd pfd = { .fd = pidfd_open(pid, 0), .events = POLLIN };
	bool late = pfd.fd >= 0 && poll(&pfd, 1, SCRIPT_TIMEOUT_MS) == 0;
	int status;

	if (late)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pfd.fd >= 0)
		close(pfd.fd);
	if (late)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool judge(struct guest_host *host, const struct script *s, int status)
{
	char *state = store_read(host, "%s/hotplug-status", s->device->backend);
	char *error = store_read(host, "%s/hotplug-error", s->device->backend);
	bool failed = status || (state && (!strcmp(state, "error") || !strcmp(state, "busy")));

	if (failed && error)
		report_error(host->report, "%s %s: %s", s->path, s->command, error);
	else if (failed && status < 0)
		report_error(host->report, "%s %s: took more than %d s", s->path, s->command,
			     SCRIPT_TIMEOUT_MS / 1000);
	else if (failed)
		report_error(host->report, "%s %s: failed with status %d; see " SCRIPT_LOG, s->path,
			     s->command, status);
	free(state);
	free(error);
	return !failed;
}

char *device_script_path(const char *script)
{
	static const char *const folders[] = { HOST_SCRIPTS, HOST_OWN_SCRIPTS };

	if (*script == '/')
		return alloc_string(script);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char *path = alloc_format("%s/%s", folders[i], script);

		if (!access(path, F_OK))
			return path;
		free(path);
	}
	return alloc_format(HOST_SCRIPTS "/%s", script);
}

bool device_script(struct guest_host *host, const struct device *d, const char *script,
		   const char *command, const char *interface)
{
	struct script s = { .command = command, .interface = interface, .device = d };
	bool good = false;
	pid_t pid;

	if (!host->settings.run_hotplug_scripts)
		return true;
	s.path = device_script_path(script);
	if (access(s.path, X_OK)) {
		report_error(host->report, "the script %s cannot be run: %s", s.path,
			     strerror(errno));
	} else {
		pid = fork();
		if (!pid)
			run(&s);
		if (pid < 0)
			report_error(host->report, "%s: %s", s.path, strerror(errno));
		else
			good = judge(host, &s, wait_for(pid));
	}
	free(s.path);
	return good;
}
