// SPDX-License-Identifier: GPL-2.0-or-later
/* The pool of addresses and the host's names, see host_files.h.  Writers take turns by a lock on the file. */
#include "host_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"
#include "values.h"

#define MARK "# xen-tools"

static const char *pool_file(void)
{
	const char *file = getenv("XEN_TOOLS_IPS");

	return file ? file : "/etc/xen-tools/ips.txt";
}

static const char *hosts_file(void)
{
	const char *file = getenv("XEN_TOOLS_HOSTS");

	return file ? file : "/etc/hosts";
}

/* A line of the pool: "ADDRESS" or "ADDRESS: used".  NULL when it holds neither. */
static char *pool_line(const char *line, bool *used)
{
	char *copy = xt_dup(line), *word = trim(copy), *mark, *result = NULL;
	struct address a;

	mark = strstr(word, ": used");
	*used = mark != NULL;
	if (mark)
		*mark = '\0';
	if (address_read(word, &a))
		result = xt_dup(word);
	free(copy);
	return result;
}

/* Rewrites @file under its lock; @change makes the new content of the old, or returns false. */
static int rewrite(const char *file, bool (*change)(const char *old, struct text *new, void *arg),
		   void *arg)
{
	int fd = open(file, O_RDWR | O_CLOEXEC), rc;
	struct text old = { 0 }, new = { 0 };

	if (fd < 0)
		return -errno;
	rc = flock(fd, LOCK_EX) ? -errno : file_read(file, &old);
	if (!rc && change(text_get(&old), &new, arg)) {
		if (pwrite(fd, text_get(&new), new.length, 0) != (ssize_t) new.length ||
		    ftruncate(fd, (off_t) new.length) || fsync(fd))
			rc = -EIO;
	}
	close(fd);
	text_free(&old);
	text_free(&new);
	return rc;
}

struct taking {
	char *taken;
	void (*before)(const char *address);
};

static bool take_first(const char *old, struct text *new, void *arg)
{
	struct taking *t = arg;
	struct list lines = { 0 };
	bool used;

	list_split(&lines, old, "\n");
	for (size_t i = 0; i < lines.count; i++) {
		char *address = pool_line(lines.items[i], &used);

		if (address && !used && !t->taken) {
			t->taken = address;
			text_printf(new, "%s: used\n", address);
			continue;
		}
		text_printf(new, "%s\n", lines.items[i]);
		free(address);
	}
	list_free(&lines);
	if (t->taken && t->before)
		t->before(t->taken);
	return t->taken != NULL;
}

char *pool_take(void (*before)(const char *address))
{
	struct taking t = { NULL, before };

	rewrite(pool_file(), take_first, &t);
	return t.taken;
}

char *pool_next(void)
{
	struct text old = { 0 }, new = { 0 };
	struct taking t = { NULL, NULL };

	if (!file_read(pool_file(), &old))
		take_first(text_get(&old), &new, &t);
	text_free(&old);
	text_free(&new);
	return t.taken;
}

struct release {
	const char *address;
	bool done;
};

static bool give_back(const char *old, struct text *new, void *arg)
{
	struct release *r = arg;
	struct list lines = { 0 };
	bool used;

	list_split(&lines, old, "\n");
	for (size_t i = 0; i < lines.count; i++) {
		char *address = pool_line(lines.items[i], &used);
		bool is_it = address && used && !strcmp(address, r->address);

		text_printf(new, "%s\n", is_it ? address : lines.items[i]);
		r->done |= is_it;
		free(address);
	}
	list_free(&lines);
	return r->done;
}

int pool_release(const char *address)
{
	struct release r = { address, false };

	rewrite(pool_file(), give_back, &r);
	return r.done;
}

static bool add_line(const char *old, struct text *new, void *arg)
{
	text_printf(new, "%s%s%s", old, *old && !ends_with(old, "\n") ? "\n" : "",
		    (const char *)arg);
	return true;
}

int hosts_add(const char *address, const char *name, const char *alias)
{
	char *line = xt_printf("%s\t%s%s%s " MARK "\n", address, name,
			       strcmp(name, alias) ? " " : "", strcmp(name, alias) ? alias : "");
	int rc = rewrite(hosts_file(), add_line, line);

	free(line);
	return rc;
}

static bool drop_lines(const char *old, struct text *new, void *arg)
{
	struct list lines = { 0 };
	bool changed = false;

	while (*old) {
		size_t length = strcspn(old, "\n");
		char *line = xt_printf("%.*s", (int)length, old);
		bool ours;

		list_split(&lines, line, " \t");
		ours = ends_with(line, MARK) && lines.count > 1 && !strcmp(lines.items[1], arg);
		changed |= ours;
		if (!ours)
			text_printf(new, "%s\n", line);
		list_free(&lines);
		free(line);
		old += length + (old[length] == '\n');
	}
	return changed;
}

void hosts_remove(const char *name)
{
	char *copy = xt_dup(name);

	rewrite(hosts_file(), drop_lines, copy);
	free(copy);
}
