// SPDX-License-Identifier: GPL-2.0-or-later
/* Any bytes for each reader of text that comes from users: the first byte says which. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "guess.h"
#include "guests.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int no_command(const char *command, struct text *out)
{
	text_add(out, command);
	return *command == 'x' ? -1 : 0;
}

static void read_one(uint8_t which, const char *content)
{
	struct settings s = { 0 };
	struct text errors = { 0 };
	struct partitions p;
	struct distribution d;
	struct guest_config c = { 0 };
	char *mirror = NULL, *suite = NULL;

	switch (which % 5) {
	case 0:
		if (config_parse("f", content, CONFIG_FILE, no_command, &s, &errors) &&
		    !errors.length)
			abort();
		break;
	case 1:
		if (!partitions_parse("p", content, &p, &errors) && !p.count)
			abort();
		break;
	case 2:
		distribution_find("d", content, "sid", &d, &errors);
		mirror = mirror_find(content, &d);
		break;
	case 3:
		sources_parse(content, &mirror, &suite);
		break;
	case 4:
		guest_config_parse(content, &c);
		if (c.disks.count != c.devices.count)
			abort();
		break;
	}
	settings_free(&s);
	text_free(&errors);
	guest_config_free(&c);
	free(mirror);
	free(suite);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *content;

	if (!size)
		return 0;
	content = malloc(size);
	memcpy(content, data + 1, size - 1);
	content[size - 1] = '\0';
	read_one(data[0], content);
	free(content);
	return 0;
}
