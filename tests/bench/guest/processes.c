/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows: making processes and threads, and switching between them.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define BIG_PROCESS_SIZE (32UL << 20)
#define RING_SIZE	 16
#define TRANSFER_SIZE	 65536L

static pid_t process_make(void)
{
	pid_t child = fork();

	if (child < 0)
		die("fork");
	return child;
}

static void fork_and_wait(long n)
{
	while (n--) {
		pid_t child = process_make();

		if (!child)
			_exit(0);
		waitpid(child, NULL, 0);
	}
}

static bool fork_exit(long n)
{
	region_begin();
	fork_and_wait(n);
	region_end();
	return true;
}

/* Fork with many small pages touched. */
static bool fork_big(long n)
{
	char *memory = memory_map_small_pages(BIG_PROCESS_SIZE);

	memory_touch(memory, BIG_PROCESS_SIZE);
	region_begin();
	fork_and_wait(n);
	region_end();
	munmap(memory, BIG_PROCESS_SIZE);
	return true;
}

static bool program_start(long n, char **command)
{
	bool is_good = true;

	region_begin();
	while (n-- && is_good) {
		pid_t child = process_make();
		int status;

		if (!child) {
			execv(command[0], command);
			_exit(127);
		}
		waitpid(child, &status, 0);
		is_good = !status;
	}
	region_end();
	return is_good ? true : row_skip("the program failed");
}

static bool fork_exec(long n)
{
	static char option[] = "--exit";

	return program_start(n, (char *[]){ own_path, option, NULL });
}

static bool fork_shell(long n)
{
	static char path[] = "/bin/busybox", shell[] = "sh", option[] = "-c";
	static char command[] = "/bin/busybox true; :";

	return program_start(n, (char *[]){ path, shell, option, command, NULL });
}

static void *thread_empty(void *unused)
{
	return unused;
}

static bool thread_create(long n)
{
	pthread_t thread;

	region_begin();
	while (n--) {
		if (pthread_create(&thread, NULL, thread_empty, NULL))
			die("pthread_create");
		pthread_join(thread, NULL);
	}
	region_end();
	return true;
}

/* Read a byte here, write it there, until the other side closes. */
static void echo(int from, int to)
{
	char byte;

	while (read(from, &byte, 1) == 1)
		if (write(to, &byte, 1) != 1)
			break;
	_exit(0);
}

static void token_round(int to, int from)
{
	char byte = 0;

	if (write(to, &byte, 1) != 1 || read(from, &byte, 1) != 1)
		die("token");
}

/* Round trips of a byte to a child over the channel @there and @back. */
static bool round_trips(long n, const int there[2], const int back[2])
{
	pid_t child = process_make();

	if (!child) {
		close(there[1]);
		echo(there[0], back[1]);
	}
	close(there[0]);
	token_round(there[1], back[0]);
	region_begin();
	while (n--)
		token_round(there[1], back[0]);
	region_end();
	close(there[1]);
	waitpid(child, NULL, 0);
	close(back[0]);
	close(back[1]);
	return true;
}

static bool switch_by_pipe(long n)
{
	int there[2], back[2];

	if (pipe(there) || pipe(back))
		die("pipe");
	return round_trips(n, there, back);
}

static bool switch_by_socket(long n)
{
	int there[2], back[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, there) || socketpair(AF_UNIX, SOCK_STREAM, 0, back))
		die("socketpair");
	return round_trips(n, there, back);
}

/* Process @place of the ring: hands the byte on after writing to four pages of its own. */
static void ring_member(int place, int pipes[RING_SIZE][2])
{
	volatile char *memory = memory_map(4 * PAGE_SIZE);
	char byte;

	for (int i = 0; i < RING_SIZE; i++) {
		if (i != place - 1)
			close(pipes[i][0]);
		if (i != place)
			close(pipes[i][1]);
	}
	while (read(pipes[place - 1][0], &byte, 1) == 1) {
		for (unsigned int page = 0; page < 4; page++)
			memory[page * PAGE_SIZE]++;
		if (write(pipes[place][1], &byte, 1) != 1)
			break;
	}
	_exit(0);
}

