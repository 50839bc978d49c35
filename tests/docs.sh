#!/bin/sh
# The documents say what the program has, and nothing that it has not: the manual pages against the
# tables (doc/gen lists them), the demo mail against the keys and commands it teaches.
# Runs in the build directory; GEN names the generator, srcdir the source tree.
set -u
LC_ALL=C.UTF-8
export LC_ALL
srcdir=${srcdir:-.}
gen=${GEN:-doc/gen}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0

complain() {
	echo "docs: $*" >&2
	failed=1
}

# names KIND: what the tables hold.
names() {
	awk -F '\t' -v kind="$1" '$1 == kind { print $2 }' "$work/tables"
}

known() { # known KIND NAME
	names "$1" | grep -qxF -e "$2"
}

# same PAGE KIND MACRO: the items of PAGE's generated table are those of the table, in number too.
same() {
	for name in $(names "$2"); do
		sed 's/\\&//g; s/\\-/-/g' "$1" | grep -Eqx -e "\.It $3 $name( .*)?" ||
			complain "$1: $2 $name is missing"
	done
}

# shown PAGE KIND: every name of the table can be read in the page as it is shown.
shown() {
	for name in $(names "$2"); do
		grep -qwF -e "$name" "$work/text" || complain "$1: $2 $name cannot be read"
	done
}

# spoken WORDS MAIL: one of WORDS stands in the text of MAIL as a word of its own.
spoken() {
	awk 'NR == FNR { words[$0]; next }
		!body { body = $0 == ""; next }
		{
			for (i = 1; i <= NF; i++) {
				bare = $i
				gsub(/^[("]+|[).,:;"]+$/, "", bare)
				if (($i in words) || (bare in words))
					found = 1
			}
		}
		END { exit !found }' "$1" "$2"
}

"$gen" >"$work/tables" || exit 99
[ -s "$work/tables" ] || complain "the tables are empty"

# --- manual pages: every thing of the tables is an item, every item is in a table
same doc/sheaf.1 command Ic
same doc/sheaf.1 alias Ic
same doc/sheaf-imap.1 verb Ic
same doc/sheaf-config.5 account Cm
same doc/sheaf-config.5 ui Cm
same doc/sheaf-config.5 style Cm
sed -n 's/\\&//g; s/\\-/-/g; s/^\.It Ic \([^ ]*\).*/\1/p' doc/sheaf.1 | while read -r name; do
	known command "$name" || known alias "$name" || echo "sheaf.1: no command $name"
done >"$work/unknown"
sed -n 's/\\&//g; s/\\-/-/g; s/^\.It Ic \([^ ]*\).*/\1/p' doc/sheaf-imap.1 | while read -r name; do
	known verb "$name" || echo "sheaf-imap.1: no verb $name"
done >>"$work/unknown"
sed -n 's/\\&//g; s/\\-/-/g; s/^\.It Cm \([^ ]*\).*/\1/p' doc/sheaf-config.5 | while read -r name; do
	known account "$name" || known ui "$name" || known style "$name" ||
		echo "sheaf-config.5: no option or style $name"
done >>"$work/unknown"

# --- prose: commands behind a colon and options in examples exist
for file in README doc/HACKING.md doc/sheaf.1.in doc/sheaf-imap.1.in doc/sheaf-config.5.in; do
	[ -f "$srcdir/$file" ] || complain "no $file"
	sed 's/\\-/-/g' "$srcdir/$file" |
		grep -oE '(^|[ (`"])(Ic )?:[a-z][a-z-]+( [a-z-]+)?' | sed 's/^[^:]*://' |
		while read -r command option; do
			known command "$command" || known alias "$command" || echo "$file: no command :$command"
			[ "$command" != set ] || [ -z "$option" ] || known ui "$option" || echo "$file: no option $option"
		done
done >>"$work/unknown"
for file in README doc/sheaf-config.5.in $(cd "$srcdir" && find doc/demo -name '*.eml'); do
	awk '/^ *\[(account .*|ui|keys .*|colors)\]$/ { gsub(/[][]/, ""); group = $1; next }
		/^ *[^ =]+ = / && group != "" { print group, $1, $3; next }
		{ if ($0 !~ /^ *$/) group = "" }' "$srcdir/$file" |
		while read -r group name command; do
			case $group in
			account) known account "$name" ;;
			ui) known ui "$name" ;;
			colors) known style "$name" ;;
			keys) known command "$command" ;;
			esac || echo "$file: [$group] $name = $command is none"
		done
done >>"$work/unknown"

# --- demo mail: the commands of X-Sheaf-Teaches exist, and the text names a key of each, or :NAME
for file in "$srcdir"/doc/demo/*/*.eml; do
	sed -n 's/^X-Sheaf-Teaches: //p' "$file" | sed 's/, */ /g' >"$work/teaches"
	read -r taught <"$work/teaches" || continue
	for name in $taught; do
		if ! known command "$name"; then
			echo "$file: teaches $name, which is no command"
			continue
		fi
		awk -F '\t' -v name="$name" '$1 == "command" && $2 == name { print $3 }' "$work/tables" |
			sed 's/<Equal>/=/; s/<LeftBracket>/[/; s/<Hash>/#/; s/<Less>/</' | tr ' ' '\n' >"$work/keys"
		echo ":$name" >>"$work/keys"
		sed -i '/^$/d' "$work/keys"
		spoken "$work/keys" "$file" || echo "$file: teaches $name without its key or name"
	done
