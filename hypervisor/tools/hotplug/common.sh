# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What all hotplug scripts share: how they read the store, and how they tell it that a device is connected or why not.
# A script is called with the device's directory in $XENBUS_PATH and what to do as its first argument; it answers with
# hotplug-status ("connected" or "error") and hotplug-error in that directory. Sourced after set -eu.

script_name=${0##*/}
PATH=${HOTPLUG_PATH:-/usr/sbin:/usr/bin:/sbin:/bin}
export PATH
: "${XENBUS_PATH:?}"
state_directory=${HOTPLUG_STATE:-/run/xen-hotplug}
is_done=

# fatal WHY: the device cannot be connected.
fatal()
{
	is_done=yes
	echo "$script_name: $XENBUS_PATH: $1" >&2
	xenstore-write "$XENBUS_PATH/hotplug-error" "$script_name: $1" "$XENBUS_PATH/hotplug-status" error || :
	exit 1
}

# A script that ends without a word must not leave the toolstack waiting.
at_exit()
{
	code=$?
	trap - EXIT
	if [ "$code" -ne 0 ] && [ -z "$is_done" ]; then
		clean_up
		fatal "failed with exit code $code"
	fi
	exit "$code"
}
trap at_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# What a script has to take back if it fails half-way; scripts replace it.
clean_up()
{
	:
}

connected()
{
	xenstore-write "$XENBUS_PATH/hotplug-status" connected
	is_done=yes
}

# read_node NAME [DEFAULT]: a node of the device; without a default it must be there.
read_node()
{
	if [ $# -gt 1 ]; then
		xenstore-read "$XENBUS_PATH/$1" 2>/dev/null || printf '%s\n' "$2"
	else
		xenstore-read "$XENBUS_PATH/$1" 2>/dev/null || fatal "the store has no $1"
	fi
}

# lock NAME: one at a time from here to the script's end.
lock()
{
	mkdir -p "$state_directory"
	exec 9>"$state_directory/$1.lock"
	flock -w 120 9 || fatal "$1 is locked since two minutes"
}
