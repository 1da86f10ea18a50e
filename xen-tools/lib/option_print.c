// SPDX-License-Identifier: GPL-2.0-or-later
/* What is printed from the option table: --help, man pages in AsciiDoc, the shell completion, the tests' list. */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

/* "--name=VALUE", "--[no]name", "--name" */
static char *spelling(const struct option_row *row)
{
	if (row->kind == SWITCH)
		return xt_printf("--[no]%s", row->name);
	if (row->kind == FLAG)
		return xt_printf("--%s", row->name);
	return xt_printf("--%s=%s", row->name, row->argument);
}

/* Calls @print for each option of @command; @begin before each group. */
static void each_option(const struct command *command, void (*begin)(const char *group),
			void (*print)(const struct option_row *row))
{
	const char *group = "";

	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_table[i];

		if (!(row->commands & command->bit))
			continue;
		if (strcmp(group, row->group))
			begin(row->group);
		group = row->group;
		print(row);
	}
}

static void help_group(const char *group)
{
	printf("\n%s:\n", group);
}

static void help_row(const struct option_row *row)
{
	char *left = spelling(row);
	int column = 30;

	printf("  %-27s ", left);
	if (strlen(left) > 27)
		printf("\n%*s", column, "");
	for (const char *word = row->meaning; *word;) {
		int length = (int)strcspn(word, " ");

		if (column + length > 99) {
			printf("\n%*s", 30, "");
			column = 30;
		}
		printf("%.*s%s", length, word, word[length] ? " " : "");
		column += length + 1;
		word += length + (word[length] != '\0');
	}
	printf("%s%s%s\n", row->deprecated ? " (out of use: " : "",
	       row->deprecated ? row->deprecated : "", row->deprecated ? ")" : "");
	free(left);
}

void option_print_help(const struct command *command)
{
	printf("Usage: %s [OPTION]... %s\n%s.\n", command->name, command->arguments,
	       command->summary);
	each_option(command, help_group, help_row);
	printf("\nExit status: 0 done, 2 wrong usage, 3 the machine lacks something or something is in the "
	       "way,\n4 failed and taken back, 5 interrupted and taken back.\n");
}

static void man_group(const char *group)
{
	printf("\n=== %s\n", group);
}

static void man_row(const struct option_row *row)
{
	char *left = spelling(row);

	printf("\n*%s*::\n%s%s%s%s\n", left, row->meaning, row->deprecated ? " (out of use: " : "",
	       row->deprecated ? row->deprecated : "", row->deprecated ? ")" : "");
	if (row->limits && (row->type == NUMBER || row->type == DEVICE))
		printf("+\n%s: %s.\n", row->type == NUMBER ? "Range" : "Begins with one of",
		       row->limits);
	free(left);
}

void option_print_man(const struct command *command)
{
	printf("= %s(8)\n:doctype: manpage\n:manmanual: Zazen\n:mansource: zazen\n\n"
	       "== NAME\n\n%s - %s\n\n== SYNOPSIS\n\n*%s* [_OPTION_]... %s\n\n"
	       "== DESCRIPTION\n\n%s\n\n== OPTIONS\n\n"
	       "In names of options, and of keys in configuration files, - and _ mean the same.\n",
	       command->name, command->name, command->summary, command->name, command->arguments,
	       command->text);
	each_option(command, man_group, man_row);
	printf("\n== EXIT STATUS\n\n*0*:: done\n*2*:: an option or a value is wrong; nothing was begun\n"
	       "*3*:: the machine lacks something, or something is in the way; nothing was begun, or it "
	       "was taken back\n*4*:: something failed on the way; what was made was taken back\n"
	       "*5*:: interrupted by a signal; what was made was taken back\n");
}

static void completion_values(const struct option_row *row)
{
	if (row->type != CHOICE && row->type != PATH)
		return;
	printf("\t--%s) ", row->name);
	if (row->type == PATH) {
		printf("COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n");
		return;
	}
	printf("COMPREPLY=($(compgen -W '");
	for (const char *c = row->limits; *c; c++)
		putchar(*c == '|' ? ' ' : *c);
	printf("' -- \"$cur\")) ;;\n");
}

static void completion_options(const struct command *command)
{
	printf("\t%s) words='", command->name);
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_table[i];

		if (!(row->commands & command->bit) || row->deprecated)
			continue;
		printf(" --%s%s", row->name, row->kind == VALUE || row->kind == MANY ? "=" : "");
		if (row->kind == SWITCH)
			printf(" --no%s", row->name);
	}
	printf("' ;;\n");
}

void option_print_completion(void)
{
	printf("# bash completion for xen-create-image and its family; made from the option table\n"
	       "_xen_tools()\n{\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words\n"
	       "\tif [ \"$prev\" = '=' ]; then\n\t\tprev=${COMP_WORDS[COMP_CWORD-2]}\n"
	       "\telif [ \"$cur\" = '=' ]; then\n\t\tcur=\n\tfi\n\tcase $prev in\n");
	for (size_t i = 0; i < option_count; i++)
		completion_values(&option_table[i]);
	printf("\tesac\n\t[ ${#COMPREPLY[@]} -eq 0 ] || return 0\n\tcase ${COMP_WORDS[0]##*/} in\n");
	for (size_t i = 0; i < command_count; i++)
		completion_options(&command_table[i]);
	printf("\tesac\n\tcompopt -o nospace\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
	       "complete -F _xen_tools");
	for (size_t i = 0; i < command_count; i++)
		printf(" %s", command_table[i].name);
	printf("\n");
}

/* For the test that each option has a test. */
void option_print_table(void)
{
	static const char *const kinds[] = { "flag", "switch", "value", "many" };
	struct json_object *rows = json_object_new_array();

	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_table[i];
		struct json_object *o = json_object_new_object(),
				   *commands = json_object_new_array();

		for (size_t c = 0; c < command_count; c++)
			if (row->commands & command_table[c].bit)
				json_object_array_add(
					commands, json_object_new_string(command_table[c].name));
		json_object_object_add(o, "name", json_object_new_string(row->name));
		json_object_object_add(o, "commands", commands);
		json_object_object_add(o, "kind", json_object_new_string(kinds[row->kind]));
		json_object_object_add(o, "deprecated",
				       json_object_new_boolean(row->deprecated != NULL));
		json_object_array_add(rows, o);
	}
	printf("%s\n", json_object_to_json_string_ext(rows, JSON_C_TO_STRING_PRETTY));
	json_object_put(rows);
}
