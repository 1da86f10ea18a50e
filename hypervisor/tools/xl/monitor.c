// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The process that stands by a guest until its end, and does then what on_poweroff, on_reboot, on_crash and on_watchdog say. It is a
 * session of its own, so it survives who started it; it needs nothing but the guest's UUID and kept configuration, so another one can take
 * its place at any time ("xl monitor DOMAIN").
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <guest/alloc.h>
#include <guest/device.h>
#include <guest/store.h>

#include <xen/sched.h>

#include "xl.h"

#define LOGS		"/var/log/xen"
#define MONITORS	HOST_RUN "/monitors"
#define SHORT_LIFE_S	10 /* a guest that crashes sooner would do so again */
#define RECONNECT_S	1

struct watcher {
	struct xl *xl;
	unsigned int domid;
	struct guest_config config;
	time_t started;
	int place; /* the lock on the guest's file in MONITORS */
};

static void log_line(const struct watcher *w, const char *what, const char *more)
{
	char when[32];
	time_t now = time(NULL);
	struct tm t;

	strftime(when, sizeof(when), "%F %T", localtime_r(&now, &t));
	fprintf(stderr, "%s domain %s (%u): %s%s\n", when, w->config.name, w->domid, what, more);
}

/* One monitor a guest: the lock ends with the process. False: there is one. */
static bool take_place(struct watcher *w)
{
	char uuid[GUEST_UUID_TEXT], *path;
	int fd;

	guest_uuid_text(w->config.uuid, uuid);
	mkdir(HOST_RUN, 0700);
	mkdir(MONITORS, 0700);
	path = alloc_format(MONITORS "/%s", uuid);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	free(path);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		fd = -1;
	}
	w->place = fd;
	return fd >= 0;
}

static void leave_place(struct watcher *w)
{
	char uuid[GUEST_UUID_TEXT], *path;

	guest_uuid_text(w->config.uuid, uuid);
	path = alloc_format(MONITORS "/%s", uuid);
	unlink(path);
	free(path);
	close(w->place);
	w->place = -1;
}

/* The store tells of each domain that shuts down or goes. A store that went is looked for again. */
static void wait_event(struct watcher *w)
{
	struct guest_host *host = &w->xl->host;
	struct pollfd pfd = { .fd = xs_fileno(host->store), .events = POLLIN };
	struct timespec pause = { .tv_sec = RECONNECT_S };
	char **event;

	if (poll(&pfd, 1, -1) > 0 && !(pfd.revents & (POLLHUP | POLLERR))) {
		errno = 0;
		while ((event = xs_check_watch(host->store)))
			free(event);
		if (errno == EAGAIN)
			return;
	}
	do {
		nanosleep(&pause, NULL);
		xs_close(host->store);
		host->store = xs_open(0);
	} while (!host->store || !xs_watch(host->store, "@releaseDomain", "monitor"));
}

static bool destroy(struct watcher *w)
{
	int lock = guest_host_lock(&w->xl->host);
	bool good;

	if (lock < 0)
		return false;
	good = guest_destroy(&w->xl->host, w->domid);
	guest_host_unlock(lock);
	return good;
}

static bool create_again(struct watcher *w)
{
	struct guest_host *host = &w->xl->host;
	int lock = guest_host_lock(host);
	bool good;

	if (lock < 0)
		return false;
	good = guest_create(host, &w->config, &w->domid);
	guest_host_unlock(lock);
	if (good && ctrl_domain_unpause(host->ctrl, (domid_t)w->domid)) {
		destroy(w);
		good = false;
	}
	w->started = time(NULL);
	log_line(w, good ? "started again" : "cannot be started again", "");
	return good;
}

/*
 * The name is for the next one, and so are the disks: the one that ended keeps its domain, with its memory and its last words, under
 * another name and without devices.
 */
static void rename_ended(struct watcher *w)
{
	struct guest_host *host = &w->xl->host;
	char uuid[GUEST_UUID_TEXT], *path = alloc_format("/local/domain/%u/name", w->domid), *name;
	int lock = guest_host_lock(host);
	unsigned int n = 1;

	for (;;) {
		name = alloc_format("%s-%u", w->config.name, n++);
		if (guest_find_name(host, name) < 0)
			break;
		free(name);
	}
	store_write(host, path, name);
	free(path);
	guest_uuid_text(w->config.uuid, uuid);
	path = alloc_format("/vm/%s/name", uuid);
	store_write(host, path, name);
	free(path);
	device_remove_all(host, w->domid);
	guest_host_unlock(lock);
	log_line(w, "is kept as ", name);
	free(name);
	leave_place(w);
	guest_uuid_random(w->config.uuid);
	take_place(w);
}

