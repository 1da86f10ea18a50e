// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration of each running guest in a file, which is replaced as a whole. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "guest.h"

#define FOLDER	 HOST_RUN "/guests"
#define SIZE_MAX_JSON (1024 * 1024)

static char *path_of(const uint8_t uuid[GUEST_UUID_LENGTH], const char *suffix)
{
	char text[GUEST_UUID_TEXT];

	guest_uuid_text(uuid, text);
	return alloc_format(FOLDER "/%s.json%s", text, suffix);
}

bool guest_config_save(const struct guest_config *config)
{
	char *path = path_of(config->uuid, ""), *fresh = path_of(config->uuid, ".new");
	char *json = guest_config_to_json(config);
	size_t length = strlen(json);
	bool good;
	int fd;

	mkdir(HOST_RUN, 0700);
	mkdir(FOLDER, 0700);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	good = fd >= 0 && write(fd, json, length) == (ssize_t)length;
	if (fd >= 0)
		close(fd);
	good = good && !rename(fresh, path);
	free(json);
	free(fresh);
	free(path);
	return good;
}

bool guest_config_load(const uint8_t uuid[GUEST_UUID_LENGTH], struct guest_config *config)
{
	char *path = path_of(uuid, ""), *json = alloc_zeroed(SIZE_MAX_JSON + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t r = fd < 0 ? -1 : read(fd, json, SIZE_MAX_JSON);
	bool good = r > 0 && guest_config_from_json(config, json);

	if (r <= 0)
		guest_config_init(config);
	if (fd >= 0)
		close(fd);
	free(json);
	free(path);
	return good;
}

void guest_config_forget(const uint8_t uuid[GUEST_UUID_LENGTH])
{
	char *path = path_of(uuid, "");

	unlink(path);
	free(path);
}
