#!/usr/bin/env python3
"""Dates, tags and flags by imaplib's functions and by the verbs of sheaf imap of the same names.

    imaplib_dates.py SHEAF URL

Prints each value that comes out otherwise; exit status 1 where one does.
"""
import imaplib
import json
import os
import random
import subprocess
import sys
import time

# Zones with and without summer time, east and west, of half hours, and the farthest.
ZONES = ['UTC0', 'CET-1CEST,M3.5.0,M10.5.0/3', 'EST5EDT,M3.2.0,M11.1.0', 'NST3:30NDT,M3.2.0,M11.1.0',
         'AEST-10AEDT,M10.1.0,M4.1.0/3', 'XXX-14', 'XXX12', 'IST-5:30']
EACH = 130


def numbers(rng):
    yield from (0, -1, 0.5, -0.5, 1.999999, 1767225600, 253402300799 - 86400)
    for _ in range(EACH // 4):
        yield rng.randrange(-2 ** 31, 2 ** 33)
        yield round(rng.uniform(-1e9, 4e9), 3)


def tuples(rng):
    """Local times; the last number says whether it is summer."""
    for _ in range(EACH // 4):
        yield (rng.randrange(1971, 2037), rng.randrange(1, 13), rng.randrange(1, 29), rng.randrange(24),
               rng.randrange(60), rng.randrange(60), 0, 1, rng.choice((-1, 0, 1)))
    yield (2026, 2, 30, 0, 0, 0, 0, 1, 0)
    yield (2026, 13, 1, 0, 0, 0, 0, 1, 0)
    yield (2026, 1, 1, 24, 0, 0, 0, 1, 0)


def fetched(rng):
    for _ in range(EACH // 4):
        yield '1 (INTERNALDATE "%02d-%s-%04d %02d:%02d:%02d %s%02d%02d" UID 3)' % (
            rng.randrange(1, 29), rng.choice(imaplib.Months[1:]), rng.randrange(1970, 2038),
            rng.randrange(24), rng.randrange(60), rng.randrange(60), rng.choice('+-'),
            rng.randrange(15), rng.choice((0, 30, 45)))
    yield from ('INTERNALDATE " 1-Jan-2026 00:00:00 +1400"', 'INTERNALDATE "1-Jan-2026 00:00:00 +0000"',
                'INTERNALDATE "01-jan-2026 00:00:00 +0000"', 'INTERNALDATE 01-Jan-2026', '')


def by_python(verb, value):
    try:
        if verb == 'time2internaldate':
            return imaplib.Time2Internaldate(value)
        if verb == 'internaldate2tuple':
            got = imaplib.Internaldate2tuple(value.encode())
            return str(tuple(got)) if got else None
        if verb == 'int2ap':
            return imaplib.Int2AP(value).decode()
        return b' '.join(imaplib.ParseFlags(value.encode())).decode() or None
    except (ValueError, OverflowError, OSError):
        return 'error'


def typed(value):
    if isinstance(value, tuple):
        return str(value)
    if isinstance(value, str) and value[:1] != '"':
        return '"' + value.replace('\\', '\\\\').replace('"', '\\"') + '"'
    return repr(value) if not isinstance(value, str) else value


def compare(zone, program, url):
    os.environ['TZ'] = zone
    time.tzset()
    rng = random.Random(zone)
    cases = [('time2internaldate', v) for v in numbers(rng)]
    cases += [('time2internaldate', v) for v in tuples(rng)]
    cases += [('time2internaldate', '"as it is"')]
    cases += [('internaldate2tuple', v) for v in fetched(rng)]
    cases += [('int2ap', rng.randrange(-2 ** 40, 2 ** 40)) for _ in range(10)] + [('int2ap', 0)]
    cases += [('parseflags', v) for v in ('1 (FLAGS (\\Seen a]b) UID 2)', 'FLAGS ()', 'none', 'x FLAGS (a  b)')]
    lines = ''.join(f'{verb} {typed(value)}\n' for verb, value in cases)
    out = subprocess.run([program, 'imap', '--json', url], input=lines, stdout=subprocess.PIPE,
                         text=True, encoding='utf-8').stdout.splitlines()
    differ = 0
    for (verb, value), line in zip(cases, out, strict=True):
        reply = json.loads(line)
        got = reply.get('error') or reply['data'][0]
        want = by_python(verb, value)
        if got != want:
            differ += 1
            print(f'{zone}: {verb} {value}: imaplib {want}, sheaf {got}')
    return len(cases), differ


def main():
    total = differ = 0
    for zone in ZONES:
        n, wrong = compare(zone, *sys.argv[1:])
        total, differ = total + n, differ + wrong
    print(f'{total} values, {differ} differ')
    sys.exit(1 if differ or total < 1000 else 0)


main()
