# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What every script here says while it works, and how it gives up.  Sourced with $0 set to the script; $DOOR, when the
# Makefile set it, is the command that the user typed and stands before each message.

# say TEXT: one line of progress with the seconds since the script began.
say()
{
	now=$(date +%s)
	: "${progress_start:=$now}"
	printf '%s: [%3ds] %s\n' "${DOOR:-${0##*/}}" "$((now - progress_start))" "$1"
}

# die PLACE CAUSE: the one line of a failure.
die()
{
	printf '%s: %s: %s\n' "${DOOR:-${0##*/}}" "$1" "$2" >&2
	exit 1
}

# first_error LOG: the line in which apt says what went wrong.
first_error()
{
	grep -m 1 '^E:' "$1" || tail -n 1 "$1"
}

# need_space DIRECTORY MIB: at least that much is free where DIRECTORY is.
need_space()
{
	free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$2" ] || die "$1" "disk space: $2 MiB needed, $free MiB free"
}

# need_root WHY
need_root()
{
	[ "$(id -u)" -eq 0 ] || die "root" "needed to $1; try: sudo make ${DOOR#make }"
}

# key_of FILE...: one word that changes when any of the files changes.
key_of()
{
	sha256sum -- "$@" | sha256sum | cut -d' ' -f1
}
