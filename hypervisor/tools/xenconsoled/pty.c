// SPDX-License-Identifier: GPL-2.0-or-later
/* A console's terminal, see pty.h. */
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/* The guest's kernel does what a line discipline would do. */
static int make_raw(const char *name)
{
	int fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios t;
	int r;

	if (fd < 0)
		return -errno;
	r = tcgetattr(fd, &t);
	if (!r) {
		cfmakeraw(&t);
		r = tcsetattr(fd, TCSANOW, &t);
	}
	r = r || fchmod(fd, 0600) ? -errno : 0;
	close(fd);
	return r;
}

int pty_name(int fd, char name[static PTY_NAME_SIZE])
{
	return -ptsname_r(fd, name, PTY_NAME_SIZE);
}

int pty_open(void)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), r;
	char name[PTY_NAME_SIZE];

	if (fd < 0)
		return -errno;
	r = unlockpt(fd) ? -errno : pty_name(fd, name);
	if (!r)
		r = make_raw(name);
	if (!r)
		return fd;
	close(fd);
	return r;
}

bool pty_has_client(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) >= 0 && !(p.revents & POLLHUP);
}
