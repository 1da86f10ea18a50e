// SPDX-License-Identifier: GPL-2.0-or-later
/* Passwords, accounts and keys of the guest. */
#include "contents.h"

#include <crypt.h>
#include <pwd.h>
#include <shadow.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounts.h"
#include "report.h"
#include "run.h"

char *password_make(unsigned int length)
{
	/* 56 of them: no 0O1lI and no punctuation. */
	static const char letters[] = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	char *password = xt_alloc(length + 1);

	for (unsigned int i = 0; i < length;) {
		uint8_t byte;

		random_bytes(&byte, 1);
		/* Those at the end would make the first letters more frequent. */
		if (byte < 256 / (sizeof(letters) - 1) * (sizeof(letters) - 1))
			password[i++] = letters[byte % (sizeof(letters) - 1)];
	}
	return password;
}

char *password_hash(const char *password, const char *method)
{
	const char *prefix = !strcmp(method, "md5")    ? "$1$" :
			     !strcmp(method, "sha256") ? "$5$" :
			     !strcmp(method, "sha512") ? "$6$" :
							 "$y$";
	char salt[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data data = { 0 };
	const char *hash;

	if (!crypt_gensalt_rn(prefix, 0, NULL, 0, salt, sizeof(salt)))
		return NULL;
	hash = crypt_r(password, salt, &data);
	return hash && *hash != '*' ? xt_dup(hash) : NULL;
}

/* The line of @name in a file of colons gets @value as its second field. */
static void set_field(const struct tree *t, const char *file, mode_t mode, const char *name,
		      const char *value)
{
	struct text old = { 0 }, new = { 0 };
	struct list lines = { 0 };
	char *start = xt_printf("%s:", name);

	if (tree_read(t, file, &old))
		die(XT_FAILED, "the guest has no %s", file);
	list_split(&lines, text_get(&old), "\n");
	for (size_t i = 0; i < lines.count; i++) {
		const char *line = lines.items[i], *rest = line + strlen(start);

		if (starts_with(line, start) && strchr(rest, ':'))
			text_printf(&new, "%s%s%s\n", start, value, strchr(rest, ':'));
		else
			text_printf(&new, "%s\n", line);
	}
	tree_write(t, file, mode, text_get(&new));
	text_free(&old);
	text_free(&new);
	list_free(&lines);
	free(start);
}

static void set_root_password(const struct guest *g, const struct tree *t)
{
	const char *method = setting(g->settings, "hash_method");
	char *hash;

	if (!g->password) {
		set_field(t, "/etc/shadow", 0640, "root", "*");
	} else {
		hash = password_hash(g->password, method);
		if (!hash)
			die(XT_FAILED, "no passwords by %s here", method);
		set_field(t, "/etc/shadow", 0640, "root", hash);
		free(hash);
	}
	tree_chown(t, "/etc/shadow", 0, 42); /* group shadow, of base-passwd */
}

static void add_keys(const struct guest *g, const struct tree *t)
{
	const char *files = setting(g->settings, "ssh-key");
	struct list names = { 0 };
	struct text keys = { 0 };

	list_split(&names, files ? files : "", "\n");
	for (size_t i = 0; i < names.count; i++) {
		if (file_read(names.items[i], &keys))
			die(XT_FAILED, "%s cannot be read", names.items[i]);
		if (keys.length && keys.data[keys.length - 1] != '\n')
			text_add(&keys, "\n");
	}
	if (keys.length) {
		tree_mkdir(t, "/root/.ssh", 0700);
		tree_write(t, "/root/.ssh/authorized_keys", 0600, keys.data);
	}
	list_free(&names);
	text_free(&keys);
}

static bool has_account(const struct text *passwd, const char *name)
{
	char *start = xt_printf("%s:", name), *inner = xt_printf("\n%s:", name);
	bool found = starts_with(text_get(passwd), start) || strstr(text_get(passwd), inner);

	free(start);
	free(inner);
	return found;
}

/* People have ids from 1000 to 59999 (login.defs, and policy 9.2.2). */
static void copy_account(const struct tree *t, const struct passwd *pw)
{
	const struct spwd *secret = getspnam(pw->pw_name);
	char *passwd = xt_printf("%s:x:%u:%u:%s:%s:%s\n", pw->pw_name, pw->pw_uid, pw->pw_gid,
				 pw->pw_gecos, pw->pw_dir, pw->pw_shell);
	char *shadow = xt_printf("%s:%s:19000:0:99999:7:::\n", pw->pw_name,
				 secret ? secret->sp_pwdp : "!");
	char *group = xt_printf("%s:x:%u:\n", pw->pw_name, pw->pw_gid);

	tree_append(t, "/etc/passwd", passwd);
	tree_append(t, "/etc/shadow", shadow);
	if (pw->pw_gid == pw->pw_uid)
		tree_append(t, "/etc/group", group);
	if (starts_with(pw->pw_dir, "/home/")) {
		tree_mkdir(t, pw->pw_dir, 0700);
		tree_chown(t, pw->pw_dir, pw->pw_uid, pw->pw_gid);
	}
	free(passwd);
	free(shadow);
	free(group);
}

static void copy_accounts(const struct tree *t)
{
	struct text passwd = { 0 };
	const struct passwd *pw;

	tree_read(t, "/etc/passwd", &passwd);
	setpwent();
	while ((pw = getpwent()))
		if (pw->pw_uid >= 1000 && pw->pw_uid < 60000 && account_valid(pw->pw_name) &&
		    !has_account(&passwd, pw->pw_name))
			copy_account(t, pw);
	endpwent();
	text_free(&passwd);
}

void accounts_write(const struct guest *g, const struct tree *t)
{
	if (tree_exists(t, "/etc/shadow"))
		set_root_password(g, t);
	if (setting_on(g->settings, "accounts"))
		copy_accounts(t);
	add_keys(g, t);
}
