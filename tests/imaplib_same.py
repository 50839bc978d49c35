#!/usr/bin/env python3
"""The same commands through Python's imaplib and through sheaf imap, on two fresh copies of the same
mailbox: type and data must be the same.

    imaplib_same.py SHEAF HOST PORT USER1 USER2 PASSWORD SERVER TABLE CA ADMINISTRATOR

CA is the authority that signed the server's certificate; ADMINISTRATOR may set quotas, "" is nobody.
Where PORT is 0 a script plays the server, for what no real one has.  Behind all that, what imaplib
has no method for goes through the shell alone.

Prints a line for each command that differs, and at the end how many were compared; exit status 1
where one differs, or where imaplib has a public method that the shell has no verb for.

TABLE is doc/commands.md, which says of each command what each server makes of it.  The column of
SERVER must be what this run saw; with UPDATE_TABLE=1 it is written instead.
"""
import base64
import imaplib
import inspect
import json
import os
import re
import socket
import subprocess
import sys
import threading

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
    ('getquota', ('ROOT',)),
    ('setquota', ('ROOT', '(STORAGE 1000)')),
    ('getannotation', ('BOX', '"/comment"', '"value.shared"')),
    ('setannotation', ('BOX', '"/comment"', '("value.shared" "x")')),
    ('setannotation', ('BOX', '("/comment" ("value.shared" "y" "value.priv" "z") '
                              '"/sort" ("value.priv" "DATE"))')),
    ('getannotation', ('BOX', '("/comment" "/sort")', '("value.shared" "value.priv")')),
    ('setannotation', ('BOX', '"/comment"', '("value.shared" NIL "value.priv" NIL)',
                       '"/sort"', '("value.priv" NIL)')),
    ('getannotation', ('BOX', '"/comment"', '("value.shared" "value.priv")')),
    ('proxyauth', ('somebody',)),
    ('partial', ('1', 'RFC822', '1', '5')),
    ('xatom', ('ID', 'NIL')),
    ('xatom', ('XTOY', 'a')),
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

# The same, on a server that is a script: what it answers, the tag in front of the last line.
SCRIPTED = [
    ('proxyauth', ('somebody',)),
    ('select', ('INBOX',)),
    ('partial', ('1', 'RFC822', '1', '5')),
    ('xatom', ('XTOY', 'a')),
    ('response', ('TOY',)),
    ('response', ('TOY',)),
    ('logout', ()),
]
SCRIPT = {
    'CAPABILITY': ['* CAPABILITY IMAP4rev1', 'OK so'],
    'LOGIN': ['OK in'],
    'NAMESPACE': ['* NAMESPACE (("" "/")) NIL NIL', 'OK so'],
    'PROXYAUTH': ['OK you are somebody'],
    'SELECT': ['* 1 EXISTS', '* OK [UIDVALIDITY 7] fine', 'OK [READ-WRITE] open'],
    'PARTIAL': ['* 1 FETCH (RFC822 {5}', 'From:)', 'OK there'],
    'XTOY': ['* TOY 1 "two"', 'OK played'],
    'LOGOUT': ['* BYE so long', 'OK gone'],
}

