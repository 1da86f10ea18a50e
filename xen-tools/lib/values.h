/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of values that options and configuration files have: read strictly, whole, or not at all. */
#ifndef XT_VALUES_H
#define XT_VALUES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define KIB (1ull << 10)
#define MIB (1ull << 20)
#define GIB (1ull << 30)
#define TIB (1ull << 40)

struct address {
	int family; /* AF_INET or AF_INET6 */
	struct in6_addr bytes; /* IPv4 in the first four */
	int prefix; /* bits of the network, -1: none was given */
};

/*
 * "4G", "4Gb", "1.5G", "512M", "4096k"; a bare number counts @unit bytes.  Case does not matter.
 * Returns false for anything else, for zero, and past 2^60.
 */
bool size_read(const char *s, uint64_t unit, uint64_t *bytes);
/* "4G", "512M", "12345k": the largest unit that divides it. */
char *size_text(uint64_t bytes);
bool number_read(const char *s, uint64_t low, uint64_t high, uint64_t *number);
/* yes/no, true/false, on/off, 1/0 */
bool bool_read(const char *s, bool *on);
/* RFC 1123: labels of letters, digits and inner hyphens, 63 each, 253 in all. */
bool hostname_valid(const char *s);
/* A user's or a group's name as useradd takes it. */
bool account_valid(const char *s);
/* "192.0.2.1", "192.0.2.1/24", "2001:db8::1", "2001:db8::1/64" */
bool address_read(const char *s, struct address *a);
char *address_text(const struct address *a);
bool same_network(const struct address *a, const struct address *b, int prefix);
/* "255.255.255.0" or "24"; false when the bits have holes. */
bool netmask_read(const char *s, int *prefix);
/* Six hexadecimal pairs; a unicast address. */
bool mac_read(const char *s, uint8_t mac[6]);
char *mac_text(const uint8_t mac[6]);
/* In Xen's range 00:16:3e, from 24 bits of @seed. */
void mac_from(const char *seed, uint8_t mac[6]);
/* A random (version 4) UUID, 36 characters. */
char *uuid_new(void);
void random_bytes(void *p, unsigned int count);

#endif
