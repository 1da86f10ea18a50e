/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Typed characters: to dom0 (a ring that dom0 empties by console_io) or to
 * Xen's debug keys. Ctrl-<switch key> three times moves them from one to
 * the other.
 */
#include <hv/console.h>
#include <hv/options.h>
#include <hv/printk.h>
#include <hv/spinlock.h>
#include <hv/uart.h>

#define RING_SIZE    1024 /* a power of two */
#define SWITCH_COUNT 3
#define POLL_LIMIT   256 /* bytes taken at once; a stuck UART must not hold us */

static struct spinlock input_lock = SPINLOCK_INIT;

static struct {
	char ring[RING_SIZE] __guarded_by(input_lock);
	unsigned int put __guarded_by(input_lock), taken __guarded_by(input_lock);
	unsigned int switch_seen __guarded_by(input_lock);
	bool is_for_dom0 __guarded_by(input_lock);
} input;

/* Set once at boot. */
static void (*input_hook)(void);

void console_set_input_hook(void (*hook)(void))
{
	input_hook = hook;
}

static void announce(bool is_for_dom0)
{
	printk_end_line();
	log_error("*** Serial input to %s (type 'CTRL-%c' three times to switch input)\n",
		  is_for_dom0 ? "DOM0" : "Xen", boot_options.switch_key);
}

/* The ring of dom0's input drops what comes while it is full. */
static void keep(char c) __must_hold(input_lock)
{
	if (input.put - input.taken < RING_SIZE)
		input.ring[input.put++ & (RING_SIZE - 1)] = c;
}

/* Does @c complete the switch sequence? */
static bool is_switch(char c) __must_hold(input_lock)
{
	if (c != (boot_options.switch_key & 0x1f)) {
		input.switch_seen = 0;
		return false;
	}
	if (++input.switch_seen < SWITCH_COUNT)
		return false;
	input.switch_seen = 0;
	return true;
}

/* What could begin the switch sequence is held back until it is known that it does not. As on Debian's Xen. */
void console_input(char c)
{
	unsigned long flags = spin_lock_irqsave(&input_lock);
	unsigned int held = input.switch_seen;
	bool switches = is_switch(c);
	bool is_held = input.switch_seen, is_for_dom0;

	if (switches) {
		input.is_for_dom0 = !input.is_for_dom0;
	} else if (input.is_for_dom0 && !is_held) {
		for (; held; held--)
			keep(boot_options.switch_key & 0x1f);
		keep(c);
	}
	is_for_dom0 = input.is_for_dom0;
	spin_unlock_irqrestore(&input_lock, flags);

	if (switches)
		announce(is_for_dom0);
	else if (is_held)
		return;
	else if (!is_for_dom0)
		debug_key_run(c);
	else if (input_hook)
		input_hook();
}

void console_input_poll(void)
{
	for (unsigned int i = 0; i < POLL_LIMIT; i++) {
		int c = uart_rx_poll();

		if (c < 0)
			return;
		console_input((char)c);
	}
}

void console_give_input_to_dom0(void)
{
	bool to_dom0 = !boot_options.keep_input;
	unsigned long flags = spin_lock_irqsave(&input_lock);

	input.is_for_dom0 = to_dom0;
	spin_unlock_irqrestore(&input_lock, flags);
	announce(to_dom0);
}

size_t console_input_take(char *buf, size_t size)
{
	unsigned long flags = spin_lock_irqsave(&input_lock);
	size_t count = 0;

	while (count < size && input.taken != input.put)
		buf[count++] = input.ring[input.taken++ & (RING_SIZE - 1)];
	spin_unlock_irqrestore(&input_lock, flags);
	return count;
}
