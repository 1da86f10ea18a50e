/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests as they come over the wire; the table of operations is in wire.c. */
#ifndef XENSTORED_WIRE_H
#define XENSTORED_WIRE_H

#include "node_ops.h"
#include "store.h"

/* The strings of a request, read one after the other. */
struct arguments {
	const char *at;
	const char *end;
};

/* The next one, or NULL when none (with its end) is left. */
const char *argument_string(struct arguments *a);
bool argument_is_last(const struct arguments *a);

/* Digits alone, at most @max. */
bool argument_number(const char *text, uint64_t max, uint64_t *value);

/* An absolute path into @path; false: it is none. */
bool argument_path(const struct client *c, struct arguments *a, char *path);

/*
 * Operations take the rest of the request and fill in the reply; they return 0 or a positive errno that the protocol
 * has a name for. A reply left empty becomes "OK".
 */
typedef int wire_operation(struct operation *op, struct arguments *a, struct reply *r);

wire_operation wire_introduce, wire_release, wire_resume, wire_is_introduced, wire_domain_path,
	wire_set_target, wire_control;

void reply_string(struct reply *r, const char *text);

/*
 * Carries out the request @head, whose payload of @head->len bytes (at most XENSTORE_PAYLOAD_MAX) is at @body.
 * Returns whether the state of the store may be another one now, so that the request belongs into the journal.
 */
bool wire_request(struct store *s, struct client *c, const struct xsd_sockmsg *head,
		  const char *body, struct reply *r);

/* "ENOENT" for ENOENT; "EINVAL" for what has no name. */
const char *wire_error_name(int error);

#endif
