// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Disk lines. All spellings end in one struct disk_spec; what the backend makes of it is vbd.c's.
 *
 * A line is split at commas. A part is KEY=VALUE, a flag, or the next positional one: target, format, vdev, access; the format is
 * absent where the part is no name of a format, which is how xm's "phy:DEV,VDEV:cdrom,r" is read.
 */
#include "disk.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

const char *const disk_format_names[DISK_FORMATS] = { "raw", "qcow", "qcow2", "vhd", "qed" };

enum position { TARGET, FORMAT, VDEV, ACCESS, POSITIONS };

struct parser {
	struct disk_spec *disk;
	struct place at;
	struct report *report;
	enum position next;
	bool seen[POSITIONS];
	bool access_given;
	bool failed;
};

static void fail(struct parser *p, const char *what, const char *value)
{
	if (!p->failed)
		report_error_at(p->report, p->at, "disk: %s: '%s'", what, value);
	p->failed = true;
}

static bool find_format(const char *name, enum disk_format *format)
{
	for (unsigned int i = 0; i < DISK_FORMATS; i++) {
		if (!strcmp(name, disk_format_names[i])) {
			*format = (enum disk_format)i;
			return true;
		}
	}
	return false;
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

/* One prefix of a target, without its colon. False: not one; it is part of the path. */
static bool take_prefix(struct parser *p, const char *prefix, bool *script)
{
	static const char *const ignored[] = { "phy",  "file", "tap",	"tap2", "tapdisk",
					       "aio",  "sync", "ioemu", NULL };
	static const char *const scripts[] = { "iscsi", "nbd", "enbd", "drbd", NULL };

	if (is_one_of(prefix, ignored))
		return true;
	if (is_one_of(prefix, scripts)) {
		free(p->disk->script);
		p->disk->script = alloc_format("block-%s", prefix);
		*script = true;
		return true;
	}
	return find_format(prefix, &p->disk->format);
}

static void set_path(struct parser *p, const char *target)
{
	bool is_relative = *target != '/' && !p->disk->script;

	free(p->disk->path);
	p->disk->path = NULL;
	if (*target)
		p->disk->path = alloc_format("%s%s", is_relative ? "/dev/" : "", target);
}

static void parse_target(struct parser *p, const char *target)
{
	bool script = false;

	while (!script && isalnum((unsigned char)*target)) {
		size_t length = strcspn(target, ":/");
		char *prefix;

		if (target[length] != ':')
			break;
		prefix = alloc_substring(target, length);
		if (!take_prefix(p, prefix, &script))
			fail(p, "no such kind of disk", prefix);
		free(prefix);
		if (p->failed)
			return;
		target += length + 1;
	}
	set_path(p, target);
}

static void parse_format(struct parser *p, const char *name)
{
	if (*name && !find_format(name, &p->disk->format))
		fail(p, "no such format", name);
}

static void parse_devtype(struct parser *p, const char *name)
{
	if (!strcmp(name, "cdrom"))
		p->disk->is_cdrom = true;
	else if (*name && strcmp(name, "disk"))
		fail(p, "no such kind of device", name);
}

/* "hdc:cdrom", "ioemu:hda", "xvda". */
static void parse_vdev(struct parser *p, const char *text)
{
	const char *colon;

	if (!strncmp(text, "ioemu:", 6))
		text += 6;
	if (!strncmp(text, "/dev/", 5))
		text += 5;
	colon = strchr(text, ':');
	free(p->disk->vdev);
	p->disk->vdev = alloc_substring(text, colon ? (size_t)(colon - text) : strlen(text));
	if (colon)
		parse_devtype(p, colon + 1);
	if (!disk_devid(p->disk->vdev, &p->disk->devid))
		fail(p, "no such virtual device", p->disk->vdev);
}

static void parse_access(struct parser *p, const char *text)
{
	size_t length = strlen(text);

	if (!*text)
		return;
	p->access_given = true;
	p->disk->may_share = text[length - 1] == '!';
	length -= p->disk->may_share;
	if ((length == 1 && *text == 'r') || (length == 2 && !strncmp(text, "ro", 2)))
		p->disk->read_only = true;
	else if ((length == 1 && *text == 'w') || (length == 2 && !strncmp(text, "rw", 2)))
		p->disk->read_only = false;
	else
		fail(p, "access is none of r, ro, w, rw, w!", text);
}

static void parse_backendtype(struct parser *p, const char *name)
{
	if (!strcmp(name, "phy"))
		p->disk->backend = DISK_BACKEND_PHY;
	else if (!strcmp(name, "qdisk") || !strcmp(name, "qemu"))
		p->disk->backend = DISK_BACKEND_QDISK;
	else if (!strcmp(name, "tap"))
		p->disk->backend = DISK_BACKEND_ANY;
	else if (*name)
		fail(p, "no such backend", name);
}

static void set_text(char **where, const char *value)
{
	free(*where);
	*where = *value ? alloc_string(value) : NULL;
}

static void parse_position(struct parser *p, enum position which, const char *value)
{
	static const char *const names[] = { "target", "format", "vdev", "access" };

	if (p->seen[which] && *value) {
		fail(p, "given twice", names[which]);
		return;
	}
	p->seen[which] = *value;
	switch (which) {
	case TARGET:
		parse_target(p, value);
		break;
	case FORMAT:
		parse_format(p, value);
		break;
	case VDEV:
		if (*value)
			parse_vdev(p, value);
		break;
	default:
		parse_access(p, value);
	}
}

static void parse_pair(struct parser *p, const char *key, const char *value)
{
	static const char *const positions[] = { "target", "format", "vdev", "access" };

	for (unsigned int i = 0; i < POSITIONS; i++) {
		if (!strcmp(key, positions[i])) {
			parse_position(p, (enum position)i, value);
			return;
		}
	}
	if (!strcmp(key, "devtype"))
		parse_devtype(p, value);
	else if (!strcmp(key, "backend"))
		set_text(&p->disk->backend_name, value);
	else if (!strcmp(key, "backendtype"))
		parse_backendtype(p, value);
	else if (!strcmp(key, "script"))
		set_text(&p->disk->script, value);
	else if (!strcmp(key, "specification") && (!*value || !strcmp(value, "xen")))
		return;
	else if (!strcmp(key, "specification"))
		fail(p, "no such specification here", value);
	else
		fail(p, "no such key", key);
}

static bool parse_flag(struct parser *p, const char *word)
{
	if (!strcmp(word, "cdrom"))
		p->disk->is_cdrom = true;
	else if (!strcmp(word, "direct-io-safe"))
		p->disk->direct_io_safe = true;
	else if (!strcmp(word, "discard") || !strcmp(word, "no-discard"))
		p->disk->no_discard = *word == 'n';
	else if (!strcmp(word, "trusted") || !strcmp(word, "untrusted"))
		p->disk->untrusted = *word == 'u';
	else
		return false;
	return true;
}

static void parse_positional(struct parser *p, const char *word)
{
	enum disk_format ignored;

	if (p->next == FORMAT && *word && !find_format(word, &ignored))
		p->next = VDEV;
	/* "/x.iso,,hdc,cdrom" and "/x.iso,,hdc,,cdrom" are the same. */
	while (p->next < POSITIONS && p->seen[p->next])
		p->next++;
	if (p->next < POSITIONS)
		parse_position(p, p->next++, word);
	else if (*word)
		fail(p, "too much", word);
}

/* One part between commas, blanks around it already gone. */
static void parse_part(struct parser *p, char *word)
{
	char *equals = strchr(word, '=');
	size_t key_length = strcspn(word, "=:/ ");

	if (equals && word + key_length == equals && isalpha((unsigned char)*word)) {
		*equals = 0;
		parse_pair(p, word, equals + 1);
	} else if (!parse_flag(p, word)) {
		parse_positional(p, word);
	}
}

static void parse_parts(struct parser *p, char *text)
{
	char *end;

	for (;;) {
		while (isspace((unsigned char)*text))
			text++;
		/* The rest of the line is the target, commas, blanks and all. */
		if (!strncmp(text, "target=", 7)) {
			parse_position(p, TARGET, text + 7);
			return;
		}
		end = strchr(text, ',');
		if (end)
			*end = 0;
		for (size_t i = strlen(text); i && isspace((unsigned char)text[i - 1]); i--)
			text[i - 1] = 0;
		parse_part(p, text);
		if (!end || p->failed)
			return;
		text = end + 1;
	}
}

/* What the parts mean together. */
static void check(struct parser *p, const char *text)
{
	struct disk_spec *d = p->disk;

	if (!d->vdev)
		fail(p, "the virtual device is missing", text);
	else if (!d->path && !d->is_cdrom)
		fail(p, "only a cdrom can be empty", text);
	else if (d->backend == DISK_BACKEND_PHY && d->format != DISK_RAW)
		fail(p, "the phy backend has the format raw alone", text);
	else if (d->script && d->format != DISK_RAW)
		fail(p, "a script has the format raw alone", text);
	else if (d->is_cdrom && p->access_given && !d->read_only)
		report_warning_at(p->report, p->at, "disk: a cdrom is read-only: '%s'", text);
	if (d->is_cdrom)
		d->read_only = true;
}

bool disk_parse(struct disk_spec *disk, const char *text, struct place at, struct report *r)
{
	struct parser p = { .disk = disk, .at = at, .report = r };
	char *copy = alloc_string(text);

	*disk = (struct disk_spec){ 0 };
	parse_parts(&p, copy);
	free(copy);
	if (!p.failed)
		check(&p, text);
	if (p.failed)
		disk_free(disk);
	return !p.failed;
}

void disk_free(struct disk_spec *disk)
{
	free(disk->path);
	free(disk->vdev);
	free(disk->script);
	free(disk->backend_name);
	*disk = (struct disk_spec){ 0 };
}
