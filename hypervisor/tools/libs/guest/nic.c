// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of network interfaces, and their addresses. */
#include "nic.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "alloc.h"

#define DEVID_MAX 255
#define MTU_MIN	  68u
#define MTU_MAX	  65535u
#define US	  1000000u

struct parser {
	struct nic_spec *nic;
	struct place at;
	struct report *report;
	bool failed;
};

static void fail(struct parser *p, const char *what, const char *value)
{
	if (!p->failed)
		report_error_at(p->report, p->at, "vif: %s: '%s'", what, value);
	p->failed = true;
}

bool nic_parse_mac(const char *text, uint8_t mac[NIC_MAC_LENGTH])
{
	for (unsigned int i = 0; i < NIC_MAC_LENGTH; i++) {
		char digits[3] = { text[0], text[0] ? text[1] : '\0', 0 };

		if (!isxdigit((unsigned char)digits[0]) || !isxdigit((unsigned char)digits[1]))
			return false;
		mac[i] = (uint8_t)strtoul(digits, NULL, 16);
		text += 2;
		if (*text != (i < NIC_MAC_LENGTH - 1 ? ':' : 0))
			return false;
		text++;
	}
	return true;
}

bool nic_random_mac(uint8_t mac[NIC_MAC_LENGTH])
{
	mac[0] = 0x00;
	mac[1] = 0x16;
	mac[2] = 0x3e;
	if (getrandom(mac + 3, 3, 0) != 3)
		return false;
	mac[3] &= 0x7f; /* the lower half of the range: as other tools do */
	return true;
}

static void parse_mac(struct parser *p, const char *value)
{
	if (!nic_parse_mac(value, p->nic->mac))
		fail(p, "not an address like 00:16:3e:01:02:03", value);
	else if (p->nic->mac[0] & 1)
		fail(p, "an address of a group, not of an interface", value);
	p->nic->has_mac = true;
}

static bool parse_count(const char *value, unsigned long min, unsigned long max, unsigned long *out)
{
	char *rest;

	*out = strtoul(value, &rest, 10);
	return isdigit((unsigned char)*value) && !*rest && *out >= min && *out <= max;
}

/* "10Mb", "250KB", "7B" at *@at: bytes a second. */
static bool take_rate(const char **at, uint64_t *bytes)
{
	static const char scales[] = "KMG";
	uint64_t n, scale = 1;
	const char *found;
	char *rest;

	if (!isdigit((unsigned char)**at))
		return false;
	n = strtoull(*at, &rest, 10);
	found = *rest ? strchr(scales, *rest) : NULL;
	if (found) {
		for (const char *s = scales; s <= found; s++)
			scale *= 1000;
		rest++;
	}
	if ((*rest != 'b' && *rest != 'B') || rest[1] != '/' || rest[2] != 's' ||
	    n > UINT32_MAX * (uint64_t)1000 / scale * 1000)
		return false;
	*bytes = *rest == 'b' ? n * scale / 8 : n * scale;
	*at = rest + 3;
	return true;
}

/* "20ms", "100us", "1s": us. */
static bool parse_interval(const char *text, uint32_t *us)
{
	unsigned long n;
	char *rest;

	if (!isdigit((unsigned char)*text))
		return false;
	n = strtoul(text, &rest, 10);
	if (!strcmp(rest, "ms"))
		n *= 1000;
	else if (!strcmp(rest, "s"))
		n *= US;
	else if (strcmp(rest, "us"))
		return false;
	*us = (uint32_t)n;
	return n && n <= 60ul * US && strlen(text) < 12;
}

static void parse_rate(struct parser *p, const char *value)
{
	const char *at = value;
	uint64_t bytes;

	p->nic->rate_interval = NIC_INTERVAL_US;
	if (!take_rate(&at, &bytes) ||
	    (*at && (*at != '@' || !parse_interval(at + 1, &p->nic->rate_interval)))) {
		fail(p, "not a rate like 10Mb/s or 1MB/s@20ms", value);
		return;
	}
	p->nic->rate_bytes = (uint64_t)((unsigned __int128)bytes * p->nic->rate_interval / US);
	if (!p->nic->rate_bytes || p->nic->rate_bytes > UINT32_MAX)
		fail(p, "a rate that cannot be kept", value);
}

static void set_text(char **where, const char *value)
{
	free(*where);
	*where = *value ? alloc_string(value) : NULL;
}

static void parse_number_key(struct parser *p, const char *key, const char *value)
{
	unsigned long n;

	if (*key == 'd' && parse_count(value, 0, DEVID_MAX, &n))
		p->nic->devid = (int)n;
	else if (*key == 'm' && parse_count(value, MTU_MIN, MTU_MAX, &n))
		p->nic->mtu = (unsigned int)n;
	else
		fail(p, "out of range", value);
}

static void parse_pair(struct parser *p, const char *key, const char *value)
{
	if (!strcmp(key, "mac"))
		parse_mac(p, value);
	else if (!strcmp(key, "bridge"))
		set_text(&p->nic->bridge, value);
	else if (!strcmp(key, "script"))
		set_text(&p->nic->script, value);
	else if (!strcmp(key, "ip"))
		set_text(&p->nic->ip, value);
	else if (!strcmp(key, "vifname"))
		set_text(&p->nic->vifname, value);
	else if (!strcmp(key, "gatewaydev") || !strcmp(key, "netdev"))
		set_text(&p->nic->gatewaydev, value);
	else if (!strcmp(key, "backend"))
		set_text(&p->nic->backend_name, value);
	else if (!strcmp(key, "rate"))
		parse_rate(p, value);
	else if (!strcmp(key, "devid") || !strcmp(key, "mtu"))
		parse_number_key(p, key, value);
	else if (!strcmp(key, "model") ||
		 (!strcmp(key, "type") && strcmp(value, "vif") && strcmp(value, "netfront")))
		report_warning_at(p->report, p->at, "vif: %s= is for HVM guests", key);
	else if (strcmp(key, "type"))
		fail(p, "no such key", key);
}

static void parse_part(struct parser *p, char *word)
{
	char *equals = strchr(word, '=');

	if (equals) {
		*equals = 0;
		parse_pair(p, word, equals + 1);
	} else if (!strcmp(word, "trusted") || !strcmp(word, "untrusted")) {
		p->nic->untrusted = *word == 'u';
	} else if (*word) {
		fail(p, "not KEY=VALUE", word);
	}
}

bool nic_parse(struct nic_spec *nic, const char *text, struct place at, struct report *r)
{
	struct parser p = { .nic = nic, .at = at, .report = r };
	char *copy = alloc_string(text), *part = copy, *end;

	*nic = (struct nic_spec){ .devid = NIC_DEVID_ANY };
	do {
		while (isspace((unsigned char)*part))
			part++;
		end = strchr(part, ',');
		if (end)
			*end = 0;
		for (size_t i = strlen(part); i && isspace((unsigned char)part[i - 1]); i--)
			part[i - 1] = 0;
		parse_part(&p, part);
		part = end ? end + 1 : NULL;
	} while (part && !p.failed);
	free(copy);
	if (!p.failed && nic->vifname && strlen(nic->vifname) > 15)
		fail(&p, "the name of an interface has at most 15 characters", nic->vifname);
	if (p.failed)
		nic_free(nic);
	return !p.failed;
}

void nic_free(struct nic_spec *nic)
{
	free(nic->bridge);
	free(nic->script);
	free(nic->ip);
	free(nic->vifname);
	free(nic->gatewaydev);
	free(nic->backend_name);
	*nic = (struct nic_spec){ .devid = NIC_DEVID_ANY };
}
