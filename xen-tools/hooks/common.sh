# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Functions that roles and hooks have always found in /usr/share/xen-tools/common.sh.  The first argument is the
# directory of the installed system, unless said otherwise.  Services cannot start there while they run.

# logMessage WORD...: for the guest's log.
logMessage()
{
	echo "$*" >&2
}

# assert LINE TEST...: ends the script when the test fails.
assert()
{
	assert_line=$1
	shift
	# shellcheck disable=SC2048,SC2086 # the words of a test, as callers give them
	[ $* ] || {
		logMessage "assertion on line $assert_line failed: $*"
		exit 1
	}
}

isDeb()
{
	[ -d "$1/etc/apt" ] && [ -x "$1/usr/bin/apt-get" ]
}

isYum()
{
	[ -d "$1/etc/yum.repos.d" ]
}

# installDebianPackage DIRECTORY PACKAGE...
installDebianPackage()
{
	package_root=$1
	shift
	DEBIAN_FRONTEND=noninteractive chroot "$package_root" \
		apt-get -q -y --no-install-recommends install "$@" </dev/null >&2
}

installDebianPackageAndRecommends()
{
	package_root=$1
	shift
	DEBIAN_FRONTEND=noninteractive chroot "$package_root" \
		apt-get -q -y --install-recommends install "$@" </dev/null >&2
}

removeDebianPackage()
{
	package_root=$1
	shift
	DEBIAN_FRONTEND=noninteractive chroot "$package_root" apt-get -q -y --purge remove "$@" </dev/null >&2
}

installRPMPackage()
{
	package_root=$1
	shift
	chroot "$package_root" yum -y install "$@" </dev/null >&2
}

installGentooPackage()
{
	package_root=$1
	shift
	chroot "$package_root" emerge "$@" </dev/null >&2
}

# installPackage DIRECTORY PACKAGE...: with whatever the system has.
installPackage()
{
	if isDeb "$1"; then
		installDebianPackage "$@"
	elif isYum "$1"; then
		installRPMPackage "$@"
	else
		logMessage "no package manager is known in $1"
		return 1
	fi
}

# Services are kept from starting by xen-create-image itself, by policy-rc.d.
disableStartStopDaemon()
{
	:
}

enableStartStopDaemon()
{
	:
}

# The menu is GRUB 2's, made after all roles.
generateDebianGrubMenuLst()
{
	:
}
