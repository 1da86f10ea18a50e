/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration files of xen-tools: xen-tools.conf ("key = value", comments, commands in backticks), partitions.d
 * (sections), distributions.conf and mirrors.conf.  Complaints are "FILE:LINE: what", one a line; readers work on text,
 * so that they can be fuzzed.
 */
#ifndef XT_CONFIG_H
#define XT_CONFIG_H

#include "options.h"

#define CONFIG_DIRECTORY "/etc/xen-tools"

/* Runs @command and adds what it prints, blanks cut off, to @out.  Returns 0 or -errno. */
typedef int (*backtick_fn)(const char *command, struct text *out);
int backtick_shell(const char *command, struct text *out);

/*
 * Reads "key = value" lines into @s.  Keys of the option table are checked against it; others are kept for hooks and
 * templates.  @backtick NULL: commands are refused.  Returns 0, or -EINVAL with complaints in @errors.
 */
int config_parse(const char *file, const char *content, enum origin origin, backtick_fn backtick,
		 struct settings *s, struct text *errors);
/* The same from the file; -ENOENT when there is none. */
int config_read(const char *file, enum origin origin, struct settings *s, struct text *errors);

enum { PARTITIONS_MOST = 24 };

struct partition {
	char name[37]; /* section; what GPT can hold */
	uint64_t size; /* bytes, a multiple of 1 MiB */
	char type[16]; /* file system, or swap */
	char mountpoint[128]; /* empty for swap */
	char options[128];
};

struct partitions {
	struct partition items[PARTITIONS_MOST];
	size_t count;
};

/* Needs exactly one "/"; no mount point or name twice.  Returns 0 or -EINVAL. */
int partitions_parse(const char *file, const char *content, struct partitions *p,
		     struct text *errors);

struct distribution {
	char suite[32];
	char family[32]; /* debian, ubuntu */
	char keyring[64]; /* a file of /usr/share/keyrings, or empty */
	bool is_old; /* "eol": packages are on the archive mirror */
	bool boots_itself; /* "pygrub" */
	bool default_keyring;
};

/* Finds @suite.  Returns 0; -ENOENT; -EINVAL when a line is wrong. */
int distribution_find(const char *file, const char *content, const char *suite,
		      struct distribution *d, struct text *errors);
/* The mirror of a suite of its own, or of its family's (archive's).  Allocated; NULL when none is known. */
char *mirror_find(const char *content, const struct distribution *d);

#endif
