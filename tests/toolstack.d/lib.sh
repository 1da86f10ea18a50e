# SPDX-License-Identifier: GPL-2.0-or-later
# What scenarios share: they begin with ". /lib.sh".
# shellcheck shell=sh
kernel=/boot/vmlinuz
ramdisk=/boot/guest.gz

# judge NAME COMMAND...: the command's success is the test's.
judge()
{
	name=$1
	shift
	if "$@"; then
		echo "TAP ok $name"
	else
		echo "TAP not ok $name"
		return 1
	fi
}

# says FILE PATTERN...: each pattern is in the file.
says()
{
	file=$1
	shift
	for pattern; do
		grep -Eq "$pattern" "$file" || {
			echo "no line has '$pattern':"
			tail -n 25 "$file"
			return 1
		}
	done
}
