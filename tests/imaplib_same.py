#!/usr/bin/env python3
"""The same commands through Python's imaplib and through sheaf imap, on two fresh copies of the same
mailbox: type and data must be the same.

    imaplib_same.py SHEAF HOST PORT USER1 USER2 PASSWORD SERVER TABLE

Prints a line for each command that differs, and at the end how many were compared; exit status 1
where one differs, or where imaplib has a public method that the shell has no verb for.

TABLE is doc/commands.md, which says of each command what each server makes of it.  The column of
SERVER must be what this run saw; with UPDATE_TABLE=1 it is written instead.
"""
import imaplib
import inspect
import json
import os
import re
import subprocess
import sys

MESSAGE = 'From: Ada <ada@example.org>\nSubject: IMAP4 test %d\nDate: %d Jan 2026 12:00:00 +0000\n' \
          'Message-ID: <%d@example.org>\n\ndata...\n'

# Methods that are no commands: how the stream is opened, read and written.  (verb, arguments, what
# they are in the shell where that differs); WHERE is the server.
STREAM = [
    ('send', (b'X1 NOOP\r\n',), 'X1 NOOP'),
    ('readline', ()),
    ('send', (b'X2 CAPABILITY\r\n',), 'X2 CAPABILITY'),
    ('read', (12,)),
    ('readline', ()),
    ('readline', ()),
    ('send', (b'X3 NOOP\r\nX4 NOOP\r\n',), '<imaplib_same.lines'),
    ('read', (0,)),
    ('readline', ()),
    ('readline', ()),
    ('noop', ()),
    ('socket', ()),
    ('shutdown', ()),
    ('open', ('WHERE', 5)),
]

# (verb, arguments as for imaplib).  BOX is a mailbox of each server's own naming.
COMMANDS = [
    ('noop', ()),
    ('capability', ()),
    ('namespace', ()),
    ('create', ('BOX',)),
    ('create', ('BOX',)),
    ('create', ('"BOX 2"',)),
    ('rename', ('"BOX 2"', 'BOX3')),
    ('subscribe', ('BOX',)),
    ('list', ()),
    ('list', ('""', 'BOX%')),
    ('lsub', ()),
    ('unsubscribe', ('BOX',)),
    ('lsub', ()),
    ('status', ('BOX', '(MESSAGES UNSEEN)')),
    ('append', ('BOX', '\\Seen', '"01-Jan-2026 12:00:00 +0000"', MESSAGE % (1, 1, 1))),
    ('append', ('BOX', '(\\Flagged)', None, MESSAGE % (2, 2, 2))),
    ('append', ('BOX', None, None, MESSAGE % (3, 3, 3))),
    ('append', (None, None, None, MESSAGE % (9, 9, 9))),
    ('append', ('nowhere-at-all', None, None, MESSAGE % (9, 9, 9))),
    ('fetch', ('1', 'FLAGS')),
    ('select', ('BOX',)),
    ('response', ('EXISTS',)),
    ('response', ('FLAGS',)),
    ('response', ('READ-WRITE',)),
    ('response', ('NEVER-HEARD',)),
    ('recent', ()),
    ('check', ()),
    ('search', (None, 'ALL')),
    ('search', (None, 'SUBJECT', '"IMAP4 test"', 'UNSEEN')),
    ('search', ('UTF-8', 'FROM', '"ada"')),
    ('search', (None, 'SUBJECT', 'nothing-of-that')),
    ('search', (None, 'NONSENSE')),
    ('fetch', ('1', '(FLAGS INTERNALDATE RFC822.SIZE)')),
    ('fetch', ('1:*', '(UID FLAGS)')),
    ('fetch', ('1,3:*', '(BODY.PEEK[HEADER.FIELDS (SUBJECT)] UID)')),
    ('fetch', ('2', '(BODY.PEEK[] BODY.PEEK[TEXT])')),
    ('fetch', ('2', 'RFC822')),
    ('fetch', ('99', 'FLAGS')),
    ('uid', ('SEARCH', 'ALL')),
    ('uid', ('search', 'SUBJECT', '"test 2"')),
    ('uid', ('FETCH', '1:2', '(FLAGS)')),
    ('sort', ('REVERSE DATE', 'UTF-8', 'ALL')),
    ('uid', ('SORT', '(SUBJECT)', 'UTF-8', 'ALL')),
    ('thread', ('REFERENCES', 'UTF-8', 'ALL')),
    ('uid', ('THREAD', 'ORDEREDSUBJECT', 'UTF-8', 'ALL')),
    ('store', ('1', '+FLAGS', '\\Answered')),
    ('store', ('1', '-FLAGS', '(\\Answered)')),
    ('store', ('2:3', 'FLAGS.SILENT', '\\Seen')),
    ('uid', ('STORE', '1', '+FLAGS', '(\\Deleted)')),
    ('copy', ('2', 'BOX3')),
    ('copy', ('2', 'nowhere-at-all')),
    ('uid', ('COPY', '3', 'BOX3')),
    ('expunge', ()),
    ('expunge', ()),
    ('uid', ('MOVE', '2', 'BOX3')),
    ('myrights', ('BOX',)),
    ('getacl', ('BOX',)),
    ('setacl', ('BOX', 'somebody', 'lr')),
    ('getacl', ('BOX',)),
    ('deleteacl', ('BOX', 'somebody')),
    ('getquotaroot', ('BOX',)),
    ('getquota', ('""',)),
    ('setquota', ('""', '(STORAGE 1000)')),
    ('getannotation', ('BOX', '"/comment"', '"value.shared"')),
    ('setannotation', ('BOX', '"/comment"', '("value.shared" "x")')),
    ('proxyauth', ('somebody',)),
    ('partial', ('1', 'RFC822', '1', '5')),
    ('xatom', ('ID', 'NIL')),
    ('xatom', ('XNONSENSE', 'a')),
    ('close', ()),
    ('search', (None, 'ALL')),
    ('select', ('BOX', True)),
    ('store', ('1', '+FLAGS', '\\Seen')),
    ('unselect', ()),
    ('select', ('nowhere-at-all',)),
    ('enable', ('CONDSTORE',)),
    ('delete', ('BOX3',)),
    ('delete', ('BOX',)),
    ('delete', ('BOX',)),
    ('starttls', ()),
    ('logout', ()),
]

