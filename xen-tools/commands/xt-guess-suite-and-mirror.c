// SPDX-License-Identifier: GPL-2.0-or-later
/* xt-guess-suite-and-mirror(8) */
#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "guess.h"
#include "options.h"
#include "report.h"

int main(int argc, char **argv)
{
	bool want_mirror, want_suite;
	struct settings s = { 0 };
	struct list words = { 0 };
	char *mirror, *suite;

	report_begin(argv[0]);
	if (!options_read(command_find("xt-guess-suite-and-mirror"), argc, argv, &s, &words) ||
	    words.count)
		return XT_USAGE;
	want_suite = setting_on(&s, "suite");
	want_mirror = setting_on(&s, "mirror");
	if (!want_mirror && !want_suite)
		want_mirror = want_suite = true;
	mirror = guess_mirror(setting(&s, "sources-list"));
	suite = guess_suite(setting(&s, "sources-list"));
	if (!mirror || !suite)
		die(XT_ENVIRONMENT, "no line of APT's sources names a main archive");
	if (setting_on(&s, "json")) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "suite", json_object_new_string(suite));
		json_object_object_add(o, "mirror", json_object_new_string(mirror));
		printf("%s\n", json_object_to_json_string(o));
		json_object_put(o);
		return XT_OK;
	}
	if (want_suite)
		printf("%s%s", suite, want_mirror ? " " : "\n");
	if (want_mirror)
		printf("%s\n", mirror);
	return XT_OK;
}
