/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Formatted text, the subset of C's printf that a log needs: integers,
 * strings, characters and pointers. No locale, no floating point, no
 * allocation; safe in any context.
 */
#include <hv/format.h>

/* What is being written, and how long it would be with room enough. */
struct output {
	char *buf;
	size_t size;
	size_t length;
};

/* One conversion as it stands between '%' and its letter. */
struct spec {
	bool left, plus, space, alternate, zero;
	bool upper;
	int width;
	int precision; /* -1: none given */
	int bytes;     /* size of the integer argument */
};

static void put(struct output *out, char c)
{
	if (out->length + 1 < out->size)
		out->buf[out->length] = c;
	out->length++;
}

static void pad(struct output *out, char c, int count)
{
	while (count-- > 0)
		put(out, c);
}

static void put_padded(struct output *out, const struct spec *spec, const char *text, int length)
{
	if (!spec->left)
		pad(out, ' ', spec->width - length);
	for (int i = 0; i < length; i++)
		put(out, text[i]);
	if (spec->left)
		pad(out, ' ', spec->width - length);
}

/* Digits of @value, least significant first; returns how many. */
static int digits_of(char digits[24], uint64_t value, unsigned int base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	int count = 0;

	for (; value; value /= base)
		digits[count++] = set[value % base];
	return count;
}

static void put_number(struct output *out, const struct spec *spec, uint64_t value,
		       unsigned int base, const char *prefix)
{
	char digits[24];
	int count = digits_of(digits, value, base, spec->upper);
	int prefix_length = 0;
	int zeros = (spec->precision < 0 ? 1 : spec->precision) - count;
	int blanks;

	while (prefix[prefix_length])
		prefix_length++;
	if (zeros < 0)
		zeros = 0;
	if (spec->zero && !spec->left && spec->precision < 0 &&
	    spec->width > prefix_length + count + zeros)
		zeros = spec->width - prefix_length - count;
	blanks = spec->width - prefix_length - zeros - count;

	if (!spec->left)
		pad(out, ' ', blanks);
	for (int i = 0; i < prefix_length; i++)
		put(out, prefix[i]);
	pad(out, '0', zeros);
	while (count)
		put(out, digits[--count]);
	if (spec->left)
		pad(out, ' ', blanks);
}

static void put_signed(struct output *out, const struct spec *spec, int64_t value)
{
	const char *prefix = spec->plus ? "+" : spec->space ? " " : "";

	if (value < 0)
		put_number(out, spec, 0 - (uint64_t)value, 10, "-");
	else
		put_number(out, spec, (uint64_t)value, 10, prefix);
}

static void put_text(struct output *out, const struct spec *spec, const char *text)
{
	int length = 0;

	if (!text)
		text = "(null)";
	while ((spec->precision < 0 || length < spec->precision) && text[length])
		length++;
	put_padded(out, spec, text, length);
}

/* Decimal digits at *@fmt; bounded so that a sum cannot overflow. */
static int read_number(const char **fmt)
{
	int n = 0;

	while (**fmt >= '0' && **fmt <= '9') {
		if (n < 10000)
			n = n * 10 + (**fmt - '0');
		(*fmt)++;
	}
	return n;
}

static const char *read_flags(const char *fmt, struct spec *spec)
{
	for (;; fmt++) {
		switch (*fmt) {
		case '-':
			spec->left = true;
			break;
		case '+':
			spec->plus = true;
			break;
		case ' ':
			spec->space = true;
			break;
		case '#':
			spec->alternate = true;
			break;
		case '0':
			spec->zero = true;
			break;
		default:
			return fmt;
		}
	}
}

static const char *read_length(const char *fmt, struct spec *spec)
{
	spec->bytes = sizeof(int);
	if (fmt[0] == 'h') {
		spec->bytes = fmt[1] == 'h' ? 1 : 2;
		return fmt + (fmt[1] == 'h' ? 2 : 1);
	}
	if (fmt[0] == 'l' || fmt[0] == 'z' || fmt[0] == 'j' || fmt[0] == 't') {
		spec->bytes = sizeof(long);
		return fmt + (fmt[0] == 'l' && fmt[1] == 'l' ? 2 : 1);
	}
	return fmt;
}

