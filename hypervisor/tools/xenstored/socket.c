// SPDX-License-Identifier: GPL-2.0-or-later
/* Clients in dom0, on the socket that libxenstore connects to. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server.h"

#define BACKLOG 128

int socket_listen(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, r;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	unlink(path);
	mask = umask(0177);
	r = bind(fd, (const struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (r || listen(fd, BACKLOG)) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

int socket_watch(struct server *sv, uint32_t slot)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = slot };

	return epoll_ctl(sv->epoll_fd, EPOLL_CTL_ADD, sv->state->slots[slot].fd, &e) ? -errno : 0;
}

void socket_accept(struct server *sv)
{
	int i = server_slot(sv), fd;
	struct slot *slot;

	fd = accept4(sv->state->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	if (i < 0) {
		close(fd);
		return;
	}
	slot = &sv->state->slots[i];
	slot->fd = fd;
	slot_open(slot, SLOT_SOCKET);
	server_client(sv, (uint32_t)i, 0, true);
	if (socket_watch(sv, (uint32_t)i))
		server_close(sv, (uint32_t)i);
}

/* Ask to be told when there is room again, or no more. */
static void watch_room(struct server *sv, uint32_t i, bool wanted)
{
	struct epoll_event e = { .events = wanted ? EPOLLOUT : EPOLLIN, .data.u32 = i };

	if (sv->connections[i].waits_to_send == wanted)
		return;
	sv->connections[i].waits_to_send = wanted;
	epoll_ctl(sv->epoll_fd, EPOLL_CTL_MOD, sv->state->slots[i].fd, &e);
}

int socket_receive(struct server *sv, uint32_t i, uint32_t limit)
{
	uint32_t moved;

	if (slot_receive(&sv->state->slots[i], limit, &moved) < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	return moved ? 1 : -1;
}

int socket_send(struct server *sv, uint32_t i)
{
	uint32_t moved;

	if (slot_send(&sv->state->slots[i], &moved) < 0) {
		if (errno != EAGAIN && errno != EINTR)
			return -1;
		watch_room(sv, i, true);
		return 0;
	}
	watch_room(sv, i, false);
	return 1;
}
