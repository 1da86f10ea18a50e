/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The serial ports COM1 and COM2: 16550 UARTs at I/O ports. */
#ifndef HV_UART_H
#define HV_UART_H

#include <hv/types.h>

/*
 * Set up the ports that the options ask for and make them consoles. Polled;
 * needs no interrupts, clock or memory. An absent UART is one warning.
 */
void uart_console_init(void);

/* One received byte (0 to 255) of the first serial console, or -1: none. */
int uart_rx_poll(void);

/* ISA interrupt line of that console, or -1: none, or it is to be polled. */
int uart_irq_line(void);

/* The I/O ports of com<index + 1>, not to be given to dom0; false: it is no console of ours. */
bool uart_ports(unsigned int index, uint16_t *first, uint16_t *last);

/* Let the UART interrupt when bytes arrive; the handler calls console_input_poll(). */
void uart_rx_interrupt_enable(void);

#endif