/* The arguments travel by reference so that each helper takes its own. */
struct arguments {
	va_list list;
};

static const char *read_spec(const char *fmt, struct spec *spec, struct arguments *args)
{
	*spec = (struct spec){ .precision = -1 };
	fmt = read_flags(fmt, spec);
	if (*fmt == '*') {
		spec->width = va_arg(args->list, int);
		if (spec->width < 0) {
			spec->left = true;
			spec->width = spec->width < -10000 ? 10000 : -spec->width;
		}
		fmt++;
	} else {
		spec->width = read_number(&fmt);
	}
	if (*fmt == '.') {
		fmt++;
		if (*fmt == '*') {
			spec->precision = va_arg(args->list, int);
			fmt++;
		} else {
			spec->precision = read_number(&fmt);
		}
	}
	return read_length(fmt, spec);
}

/* An int or shorter arrives as an int; the cast restores its real width. */
static int64_t signed_argument(struct arguments *args, int bytes)
{
	if (bytes == sizeof(long))
		return va_arg(args->list, long);

	int v = va_arg(args->list, int);

	return bytes == 1 ? (signed char)v : bytes == 2 ? (short)v : v;
}

static uint64_t unsigned_argument(struct arguments *args, int bytes)
{
	if (bytes == sizeof(long))
		return va_arg(args->list, unsigned long);

	unsigned int v = va_arg(args->list, unsigned int);

	return bytes == 1 ? (unsigned char)v : bytes == 2 ? (unsigned short)v : v;
}

static void put_pointer(struct output *out, struct spec *spec, uint64_t value)
{
	if (!spec->width)
		spec->precision = 16;
	else
		spec->zero = true;
	put_number(out, spec, value, 16, "");
}

/* Returns false for a letter we do not know. */
static bool convert(struct output *out, struct spec *spec, char letter, struct arguments *args)
{
	char c;

	switch (letter) {
	case 'd':
	case 'i':
		put_signed(out, spec, signed_argument(args, spec->bytes));
		return true;
	case 'u':
		put_number(out, spec, unsigned_argument(args, spec->bytes), 10, "");
		return true;
	case 'o':
		put_number(out, spec, unsigned_argument(args, spec->bytes), 8,
			   spec->alternate ? "0" : "");
		return true;
	case 'X':
		spec->upper = true;
		/* fall through */
	case 'x':
		put_number(out, spec, unsigned_argument(args, spec->bytes), 16,
			   spec->alternate ? "0x" : "");
		return true;
	case 'p':
		put_pointer(out, spec, (uintptr_t)va_arg(args->list, void *));
		return true;
	case 's':
		put_text(out, spec, va_arg(args->list, const char *));
		return true;
	case 'c':
		c = (char)va_arg(args->list, int);
		put_padded(out, spec, &c, 1);
		return true;
	case '%':
		put(out, '%');
		return true;
	}
	return false;
}

size_t format_string_v(char *buf, size_t size, const char *fmt, va_list args)
{
	struct output out = { .buf = buf, .size = size };
	struct arguments copy;
	struct spec spec;

	va_copy(copy.list, args);
	while (*fmt) {
		const char *start = fmt;

		if (*fmt != '%') {
			put(&out, *fmt++);
			continue;
		}
		fmt = read_spec(fmt + 1, &spec, &copy);
		if (!convert(&out, &spec, *fmt, &copy)) {
			/* What follows would take the wrong arguments. */
			while (*start)
				put(&out, *start++);
			break;
		}
		fmt++;
	}
	va_end(copy.list);
	if (size)
		buf[out.length < size ? out.length : size - 1] = '\0';
	return out.length;
}

size_t format_string(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	size_t length;

	va_start(args, fmt);
	length = format_string_v(buf, size, fmt, args);
	va_end(args);
	return length;
}
