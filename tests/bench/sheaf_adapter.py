"""Sheaf for the benchmark of readers: BENCH_ADAPTERS=tests/bench bench.py DIR --client sheaf …
The program is $SHEAF_BINARY, else build/sheaf of this tree."""
import os

from adapters.base import Base, put, sh

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get('SHEAF_BINARY') or os.path.join(TREE, 'build', 'sheaf')


class Sheaf(Base):
    name = 'sheaf'
    modes = ('default',)
    cache_modes = ('default',)
    k_first, k_last, k_open, k_close = b'G', b'gg', b'\r', b'q'    # the newest is on top
    k_next, k_prev = b'j', b'k'
    k_older = b'J'    # in the open message
    quit_keys = [b'Q', b'y']
    probe_off = b'\x1b'

    def version(self):
        return sh(BINARY, '--version').strip()

    def setup(self, home, x):
        scheme = 'imaps' if x['tls'] else 'imap+plain'
        host = 'localhost' if x['tls'] else x['host']
        lines = ['[account bench]',
                 'url = %s://%s@%s:%d/%s' % (scheme, x['user'], host, x['port'], x['folder']),
                 'password-command = echo %s' % x['password']]
        if x['tls']:
            lines.append('ca = %s' % x['ca'])
        if x['threaded']:
            lines += ['[ui]', 'threads = yes']
        put(home + '/.config/sheaf/config', '\n'.join(lines) + '\n')

    def argv(self, home, x):
        return [BINARY, 'bench']

    def env(self, home, x):
        return dict(super().env(home, x), XDG_STATE_HOME=home + '/.local/state')

    def ex(self, term, command):
        return term.send(b':' + command.encode() + b'\r')

    def probe_seen(self, scr):
        return any(line.startswith(':') for line in scr.lines()[-3:])

    def search_subject(self, term, word):
        return self.ex(term, 'search subject:' + word)

    def search_from(self, term, word):
        return self.ex(term, 'search from:' + word)

    def search_body(self, term, word):
        return self.ex(term, 'search body:' + word)

    def thread(self, term):
        return term.send(b'T')

    def unlimit(self, term):
        return self.ex(term, 'clear')

    def toggle_flag(self, term):
        return term.send(b'F')

    def flagged(self, scr, subject):
        return any(subject in line and '!' in line for line in scr.lines())

    def delete_one(self, term):
        return term.send(b'd')

    def expunge(self, term):
        return self.seq(term, b'$', lambda s: '?' in ''.join(s.lines()[-3:]), b'y')

    def marked(self, term, word, command):
        self.seq(term, b':select subject:' + word.encode() + b'\r', lambda s: 'tagged' in s.text().lower())
        return self.ex(term, command)

    def bulk_read(self, term, word):
        return self.marked(term, word, 'mark-unread')

    def bulk_delete(self, term, word):
        return self.marked(term, word, 'delete')


ADAPTER = Sheaf()
