// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading of sizes, names and addresses, see values.h. */
#include "values.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "text.h"

static bool unit_read(const char *s, uint64_t *unit)
{
	static const char letters[] = "kmgt";
	const char *at;

	if (!*s)
		return true;
	at = strchr(letters, tolower((unsigned char)*s));
	if (!at)
		return !strcasecmp(s, "b") ? (*unit = 1, true) : false;
	*unit = 1ull << (10 * (at - letters + 1));
	return !s[1] || !strcasecmp(s + 1, "b") || !strcasecmp(s + 1, "ib");
}

bool size_read(const char *s, uint64_t unit, uint64_t *bytes)
{
	double fraction = 0, place = 0.1;
	uint64_t whole = 0;
	long double total;

	if (!isdigit((unsigned char)*s))
		return false;
	for (; isdigit((unsigned char)*s); s++) {
		if (whole > TIB)
			return false;
		whole = whole * 10 + (uint64_t)(*s - '0');
	}
	if (*s == '.') {
		s++;
		if (!isdigit((unsigned char)*s))
			return false;
		for (; isdigit((unsigned char)*s); s++, place /= 10)
			fraction += (*s - '0') * place;
	}
	while (*s == ' ')
		s++;
	if (!unit_read(s, &unit))
		return false;
	total = ((long double)whole + fraction) * unit;
	if (total < 1 || total > (long double)(1ull << 60))
		return false;
	*bytes = (uint64_t)total;
	return true;
}

char *size_text(uint64_t bytes)
{
	static const char letters[] = "kMGT";

	for (int i = 3; i >= 0; i--) {
		uint64_t unit = 1ull << (10 * (i + 1));

		if (bytes && bytes % unit == 0)
			return xt_printf("%llu%c", (unsigned long long)(bytes / unit), letters[i]);
	}
	return xt_printf("%llub", (unsigned long long)bytes);
}

bool number_read(const char *s, uint64_t low, uint64_t high, uint64_t *number)
{
	uint64_t n = 0;

	if (!*s || strlen(s) > 18)
		return false;
	for (; *s; s++) {
		if (!isdigit((unsigned char)*s))
			return false;
		n = n * 10 + (uint64_t)(*s - '0');
	}
	*number = n;
	return n >= low && n <= high;
}

bool bool_read(const char *s, bool *on)
{
	static const char *const yes[] = { "1", "yes", "true", "on" };
	static const char *const no[] = { "0", "no", "false", "off" };

	for (int i = 0; i < 4; i++) {
		if (!strcasecmp(s, yes[i]) || !strcasecmp(s, no[i])) {
			*on = !strcasecmp(s, yes[i]);
			return true;
		}
	}
	return false;
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool hostname_valid(const char *s)
{
	size_t length = strlen(s), label = 0;

	if (!length || length > 253)
		return false;
	for (size_t i = 0; i < length; i++) {
		bool edge = !label || !s[i + 1] || s[i + 1] == '.';

		if (s[i] == '.') {
			if (!label || !s[i + 1])
				return false;
			label = 0;
			continue;
		}
		if (!is_letter_or_digit(s[i]) && (s[i] != '-' || edge))
			return false;
		if (++label > 63)
			return false;
	}
	return true;
}

bool account_valid(const char *s)
{
	if (!*s || strlen(s) > 32 || !((*s >= 'a' && *s <= 'z') || *s == '_'))
		return false;
	for (; *s; s++)
		if (!is_letter_or_digit(*s) && *s != '_' && *s != '-')
			return false;
	return true;
}

bool address_read(const char *s, struct address *a)
{
	const char *slash = strchr(s, '/');
	char host[INET6_ADDRSTRLEN];
	size_t length = slash ? (size_t)(slash - s) : strlen(s);
	uint64_t prefix;

	*a = (struct address){ .prefix = -1 };
	if (length >= sizeof(host))
		return false;
	memcpy(host, s, length);
	host[length] = '\0';
	a->family = strchr(host, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(a->family, host, &a->bytes) != 1)
		return false;
	if (!slash)
		return true;
	if (!number_read(slash + 1, 0, a->family == AF_INET ? 32 : 128, &prefix))
		return false;
	a->prefix = (int)prefix;
	return true;
}

char *address_text(const struct address *a)
{
	char host[INET6_ADDRSTRLEN];

	inet_ntop(a->family, &a->bytes, host, sizeof(host));
	return xt_dup(host);
}

bool same_network(const struct address *a, const struct address *b, int prefix)
{
	if (a->family != b->family)
		return false;
	for (int bit = 0; bit < prefix; bit++) {
		uint8_t mask = (uint8_t)(0x80 >> (bit % 8));

		if ((a->bytes.s6_addr[bit / 8] ^ b->bytes.s6_addr[bit / 8]) & mask)
			return false;
	}
	return true;
}

bool netmask_read(const char *s, int *prefix)
{
	struct in_addr a;
	uint32_t bits, inverse;
	uint64_t number;

	if (number_read(s, 0, 32, &number)) {
		*prefix = (int)number;
		return true;
	}
	if (inet_pton(AF_INET, s, &a) != 1)
		return false;
	bits = ntohl(a.s_addr);
	inverse = ~bits;
	if (inverse & (inverse + 1))
		return false;
	*prefix = __builtin_popcount(bits);
	return true;
}

bool mac_read(const char *s, uint8_t mac[6])
{
	if (strlen(s) != 17)
		return false;
	for (int i = 0; i < 6; i++, s += 3) {
		if (!isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]) ||
		    (i < 5 && s[2] != ':'))
			return false;
		mac[i] = (uint8_t)strtoul(s, NULL, 16);
	}
	return !(mac[0] & 1);
}

char *mac_text(const uint8_t mac[6])
{
	return xt_printf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
			 mac[5]);
}

void mac_from(const char *seed, uint8_t mac[6])
{
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a, 64 bits, folded to 24 */

	for (; *seed; seed++)
		hash = (hash ^ (uint8_t)*seed) * 0x100000001b3;
	hash ^= hash >> 24 ^ hash >> 48;
	mac[0] = 0x00;
	mac[1] = 0x16;
	mac[2] = 0x3e;
	/* The upper half of the last three bytes is for vendors; Xen's users take the lower one. */
	mac[3] = (uint8_t)(hash >> 16) & 0x7f;
	mac[4] = (uint8_t)(hash >> 8);
	mac[5] = (uint8_t)hash;
}

void random_bytes(void *p, unsigned int count)
{
	if (getrandom(p, count, 0) != (ssize_t)count)
		abort();
}

char *uuid_new(void)
{
	uint8_t b[16];

	random_bytes(b, sizeof(b));
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	return xt_printf("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
			 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11],
			 b[12], b[13], b[14], b[15]);
}