# What imaplib has no method for: title, what CAPABILITY names where it is offered (None: everybody
# has it), lines, and what the last one's reply has.  SECOND is the other user.
BEYOND = [
    ('PROXYAUTH', 'PROXYAUTH', ['proxyauth SECOND'], r''),
    ('CREATE … (USE …)', 'CREATE-SPECIAL-USE',
     ['create BOX5 (USE (\\Archive))', 'list "" BOX5 RETURN (SPECIAL-USE)'], r'\\\\Archive'),
    ('APPEND of several', 'MULTIAPPEND',
     ['create BOX6', 'append BOX6 <message (\\Seen) None <message', 'status BOX6 (MESSAGES)'],
     r'MESSAGES 2'),
    ('EXAMINE', None, ['append INBOX <message', 'examine INBOX'], r'"READ-ONLY"'),
    ('LISTRIGHTS', 'ACL', ['listrights INBOX SECOND'], r'INBOX'),
    ('SETMETADATA', 'METADATA',
     ['setmetadata INBOX (/private/comment "x" /shared/comment NIL)'], r''),
    ('GETMETADATA', 'METADATA',
     ['getmetadata INBOX (/private/comment /shared/comment)'], r'private/comment.*NIL'),
    ('LIST (…)', 'LIST-EXTENDED', ['subscribe INBOX', 'list (SUBSCRIBED) "" *'],
     r'Subscribed.*INBOX'),
    ('LIST … RETURN (…)', 'LIST-EXTENDED',
     ['list "" INBOX RETURN (CHILDREN SUBSCRIBED)'], r'Subscribed.*INBOX'),
    ('LIST … RETURN (STATUS …)', 'LIST-STATUS',
     ['list "" INBOX RETURN (STATUS (MESSAGES))'], r'"STATUS": .*MESSAGES'),
    ('SELECT … (CONDSTORE)', 'CONDSTORE', ['select INBOX (CONDSTORE)'], r'HIGHESTMODSEQ'),
    ('STORE … .SILENT', None, ['select INBOX', 'store 1 +FLAGS.SILENT (\\Flagged)'], r''),
    ('STORE … (UNCHANGEDSINCE …)', 'CONDSTORE',
     ['store 1 (UNCHANGEDSINCE 1) +FLAGS (\\Seen)'], r'MODIFIED'),
    ('SEARCH RETURN (…)', 'ESEARCH', ['select INBOX', 'search None RETURN (MIN COUNT) ALL'], r'ESEARCH.*COUNT'),
    ('IDLE', 'IDLE', ['idle burst'], r''),
    ('MOVE', 'MOVE', ['select INBOX', 'create BOX7', 'move 1 BOX7'], r'COPYUID'),
    ('UID EXPUNGE', 'UIDPLUS',
     ['append INBOX (\\Deleted) None <message', 'select INBOX', 'uid expunge 1:*'],
     r'EXPUNGE|VANISHED'),
    ('NOTIFY', 'NOTIFY', ['notify NONE'], r''),
    ('COMPRESS', 'COMPRESS=DEFLATE', ['compress DEFLATE', 'noop'], r''),
]
# Of the administrator, in one's mailbox.
BY_ADMINISTRATOR = [
    ('SETQUOTA', 'QUOTA', ['setquota user/USER (STORAGE 1000)'], r'STORAGE'),
    ('GETQUOTA', 'QUOTA', ['getquota user/USER'], r'STORAGE 0 1000'),
    ('GETQUOTAROOT', 'QUOTA', ['getquotaroot user/USER'], r'STORAGE'),
    ('SETQUOTA', 'QUOTA', ['setquota user/USER ()'], r''),
]

# What a server must name in CAPABILITY before it may be blamed for a refusal.
OFFERED = {
    'GETACL': 'ACL', 'SETACL': 'ACL', 'DELETEACL': 'ACL', 'MYRIGHTS': 'ACL',
    'GETQUOTA': 'QUOTA', 'GETQUOTAROOT': 'QUOTA', 'SETQUOTA': 'QUOTASET',
    'GETANNOTATION': 'ANNOTATEMORE', 'SETANNOTATION': 'ANNOTATEMORE', 'ENABLE': 'ENABLE',
    'NAMESPACE': 'NAMESPACE', 'UID MOVE': 'MOVE', 'UNSELECT': 'UNSELECT', 'SORT': 'SORT',
    'UID SORT': 'SORT', 'THREAD': 'THREAD=', 'UID THREAD': 'THREAD=', 'ID': 'ID',
    'PROXYAUTH': 'PROXYAUTH', 'PARTIAL': 'IMAP4', 'XTOY': 'XTOY',
    'STARTTLS': 'STARTTLS', 'AUTHENTICATE': 'AUTH=PLAIN', 'LOGIN_CRAM_MD5': 'AUTH=CRAM-MD5',
}

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
        return {'base64': base64.b64encode(item).decode()}


def kind(error):
    if isinstance(error, imaplib.IMAP4.readonly):
        return 'readonly'
    return 'abort' if isinstance(error, imaplib.IMAP4.abort) else 'error'


def name_of(argument, prefix):
    return argument.replace('BOX', prefix + 'BOX') if isinstance(argument, str) else argument