done >>"$work/unknown"
for file in "$srcdir"/doc/demo/*/*.eml; do
	grep -aoE '(^|[ (])(:[a-z][a-z-]+)( [a-z-]+)?' "$file" | sed 's/^[^:]*://' |
		while read -r command option; do
			known command "$command" || known alias "$command" || echo "$file: no command :$command"
			[ "$command" != set ] || [ -z "$option" ] || known ui "$option" || echo "$file: no option $option"
		done
done >>"$work/unknown"

# --- tests and functions that the tables of quirks.md and rfc.md name are there
for file in doc/quirks.md doc/rfc.md; do
	grep -oE '`tests/[a-z_]+\.(c|sh)`' "$srcdir/$file" | tr -d '\140' | sort -u | while read -r test; do
		[ -f "$srcdir/$test" ] || echo "$file: no $test"
	done
	grep -oE '`[a-z0-9]+_[a-z0-9_]+`' "$srcdir/$file" | tr -d '\140' | sort -u | while read -r name; do
		grep -rqwF --include='*.h' -e "$name" "$srcdir/mime" "$srcdir/core" "$srcdir/ui" ||
			echo "$file: no function $name"
	done
done >>"$work/unknown"

# --- imap.h: every function has its comment
awk '/^ImapCommand / && last !~ /\*\/$/ { print "imap.h: no comment: " $0 } NF { last = $0 }' \
	"$srcdir/core/command/imap.h" >>"$work/unknown"

# --- library.md: every function of the header is in it and none that is not, every verb of the wire has
# one, and all that Python's imaplib can do has its row
grep -oE '\bimap_[a-z0-9_]+\(' "$srcdir/core/library/imap-client.h" | sort -u >"$work/declared"
grep -oE '\bimap_[a-z0-9_]+\(' "$srcdir/doc/library.md" | sort -u >"$work/mapped"
diff "$work/declared" "$work/mapped" >"$work/differ" || {
	complain "doc/library.md and core/library/imap-client.h do not name the same functions:"
	cat "$work/differ" >&2
}
sed -n 's/^COMMAND([A-Z_]*, "\([A-Z ]*\)".*/\1/p' "$srcdir/core/wire/command.def" | grep . | tr 'A-Z ' 'a-z_' |
	while read -r verb; do
		grep -qxF "imap_client_$verb(" "$work/declared" || echo "imap-client.h: no function for $verb"
	done >>"$work/unknown"
python3 - "$srcdir/doc/library.md" <<-'END' >>"$work/unknown"
	import imaplib, inspect, re, sys
	rows = set(re.findall(r'^\| `(\w+)`', open(sys.argv[1]).read(), re.M))
	names = {n for n, _ in inspect.getmembers(imaplib.IMAP4, inspect.isroutine) if n[0] != '_'}
	names |= {n for n in vars(imaplib) if inspect.isfunction(getattr(imaplib, n)) and n[0] != '_'}
	for name in sorted(names - rows):
	    print('doc/library.md: no row for', name)
END

# --- the installed files of the demo are those of its table
awk '$1 == "folder" { dir = $2 } $1 == "mail" { print "doc/demo/" dir "/" $2 }' \
	"$srcdir/doc/demo/mail.table" | sort >"$work/table-files"
sed -n 's/^\t\(doc\/demo\/.*\.eml\).*/\1/p' "$srcdir/doc/demo/Makefile-list.am" | sort >"$work/list-files"
cmp -s "$work/table-files" "$work/list-files" || {
	complain "doc/demo/Makefile-list.am and mail.table do not name the same files:"
	diff "$work/table-files" "$work/list-files" >&2
}

if [ -s "$work/unknown" ]; then
	cat "$work/unknown" >&2
	failed=1
fi

# --- the pages are right, and show what they hold
if command -v mandoc >/dev/null; then
	mandoc -Tlint -W warning doc/sheaf.1 doc/sheaf-config.5 || complain "mandoc warns"
	mandoc -Tutf8 doc/sheaf.1 doc/sheaf-config.5 | sed 's/.\x08//g' >"$work/text"
	shown sheaf.1 command
	shown sheaf-config.5 account
	shown sheaf-config.5 ui
	shown sheaf-config.5 style
	awk -F '\t' '$1 == "command" { print $3 }' "$work/tables" | tr ' ' '\n' | sed '/^$/d' |
		while read -r key; do
			grep -qF -e "$key" "$work/text" || echo "the key $key cannot be read in sheaf(1)"
		done >"$work/unknown"
	if [ -s "$work/unknown" ]; then
		cat "$work/unknown" >&2
		failed=1
	fi
fi
exit $failed