/* Whether there is a next life. */
static bool carry_out(struct watcher *w, enum guest_action action, bool crashed)
{
	if (action == ACTION_RESTART && crashed && time(NULL) - w->started < SHORT_LIFE_S) {
		log_line(w, "crashed right after its start: destroyed", "");
		action = ACTION_DESTROY;
	}
	switch (action) {
	case ACTION_DESTROY:
		destroy(w);
		return false;
	case ACTION_RESTART:
		return destroy(w) && create_again(w);
	case ACTION_RENAME_RESTART:
		rename_ended(w);
		return create_again(w);
	default:
		return false;
	}
}

/* A configuration that xl changed meanwhile counts. */
static void read_config(struct watcher *w)
{
	struct guest_config fresh;

	if (guest_config_load(w->config.uuid, &fresh)) {
		guest_config_free(&w->config);
		w->config = fresh;
	} else {
		guest_config_free(&fresh);
	}
}

static bool has_shut_down(struct watcher *w, unsigned int reason)
{
	static const char *const words[] = { "poweroff", "reboot", "suspend", "crash", "watchdog" };
	const char *word = reason < 5 ? words[reason] : "unknown";

	read_config(w);
	log_line(w, "shut down: ", word);
	switch (reason) {
	case SHUTDOWN_reboot:
		return carry_out(w, w->config.on_reboot, false);
	case SHUTDOWN_crash:
		return carry_out(w, w->config.on_crash, true);
	case SHUTDOWN_watchdog:
		return carry_out(w, w->config.on_watchdog, true);
	case SHUTDOWN_soft_reset:
		return carry_out(w, w->config.on_soft_reset, false);
	default:
		return carry_out(w, w->config.on_poweroff, false);
	}
}

/* Somebody destroys it, or has done so, and may have been killed in between: with the lock that one is done. */
static void complete_end(struct watcher *w)
{
	struct guest_host *host = &w->xl->host;
	struct xen_domctl_getdomaininfo info;
	int lock = guest_host_lock(host);

	if (!ctrl_domain_info(host->ctrl, (domid_t)w->domid, &info) &&
	    !memcmp(info.handle, w->config.uuid, sizeof(info.handle)))
		guest_destroy(host, w->domid);
	else
		guest_sweep(host);
	guest_host_unlock(lock);
	log_line(w, "is gone", "");
}

/* One look at the domain. False: there is nothing left to stand by. */
static bool look(struct watcher *w)
{
	struct xen_domctl_getdomaininfo info;
	unsigned int reason;

	if (ctrl_domain_info(w->xl->host.ctrl, (domid_t)w->domid, &info) ||
	    memcmp(info.handle, w->config.uuid, sizeof(info.handle)) ||
	    info.flags & XEN_DOMINF_dying) {
		complete_end(w);
		return false;
	}
	reason = info.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
	/* Who suspended it takes care of it. */
	if (!(info.flags & XEN_DOMINF_shutdown) || reason == SHUTDOWN_suspend)
		return true;
	return has_shut_down(w, reason);
}

static int stand_by(struct xl *xl, unsigned int domid)
{
	struct watcher w = { .xl = xl, .domid = domid, .started = time(NULL) };
	struct xen_domctl_getdomaininfo info;

	if (ctrl_domain_info(xl->host.ctrl, (domid_t)domid, &info))
		return XL_NO_DOMAIN;
	if (!guest_config_load(info.handle, &w.config)) {
		report_error(&xl->report, "the configuration of domain %u is not known", domid);
		guest_config_free(&w.config);
		return XL_FAILED;
	}
	if (!take_place(&w)) {
		guest_config_free(&w.config);
		return XL_OK;
	}
	if (xs_watch(xl->host.store, "@releaseDomain", "monitor"))
		while (look(&w))
			wait_event(&w);
	leave_place(&w);
	guest_config_free(&w.config);
	return XL_OK;
}

int verb_monitor(struct xl *xl, int argc, char **argv)
{
	int domid;

	if (argc != 2)
		return xl_usage(xl);
	prctl(PR_SET_NAME, "xl-monitor");
	domid = xl_domain(xl, argv[1]);
	return domid < 0 ? XL_NO_DOMAIN : stand_by(xl, (unsigned int)domid);
}

/* In the child: a session of its own, messages to the guest's log. */
static void become_monitor(unsigned int domid, const char *name)
{
	char *log_path = alloc_format(LOGS "/xl-%s.log", name);
	char *argv[4] = { alloc_string("xl"), alloc_string("monitor"), alloc_format("%u", domid),
			  NULL };
	int null = open("/dev/null", O_RDWR), log;

	setsid();
	if (fork())
		_exit(0);
	log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	dup2(null, 0);
	dup2(log < 0 ? null : log, 1);
	dup2(log < 0 ? null : log, 2);
	if (chdir("/"))
		_exit(1);
	execv("/proc/self/exe", argv);
	_exit(1);
}

int xl_monitor_start(struct xl *xl, unsigned int domid, bool foreground)
{
	char *name;
	pid_t pid;
	int status;

	if (foreground)
		return stand_by(xl, domid);
	name = guest_name(&xl->host, domid);
	pid = fork();
	if (!pid)
		become_monitor(domid, name);
	free(name);
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -1;
}
