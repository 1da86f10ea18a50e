# SPDX-License-Identifier: GPL-2.0-or-later
# What the scenarios of the domain builder share; after /lib.sh. The program "guest" is toolstack.d/guest.c.
# shellcheck shell=sh disable=SC2034
sum=$(seq 1 100000 | sha256sum | cut -c 1-16)
out=/run/guest.out
cmdline="console=hvc0 panic=1"

# booted CPUS REASON: what the guest said is all there, and it ended for the reason (SHUTDOWN_*).
booted()
{
	says $out '^GUEST type xen PV' "^GUEST cpus $1" "^GUEST sum $sum" '^GUEST forks 50' "^guest: ended $2" &&
		! grep '^GUEST complaint' $out
}

# The figures of steps STEP|STEP...
step()
{
	grep -E "^guest: ($1) " $out | tr '\n' ' '
}