# What a server must name in CAPABILITY before it may be blamed for a refusal.
OFFERED = {
    'GETACL': 'ACL', 'SETACL': 'ACL', 'DELETEACL': 'ACL', 'MYRIGHTS': 'ACL',
    'GETQUOTA': 'QUOTA', 'GETQUOTAROOT': 'QUOTA', 'SETQUOTA': 'QUOTA',
    'GETANNOTATION': 'ANNOTATEMORE', 'SETANNOTATION': 'ANNOTATEMORE', 'ENABLE': 'ENABLE',
    'NAMESPACE': 'NAMESPACE', 'UID MOVE': 'MOVE', 'UNSELECT': 'UNSELECT', 'SORT': 'SORT',
    'UID SORT': 'SORT', 'THREAD': 'THREAD=', 'UID THREAD': 'THREAD=', 'ID': 'ID',
    'PROXYAUTH': 'PROXYAUTH', 'PARTIAL': 'PARTIAL-OF-IMAP2BIS', 'XNONSENSE': 'XNONSENSE',
}
# What is the administrator's to do.
ADMINISTRATOR = {'SETQUOTA', 'GETQUOTA', 'SETANNOTATION'}

# What differs between two mailboxes, two moments or two log-ins, and means the same.
SAME = [
    (re.compile(r'\(\d+\.\d+( \+ \d+\.\d+)* secs\)'), '(SECS)'),
    (re.compile(r'(UIDVALIDITY|APPENDUID|COPYUID|UIDNEXT|HIGHESTMODSEQ) \d+'), r'\1 N'),
    (re.compile(r'MAILBOXID \(\w+\)'), 'MAILBOXID'),
    (re.compile(r'MODSEQ \(\d+\)'), 'MODSEQ (N)'),
    (re.compile(r'SESSIONID=\S+|SESSIONID=<[^>]*>'), 'SESSIONID'),
    (re.compile(r'INTERNALDATE "[^"]*"'), 'INTERNALDATE'),
]


def alike(text, users):
    for pattern, instead in SAME:
        text = pattern.sub(instead, text)
    for user in users:
        text = text.replace(user, 'USER')
    return text


