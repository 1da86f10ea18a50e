/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Channel 2 of the 8254 interval timer, as the last reference: it counts from 65,535 down, over
 * and over, which is 54 ms. Its gate and the speaker's are bits of port 0x61.
 */
#include <asm/clock.h>
#include <asm/system.h>

#define PIT_HZ		 1193182
#define PIT_CHANNEL_2	 0x42
#define PIT_COMMAND	 0x43
#define COMMAND_MODE_2	 0xb4	/* channel 2, both bytes, rate generator */
#define COMMAND_LATCH	 0x80
#define PORT_B		 0x61
#define PORT_B_GATE	 0x01
#define PORT_B_SPEAKER	 0x02

static uint64_t pit_read(void)
{
	uint8_t low, high;

	outb(PIT_COMMAND, COMMAND_LATCH);
	low = inb(PIT_CHANNEL_2);
	high = inb(PIT_CHANNEL_2);
	return 0x10000 - (high << 8 | low);
}

bool pit_reference(struct clock_reference *out)
{
	outb(PORT_B, (inb(PORT_B) & ~PORT_B_SPEAKER) | PORT_B_GATE);
	outb(PIT_COMMAND, COMMAND_MODE_2);
	outb(PIT_CHANNEL_2, 0);
	outb(PIT_CHANNEL_2, 0);
	*out = (struct clock_reference){
		.name = "PIT",
		.hz = PIT_HZ,
		.mask = 0xffff,
		.read = pit_read,
	};
	return true;
}
