/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of microcode updates: Intel's, updates one after the other (SDM volume 3 section 9.11.1), and AMD's, a
 * table of processors and patches (as linux-firmware ships it and Linux documents in its loader). Foreign bytes: every
 * length is judged. The processor judges the signature of what it is given.
 */
#include <asm/microcode.h>

#include <hv/string.h>

struct intel_header {
	uint32_t version, revision, date, signature, checksum, loader, platforms;
	uint32_t data_size, total_size, reserved[3];
};

struct intel_extended {
	uint32_t count, checksum, reserved[3];
};

struct intel_signature {
	uint32_t signature, platforms, checksum;
};

static_assert(sizeof(struct intel_header) == MICROCODE_INTEL_HEADER, "SDM table 9-7");

#define INTEL_DATA_DEFAULT  2000
#define INTEL_TOTAL_DEFAULT 2048

#define AMD_MAGIC	    0x00414d44
#define AMD_EQUIVALENCES    0
#define AMD_PATCH	    1
#define AMD_PATCHES_MAX	    512

struct amd_section {
	uint32_t type, size;
};

struct amd_equivalence {
	uint32_t signature, errata_mask, errata_compare;
	uint16_t id, reserved;
};

struct amd_patch {
	uint32_t date, revision;
	uint16_t data_id;
	uint8_t	 data_size, init;
	uint32_t checksum, northbridge, southbridge;
	uint16_t processor_id;
	uint8_t	 other[38];
};

static_assert(sizeof(struct amd_patch) == 64, "the patch header");

static bool is_newer(uint32_t revision, uint32_t than, bool allow_same)
{
	return revision > than || (allow_same && revision == than);
}

static uint32_t sum_of(const uint8_t *p, size_t len)
{
	uint32_t sum = 0, word;

	for (size_t i = 0; i + 4 <= len; i += 4) {
		memcpy(&word, p + i, 4);
		sum += word;
	}
	return sum;
}

static bool intel_matches(uint32_t signature, uint32_t platforms, const struct microcode_target *t)
{
	/* an update for no platform in particular is for all */
	return signature == t->signature && (platforms & t->platform || !(platforms | t->platform));
}

/* The signatures that follow the data of an update of @total bytes. */
static bool intel_extended_matches(const uint8_t *update, size_t at, size_t total,
				   const struct microcode_target *t)
{
	struct intel_extended head;
	struct intel_signature s;

	if (total - at < sizeof(head))
		return false;
	memcpy(&head, update + at, sizeof(head));
	at += sizeof(head);
	for (uint32_t i = 0; i < head.count && total - at >= sizeof(s); i++, at += sizeof(s)) {
		memcpy(&s, update + at, sizeof(s));
		if (intel_matches(s.signature, s.platforms, t))
			return true;
	}
	return false;
}

const void *microcode_find_intel(const void *blob, size_t len, const struct microcode_target *t,
				 bool allow_same, size_t *size, uint32_t *revision)
{
	const uint8_t *p = blob, *best = NULL;
	struct intel_header h;
	size_t data, total;

	for (size_t at = 0; len - at >= sizeof(h); at += total) {
		memcpy(&h, p + at, sizeof(h));
		data = h.data_size ? h.data_size : INTEL_DATA_DEFAULT;
		total = h.data_size ? h.total_size : INTEL_TOTAL_DEFAULT;
		if (h.version != 1 || h.loader != 1 || total > len - at || total % 4 ||
		    total < sizeof(h) || data > total - sizeof(h) || data % 4)
			break;
		if (sum_of(p + at, sizeof(h) + data) ||
		    !is_newer(h.revision, best ? *revision : t->revision, allow_same && !best))
			continue;
		if (!intel_matches(h.signature, h.platforms, t) &&
		    !intel_extended_matches(p + at, sizeof(h) + data, total, t))
			continue;
		best = p + at;
		*size = total;
		*revision = h.revision;
	}
	return best;
}

/* The number by which patches name processors of this signature; 0: not in the table. */
static uint16_t amd_processor_id(const uint8_t *table, size_t len, uint32_t signature)
{
	struct amd_equivalence e;

	for (size_t at = 0; len - at >= sizeof(e); at += sizeof(e)) {
		memcpy(&e, table + at, sizeof(e));
		if (e.signature == signature)
			return e.id;
	}
	return 0;
}

const void *microcode_find_amd(const void *blob, size_t len, const struct microcode_target *t,
			       bool allow_same, size_t *size, uint32_t *revision)
{
	const uint8_t *p = blob, *best = NULL;
	struct amd_section s;
	struct amd_patch h;
	uint16_t id = 0;
	uint32_t magic;
	size_t at = 4;

	if (len < 4)
		return NULL;
	memcpy(&magic, p, 4);
	if (magic != AMD_MAGIC)
		return NULL;
	for (unsigned int i = 0; i < AMD_PATCHES_MAX && len - at >= sizeof(s); i++, at += s.size) {
		memcpy(&s, p + at, sizeof(s));
		at += sizeof(s);
		if (s.size > len - at)
			break;
		if (s.type == AMD_EQUIVALENCES)
			id = amd_processor_id(p + at, s.size, t->signature);
		if (s.type != AMD_PATCH || !id || s.size < sizeof(h))
			continue;
		memcpy(&h, p + at, sizeof(h));
		if (h.processor_id != id ||
		    !is_newer(h.revision, best ? *revision : t->revision, allow_same && !best))
			continue;
		best = p + at;
		*size = s.size;
		*revision = h.revision;
	}
	return best;
}
