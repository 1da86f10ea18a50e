/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two 8259 interrupt controllers, which we do not use: moved away from the
 * exceptions' vectors, for they may still raise spurious interrupts, and masked.
 */
#include <asm/irq.h>
#include <asm/system.h>

#define PIC1_COMMAND 0x20
#define PIC1_DATA    0x21
#define PIC2_COMMAND 0xa0
#define PIC2_DATA    0xa1

#define ICW1_START   0x11	/* edge, cascade, ICW4 follows */
#define ICW4_8086    0x01
#define CASCADE_LINE 2

void pic_disable(void)
{
	outb(PIC1_DATA, 0xff);
	outb(PIC2_DATA, 0xff);

	outb(PIC1_COMMAND, ICW1_START);
	outb(PIC1_DATA, VECTOR_PIC_FIRST);
	outb(PIC1_DATA, 1 << CASCADE_LINE);
	outb(PIC1_DATA, ICW4_8086);

	outb(PIC2_COMMAND, ICW1_START);
	outb(PIC2_DATA, VECTOR_PIC_FIRST + 8);
	outb(PIC2_DATA, CASCADE_LINE);
	outb(PIC2_DATA, ICW4_8086);

	outb(PIC1_DATA, 0xff);
	outb(PIC2_DATA, 0xff);
}
