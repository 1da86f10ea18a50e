// SPDX-License-Identifier: GPL-2.0-or-later
/* Files of the guest, see tree.h. */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "report.h"

static int open_in(const struct tree *t, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (unsigned long long)(flags | O_CLOEXEC),
		.mode = mode,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, t->fd, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

static _Noreturn void fail(const char *path, int error)
{
	die(XT_FAILED, "the guest's %s: %s", path, strerror(error));
}

void tree_open(struct tree *t, const char *path)
{
	t->path = path;
	t->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->fd < 0)
		die(XT_FAILED, "%s: %s", path, strerror(errno));
}

/* The directory that holds @path, made if need be; *@name is the last part. */
static int open_parent(const struct tree *t, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char *directory;
	int fd;

	*name = slash ? slash + 1 : path;
	directory = slash && slash != path ? xt_printf("%.*s", (int)(slash - path), path) :
					     xt_dup("/");
	if (strcmp(directory, "/"))
		tree_mkdir(t, directory, 0755);
	fd = open_in(t, directory, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		fail(directory, -fd);
	free(directory);
	return fd;
}

void tree_mkdir(const struct tree *t, const char *path, mode_t mode)
{
	const char *name;
	int fd = open_in(t, path, O_PATH | O_DIRECTORY, 0), parent;

	if (fd >= 0) {
		close(fd);
		return;
	}
	parent = open_parent(t, path, &name);
	if (mkdirat(parent, name, 0700) || fchmodat(parent, name, mode, 0))
		fail(path, errno);
	close(parent);
}

static void put(int fd, const char *path, const char *content)
{
	size_t length = strlen(content);

	if (write(fd, content, length) != (ssize_t)length || close(fd))
		fail(path, errno ? errno : EIO);
}

void tree_write(const struct tree *t, const char *path, mode_t mode, const char *content)
{
	const char *name;
	int parent = open_parent(t, path, &name), fd;

	if (unlinkat(parent, name, 0) && errno != ENOENT)
		fail(path, errno);
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || fchmod(fd, mode))
		fail(path, errno);
	put(fd, path, content);
	close(parent);
}

void tree_append(const struct tree *t, const char *path, const char *content)
{
	int fd = open_in(t, path, O_WRONLY | O_APPEND, 0);

	if (fd == -ENOENT) {
		tree_write(t, path, 0644, content);
		return;
	}
	if (fd < 0)
		fail(path, -fd);
	put(fd, path, content);
}

void tree_symlink(const struct tree *t, const char *path, const char *target)
{
	const char *name;
	int parent = open_parent(t, path, &name);

	if ((unlinkat(parent, name, 0) && errno != ENOENT) || symlinkat(target, parent, name))
		fail(path, errno);
	close(parent);
}

void tree_remove(const struct tree *t, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = xt_printf("%.*s", (int)(slash - path) + 1, path);
	int parent = open_in(t, directory, O_RDONLY | O_DIRECTORY, 0);

	if (parent >= 0) {
		if (unlinkat(parent, slash + 1, 0) && errno != ENOENT)
			fail(path, errno);
		close(parent);
	}
	free(directory);
}

void tree_chown(const struct tree *t, const char *path, uid_t uid, gid_t gid)
{
	int fd = open_in(t, path, O_RDONLY | O_NOFOLLOW, 0);

	if (fd < 0 || fchown(fd, uid, gid))
		fail(path, fd < 0 ? -fd : errno);
	close(fd);
}

bool tree_exists(const struct tree *t, const char *path)
{
	int fd = open_in(t, path, O_PATH, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int tree_read(const struct tree *t, const char *path, struct text *content)
{
	char buffer[8192];
	ssize_t count;
	int fd = open_in(t, path, O_RDONLY, 0);

	if (fd < 0)
		return fd;
	while ((count = read(fd, buffer, sizeof(buffer))) > 0)
		text_add_bytes(content, buffer, (size_t)count);
	close(fd);
	return count < 0 ? -EIO : 0;
}