static void policy_set(int policy)
{
	struct sched_param none = { 0 };

	if (sched_setscheduler(0, policy, &none))
		die("sched_setscheduler");
}

/* One that is woken must not preempt who woke it: how often it would depends on who was forked last, and for how long. */
static bool switch_ring(long n)
{
	int pipes[RING_SIZE][2], in, out;
	pid_t members[RING_SIZE];

	policy_set(SCHED_BATCH);
	for (int i = 0; i < RING_SIZE; i++)
		if (pipe(pipes[i]))
			die("pipe");
	for (int i = 1; i < RING_SIZE; i++) {
		members[i] = process_make();
		if (!members[i])
			ring_member(i, pipes);
	}
	for (int i = 1; i < RING_SIZE; i++) {
		close(pipes[i - 1][0]);
		close(pipes[i][1]);
	}
	out = pipes[0][1];
	in = pipes[RING_SIZE - 1][0];
	token_round(out, in);
	token_round(out, in);
	region_begin();
	while (n--)
		token_round(out, in);
	region_end();
	policy_set(SCHED_OTHER);
	close(out);
	for (int i = 1; i < RING_SIZE; i++)
		waitpid(members[i], NULL, 0);
	close(in);
	return true;
}

static volatile bool yield_stop;

static void yield_once(void)
{
	syscall(SYS_getpid);
	sched_yield();
}

static void *thread_yield(void *unused)
{
	while (!yield_stop)
		yield_once();
	return unused;
}

/* Two threads: the address space stays. */
static bool switch_threads(long n)
{
	pthread_t thread;

	yield_stop = false;
	if (pthread_create(&thread, NULL, thread_yield, NULL))
		die("pthread_create");
	for (int i = 0; i < 10; i++)
		sched_yield();
	region_begin();
	while (n--)
		yield_once();
	region_end();
	yield_stop = true;
	pthread_join(thread, NULL);
	return true;
}

static void drain(long left, int from, int done)
{
	ssize_t part;

	while (left > 0 && (part = read(from, buffer_to, TRANSFER_SIZE)) > 0)
		left -= part;
	_exit(write(done, "k", 1) != 1);
}

static bool pipe_transfer(long n)
{
	int data[2], done[2];
	pid_t child;
	char byte;

	if (pipe(data) || pipe(done))
		die("pipe");
	child = process_make();
	if (!child) {
		close(data[1]);
		drain(n * TRANSFER_SIZE, data[0], done[1]);
	}
	region_begin();
	while (n--)
		for (ssize_t at = 0, part; at < TRANSFER_SIZE; at += part)
			if ((part = write(data[1], buffer_from + at, TRANSFER_SIZE - at)) <= 0)
				die("write");
	if (read(done[0], &byte, 1) != 1)
		die("read");
	region_end();
	waitpid(child, NULL, 0);
	close(data[0]);
	close(data[1]);
	close(done[0]);
	close(done[1]);
	return true;
}

const struct row process_rows[] = {
	{ "fork_exit", "process", fork_exit, 20, 5, 1 },
	{ "fork_exec", "process", fork_exec, 10, 5, 1 },
	{ "fork_sh", "process", fork_shell, 5, 3, 1 },
	{ "fork_32mb", "process", fork_big, 3, 3, 1 },
	{ "thread_create", "thread", thread_create, 50, 5, 1 },
	{ .name = NULL },
};

const struct row switch_rows[] = {
	{ "ctx_pipe2", "roundtrip", switch_by_pipe, 300, 5, 1 },
	{ "ctx_ring16", "switch", switch_ring, 100, 5, RING_SIZE },
	{ "ctx_thread", "roundtrip", switch_threads, 300, 5, 1 },
	{ "sock_unix", "roundtrip", switch_by_socket, 200, 5, 1 },
	{ "pipe_bw", "KiB", pipe_transfer, 32, 3, 64 },
	{ .name = NULL },
};
