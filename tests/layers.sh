#!/bin/sh
# Usage: tests/layers.sh [--list]
#
# The house stands in the order of the sources in Makefile.am: a file includes only headers that are
# listed above it, so nothing looks up and there are no cycles.  Foreign libraries come in by their
# doors only, and the top level holds what HACKING says and nothing else.  --list prints the sources
# in their order.  tests/layers-test.sh shows that each of these can fail.
set -uf
LC_ALL=C
export LC_ALL
cd "${srcdir:-$(dirname "$0")/..}" || exit 99

sources() {
	awk '
		/^(mime|core|ui)_?[a-z]*_sources[ \t]*=/ || more {
			line = $0
			sub(/^[a-z_]*[ \t]*=/, "", line)
			more = sub(/\\[ \t]*$/, "", line)
			for (i = split(line, word); i > 0; i--) found[i] = word[i]
			for (i = 1; i in found; i++) print found[i]
			split("", found)
		}' Makefile.am
	echo ui/main.c
}

# header pattern, files that may include it (shell patterns)
doors() {
	sed 's/^[ \t]*//' <<-'END'
		openssl/        core/net/tls.c core/net/verify.c core/net/verify.h
		gsasl           core/session/sasl.c
		zlib            core/net/deflate.c
		sqlite3         core/mailbox/cache_file_private.h core/account/journal_file.c core/account/journal_row.c
		gmime/          mime/parse.c mime/date.c mime/text.c mime/compose.c mime/crypto.c
		libical/        mime/calendar.c
		chafa           ui/picture.c
		curl/           core/account/smtp.c core/account/https.c
		curses          ui/term/term.c ui/term/paint.c ui/term/theme.c ui/widget/screen.c
		ncurses         ui/term/term.c ui/term/paint.c ui/term/theme.c ui/widget/screen.c
		histedit.h      ui/shell/typed.c
		panel.h         ui/term/term.c ui/term/paint.c ui/term/theme.c ui/widget/screen.c
		term.h          ui/term/term.c ui/term/input.c
		gio/            core/* ui/*
		sys/socket.h    core/*
		netinet/        core/*
	END
}

# includes OPEN SHUT FILE...: lines "file:line:header" of the includes between OPEN and SHUT.
includes() {
	open=$1 shut=$2
	shift 2
	awk -v open="$open" -v shut="$shut" '
		match($0, "^[ \t]*#[ \t]*include[ \t]*" open "[^" shut "]+") {
			text = substr($0, RSTART, RLENGTH)
			sub("^[^" open "]*" open, "", text)
			print FILENAME ":" FNR ":" text
		}' "$@"
}

# Own headers: listed, and above the file that includes them.  A table (x.def) belongs to x.h.
check_order() {
	# shellcheck disable=SC2086 # a list of names without blanks
	includes '"' '"' $files | awk -F : -v list="$files" '
		BEGIN {
			n = split(list, name, /[ \n]+/)
			for (i = 1; i <= n; i++) place[name[i]] = i
			place["config.h"] = 0
		}
		!($3 in place) {
			print "layers: " $1 ":" $2 ": " $3 " is not in the lists of Makefile.am" \
				" (the path starts at the top: core/wire/lex.h)"
		}
		function stem(path) {
			sub(/[.][a-z]+$/, "", path)
			return path
		}
		($3 in place) && place[$3] >= place[$1] && !($3 ~ /[.]def$/ && stem($3) == stem($1)) {
			print "layers: " $1 ":" $2 ": " $3 " stands below it in Makefile.am"
		}'
}

check_doors() {
	doors >"$work/doors"
	# shellcheck disable=SC2086
	includes '<' '>' $files | while IFS=: read -r file line header; do
		while read -r library allowed; do
			case $header in
			"$library"*) ;;
			*) continue ;;
			esac
			for door in $allowed; do
				# shellcheck disable=SC2254 # a door is a pattern
				case $file in
				$door) continue 2 ;;
				esac
			done
			echo "layers: $file:$line: <$header> comes in only by $allowed"
		done <"$work/doors"
	done
}

check_lists() {
	for file in $files; do
		[ -f "$file" ] || echo "layers: Makefile.am lists $file, which is not there"
	done
	find mime core ui -name '*.[ch]' -o -name '*.def' | sort | while read -r file; do
		echo "$files" | grep -qxF "$file" || echo "layers: $file is not in the lists of Makefile.am"
	done
	# A test's file that is named nowhere is missing from what `make dist` packs.
	find tests -name '*.[ch]' | sort | while read -r file; do
		tr -s '\\ \t' '\n' <Makefile.am | grep -qxF -e "$file" -e "${file%.c}" ||
			echo "layers: $file is not named in Makefile.am"
	done
}

# Only git knows what belongs to the tree and what was built in it.
check_top() {
	[ -e .git ] && command -v git >/dev/null || return 0
	git -c safe.directory="$PWD" ls-files --cached --others --exclude-standard |
		sed 's,/.*,,' | sort -u | while read -r name; do
		case $name in
		.?* | ui | core | mime | tests | doc) ;;
		configure.ac | Makefile.am | README | LICENSE | setup) ;;
		*) echo "layers: $name does not belong at the top level" ;;
		esac
	done
}

files=$(sources)
if [ "${1:-}" = --list ]; then
	echo "$files"
	exit
fi
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
{
	check_lists
	check_top
	files=$(for file in $files; do [ -f "$file" ] && echo "$file"; done)
	check_order
	check_doors
} >"$work/found"
cat "$work/found"
[ ! -s "$work/found" ]
