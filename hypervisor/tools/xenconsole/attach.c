// SPDX-License-Identifier: GPL-2.0-or-later
/* Attaching to a guest's console, see attach.h. */
#include "attach.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PATH_SIZE 96
#define PTS_MAJOR_FIRST 136 /* Documentation/admin-guide/devices.txt of Linux: 136-143 */
#define PTS_MAJOR_LAST 143

/* Bytes on their way in one direction. */
struct flow {
	int from, to;
	bool has_ended; /* @from gives no more */
	size_t first, count;
	char bytes[4096];
};

/* Where the store names the terminal (misc/console.txt in xen-doc). */
static void tty_path(char path[static PATH_SIZE], unsigned int domid, enum console_type type,
		     unsigned int number)
{
	if (type == CONSOLE_SERIAL)
		snprintf(path, PATH_SIZE, "/local/domain/%u/serial/%u/tty", domid, number);
	else if (number)
		snprintf(path, PATH_SIZE, "/local/domain/%u/device/console/%u/tty", domid, number);
	else
		snprintf(path, PATH_SIZE, "/local/domain/%u/console/tty", domid);
}

/* A guest may own the node: nothing but a pseudo-terminal is opened on its word, and only if nobody has it. */
static int tty_open(const char *name)
{
	struct stat st;
	int fd;

	if (strncmp(name, "/dev/pts/", 9))
		return -EPERM;
	fd = open(name, O_RDWR | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISCHR(st.st_mode) || major(st.st_rdev) < PTS_MAJOR_FIRST ||
	    major(st.st_rdev) > PTS_MAJOR_LAST) {
		close(fd);
		return -EPERM;
	}
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return -EBUSY;
	}
	return fd;
}

static bool domain_exists(struct xs_handle *xs, unsigned int domid)
{
	char path[PATH_SIZE];
	unsigned int length;
	void *value;
	bool exists;

	snprintf(path, sizeof(path), "/local/domain/%u", domid);
	value = xs_read(xs, XBT_NULL, path, &length);
	exists = value;
	free(value);
	return exists;
}

/* -EAGAIN: it is not there yet. */
static int tty_try(struct xs_handle *xs, const char *path, unsigned int domid)
{
	unsigned int length;
	char *name = xs_read(xs, XBT_NULL, path, &length);
	int fd;

	if (!name || !length) {
		free(name);
		return domain_exists(xs, domid) ? -EAGAIN : -ESRCH;
	}
	fd = tty_open(name);
	free(name);
	/* A name that the last daemon left; the next one writes its own. */
	return fd == -ENOENT || fd == -EIO ? -EAGAIN : fd;
}

static long long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

int console_open(struct xs_handle *xs, unsigned int domid, enum console_type type,
		 unsigned int number, int seconds)
{
	struct pollfd changed = { .fd = xs_fileno(xs), .events = POLLIN };
	long long deadline = milliseconds() + seconds * 1000ll;
	char path[PATH_SIZE];
	int rc;

	tty_path(path, domid, type, number);
	if (!xs_watch(xs, path, "tty") || !xs_watch(xs, "@releaseDomain", "tty"))
		return -errno;
	while ((rc = tty_try(xs, path, domid)) == -EAGAIN) {
		long long left = deadline - milliseconds();
		char **event;

		if (seconds >= 0 && left <= 0) {
			rc = -ETIMEDOUT;
			break;
		}
		/* The node's watch may have fired before its terminal was ready: look again by and by. */
		if (poll(&changed, 1, seconds >= 0 && left < 1000 ? (int)left : 1000) < 0 &&
		    errno != EINTR) {
			rc = -errno;
			break;
		}
		while ((event = xs_check_watch(xs)))
			free(event);
	}
	xs_unwatch(xs, "@releaseDomain", "tty");
	xs_unwatch(xs, path, "tty");
	return rc;
}

/* 1: some bytes moved or none are there, 0: the end. */
static int flow_read(struct flow *f)
{
	ssize_t n = read(f->from, f->bytes, sizeof(f->bytes));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	if (n <= 0) {
		f->has_ended = true;
		return 0;
	}
	f->first = 0;
	f->count = (size_t)n;
	return 1;
}

static int flow_write(struct flow *f)
{
	ssize_t n = write(f->to, f->bytes + f->first, f->count);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 1 : 0;
	f->first += (size_t)n;
	f->count -= (size_t)n;
	return 1;
}

static short wants(const struct flow *f, bool to_read)
{
	if (to_read)
		return !f->count && !f->has_ended ? POLLIN : 0;
	return f->count ? POLLOUT : 0;
}

/* What was typed before the key goes on; true: the key is among it. */
static bool escape_find(struct flow *f, int escape)
{
	const char *at = escape < 0 ? NULL : memchr(f->bytes, escape, f->count);

	if (!at)
		return false;
	f->count = (size_t)(at - f->bytes);
	return true;
}

static int pump(int fd, int escape)
{
	static struct flow typed, shown;
	struct pollfd p[3];

	typed = (struct flow){ .from = STDIN_FILENO, .to = fd };
	shown = (struct flow){ .from = fd, .to = STDOUT_FILENO };
	for (;;) {
		p[0] = (struct pollfd){ STDIN_FILENO, wants(&typed, true), 0 };
		p[1] = (struct pollfd){ fd, (short)(wants(&shown, true) | wants(&typed, false)),
					0 };
		p[2] = (struct pollfd){ STDOUT_FILENO, wants(&shown, false), 0 };
		/* poll(2) tells of a hang-up even where nothing is asked for */
		p[0].fd = p[0].events ? p[0].fd : -1;
		p[2].fd = p[2].events ? p[2].fd : -1;
		if (poll(p, 3, -1) < 0 && errno != EINTR)
			return -errno;

		if (p[1].revents & (POLLIN | POLLHUP | POLLERR) && wants(&shown, true) &&
		    !flow_read(&shown))
			return CONSOLE_GONE;
		if (p[2].revents && !flow_write(&shown))
			return CONSOLE_DETACHED;
		if (p[1].revents & POLLOUT && !flow_write(&typed))
			return CONSOLE_GONE;
		if (p[0].revents) {
			if (!flow_read(&typed))
				return CONSOLE_DETACHED;
			if (escape_find(&typed, escape)) {
				flow_write(&typed);
				return CONSOLE_DETACHED;
			}
		}
	}
}

int console_attach(int fd, int escape)
{
	struct termios before, raw;
	bool is_terminal = !tcgetattr(STDIN_FILENO, &before);
	int rc;

	if (is_terminal) {
		raw = before;
		cfmakeraw(&raw);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	rc = pump(fd, escape);
	if (is_terminal)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	close(fd);
	return rc;
}
