/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Consoles: where the log goes and where typed characters come from.
 *
 * The console lock is the last in the lock order and is taken with
 * interrupts off; devices are called with it held and never sleep or log.
 */
#ifndef HV_CONSOLE_H
#define HV_CONSOLE_H

#include <hv/abi.h>
#include <hv/types.h>

#define CONSOLE_RING_SIZE 65536 /* bytes of log kept; a power of two */

struct vcpu;

struct console_device {
	const char *name;
	void (*write)(const char *text, size_t length);
	void (*retake)(void); /* a crash: make it ours again; may be NULL */
};

/* ---- output.c ---- */

/* Add a console (up to 4); it is shown what the ring holds so far. */
void console_add_device(const struct console_device *device);

/* Write to all consoles, and to the ring if @to_ring. Unprefixed, unjudged. */
void console_write(const char *text, size_t length, bool to_ring);

/* The machine is ending: from now on no lock holds the output up. */
void console_take_over(void);

/*
 * Hold the console for several writes (printk.c). In a crash taking it may
 * end without the lock; the returned value goes to console_unlock().
 */
struct console_hold {
	unsigned long flags;
	bool is_locked;
};
struct console_hold console_lock(void);
void console_unlock(struct console_hold hold);
void console_write_locked(const char *text, size_t length, bool to_ring);

/* XEN_SYSCTL_readconsole. 0 with ->count and ->index set, or -EFAULT. */
int console_ring_read(struct xen_sysctl_readconsole *op);

/* ---- printk.c ---- */

/* Nanoseconds since boot for time stamps and rate limits; without it there are none. */
void console_set_clock(uint64_t (*clock)(void));

/* ---- input.c ---- */

/* A character came in: to dom0's ring or a debug key. Interrupts off. */
void console_input(char c);

/* Take all that the serial console has received; from its interrupt or a timer. */
void console_input_poll(void);

/* Called when dom0 has input to fetch (VIRQ_CONSOLE). */
void console_set_input_hook(void (*hook)(void));

/* dom0 is about to run: typed characters go to it, unless conswitch= says otherwise. */
void console_give_input_to_dom0(void);

/* Up to @size characters of dom0's input; returns how many. */
size_t console_input_take(char *buf, size_t size);

/* ---- debug_keys.c ---- */

struct debug_key {
	char key;
	void (*function)(void); /* in interrupt context, interrupts off */
	const char *help;
};

/* @key must stay valid. Rows of one key replace each other. */
void debug_key_register(const struct debug_key *key);

/* Run what @c stands for (XEN_SYSCTL_debug_keys, or typed at Xen's console). */
void debug_key_run(char c);

/* ---- console_io.c ---- */

/* HYPERVISOR_console_io. */
long do_console_io(struct vcpu *v, unsigned long cmd, unsigned long count, unsigned long buffer_va);

#endif