def plain(item):
    """An item of imaplib's data as the shell's JSON has it."""
    if item is None:
        return None
    if isinstance(item, (list, tuple)):
        return [plain(part) for part in item]
    try:
        return item.decode() if isinstance(item, bytes) else item
    except UnicodeDecodeError:
        import base64
        return {'base64': base64.b64encode(item).decode()}


def kind(error):
    if isinstance(error, imaplib.IMAP4.readonly):
        return 'readonly'
    return 'abort' if isinstance(error, imaplib.IMAP4.abort) else 'error'


def name_of(argument, prefix):
    return argument.replace('BOX', prefix + 'BOX') if isinstance(argument, str) else argument


class Shell:
    def __init__(self, program, host, port):
        self.process = subprocess.Popen(
            [program, 'imap', '--json', '--raw', f'imap+plain://{host}:{port}'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding='utf-8')

    def run(self, verb, arguments):
        words = [verb]
        for argument in arguments:
            if argument is True:
                words.append('readonly')
            elif argument is None:
                words.append('None')
            elif isinstance(argument, int):
                words.append(str(argument))
            elif '\n' in argument:
                with open('imaplib_same.message', 'w') as file:
                    file.write(argument)
                words.append('<imaplib_same.message')
            elif ' ' in argument and verb != 'send' and argument[0] not in '("':
                words.append(f'"{argument}"')
            else:
                words.append(argument)
        self.process.stdin.write(' '.join(words) + '\n')
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f'the shell ended at {verb}')
        reply = json.loads(line)
        self.type = reply['type']
        self.reason = reply.get('reason') or json.dumps(reply['data'])
        return reply.get('error') or [reply['type'], reply['data']]


def by_imaplib(client, verb, arguments):
    arguments = [a.encode() if isinstance(a, str) and '\n' in a else a for a in arguments]
    try:
        kind_of, data = getattr(client, verb)(*arguments)
    except imaplib.IMAP4.error as error:
        return kind(error)
    return [kind_of, plain(data)]


def title(verb, arguments):
    if verb in ('uid', 'xatom'):
        return (verb.upper() + ' ' if verb == 'uid' else '') + arguments[0].upper()
    return verb.upper()


def compare(shell, client, users, prefix, seen):
    differ = 0
    for verb, arguments in COMMANDS:
        arguments = [name_of(argument, prefix) for argument in arguments]
        want = by_imaplib(client, verb, arguments)
        got = shell.run(verb, arguments)
        if verb in ('list', 'lsub'):
            want, got = (sorted(json.dumps(x) for x in (r[1] if isinstance(r, list) else [r]))
                         for r in (want, got))
        seen.setdefault(title(verb, arguments), []).append((shell.type, shell.reason))
        want, got = alike(json.dumps(want), users), alike(json.dumps(got), users)
        if want != got:
            differ += 1
            print(f'{verb} {arguments}\n  imaplib {want}\n  sheaf   {got}')
    return differ


def stream_by_imaplib(client, verb, arguments, host, port):
    if arguments[:1] == ('WHERE',):
        arguments = (host, port, *arguments[1:])
    value = getattr(client, verb)(*arguments)
    if verb == 'noop':
        return [value[0], plain(value[1])]
    return ['OK', [value.fileno() >= 0 if verb == 'socket' else plain(value)]]


def compare_stream(shell, client, host, port):
    differ = 0
    with open('imaplib_same.lines', 'wb') as file:
        file.write(b'X3 NOOP\r\nX4 NOOP\r\n')
    for verb, arguments, *typed in STREAM:
        want = stream_by_imaplib(client, verb, arguments, host, port)
        arguments = [f'imap+plain://{host}:{port}' if a == 'WHERE' else a for a in arguments]
        got = shell.run(verb, typed or arguments)
        if verb == 'socket' and isinstance(got, list):
            got = [got[0], [int(number) >= 0 for number in got[1]]]
        want, got = alike(json.dumps(want), ()), alike(json.dumps(got), ())
        if want != got:
            differ += 1
            print(f'{verb} {arguments}\n  imaplib {want}\n  sheaf   {got}')
    return differ


