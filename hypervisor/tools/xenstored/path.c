// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of nodes, see path.h. */
#include "path.h"

#include <stdio.h>
#include <string.h>

static bool is_path_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '/' || c == '_' || c == '@';
}

static bool is_valid(const char *path, size_t length)
{
	if (!length || (length > 1 && path[length - 1] == '/'))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!is_path_byte(path[i]) || (path[i] == '/' && path[i + 1] == '/'))
			return false;
	return true;
}

int path_absolute(char path[static PATH_SIZE], const char *given, uint16_t domid)
{
	size_t length = strlen(given);
	int prefix = 0;

	if (!is_valid(given, length))
		return -1;

	if (given[0] != '/') {
		if (length > XENSTORE_REL_PATH_MAX)
			return -1;
		prefix = snprintf(path, PATH_SIZE, "/local/domain/%u/", domid);
	}
	if ((size_t)prefix + length > XENSTORE_ABS_PATH_MAX)
		return -1;
	memcpy(path + prefix, given, length + 1);
	return prefix;
}

bool path_is_special(const char *given)
{
	return given[0] == '@' && is_valid(given, strlen(given)) &&
	       strlen(given) <= XENSTORE_REL_PATH_MAX;
}

void path_parent(char parent[static PATH_SIZE], const char *path)
{
	size_t length = (size_t)(path_leaf(path) - path) - 1;

	if (!length)
		length = 1;
	memcpy(parent, path, length);
	parent[length] = '\0';
}

const char *path_leaf(const char *path)
{
	return strrchr(path, '/') + 1;
}
