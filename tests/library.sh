#!/bin/sh
# The library as `make install` leaves it: what it exports and what it needs, its header by itself, and
# doc/example.c compiled by pkg-config with the shared and with the static one, which then prints the
# mail of a real server.  Runs in the build directory; CC, MAKE, PKG_CONFIG and LIBRARY_FLAGS (what the
# library was compiled with and links want too) come from `make check`.
set -u
srcdir=$(cd "${srcdir:-.}" && pwd)
work=$(mktemp -d) || exit 99
chmod 711 "$work"
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
failed=0

complain() {
	echo "library: $*" >&2
	failed=1
}

# --- installed, and moved to where it lies now
${MAKE:-make} install DESTDIR="$work/root" >"$work/install" 2>&1 || {
	cat "$work/install" >&2
	exit 99
}
pc=$(find "$work/root" -name sheaf-imap.pc)
prefix=$(sed -n 's/^prefix=//p' "$pc")
sed -i "s,^prefix=.*,prefix=$work/root$prefix," "$pc"
PKG_CONFIG_PATH=$(dirname "$pc")${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
pkgconf() { ${PKG_CONFIG:-pkg-config} "$@" sheaf-imap; }
libdir=$(pkgconf --variable=libdir)
shared=$libdir/libsheaf-imap.so
static=$libdir/libsheaf-imap.a
for file in "$shared" "$static" "$(pkgconf --variable=includedir)/sheaf-imap/imap-client.h"; do
	[ -f "$file" ] || complain "$file is not installed"
done
[ "$failed" = 0 ] || exit 1

# --- names: only its own are seen, and all that its header has are there
grep -oE '\bimap_[a-z0-9_]+\(' "$srcdir/core/library/imap-client.h" | tr -d '(' | sort -u >"$work/declared"
nm -D --defined-only "$shared" | awk '$2 != "A" { print $3 }' | sort >"$work/exported"
diff "$work/declared" "$work/exported" >"$work/differ" ||
	complain "the header and what is exported differ: $(cat "$work/differ")"
if command -v objcopy >/dev/null; then
	nm -g --defined-only "$static" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u >"$work/exported"
	grep -v '^imap_' "$work/exported" | grep -v '^_*[at]san\|^__' >"$work/others" &&
		complain "the static library shows $(head -3 "$work/others")"
fi

# --- needs: nothing of the reader
readelf -d "$shared" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' >"$work/needed"
grep -E 'curses|panel|tinfo|gmime|sqlite|libedit' "$work/needed" && complain "it links that"
nm -D -u "$shared" | grep -E ' (initscr|newwin|wadd|g_mime_|sqlite3_|el_init)' && complain "it calls that"

# --- the header by itself
echo '#include <sheaf-imap/imap-client.h>' >"$work/alone.c"
# shellcheck disable=SC2046 # flags are words
${CC:-cc} -std=c99 -pedantic -Wall -Wextra -Werror -fsyntax-only $(pkgconf --cflags) "$work/alone.c" ||
	complain "its header does not compile alone"

# --- the example, both ways
build() { # build NAME LIBRARIES…
	name=$1
	shift
	# shellcheck disable=SC2046,SC2086
	${CC:-cc} ${LIBRARY_FLAGS-} $(pkgconf --cflags) "$srcdir/doc/example.c" -o "$work/$name" "$@"
}
# shellcheck disable=SC2046
build shared $(pkgconf --libs) || complain "the example does not build with the shared library"
# shellcheck disable=SC2046
build static $(pkgconf --static --libs | sed "s,-lsheaf-imap,$static,") ||
	complain "the example does not build with the static library"
readelf -d "$work/static" | grep -q sheaf-imap && complain "the static example wants the shared library"

# --- and run against a real server
ports=$(python3 -c 'import socket
s = [socket.socket() for i in (1, 2)]
for one in s: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in s))')
"$srcdir/tests/servers/certificates" "$work/server/tls" || exit 99
# shellcheck disable=SC2086
"$srcdir/tests/servers/dovecot" "$work/server" $ports min >"$work/said" 2>&1 &
server=$!
tls=${ports#* }
ca=$work/server/tls/ca.pem
printf 'Subject: one\n\nfirst text\n' >"$work/one"
printf 'Subject: two\n\nsecond text\n' >"$work/two"
url=imaps://alice:secret@localhost:$tls
n=0
until printf 'append INBOX None None <%s\nappend INBOX None None <%s\n' "$work/one" "$work/two" |
	./sheaf imap --ca "$ca" "$url" >"$work/appended" 2>&1; do
	n=$((n + 1))
	if [ $n -gt 50 ] || ! kill -0 "$server" 2>/dev/null; then
		cat "$work/said" "$work/appended"
		if grep '^skipped: ' "$work/said"; then exit 77; fi
		exit 99
	fi
	sleep 0.2
done
printf 'Message 1\nSubject: one\n\nfirst text\n\nMessage 2\nSubject: two\n\nsecond text\n\n' >"$work/expected"
for form in shared static; do
	LD_LIBRARY_PATH=$libdir "$work/$form" "$url" "$ca" >"$work/out" 2>"$work/err" ||
		complain "the $form example fails: $(cat "$work/err")"
	tr -d '\r' <"$work/out" | cmp -s - "$work/expected" ||
		complain "the $form example prints: $(cat "$work/out")"
done
LD_LIBRARY_PATH=$libdir "$work/shared" imap+plain://alice:wrong@127.0.0.1:"${ports% *}" >"$work/out" 2>&1 &&
	complain "a wrong password is fine"
exit $failed
