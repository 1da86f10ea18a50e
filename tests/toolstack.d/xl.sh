# SPDX-License-Identifier: GPL-2.0-or-later
# What scenarios with xl share: a bridge, disks, the console's daemon, and how they ask.
# shellcheck shell=sh disable=SC2154 # kernel and ramdisk are lib.sh's
out=/run/xl.out
mkdir -p /var/log/xen /run/disks

# Scripts have a path of their own.
ln -sf /tools/xenstore-read /tools/xenstore-write /bin/
if [ ! -e /sys/class/net/xenbr0 ]; then
	brctl addbr xenbr0
	ip link set xenbr0 up
fi
if command -v xenconsoled >/dev/null && ! ps | grep -q '[x]enconsoled'; then
	xenconsoled --log=guest --log-dir=/run/consoles >/run/xenconsoled.log 2>&1 &
	sleep 1
fi

dd if=/dev/zero of=/run/disks/a.img bs=1M count=8 2>/dev/null
echo "the first block of disk a" | dd of=/run/disks/a.img conv=notrunc 2>/dev/null
dd if=/dev/zero of=/run/disks/b.img bs=1M count=1 2>/dev/null

# config NAME [LINE]...
config()
{
	name=$1
	shift
	{
		echo "name = '$name'"
		echo "kernel = '$kernel'"
		echo "ramdisk = '$ramdisk'"
		echo "memory = 128"
		for line; do
			echo "$line"
		done
	} >"/run/$name.cfg"
}

# xl's output and status are kept for `says`.
run()
{
	xl "$@" >$out 2>&1
	status=$?
	echo "status $status" >>$out
	return $status
}

# until_true SECONDS COMMAND...: the command succeeds in time.
until_true()
{
	deadline=$(($(date +%s) + $1))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt $deadline ] || return 1
		usleep 250000
	done
}

# A guest that has a shell on its console (want=shell), and one conversation with it at a time.
talk_to()
{
	guest=$1
	rm -f /run/keys
	mkfifo /run/keys
	xl console "$guest" </run/keys >/run/screen 2>&1 &
	talker=$!
	exec 7<>/run/keys
	until_true 60 grep -q '^/ #' /run/screen
}

# answers PATTERN COMMAND: the guest's shell carries the command out, and a line of what it says has the pattern.
answers()
{
	pattern=$1
	shift
	lines=$(grep -c '' /run/screen)
	echo "$*" >&7
	until_true 30 said_since "$lines" "$pattern" && return
	echo "no answer to '$*' has '$pattern':"
	tail -n +"$lines" /run/screen
	echo
	return 1
}

# The guest's terminal shows what is typed, too: behind a prompt, or folded.
said_since()
{
	tail -n +"$1" /run/screen | tr -d '\r' | grep -Ev '^/ # ' | grep -Eq -e "$2"
}

talk_ends()
{
	exec 7>&-
	kill "$talker" 2>/dev/null
	wait "$talker" 2>/dev/null
}

gone()
{
	! xl domid "$1"
}

fails_with()
{
	status=$1
	pattern=$2
	shift 2
	run "$@"
	says $out "^status $status\$" "$pattern"
}

# What guests leave: nothing in the store, no loop device, no interface, no process of theirs.
nothing_left()
{
	left=$(xenstore-ls /libxl 2>/dev/null | grep -c .)
	left=$left,$(xenstore-list /vm 2>/dev/null | grep -c -v '^00000000-')	# that is domain 0's
	left=$left,$(xenstore-ls /local/domain/0/backend 2>/dev/null | grep -c '= "[^"]')
	left=$left,$(find /sys/class/net -name 'vif*' | grep -c .)
	left=$left,$(cat /sys/block/loop*/loop/backing_file 2>/dev/null | grep -c .)
	left=$left,$(find /run/xen-zazen -type f ! -name lock | grep -c .)
	left=$left,$(xl vm-list | grep -c -v UUID)
	left=$left,$(ps | grep -c '[x]l monitor')
	[ "$left" = 0,0,0,0,0,0,0,0 ]
}

judge_nothing_left()
{
	until_true 20 nothing_left && echo "TAP ok $1" && return
	echo "TAP not ok $1"
	echo "store, vm, backend, vif, loop, files, domains, monitors: $left"
	xenstore-ls /libxl
	xenstore-ls /vm
	xenstore-ls /local/domain/0/backend
	ls -R /run/xen-zazen
	ps | grep '[x]l '
	cat /var/log/xen/*
}

state_of()
{
	xl list "$1" | tail -n 1 | grep -Eq -e "$2"
}
