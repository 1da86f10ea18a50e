// SPDX-License-Identifier: GPL-2.0-or-later
/* Open files across deaths, see descriptors.h. */
#include "descriptors.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

static void keep_one(int fd, const char *name)
{
	char text[64];

	if (fd < 0)
		return;
	snprintf(text, sizeof(text), "FDSTORE=1\nFDNAME=%s", name);
	sd_pid_notify_with_fds(0, 0, text, &fd, 1);
}

void descriptors_keep(const struct state *st, int state_fd, bool connections)
{
	char name[32];

	if (!connections) {
		keep_one(state_fd, "state");
		keep_one(st->journal_fd[0], "journal-0");
		keep_one(st->journal_fd[1], "journal-1");
		keep_one(st->listen_fd, "listen");
		keep_one(st->evtchn_fd, "evtchn");
		return;
	}
	for (int i = 0; i < SLOT_COUNT; i++) {
		if (st->slots[i].kind != SLOT_SOCKET)
			continue;
		snprintf(name, sizeof(name), "slot-%d", i);
		keep_one(st->slots[i].fd, name);
	}
}

static int fd_named(char **names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return SD_LISTEN_FDS_START + i;
	return -1;
}

struct state *descriptors_take(int *state_fd)
{
	char **names = NULL, name[32];
	int count = sd_listen_fds_with_names(0, &names);
	int fd = count > 0 ? fd_named(names, count, "state") : -1;
	struct state *st = fd >= 0 ? state_attach(fd) : NULL;

	if (st) {
		*state_fd = fd;
		st->journal_fd[0] = fd_named(names, count, "journal-0");
		st->journal_fd[1] = fd_named(names, count, "journal-1");
		st->listen_fd = fd_named(names, count, "listen");
		st->evtchn_fd = fd_named(names, count, "evtchn");
		for (int i = 0; i < SLOT_COUNT; i++) {
			snprintf(name, sizeof(name), "slot-%d", i);
			if (st->slots[i].kind == SLOT_SOCKET)
				st->slots[i].fd = fd_named(names, count, name);
		}
	}
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return st;
}

/* Is @fd a connection that came over our socket? */
static bool is_accepted(const struct state *st, int fd)
{
	struct sockaddr_un ours = { 0 }, its = { 0 };
	socklen_t our_size = sizeof(ours), its_size = sizeof(its), size = sizeof(int);
	int listens = 1;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) || listens)
		return false;
	if (getsockname(st->listen_fd, (struct sockaddr *)&ours, &our_size) ||
	    getsockname(fd, (struct sockaddr *)&its, &its_size))
		return false;
	return our_size == its_size && !memcmp(&ours, &its, our_size);
}

static void adopt(struct state *st, int fd)
{
	for (int i = 0; i < SLOT_COUNT; i++) {
		struct slot *slot = &st->slots[i];

		if (slot->kind != SLOT_FREE)
			continue;
		slot_prepare(slot);
		slot->fd = fd;
		slot_open(slot, SLOT_SOCKET);
		return;
	}
	close(fd);
}

static bool is_known(const struct state *st, int state_fd, int fd)
{
	return fd <= STDERR_FILENO || fd == state_fd || fd == st->journal_fd[0] ||
	       fd == st->journal_fd[1] || fd == st->listen_fd || fd == st->evtchn_fd;
}

void descriptors_tidy(struct state *st, int state_fd)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int highest = -1;
	bool *is_open;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		int fd = atoi(entry->d_name);

		highest = fd > highest ? fd : highest;
	}
	rewinddir(dir);
	is_open = calloc((size_t)highest + 1, sizeof(*is_open));
	while (is_open && (entry = readdir(dir))) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && fd <= highest && fd != dirfd(dir))
			is_open[fd] = !is_known(st, state_fd, fd);
	}
	closedir(dir);
	if (!is_open)
		return;

	for (int i = 0; i < SLOT_COUNT; i++)
		if (st->slots[i].kind == SLOT_SOCKET && st->slots[i].fd >= 0 &&
		    st->slots[i].fd <= highest)
			is_open[st->slots[i].fd] = false;
	for (int fd = 0; fd <= highest; fd++) {
		if (!is_open[fd])
			continue;
		if (is_accepted(st, fd))
			adopt(st, fd);
		else
			close(fd);
	}
	free(is_open);
}
