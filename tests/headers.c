/* Every header is whole in itself, and all of them bear each other and the libraries' own names
 * (R_OK, key_name): tests/headers.sh compiles this once for each header with -DHEADER="path", then
 * once with -DALL="list of includes", in the order of the layers. */
#ifdef HEADER
#include HEADER
#include HEADER
#else
#include <unistd.h>
#include <curses.h>
#include <panel.h>
#include <openssl/ssl.h>
#include <gmime/gmime.h>
#include <gio/gio.h>
#include ALL
#endif

typedef int a_translation_unit_is_not_empty;