class Shell:
    def __init__(self, program, host, port, ca=None):
        trust = ['--ca', ca] if ca else []
        self.process = subprocess.Popen(
            [program, 'imap', '--json', '--raw', *trust, f'imap+plain://{host}:{port}'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            encoding='utf-8')

    def line(self, text):
        """The reply to a line, or to several that are one command."""
        self.process.stdin.write(text + '\n')
        self.process.stdin.flush()
        self.said = self.process.stdout.readline()
        if not self.said:
            raise SystemExit(f'the shell ended at {text}')
        reply = json.loads(self.said)
        self.type, self.class_of = reply['type'], reply.get('error')
        self.reason = reply.get('reason') or str((reply['data'] or [''])[0])
        return reply

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
        reply = self.line(' '.join(words))
        return reply.get('error') or [reply['type'], reply['data']]

    def refusal(self):
        """In the server's words, behind NO or BAD."""
        words = alike(self.reason, ()).replace(' (SECS)', '').rstrip('.')
        words = re.sub(r'^\w+ command error: |^\S+ says: ', '', words)
        return words if words.startswith('BAD ') else f'{self.type or "NO"} {words}'

    def close(self):
        self.process.stdin.close()
        self.process.wait()


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


def compare(commands, shell, client, users, prefix, seen):
    differ = 0
    for verb, arguments in commands:
        arguments = [name_of(argument, prefix) for argument in arguments]
        want = by_imaplib(client, verb, arguments)
        got = shell.run(verb, arguments)
        if verb in ('list', 'lsub'):
            want, got = (sorted(json.dumps(x) for x in (r[1] if isinstance(r, list) else [r]))
                         for r in (want, got))
        seen.setdefault(title(verb, arguments), []).append((shell.type, shell.refusal()))
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


def run_stream(program, host, port):
    shell, client = Shell(program, host, port), imaplib.IMAP4(host, int(port))
    differ = compare_stream(shell, client, host, int(port))
    shell.close()
    return differ


def is_offered(needed, capabilities):
    return needed is None or any(word == needed or (needed[-1:] == '=' and word.startswith(needed))
                                 for word in capabilities)


def outcome(name, needed, passed, refusal, capabilities):
    if passed:
        return 'passed'
    if is_offered(needed, capabilities):
        raise SystemExit(f'{name}: is offered, and was refused: {refusal}')
    what = 'not offered' if re.match('NO |BAD ', refusal) else 'no effect'
    return f'{what}: no {needed} in its CAPABILITY, {refusal}'


def outcomes(seen, capabilities):
    """What the server made of each: some try of it was OK, or it never offered it."""
    saw = {}
    for name, replies in seen.items():
        passed = any(kind not in (None, 'NO', 'BAD') for kind, _ in replies)
        if passed or ' illegal in state ' not in replies[0][1]:
            saw[name] = outcome(name, OFFERED.get(name, ''), passed, replies[0][1], capabilities)
    return saw


def try_beyond(rows, log_in, names, capabilities):
    """The same of what goes through the shell alone; OK is not enough, it must have an effect."""
    saw, shell = {}, log_in()
    for name, needed, lines, effect in rows:
        refusal = None
        for line in lines:
            for word, instead in names:
                line = re.sub(word, instead, line)
            shell.line(line)
            if shell.type != 'OK' and not refusal:
                refusal = shell.refusal()
            if shell.class_of == 'abort':
                refusal = 'it closes the connection'
                shell.close()
                shell = log_in()
                break
        passed = not refusal and re.search(effect, shell.said)
        saw[name] = outcome(name, needed, passed, refusal or 'OK',
                            capabilities)
    shell.close()
    return saw


def try_log_ins(program, host, port, user, password, ca):
    plain = base64.b64encode(f'\0{user}\0{password}'.encode()).decode()
    rows = [('STARTTLS', [], 'starttls'),
            ('AUTHENTICATE', ['starttls'], f'authenticate PLAIN\n={plain}'),
            ('LOGIN_CRAM_MD5', [], f'login_cram_md5 {user} {password}')]
    saw = {}
    for name, before, line in rows:
        shell = Shell(program, host, port, ca)
        for first in before:
            shell.line(first)
        capabilities = shell.line('capability')['data'][0].upper().split()
        saw.update(try_beyond([(name, OFFERED[name], [line], r'')], lambda: shell, [],
                              capabilities))
    return saw


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


def check_table(path, server, saw):
    rows, servers = read_table(path)
    if os.environ.get('UPDATE_TABLE'):
        for row in rows.values():
            row.pop(server, None)
        for name, what in saw.items():
            rows.setdefault(name, {})[server] = what
        write_table(path, {name: row for name, row in rows.items() if any(row.values())},
                    servers if server in servers else servers + [server])
        return 0
    wrong = 0
    for name in sorted(set(rows) | set(saw)):
        said, what = rows.get(name, {}).get(server, 'missing'), saw.get(name, '')
        # The words of a refusal are another release's affair.
        if said.split(',')[0] != what.split(',')[0]:
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


class Script(threading.Thread):
    """A server that answers as SCRIPT says, to any number of clients."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]

    def run(self):
        while True:
            client = self.listener.accept()[0]
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    @staticmethod
    def serve(client):
        with client, client.makefile('rw', encoding='utf-8', newline='') as stream:
            stream.write('* OK a script\r\n')
            stream.flush()
            for line in stream:
                tag, verb = line.split()[:2]
                *untagged, last = SCRIPT.get(verb.upper(), ['BAD Unknown command'])
                for answer in untagged:
                    stream.write(answer + '\r\n')
                stream.write(f'{tag} {last}\r\n')
                stream.flush()


def run_scripted(program, server, table):
    script = Script()
    script.start()
    shell, client = Shell(program, '127.0.0.1', script.port), imaplib.IMAP4('127.0.0.1', script.port)
    client.login('a', 'b'), shell.run('login', ['a', 'b'])
    seen = {}
    differ = compare(SCRIPTED, shell, client, (), '', seen)
    shell.close()
    saw = {name: 'scripted' for name, replies in seen.items()
           if name in ('PARTIAL', 'PROXYAUTH', 'XTOY') and replies[0][0] == 'OK'}
    return differ + check_table(table, server, saw)


def quota_root(client, mailbox):
    try:
        words = re.match(rb'(?:"[^"]*"|\S+) (.+)', client.getquotaroot(mailbox)[1][0][0] or b'')
    except imaplib.IMAP4.error:
        words = None
    return words.group(1).decode() if words else '""'


def run_real(program, host, port, users, password, server, table, ca, administrator):
    first, second = users
    shell, client = Shell(program, host, port), imaplib.IMAP4(host, int(port))
    wrong = [by_imaplib(client, 'login', [first, 'wrong']), shell.run('login', [second, 'wrong'])]
    right = [by_imaplib(client, 'login', [first, password]), shell.run('login', [second, password])]
    if wrong != ['error', 'error'] or right[0][0] != right[1][0]:
        raise SystemExit(f'log-in differs: {wrong} {right}')
    prefix = 'INBOX.' if b'"INBOX."' in (client.namespace()[1][0] or b'') else ''
    shell.run('namespace', [])
    capabilities = client.capability()[1][0].decode().upper().split()
    shell.run('capability', [])
    root = quota_root(client, 'INBOX')
    shell.run('getquotaroot', ['INBOX'])
    commands = [(verb, [root if a == 'ROOT' else a for a in arguments])
                for verb, arguments in COMMANDS]
    seen = {'LOGIN': [('OK', '')]}
    differ = compare(commands, shell, client, users, prefix, seen)
    shell.close()
    if administrator:
        seen = {name: what for name, what in seen.items() if 'QUOTA' not in name}
    saw = outcomes(seen, capabilities)

    def log_in(user):
        shell = Shell(program, host, port)
        shell.run('login', [user, password])
        return shell

    saw.update(try_beyond(BEYOND, lambda: log_in(first),
                          [(r'\bBOX', prefix + 'BOX'), ('SECOND', second)], capabilities))
    if administrator:
        saw.update(try_beyond(BY_ADMINISTRATOR, lambda: log_in(administrator), [('USER', first)],
                              capabilities))
    saw.update(try_log_ins(program, host, port, first, password, ca))
    return differ + check_table(table, server, saw)


def main():
    program, host, port, first, second, password, server, table, ca, administrator = sys.argv[1:]
    with open('message', 'w') as file:
        file.write(MESSAGE % (8, 8, 8))
    if port == '0':
        sys.exit(1 if run_scripted(program, server, table) else 0)
    missing = missing_verbs(program, host, port)
    for name in missing:
        print(f'{name}: the shell has no such verb')
    differ = run_real(program, host, port, (first, second), password, server, table, ca,
                      administrator)
    differ += run_stream(program, host, port)
    print(f'{differ} differ')
    sys.exit(1 if differ or missing else 0)


main()
