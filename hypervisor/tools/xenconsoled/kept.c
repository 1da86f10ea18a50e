// SPDX-License-Identifier: GPL-2.0-or-later
/* Terminals across deaths, see kept.h. */
#include "kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define NAME_SIZE 40

struct kept {
	char **names; /* NULL where somebody took it */
	int count;
};

static void name_format(char name[static NAME_SIZE], uint16_t domid, unsigned int device)
{
	snprintf(name, NAME_SIZE, "console-%u-%u", domid, device);
}

struct kept *kept_open(void)
{
	struct kept *k = calloc(1, sizeof(*k));

	if (k)
		k->count = sd_listen_fds_with_names(1, &k->names);
	return k;
}

int kept_take(struct kept *k, uint16_t domid, unsigned int device)
{
	char name[NAME_SIZE];

	name_format(name, domid, device);
	for (int i = 0; k && i < k->count; i++) {
		if (!k->names[i] || strcmp(k->names[i], name))
			continue;
		free(k->names[i]);
		k->names[i] = NULL;
		return SD_LISTEN_FDS_START + i;
	}
	return -1;
}

static void forget(const char *name)
{
	sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=%s", name);
}

void kept_close(struct kept *k)
{
	if (!k)
		return;
	for (int i = 0; i < k->count; i++) {
		if (!k->names[i])
			continue;
		forget(k->names[i]);
		close(SD_LISTEN_FDS_START + i);
		free(k->names[i]);
	}
	free(k->names);
	free(k);
}

/* Without FDPOLL=0 systemd would drop a terminal that nobody has open. */
void kept_put(uint16_t domid, unsigned int device, int fd)
{
	char name[NAME_SIZE], text[NAME_SIZE + 64];

	name_format(name, domid, device);
	snprintf(text, sizeof(text), "FDSTORE=1\nFDPOLL=0\nFDNAME=%s", name);
	sd_pid_notify_with_fds(0, 0, text, &fd, 1);
}

void kept_forget(uint16_t domid, unsigned int device)
{
	char name[NAME_SIZE];

	name_format(name, domid, device);
	forget(name);
}
