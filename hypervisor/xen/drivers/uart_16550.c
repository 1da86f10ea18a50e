/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 16550 UARTs at I/O ports as consoles: polled output that gives up on a
 * stuck line, input by interrupt or polling. Registers as in the PC16550D
 * data sheet.
 */
#include <hv/uart.h>

#include <hv/console.h>
#include <hv/options.h>
#include <hv/printk.h>

#include <asm/system.h>

/* Offsets from the base port. */
#define UART_DATA	0
#define UART_IER	1
#define UART_DIVISOR_LO 0 /* with LCR_DLAB */
#define UART_DIVISOR_HI 1 /* with LCR_DLAB */
#define UART_IIR	2 /* read */
#define UART_FCR	2 /* write */
#define UART_LCR	3
#define UART_MCR	4
#define UART_LSR	5
#define UART_MSR	6
#define UART_SCRATCH	7

#define IER_RX_AVAILABLE 0x01
#define FCR_ENABLE_CLEAR 0x07 /* interrupt at the first byte received */
#define LCR_STOP_2	 0x04
#define LCR_DLAB	 0x80
#define MCR_DTR_RTS_OUT2 0x0b /* OUT2 gates the interrupt on PCs */
#define LSR_DATA_READY	 0x01
#define LSR_TX_EMPTY	 0x20
#define LSR_ABSENT	 0xff
#define IIR_FIFO_WORKS	 0xc0

#define FIFO_BYTES 16

/* Some 0.3 s of port reads: a full FIFO at 1200 baud drains in half of that. */
#define TX_TRIES 300000

struct uart {
	uint16_t base;
	uint8_t irq;
	bool is_console;
	bool is_stuck; /* the last wait for the transmitter timed out */
	bool was_cr;   /* the last character sent was '\r' */
	unsigned int fifo_bytes;
	unsigned int room; /* bytes the FIFO is known to take */
};

static struct uart uarts[COM_PORT_COUNT];

/* The scratch register keeps what is written, if there is a UART at all. */
static bool uart_is_present(uint16_t base)
{
	static const uint8_t patterns[] = { 0xa5, 0x5a };

	for (unsigned int i = 0; i < ARRAY_SIZE(patterns); i++) {
		outb(base + UART_SCRATCH, patterns[i]);
		if (inb(base + UART_SCRATCH) != patterns[i])
			return false;
	}
	return inb(base + UART_LSR) != LSR_ABSENT;
}

static uint8_t line_control(const struct com_options *o)
{
	uint8_t lcr = o->data_bits - 5;

	if (o->stop_bits == 2)
		lcr |= LCR_STOP_2;
	switch (o->parity) {
	case 'o':
		return lcr | 0x08;
	case 'e':
		return lcr | 0x18;
	case 'm':
		return lcr | 0x28;
	case 's':
		return lcr | 0x38;
	}
	return lcr;
}

static void set_speed(uint16_t base, const struct com_options *o)
{
	uint32_t divisor = (o->base_baud + o->baud / 2) / o->baud;

	if (divisor == 0)
		divisor = 1;
	if (divisor > 0xffff)
		divisor = 0xffff;
	outb(base + UART_LCR, LCR_DLAB);
	outb(base + UART_DIVISOR_LO, divisor & 0xff);
	outb(base + UART_DIVISOR_HI, divisor >> 8);
	outb(base + UART_LCR, line_control(o));
}

static bool uart_init(struct uart *u, const struct com_options *o)
{
	if (!uart_is_present(o->io_base))
		return false;
	u->base = o->io_base;
	u->irq = o->irq;
	u->is_console = true;

	if (o->baud)
		set_speed(u->base, o);
	outb(u->base + UART_IER, 0);
	outb(u->base + UART_FCR, FCR_ENABLE_CLEAR);
	outb(u->base + UART_MCR, MCR_DTR_RTS_OUT2);
	inb(u->base + UART_LSR);
	inb(u->base + UART_DATA);
	inb(u->base + UART_MSR);
	u->fifo_bytes = (inb(u->base + UART_IIR) & IIR_FIFO_WORKS) == IIR_FIFO_WORKS ? FIFO_BYTES :
										       1;
	return true;
}

/* False when the line does not move: then the byte is lost, not the machine. */
static bool wait_for_room(struct uart *u)
{
	unsigned int tries = u->is_stuck ? 1 : TX_TRIES;

	while (tries--) {
		if (inb(u->base + UART_LSR) & LSR_TX_EMPTY) {
			u->is_stuck = false;
			u->room = u->fifo_bytes;
			return true;
		}
		cpu_relax();
	}
	u->is_stuck = true;
	return false;
}

static void send(struct uart *u, char c)
{
	if (!u->room && !wait_for_room(u))
		return;
	u->room--;
	outb(u->base + UART_DATA, (uint8_t)c);
}

static void uart_write(struct uart *u, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n' && !u->was_cr)
			send(u, '\r');
		send(u, text[i]);
		u->was_cr = text[i] == '\r';
	}
}

static void com1_write(const char *text, size_t length)
{
	uart_write(&uarts[0], text, length);
}

static void com2_write(const char *text, size_t length)
{
	uart_write(&uarts[1], text, length);
}

static const struct console_device com_devices[COM_PORT_COUNT] = {
	{ .name = "com1", .write = com1_write },
	{ .name = "com2", .write = com2_write },
};

void uart_console_init(void)
{
	for (unsigned int i = 0; i < COM_PORT_COUNT; i++) {
		const struct com_options *o = &boot_options.com[i];

		if (!o->is_given || !boot_options.console_on_com[i])
			continue;
		if (uart_init(&uarts[i], o))
			console_add_device(&com_devices[i]);
		else
			log_warning("com%u: no UART at port 0x%x\n", i + 1, o->io_base);
	}
}

/* The one that input comes from. */
static const struct uart *input_uart(void)
{
	for (unsigned int i = 0; i < COM_PORT_COUNT; i++)
		if (uarts[i].is_console)
			return &uarts[i];
	return NULL;
}

int uart_rx_poll(void)
{
	const struct uart *u = input_uart();
	uint8_t status;

	if (!u)
		return -1;
	status = inb(u->base + UART_LSR);
	if (status == LSR_ABSENT || !(status & LSR_DATA_READY))
		return -1;
	return inb(u->base + UART_DATA);
}

int uart_irq_line(void)
{
	const struct uart *u = input_uart();

	return u && u->irq ? u->irq : -1;
}

void uart_rx_interrupt_enable(void)
{
	const struct uart *u = input_uart();

	if (u && u->irq)
		outb(u->base + UART_IER, IER_RX_AVAILABLE);
}

bool uart_ports(unsigned int index, uint16_t *first, uint16_t *last)
{
	if (index >= COM_PORT_COUNT || !uarts[index].is_console)
		return false;
	*first = uarts[index].base;
	*last = uarts[index].base + 7;
	return true;
}
