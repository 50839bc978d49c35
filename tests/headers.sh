#!/bin/sh
# Compiles every header alone and all together (tests/headers.c).  CC and HEADER_FLAGS come from
# `make check`.
set -u
srcdir=${srcdir:-.}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0

compile() {
	# shellcheck disable=SC2086 # flags are words
	${CC:-cc} ${HEADER_FLAGS-} -Werror -I"$work" -fsyntax-only "$@" "$srcdir/tests/headers.c" || failed=1
}

for header in $("$srcdir/tests/layers.sh" --list | grep '[.]h$'); do
	compile -DHEADER="\"$header\""
	echo "#include \"$header\"" >>"$work/all.h"
done
compile -DALL='"all.h"'
exit $failed
