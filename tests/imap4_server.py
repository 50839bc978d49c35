#!/usr/bin/env python3
"""An IMAP server of RFC 1730 over standard input and output, for tests: IMAP4, before IMAP4rev1.  No
STATUS, no NAMESPACE, no UID EXPUNGE, no extension of any kind; what it does not know is BAD.

    imap4_server.py CAPABILITY [LOG]

CAPABILITY is what it says that it speaks; LOG gets the commands, one a line.
"""
import re
import sys

FLAGS = '\\Answered \\Flagged \\Deleted \\Seen \\Draft'


class Message:
    def __init__(self, uid, who, subject, text, flags=()):
        self.uid, self.flags = uid, set(flags)
        self.who, self.subject, self.text = who, subject, text + '\r\n'
        self.head = f'From: {who} <{who.lower()}@example.org>\r\nSubject: {subject}\r\n' \
                    f'Date: {uid} Mar 1995 12:00:00 +0000\r\n\r\n'

    def item(self, name):
        """What FETCH answers, or None."""
        address = f'(("{self.who}" NIL "{self.who.lower()}" "example.org"))'
        size, lines = len(self.text), self.text.count('\n')
        answers = {
            'UID': str(self.uid),
            'FLAGS': '(' + ' '.join(sorted(self.flags)) + ')',
            'INTERNALDATE': f'"{self.uid:02}-Mar-1995 12:00:00 +0000"',
            'RFC822.SIZE': str(len(self.head) + size),
            'ENVELOPE': f'("{self.uid} Mar 1995 12:00:00 +0000" "{self.subject}" {address} {address} '
                        f'{address} NIL NIL NIL NIL NIL)',
            'BODYSTRUCTURE': f'("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" {size} {lines})',
        }
        sections = {'': self.head + self.text, '1': self.text, 'TEXT': self.text,
                    'HEADER': self.head}
        if name in answers:
            return f'{name} {answers[name]}'
        section = re.fullmatch(r'BODY(\.PEEK)?\[(.*)\](<.*>)?', name)
        if not section:
            return None
        if not section[1]:
            self.flags.add('\\Seen')
        bytes_ = sections.get(section[2], '\r\n')
        origin = '<0>' if section[3] else ''
        return f'BODY[{section[2]}]{origin} {{{len(bytes_)}}}\r\n{bytes_}'


MAILBOXES = {
    'INBOX': [Message(3, 'Ada', 'Apples', 'The apples are ripe.'),
              Message(7, 'Bob', 'Pears', 'The pears are not.', {'\\Seen'})],
    'Old': [Message(1, 'Zoe', 'Plums', 'The plums are gone.')],
}
SEARCHED = {'SEEN': '\\Seen', 'ANSWERED': '\\Answered', 'FLAGGED': '\\Flagged',
            'DELETED': '\\Deleted', 'DRAFT': '\\Draft'}


class Refused(Exception):
    pass


class Server:
    def __init__(self, capability, log):
        self.capability, self.log, self.messages = capability, log, None

    def say(self, line):
        sys.stdout.write(line + '\r\n')
        sys.stdout.flush()

    def set(self, text, uid):
        """The numbers and messages that a set names."""
        numbers = [message.uid if uid else i + 1 for i, message in enumerate(self.messages)]
        last, chosen = max(numbers, default=0), set()
        for part in text.split(','):
            first, _, end = part.partition(':')
            ends = sorted(last if n == '*' else int(n) for n in (first, end or first))
            chosen |= set(range(ends[0], ends[1] + 1))
        return [(i + 1, self.messages[i]) for i, n in enumerate(numbers) if n in chosen]

    def select(self, name):
        self.messages = MAILBOXES.get(name.strip('"'))
        if self.messages is None:
            raise Refused('NO no such mailbox')
        self.say(f'* FLAGS ({FLAGS})')
        self.say(f'* {len(self.messages)} EXISTS')
        self.say('* 0 RECENT')
        self.say('* OK [UIDVALIDITY 19940101] valid')
        return '[READ-WRITE] selected'

    def list(self, verb, arguments):
        words = re.findall(r'"[^"]*"|\S+', arguments)
        if len(words) != 2:
            raise Refused('BAD two arguments')
        for name in MAILBOXES:
            if words[1].strip('"') in ('*', '%', name):
                self.say(f'* {verb} () "/" {name}')
        return 'done'

    def fetch(self, arguments, uid):
        chosen, _, items = arguments.partition(' ')
        names = re.findall(r'BODY(?:\.PEEK)?\[[^]]*\](?:<[^>]*>)?|[^ ()]+', items)
        if uid and 'UID' not in names:
            names.append('UID')
        for number, message in self.set(chosen, uid):
            found = [message.item(name) for name in names]
            if None in found:
                raise Refused(f'BAD no item {names[found.index(None)]}')
            self.say(f'* {number} FETCH ({" ".join(found)})')
        return 'done'

    def store(self, arguments, uid):
        chosen, what, flags = arguments.split(' ', 2)
        for number, message in self.set(chosen, uid):
            named = set(flags.strip('()').split())
            message.flags = message.flags | named if what[0] == '+' else \
                message.flags - named if what[0] == '-' else named
            if 'SILENT' not in what:
                self.say(f'* {number} FETCH ({message.item("FLAGS")} {message.item("UID")})')
        return 'done'

    def search(self, arguments, uid):
        found = self.set('1:*', False)
        for key in arguments.split():
            flag = SEARCHED.get(key.removeprefix('UN'))
            if key != 'ALL' and not flag:
                raise Refused(f'BAD no key {key}')
            if flag:
                found = [f for f in found if (flag in f[1].flags) != key.startswith('UN')]
        self.say(' '.join(['* SEARCH'] + [str(m.uid if uid else n) for n, m in found]))
        return 'done'

    def command(self, verb, arguments):
        uid = verb == 'UID'
        if uid:
            verb, _, arguments = arguments.partition(' ')
        if verb in ('FETCH', 'STORE', 'SEARCH') and self.messages is not None:
            return getattr(self, verb.lower())(arguments, uid)
        if uid:
            raise Refused('BAD unknown command')
        if verb in ('SELECT', 'EXAMINE'):
            return self.select(arguments)
        if verb in ('LIST', 'LSUB'):
            return self.list(verb, arguments)
        if verb == 'CAPABILITY':
            self.say(f'* CAPABILITY {self.capability}')
        elif verb == 'LOGOUT':
            self.say('* BYE until later')
        elif verb == 'CLOSE':
            self.messages = None
        elif verb not in ('NOOP', 'CHECK'):
            raise Refused('BAD unknown command')
        return 'done'

    def serve(self):
        self.say('* PREAUTH an old server')
        for line in sys.stdin:
            tag, verb, arguments = (line.strip() + '  ').split(' ', 2)
            if self.log:
                print(line.strip(), file=self.log, flush=True)
            try:
                self.say(f'{tag} OK {self.command(verb.upper(), arguments.strip())}')
            except Refused as refusal:
                self.say(f'{tag} {refusal}')
            if verb.upper() == 'LOGOUT':
                break


Server(sys.argv[1], open(sys.argv[2], 'a') if len(sys.argv) > 2 else None).serve()
