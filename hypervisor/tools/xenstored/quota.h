/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one domain may make the store hold. The defaults are those that advisories XSA-326 and its companions
 * led to. Domain 0 and sockets are not limited.
 */
#ifndef XENSTORED_QUOTA_H
#define XENSTORED_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

struct quota {
	uint32_t nodes;
	uint32_t watches;
	uint32_t transactions;
	uint32_t transaction_nodes; /* different nodes that one transaction uses */
	uint32_t node_size; /* bytes of one value */
	uint32_t permissions; /* of one node */
	uint32_t event_bytes; /* not yet taken by the domain */
};

/* What a domain has now. */
struct usage {
	uint16_t domid;
	uint32_t nodes;
	uint32_t watches;
	uint32_t transactions;
	struct usage *next;
};

void quota_set_defaults(struct quota *q);

/* Names and values, in a fixed order; false past the last. */
bool quota_entry(struct quota *q, unsigned int i, const char **name, uint32_t **value);

struct usage *usage_of(struct store *s, uint16_t domid);
void usage_forget(struct store *s, uint16_t domid);
void usage_destroy(struct store *s);

#endif
