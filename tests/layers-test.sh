#!/bin/sh
# tests/layers.sh can fail: a small house that stands, and one fault at a time put into it.
set -u
script=$(cd "${srcdir:-.}" && pwd)/tests/layers.sh
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0

build_house() {
	rm -rf "$work/house"
	mkdir -p "$work/house" && cd "$work/house" || exit 99
	mkdir -p mime core/net core/wire ui/term tests doc
	for name in mime/text core/net/tls core/wire/lex core/wire/parser ui/term/term; do
		echo '#include <glib.h>' >$name.h
		echo "#include \"$name.h\"" >$name.c
	done
	echo '#include <openssl/ssl.h>' >>core/net/tls.c
	echo '#include "mime/text.h"' >>core/wire/lex.h
	echo '#include "core/wire/parser.def"' >>core/wire/parser.h
	echo 'ROW(a)' >core/wire/parser.def
	echo '#include "ui/term/term.h"' >ui/main.c
	touch tests/run.h configure.ac README LICENSE setup
	cat >Makefile.am <<-'END'
		mime_sources = mime/text.h \
			mime/text.c
		core_net_sources = \
			core/net/tls.h core/net/tls.c

		core_wire_sources = \
			core/wire/lex.h \
			core/wire/lex.c \
			core/wire/parser.h \
			core/wire/parser.def \
			core/wire/parser.c
		EXTRA_DIST = tests/run.h
		ui_term_sources = ui/term/term.h ui/term/term.c
		libmime_a_SOURCES = $(mime_sources)
	END
}

judge() { srcdir=$work/house "$script" >"$work/said" 2>&1; }

# fault WHAT-LAYERS.SH-SAYS COMMAND: the command puts a fault into the house.
fault() {
	build_house
	sh -c "$2"
	if judge; then
		echo "not noticed: $2"
		failed=1
	elif ! grep -qF -e "$1" "$work/said"; then
		echo "noticed for another reason: $2"
		cat "$work/said"
		failed=1
	fi
}

build_house
judge || {
	echo "the house without a fault does not stand:"
	cat "$work/said"
	failed=1
}

fault 'core/wire/lex.h stands below it' 'echo "#include \"core/wire/lex.h\"" >>mime/text.c'
fault 'ui/term/term.h stands below it' 'echo "# include \"ui/term/term.h\"" >>core/wire/parser.c'
fault 'core/wire/parser.h stands below it' 'echo "#include \"core/wire/parser.h\"" >>core/wire/lex.c'
fault 'lex.h is not in the lists' 'echo "#include \"lex.h\"" >>core/wire/parser.c'
fault '<openssl/x509.h> comes in only by core/net/tls.c' 'echo "#include <openssl/x509.h>" >>core/wire/lex.c'
fault '<gmime/gmime.h> comes in only by' 'echo "#include <gmime/gmime.h>" >>ui/main.c'
fault '<curses.h> comes in only by' 'echo "#include <curses.h>" >>core/wire/lex.h'
fault '<sys/socket.h> comes in only by core/*' 'echo "#include <sys/socket.h>" >>ui/term/term.c'
fault '<gio/gio.h> comes in only by core/* ui/*' 'echo "#include <gio/gio.h>" >>mime/text.h'
fault 'core/wire/extra.c is not in the lists' 'touch core/wire/extra.c'
fault 'tests/more.h is not named' 'touch tests/more.h'
fault 'core/wire/lex.c, which is not there' 'rm core/wire/lex.c'
if command -v git >/dev/null; then
	fault 'tools does not belong' 'git init -q . && mkdir tools && touch tools/x && git add .'
	fault 'notes.txt does not belong' 'git init -q . && git add . && touch notes.txt'
fi

exit $failed
