// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xentop: options, the screen, and the batch mode. The screen needs no more of a terminal than what all of them know: ECMA-48's
 * "home", "erase to the end", and an alternate screen where there is one.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "table.h"

#define LINES_ABOVE 4

enum {
	EXIT_USAGE = 2,
};

static const char usage_text[] =
	"usage: xentop [OPTION]...\n"
	"\n"
	"  -b, --batch            print lines instead of a screen\n"
	"  -i, --iterations N     end after N of them\n"
	"  -d, --delay SECONDS    between two of them (3)\n"
	"  -r, --repeat-header    in batch mode, before each table\n"
	"  -f, --full-name        names in full\n"
	"  -R, --rates            in batch mode, what happens a second instead of what has happened\n"
	"  -s, --sort KEY         name, cpu, memory, traffic or requests; by number\n"
	"  -h, --help             this text\n"
	"\n"
	"On the screen the keys n, c, m, t and r sort, d the order of numbers, f full names, q ends.\n";

struct options {
	struct table table;
	bool is_batch, repeats_header;
	unsigned long iterations; /* 0: no end */
	unsigned int delay_ms;
};

static volatile sig_atomic_t is_ending;

static void on_signal(int signal)
{
	(void)signal;
	is_ending = 1;
}

static int sort_parse(const char *word, char *key)
{
	static const char *const words[] = { "name", "cpu", "memory", "traffic", "requests" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]))
			continue;
		*key = SORT_KEYS[i];
		return 0;
	}
	return -EINVAL;
}

static int delay_parse(const char *text, unsigned int *ms)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds >= 0.1 && seconds <= 86400))
		return -EINVAL;
	*ms = (unsigned int)(seconds * 1000);
	return 0;
}

static int count_parse(const char *text, unsigned long *count)
{
	char *end;

	errno = 0;
	*count = strtoul(text, &end, 10);
	return *text < '0' || *text > '9' || *end || errno || !*count ? -EINVAL : 0;
}

static int option_set(struct options *o, int option, const char *text)
{
	switch (option) {
	case 'b':
		o->is_batch = true;
		return 0;
	case 'i':
		return count_parse(text, &o->iterations);
	case 'd':
		return delay_parse(text, &o->delay_ms);
	case 'r':
		o->repeats_header = true;
		return 0;
	case 'f':
		o->table.with_full_names = true;
		return 0;
	case 'R':
		o->table.with_rates = true;
		return 0;
	case 's':
		return sort_parse(text, &o->table.sort);
	default:
		return -EINVAL;
	}
}

static int options_parse(struct options *o, int argc, char **argv)
{
	static const struct option known[] = {
		{ "batch", no_argument, NULL, 'b' },
		{ "iterations", required_argument, NULL, 'i' },
		{ "delay", required_argument, NULL, 'd' },
		{ "repeat-header", no_argument, NULL, 'r' },
		{ "full-name", no_argument, NULL, 'f' },
		{ "rates", no_argument, NULL, 'R' },
		{ "sort", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "bi:d:rfRs:h", known, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage_text, stdout);
			exit(EXIT_SUCCESS);
		}
		if (option_set(o, option, optarg))
			return -EINVAL;
	}
	return optind < argc ? -EINVAL : 0;
}

static struct winsize screen_size(void)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	if (!size.ws_row || !size.ws_col)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	return size;
}

/* A line that is wider than the screen ends at its border. */
static void screen_put(const char *text, unsigned int columns)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		printf("%.*s\033[K\r\n", (int)(length < columns ? length : columns), text);
		text += length + (text[length] == '\n');
	}
}

static void screen_draw(const struct options *o, const struct sample *before,
			const struct sample *now)
{
	struct winsize size = screen_size();
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return;
	fprintf(out, "%zu domains; %u CPUs; memory %llu MiB\n", now->count, now->cpus,
		(unsigned long long)(now->machine_kib / 1024));
	fprintf(out, "sort: n name, c CPU, m memory, t traffic, r requests, d number; q quits\n\n");
	table_header(out, &o->table);
	table_print(out, &o->table, before, now,
		    size.ws_row > LINES_ABOVE + 1 ? size.ws_row - LINES_ABOVE - 1u : 1);
	fclose(out);
	fputs("\033[H", stdout);
	screen_put(text, size.ws_col);
	fputs("\033[J", stdout);
	fflush(stdout);
	free(text);
}

/* Waits for the next sample or a key. */
static void screen_wait(struct options *o)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	char key;

	if (poll(&input, 1, (int)o->delay_ms) <= 0)
		return;
	if (read(STDIN_FILENO, &key, 1) != 1 || key == 'q')
		is_ending = 1;
	else if (key == 'f')
		o->table.with_full_names = !o->table.with_full_names;
	else if (key == 'd')
		o->table.sort = 0;
	else if (strchr(SORT_KEYS, key))
		o->table.sort = key;
}

static void batch_print(const struct options *o, const struct sample *before,
			const struct sample *now)
{
	if (!before->count || o->repeats_header)
		table_header(stdout, &o->table);
	table_print(stdout, &o->table, before, now, SIZE_MAX);
	if (fflush(stdout))
		is_ending = 1;
}

/* Sample after sample, until somebody ends it. */
static int run(struct options *o, struct ctrl *c, struct xs_handle *xs)
{
	struct sample before = { 0 }, now;
	int rc = 0;

	for (unsigned long i = 0; !is_ending; i++) {
		rc = sample_take(&now, c, xs);
		if (rc) {
			sample_free(&now);
			break;
		}
		if (o->is_batch)
			batch_print(o, &before, &now);
		else
			screen_draw(o, &before, &now);
		sample_free(&before);
		before = now;
		if (o->iterations && i + 1 == o->iterations)
			break;
		if (o->is_batch)
			poll(NULL, 0, (int)o->delay_ms);
		else
			screen_wait(o);
	}
	sample_free(&before);
	return rc;
}

static int run_on_screen(struct options *o, struct ctrl *c, struct xs_handle *xs)
{
	struct termios cooked, raw;
	bool is_terminal = !tcgetattr(STDIN_FILENO, &cooked);
	int rc;

	if (is_terminal) {
		raw = cooked;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	fputs("\033[?1049h\033[?25l\033[2J", stdout);
	rc = run(o, c, xs);
	fputs("\033[?25h\033[?1049l", stdout);
	fflush(stdout);
	if (is_terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &cooked);
	return rc;
}

int main(int argc, char **argv)
{
	struct options o = { .delay_ms = 3000 };
	const struct sigaction end = { .sa_handler = on_signal };
	struct xs_handle *xs;
	struct ctrl *c;
	int rc;

	if (options_parse(&o, argc, argv)) {
		fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	rc = ctrl_open(&c);
	if (rc) {
		fprintf(stderr, "xentop: %s\n", strerror(-rc));
		return EXIT_FAILURE;
	}
	xs = xs_open(0); /* without the store domains have numbers alone */
	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	o.table.with_rates |= !o.is_batch;
	rc = o.is_batch ? run(&o, c, xs) : run_on_screen(&o, c, xs);
	if (rc)
		fprintf(stderr, "xentop: %s\n", strerror(-rc));
	if (xs)
		xs_close(xs);
	ctrl_close(c);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
