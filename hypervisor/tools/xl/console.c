// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attaches the terminal to a guest's console: xenconsoled names a pseudo terminal in the store (misc/console.txt in
 * xen-doc), between which and ours bytes are carried until Ctrl-] or the end of the guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <guest/alloc.h>
#include <guest/store.h>

#include "xl.h"

#define DETACH	   0x1d /* Ctrl-] */
#define TTY_WAIT_S 10

/* The path of the pseudo terminal; NULL and told. To be freed. */
static char *find_tty(struct xl *xl, unsigned int domid, bool wait)
{
	struct pollfd pfd = { .fd = xs_fileno(xl->host.store), .events = POLLIN };
	char *path = alloc_format("/local/domain/%u/console/tty", domid), *tty, **event;
	time_t deadline = time(NULL) + (wait ? TTY_WAIT_S : 0);

	if (!xs_watch(xl->host.store, path, "tty")) {
		free(path);
		return NULL;
	}
	for (;;) {
		tty = store_read(&xl->host, "%s", path);
		if ((tty && *tty) || time(NULL) >= deadline)
			break;
		free(tty);
		poll(&pfd, 1, 1000);
		while ((event = xs_check_watch(xl->host.store)))
			free(event);
	}
	xs_unwatch(xl->host.store, path, "tty");
	if (!tty || !*tty) {
		report_error(&xl->report, "the domain has no console: is xenconsoled running?");
		free(tty);
		tty = NULL;
	}
	free(path);
	return tty;
}

static bool make_raw(struct termios *old)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, old))
		return false;
	raw = *old;
	cfmakeraw(&raw);
	return !tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
}

static bool write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		length -= (size_t)n;
	}
	return true;
}

/* False: it is over. */
static bool carry_out(int tty)
{
	char bytes[4096];
	ssize_t n = read(tty, bytes, sizeof(bytes));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	return n > 0 && write_all(STDOUT_FILENO, bytes, (size_t)n);
}

/* What is typed goes to the guest, up to Ctrl-]. @open: ours has not ended. */
static bool carry_in(int tty, bool *open)
{
	char bytes[256], *detach;
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0) {
		*open = false;
		return true;
	}
	detach = memchr(bytes, DETACH, (size_t)n);
	return write_all(tty, bytes, detach ? (size_t)(detach - bytes) : (size_t)n) && !detach;
}

static void carry(int tty)
{
	bool input = true;

	for (;;) {
		struct pollfd pfds[2] = {
			{ .fd = tty, .events = POLLIN },
			{ .fd = input ? STDIN_FILENO : -1, .events = POLLIN },
		};

		if (poll(pfds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		if (pfds[0].revents && !carry_out(tty))
			return;
		if (pfds[1].revents && !carry_in(tty, &input))
			return;
	}
}

int xl_console_attach(struct xl *xl, unsigned int domid, bool wait_for_tty)
{
	char *path = find_tty(xl, domid, wait_for_tty);
	struct termios old, raw;
	bool is_terminal;
	int tty;

	if (!path)
		return XL_FAILED;
	tty = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tty < 0) {
		report_error(&xl->report, "%s: %s", path, strerror(errno));
		free(path);
		return XL_FAILED;
	}
	free(path);
	/* Nothing is to be echoed or changed on the way to the guest. */
	if (!tcgetattr(tty, &raw)) {
		cfmakeraw(&raw);
		tcsetattr(tty, TCSANOW, &raw);
	}
	is_terminal = make_raw(&old);
	carry(tty);
	if (is_terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
		putchar('\n');
	}
	close(tty);
	return XL_OK;
}

int verb_console(struct xl *xl, int argc, char **argv)
{
	int c, domid;

	while ((c = getopt(argc, argv, "t:n:e:")) != -1) {
		if (c == '?')
			return xl_usage(xl);
		if ((c == 't' && strcmp(optarg, "pv")) || (c == 'n' && strcmp(optarg, "0"))) {
			report_error(&xl->report, "PV guests have the console 'pv', number 0");
			return XL_FAILED;
		}
	}
	if (argc - optind != 1)
		return xl_usage(xl);
	domid = xl_domain(xl, argv[optind]);
	if (domid < 0)
		return XL_NO_DOMAIN;
	return xl_console_attach(xl, (unsigned int)domid, true);
}
