// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes to the parsers. The first byte chooses: a configuration (which, when it is good, must be the same after JSON there and
 * back), a command line's argument, a disk, an interface, a list of CPUs, JSON.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <guest/config.h>
#include <guest/cpu_list.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct report silent;

static void check_json(const struct guest_config *config)
{
	char *first = guest_config_to_json(config), *second;
	struct guest_config again;

	if (!guest_config_from_json(&again, first))
		abort();
	second = guest_config_to_json(&again);
	if (strcmp(first, second))
		abort();
	guest_config_free(&again);
	free(second);
	free(first);
}

static void try_config(const char *text, size_t length)
{
	struct guest_config config;
	struct settings settings;

	settings_init(&settings);
	guest_config_init(&config);
	settings_parse(&settings, "fuzz", text, length, &silent);
	guest_config_read(&config, &settings, &silent);
	if (!silent.errors)
		check_json(&config);
	guest_config_free(&config);
	settings_free(&settings);
}

static void try_argument(const char *text)
{
	struct settings settings;

	settings_init(&settings);
	settings_override(&settings, text, &silent);
	settings_free(&settings);
}

static void try_line(char kind, const char *text)
{
	struct cpu_machine machine = { .cpu_count = 8 };
	struct guest_config config;
	struct disk_spec disk;
	struct nic_spec nic;
	struct cpu_map map;

	switch (kind) {
	case 'd':
		if (disk_parse(&disk, text, (struct place){ 0 }, &silent))
			disk_free(&disk);
		break;
	case 'n':
		if (nic_parse(&nic, text, (struct place){ 0 }, &silent))
			nic_free(&nic);
		break;
	case 'l':
		if (!cpu_list_parse(text, &machine, &map))
			free(cpu_map_text(&map, machine.cpu_count));
		break;
	default:
		guest_config_from_json(&config, text);
		guest_config_free(&config);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	if (!silent.out)
		silent = (struct report){ .out = fopen("/dev/null", "w"), .program = "fuzz" };
	silent.errors = 0;
	text = malloc(size);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = 0;
	if (*data == 'c')
		try_config(text, size - 1);
	else if (*data == 'a')
		try_argument(text);
	else
		try_line((char)*data, text);
	free(text);
	return 0;
}
