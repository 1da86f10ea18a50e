# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completion for xl, xm and xen: verbs from the program's own table, then domains and files.
_xl()
{
	local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]}

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(xl help --verbs 2>/dev/null)" -- "$word")
		return
	fi
	case $verb in
	create | restore)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		;;
	help)
		mapfile -t COMPREPLY < <(compgen -W "$(xl help --verbs 2>/dev/null)" -- "$word")
		;;
	*)
		mapfile -t COMPREPLY < <(compgen -W "$(xl list 2>/dev/null | sed -n '2,$s/  .*//p')" -- "$word")
		;;
	esac
}
complete -o filenames -F _xl xl xm xen
