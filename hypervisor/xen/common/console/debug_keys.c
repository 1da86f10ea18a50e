/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Single keys for whoever sits at Xen's console, or types `xl debug-keys`.
 * Other files add rows of their own at boot.
 */
#include <hv/console.h>
#include <hv/machine.h>
#include <hv/panic.h>
#include <hv/printk.h>

#define KEY_COUNT 128 /* ASCII */

static void show_help(void);
static void crash(void);
static void reboot(void);

static const struct debug_key help_key = { 'h', show_help, "show this help" };
static const struct debug_key crash_key = { 'C', crash,
					    "crash, and restart or halt as after any crash" };
static const struct debug_key reboot_key = { 'R', reboot, "reboot the machine at once" };

static const struct debug_key *keys[KEY_COUNT] = {
	['h'] = &help_key,
	['C'] = &crash_key,
	['R'] = &reboot_key,
};

static void show_help(void)
{
	log_error("Debug keys:\n");
	for (unsigned int i = 0; i < KEY_COUNT; i++)
		if (keys[i])
			log_error(" %c: %s\n", keys[i]->key, keys[i]->help);
}

static void crash(void)
{
	panic("'C' pressed: crashing\n");
}

static void reboot(void)
{
	log_error("'R' pressed: rebooting\n");
	machine_restart(0);
}

void debug_key_register(const struct debug_key *key)
{
	if ((unsigned char)key->key < KEY_COUNT)
		keys[(unsigned char)key->key] = key;
}

void debug_key_run(char c)
{
	unsigned char index = (unsigned char)c;

	/* Any byte may be typed, or come from dom0. */
	if (index < KEY_COUNT && keys[index])
		keys[index]->function();
}