def outcome(name, replies, capabilities):
    """What the server made of it: some try of it was OK, or it never offered it; None where it was
    never asked."""
    if any(kind not in (None, 'NO') for kind, _ in replies):
        return 'passed'
    if replies[0][1].startswith('command '):
        return None
    reason = alike(replies[0][1], ()).strip('[]"')
    reason = re.sub(r'^\w+ command error: ', '', reason).replace(' (SECS)', '').rstrip('.')
    needed = OFFERED.get(name, '')
    if not any(word == needed or (needed[-1:] == '=' and word.startswith(needed))
               for word in capabilities):
        return f'not offered: {reason}'
    if name in ADMINISTRATOR:
        return f'for administrators: {reason}'
    raise SystemExit(f'{name}: is offered, and was refused: {reason}')


def read_table(path):
    """{command: {server: outcome}} of the lines "| command | outcome | …"."""
    rows, servers = {}, []
    with open(path, encoding='utf-8') as file:
        for line in file:
            cells = [cell.strip() for cell in line.strip().strip('|').split('|')]
            if line.startswith('| command |'):
                servers = cells[1:]
            elif line.startswith('| ') and servers:
                rows[cells[0]] = dict(zip(servers, cells[1:]))
    return rows, servers


def write_table(path, rows, servers):
    with open(path, encoding='utf-8') as file:
        head = file.read().split('| command |')[0]
    with open(path, 'w', encoding='utf-8') as file:
        file.write(head + '| command | ' + ' | '.join(servers) + ' |\n')
        file.write('|---' * (len(servers) + 1) + '|\n')
        for name in sorted(rows):
            cells = [rows[name].get(server, '') for server in servers]
            file.write(f'| {name} | ' + ' | '.join(cells) + ' |\n')


def check_table(path, server, seen, capabilities):
    rows, servers = read_table(path)
    saw = {name: outcome(name, replies, capabilities) for name, replies in seen.items()}
    saw = {name: what for name, what in saw.items() if what}
    if os.environ.get('UPDATE_TABLE'):
        for name, what in saw.items():
            rows.setdefault(name, {})[server] = what
        write_table(path, rows, servers)
        return 0
    wrong = 0
    for name in sorted(set(rows) | set(saw)):
        said, what = rows.get(name, {}).get(server, 'missing'), saw.get(name, 'missing')
        # The words of a refusal are another release's affair.
        if said.split(':')[0] != what.split(':')[0]:
            wrong += 1
            print(f'{path}: {name} on {server} is “{said}”, and this run saw “{what}”')
    return wrong


def missing_verbs(program, host, port):
    """Public methods of imaplib.IMAP4 that the shell does not know."""
    methods = {name for name, value in inspect.getmembers(imaplib.IMAP4)
               if callable(value) and not inspect.isclass(value) and not name.startswith('_')}
    known = subprocess.run([program, 'imap', f'imap+plain://{host}:{port}'], input='help\n',
                           stdout=subprocess.PIPE, text=True, encoding='utf-8').stdout
    verbs = {line.split(' ')[0] for line in known.splitlines()}
    return sorted(methods - verbs)


def main():
    program, host, port, first, second, password, server, table = sys.argv[1:]
    shell, client = Shell(program, host, port), imaplib.IMAP4(host, int(port))
    missing = missing_verbs(program, host, port)
    for name in missing:
        print(f'{name}: the shell has no such verb')
    wrong = [by_imaplib(client, 'login', [first, 'wrong']), shell.run('login', [second, 'wrong'])]
    right = [by_imaplib(client, 'login', [first, password]), shell.run('login', [second, password])]
    if wrong != ['error', 'error'] or right[0][0] != right[1][0]:
        raise SystemExit(f'log-in differs: {wrong} {right}')
    prefix = 'INBOX.' if b'"INBOX."' in (client.namespace()[1][0] or b'') else ''
    shell.run('namespace', [])
    capabilities = client.capability()[1][0].decode().upper().split()
    shell.run('capability', [])
    seen = {'LOGIN': [('OK', '')]}
    differ = compare(shell, client, (first, second), prefix, seen)
    differ += check_table(table, server, seen, capabilities)
    shell.process.stdin.close()
    shell.process.wait()
    shell, client = Shell(program, host, port), imaplib.IMAP4(host, int(port))
    differ += compare_stream(shell, client, host, int(port))
    shell.process.stdin.close()
    shell.process.wait()
    print(f'{len(COMMANDS) + len(STREAM)} commands, {differ} differ')
    sys.exit(1 if differ or missing else 0)


main()
