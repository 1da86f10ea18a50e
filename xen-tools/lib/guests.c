// SPDX-License-Identifier: GPL-2.0-or-later
/* Configuration files that exist, see guests.h. */
#include "guests.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

/* The next quoted string or bare word at *@at; NULL at the end of the value.  Commas and blanks are between. */
static char *next_string(const char **at, bool in_list)
{
	const char *p = *at, *end;
	char *s;

	while (*p && (isspace((unsigned char)*p) || *p == ','))
		p++;
	if (!*p || (in_list && *p == ']'))
		return NULL;
	if (*p == '\'' || *p == '"') {
		end = strchr(p + 1, *p);
		if (!end)
			return NULL;
		s = xt_printf("%.*s", (int)(end - p - 1), p + 1);
		*at = end + 1;
		return s;
	}
	end = p + strcspn(p, in_list ? ",] \t\n" : " \t\n#");
	if (end == p)
		return NULL;
	s = xt_printf("%.*s", (int)(end - p), p);
	*at = end;
	return s;
}

/* One disk: "file:/x,xvda,w", "phy:vg/x,...", "/x,raw,xvda,w", "format=raw,vdev=xvda,target=/x". */
static void take_disk(struct guest_config *c, const char *spec)
{
	static const char *const prefixes[] = { "file:",      "phy:", "tap:aio:",
						"tap:qcow2:", "raw:", "qcow2:" };
	struct list parts = { 0 };
	const char *target, *device = "";
	bool changed = true;

	target = strstr(spec, "target=");
	list_split(&parts, spec, ",");
	if (target)
		target += 7;
	else
		target = parts.count ? parts.items[0] : "";
	while (changed) {
		changed = false;
		for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
			if (starts_with(target, prefixes[i])) {
				target += strlen(prefixes[i]);
				changed = true;
			}
		}
	}
	for (size_t i = 0; i < parts.count; i++) {
		const char *part = parts.items[i];

		if (starts_with(part, "vdev="))
			device = part + 5;
		else if (i && !*device &&
			 (starts_with(part, "xvd") || starts_with(part, "sd") ||
			  starts_with(part, "hd")))
			device = part;
	}
	if (*target) {
		char *path = *target == '/' ? xt_dup(target) : xt_printf("/dev/%s", target);

		list_add(&c->disks, path);
		list_add(&c->devices, device);
		free(path);
	}
	list_free(&parts);
}

static void take_vif(struct guest_config *c, const char *spec)
{
	struct list parts = { 0 };

	list_split(&parts, spec, ",");
	for (size_t i = 0; i < parts.count; i++) {
		char *part = trim(parts.items[i]);

		if (starts_with(part, "ip=") && !c->ip && part[3])
			c->ip = xt_dup(part + 3);
		else if (starts_with(part, "mac=") && !c->mac)
			c->mac = xt_dup(part + 4);
	}
	list_free(&parts);
}

static void take_value(struct guest_config *c, const char *key, const char *value)
{
	bool is_list = *value == '[';
	char *s;

	value += is_list;
	while ((s = next_string(&value, is_list))) {
		if (!strcmp(key, "disk"))
			take_disk(c, s);
		else if (!strcmp(key, "vif"))
			take_vif(c, s);
		else if (!strcmp(key, "name") && !c->name)
			c->name = xt_dup(s);
		else if (!strcmp(key, "memory") && !c->memory)
			c->memory = xt_dup(s);
		free(s);
		if (!is_list)
			break;
	}
}

void guest_config_parse(const char *content, struct guest_config *c)
{
	while (*content) {
		size_t length = strcspn(content, "\n"), key_length;
		const char *p = content;

		while (*p == ' ' || *p == '\t')
			p++;
		key_length = strspn(p, "abcdefghijklmnopqrstuvwxyz_0123456789");
		if (key_length && key_length < 64) {
			const char *equals = p + key_length + strspn(p + key_length, " \t");

			if (*equals == '=') {
				char *key = xt_printf("%.*s", (int)key_length, p);

				equals++;
				take_value(c, key, equals + strspn(equals, " \t"));
				free(key);
			}
		}
		content += length + (content[length] == '\n');
	}
}

int guest_config_read(const char *file, struct guest_config *c)
{
	struct text t = { 0 };
	int rc = file_read(file, &t);

	if (!rc) {
		c->file = xt_dup(file);
		guest_config_parse(text_get(&t), c);
	}
	text_free(&t);
	return rc;
}

void guest_config_free(struct guest_config *c)
{
	free(c->file);
	free(c->name);
	free(c->memory);
	free(c->ip);
	free(c->mac);
	list_free(&c->disks);
	list_free(&c->devices);
	*c = (struct guest_config){ 0 };
}

char *guest_config_file(const struct settings *s, const char *name)
{
	const char *extension = setting(s, "extension");

	return xt_printf("%s/%s%s", setting(s, "output"), name, extension ? extension : "");
}

bool guest_is_running(const char *name)
{
	/* Without a hypervisor xl says so, and nothing runs. */
	return program_exists("xl") && !run((const char *const[]){ "xl", "domid", name, NULL });
}
