// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a boot loader reader in pygrub's way: it gets the disk and a folder for copies, and writes to a pipe what to boot, as
 * "kernel PATH\0ramdisk PATH\0args TEXT\0" (--output-format=simple0).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "guest.h"

#define FOLDER	   HOST_RUN "/boot"
#define OUTPUT_MAX 65536

struct run {
	char *program;
	char **argv;
	size_t argc;
};

static void add_argument(struct run *r, char *argument)
{
	r->argv = alloc_array(r->argv, r->argc + 2, sizeof(*r->argv));
	r->argv[r->argc++] = argument;
	r->argv[r->argc] = NULL;
}

static char *find_program(const char *name)
{
	static const char *const folders[] = { "/usr/lib/xen-zazen/bin", "/usr/lib/xen-4.17/bin",
					       "/usr/local/bin", "/usr/bin" };

	if (*name == '/')
		return alloc_string(name);
	for (unsigned int i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char *path = alloc_format("%s/%s", folders[i], name);

		if (!access(path, X_OK))
			return path;
		free(path);
	}
	return alloc_string(name);
}

static void make_arguments(struct run *r, const struct guest_config *c, const char *folder,
			   const char *disk)
{
	r->program = find_program(c->bootloader);
	add_argument(r, alloc_string(r->program));
	if (c->kernel)
		add_argument(r, alloc_format("--kernel=%s", c->kernel));
	if (c->ramdisk)
		add_argument(r, alloc_format("--ramdisk=%s", c->ramdisk));
	if (c->cmdline)
		add_argument(r, alloc_format("--args=%s", c->cmdline));
	for (size_t i = 0; i < c->bootloader_args.count; i++)
		add_argument(r, alloc_string(c->bootloader_args.items[i]));
	add_argument(r, alloc_string("--output=/dev/fd/3"));
	add_argument(r, alloc_string("--output-format=simple0"));
	add_argument(r, alloc_format("--output-directory=%s", folder));
	add_argument(r, alloc_string(disk));
}

static void free_run(struct run *r)
{
	for (size_t i = 0; i < r->argc; i++)
		free(r->argv[i]);
	free(r->argv);
	free(r->program);
}

/* All that the program wrote to descriptor 3; NULL and errno, or its status in *@status. */
static char *run_program(const struct run *r, size_t *length, int *status)
{
	char *text = alloc_zeroed(OUTPUT_MAX + 1);
	int fds[2];
	ssize_t n;
	pid_t pid;

	*length = 0;
	if (pipe2(fds, O_CLOEXEC) || (pid = fork()) < 0) {
		free(text);
		return NULL;
	}
	if (!pid) {
		if (fds[1] == 3)
			fcntl(3, F_SETFD, 0);
		else
			dup2(fds[1], 3);
		execv(r->program, r->argv);
		_exit(127);
	}
	close(fds[1]);
	while (*length < OUTPUT_MAX && (n = read(fds[0], text + *length, OUTPUT_MAX - *length)) > 0)
		*length += (size_t)n;
	close(fds[0]);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	return text;
}

static char *copy_text(const char *text)
{
	return text ? alloc_string(text) : NULL;
}

static void set_text(char **where, const char *text)
{
	free(*where);
	*where = alloc_string(text);
}

/* Whether @path lies below @folder: what the program wrote is foreign. */
static bool is_inside(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return !strncmp(path, folder, length) && path[length] == '/' && !strstr(path, "/../");
}

static bool take_output(struct guest_boot *boot, const char *text, size_t length)
{
	/* The buffer ends with a zero byte, so each part is a string. */
	for (size_t i = 0; i < length; i += strlen(text + i) + 1) {
		const char *part = text + i;

		if (!strncmp(part, "kernel ", 7) && is_inside(part + 7, boot->folder))
			set_text(&boot->kernel, part + 7);
		else if (!strncmp(part, "ramdisk ", 8) && is_inside(part + 8, boot->folder))
			set_text(&boot->ramdisk, part + 8);
		else if (!strncmp(part, "args ", 5))
			set_text(&boot->cmdline, part + 5);
	}
	return boot->kernel;
}

static const struct disk_spec *first_disk(const struct guest_config *c)
{
	for (size_t i = 0; i < c->disk_count; i++)
		if (c->disks[i].path && c->disks[i].format == DISK_RAW && !c->disks[i].script &&
		    !c->disks[i].backend_name)
			return &c->disks[i];
	return NULL;
}

static bool make_folder(struct guest_host *host, struct guest_boot *boot)
{
	mkdir(HOST_RUN, 0700);
	mkdir(FOLDER, 0700);
	boot->folder = alloc_string(FOLDER "/XXXXXX");
	if (mkdtemp(boot->folder))
		return true;
	report_error(host->report, "%s: %s", FOLDER, strerror(errno));
	free(boot->folder);
	boot->folder = NULL;
	return false;
}

static bool ask_program(struct guest_host *host, const struct guest_config *c,
			const struct disk_spec *disk, struct guest_boot *boot)
{
	struct run r = { 0 };
	char *text = NULL;
	size_t length = 0;
	int status = 0;
	bool good;

	make_arguments(&r, c, boot->folder, disk->path);
	if (access(r.program, X_OK))
		report_error(host->report, "the boot loader %s cannot be run: %s", r.program,
			     strerror(errno));
	else
		text = run_program(&r, &length, &status);
	good = text && !status && take_output(boot, text, length);
	if (text && !good)
		report_error(host->report, "the boot loader %s found nothing to boot on %s",
			     r.program, disk->path);
	free(text);
	free_run(&r);
	return good;
}

bool guest_boot_find(struct guest_host *host, const struct guest_config *c, struct guest_boot *boot)
{
	const struct disk_spec *disk = first_disk(c);

	*boot = (struct guest_boot){ 0 };
	if (!c->bootloader) {
		boot->kernel = copy_text(c->kernel);
		boot->ramdisk = copy_text(c->ramdisk);
		boot->cmdline = copy_text(c->cmdline);
		return true;
	}
	if (!disk) {
		report_error(host->report, "the boot loader needs a raw disk to look at");
		return false;
	}
	return make_folder(host, boot) && ask_program(host, c, disk, boot);
}

/* Copies are read before the guest runs: they go as soon as it is built. */
void guest_boot_done(struct guest_boot *boot)
{
	DIR *d = boot->folder ? opendir(boot->folder) : NULL;
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	if (boot->folder)
		rmdir(boot->folder);
	free(boot->folder);
	free(boot->kernel);
	free(boot->ramdisk);
	free(boot->cmdline);
	*boot = (struct guest_boot){ 0 };
}
