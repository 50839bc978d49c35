#!/usr/bin/env python3
"""Scenarios that the benchmark of readers has not: one JSON line per measurement, as its bench.py writes them.

    BENCH=DIRECTORY-OF-bench.py scenarios.py DIR --client sheaf[,neomutt..] --scenario window[,next,hole,keys]
                                             [--folder Big10k] [--rtt 0[,50]] [--n 3] [--out FILE] [-v]

DIR is the server's directory, with mailboxes of gen.py.  The adapters are those of bench.py, and
tests/bench/sheaf_adapter.py of this tree.

window  from the start until every row of the first screen is painted: the rows of mail that stand there 1.5 s
        after the screen came to rest, and the first moment at which all of them stood
next    from the key for the next message to its text, while a message is open
hole    the line lets nothing through, then all again; from its end the time until a text asked for is there, and
        before it the time until the reader says that the line is silent or dead
keys    the longest time without an answer to a key, counted from the first paint of the list on (bench.py's probe
        counts from the start), for some seconds of moving about

A reader whose adapter does not say what a scenario needs gets a line with the reason."""
import argparse
import json
import os
import re
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = os.environ.get('BENCH', '')
if not os.path.exists(os.path.join(BENCH, 'bench.py')):
    sys.exit('BENCH names no folder with bench.py')
sys.path.insert(0, BENCH)
os.environ.setdefault('BENCH_ADAPTERS', HERE)
import bench  # noqa: E402

REST = 1.5          # seconds without output: the screen has come to rest
SILENCE = 25        # seconds that the line lets nothing through
MOVING = 6          # seconds of keys
# What readers say of a line that is silent or dead.
SAYS = re.compile(r'silent|dead|offline|reconnect|timed? ?out|unreachable|lost|closed|broke|disconnected|not respond', re.I)
# A row of the generated mailboxes ends in its subject: two words and a number, or a marker.
ROW = re.compile(r'\S.*\S')


class Recorder:
    """A Term whose screens are kept with the time at which they came."""

    def __init__(self, term):
        self.term, self.frames = term, []

    def until_rest(self, limit):
        end = time.monotonic() + limit
        while time.monotonic() < end and self.term.exited is None:
            came = self.term.pump(REST)
            if came is None and self.frames:
                return True
            if came is not None:
                self.frames.append((came, self.term.scr.lines()))
        return False


def rows_of_mail(lines):
    """The indices of the lines that are rows of the list: the longest run of lines that are alike, which
    the status lines above and below are not part of."""
    filled = [bool(ROW.search(line)) for line in lines]
    best, start = (0, 0), None
    for i, is_filled in enumerate(filled + [False]):
        if is_filled and start is None:
            start = i
        elif not is_filled and start is not None:
            if i - start > best[1] - best[0]:
                best = (start, i)
            start = None
    return range(best[0] + 1, best[1] - 2)


def window(a, s, emit):
    """The moment from which on no row of the list changed any more in what it says of its message."""
    recorder = Recorder(s.t)
    if not recorder.until_rest(a.limit) or not s.ad.shown(s.t.scr):
        return emit({'s': None, 'limit': a.limit, 'exited': s.t.exited})
    final = recorder.frames[-1][1]
    rows = rows_of_mail(final)
    first = next((at for at, lines in recorder.frames if any('ZZNEWEST' in line for line in lines)), None)
    whole = next(at for at, lines in recorder.frames
                 if all(lines[i][-40:] == final[i][-40:] for i in rows))
    emit({'s': round(whole - s.t.start, 4), 'newest': first and round(first - s.t.start, 4), 'rows': len(rows), **s.wire()})


def body_of(lines):
    """What stands below the header fields, without what changes by itself."""
    return '\n'.join(lines[6:-3])


def next_message(a, s, emit):
    if not getattr(s.ad, 'k_next', None):
        return emit({'s': None, 'skip': 'the adapter has no k_next'})
    if s.opened()['s'] is None:
        return emit({'s': None, 'at': 'open'})
    s.t.send(s.ad.k_open)
    if s.t.wait(bench.has('ZZBODYNEW'), a.limit) is None:
        return emit({'s': None, 'at': 'read'})
    s.t.idle(REST, 10)
    s.p.cmd('reset')
    recorder = Recorder(s.t)
    pressed = s.t.send(s.ad.k_older if hasattr(s.ad, 'k_older') else s.ad.k_next)
    recorder.until_rest(a.limit)
    if not recorder.frames:
        return emit({'s': None, 'at': 'nothing was painted'})
    final = body_of(recorder.frames[-1][1])
    if 'ZZBODYNEW' in final:
        return emit({'s': None, 'at': 'the same message stands there'})
    there = next(at for at, lines in recorder.frames if body_of(lines) == final)
    emit({'s': round(there - pressed, 4), **s.wire()})


def hole(a, s, emit):
    """New connections find a hole, too: the proxy is told again every 100 ms."""
    if s.opened()['s'] is None:
        return emit({'s': None, 'at': 'open'})
    s.t.idle(1, 3)
    before = set(s.t.scr.lines())
    began = time.monotonic()
    s.p.cmd('blackhole 1')
    asked = s.t.send(s.ad.k_open)
    said = words = None
    while time.monotonic() - began < SILENCE and s.t.exited is None:
        s.t.pump(0.1)
        s.p.cmd('blackhole 1')
        for line in s.t.scr.lines():
            if said is None and line not in before and SAYS.search(line):
                said, words = time.monotonic(), line.strip()
    lifted = time.monotonic()
    s.p.cmd('blackhole 0')
    there = s.t.wait(bench.has('ZZBODYNEW'), a.limit)
    pressed_again = there is None and s.t.exited is None
    if pressed_again:
        s.t.send(s.ad.k_open)
        there = s.t.wait(bench.has('ZZBODYNEW'), 20)
    emit({'s': there and round(there - lifted, 3), 'said': said and round(said - asked, 3), 'words': words,
          'dark': round(lifted - began, 1), 'key_again': pressed_again, 'exited': s.t.exited})


def keys(a, s, emit):
    """A key, its effect, the next: in the list, from the first paint of it on."""
    first = s.t.wait(s.ad.shown, a.limit)
    if first is None:
        return emit({'s': None, 'at': 'open'})
    longest, at, answered = 0, 0, 0
    while time.monotonic() - first < MOVING and s.t.exited is None:
        pressed = s.t.send(s.ad.probe)
        seen = s.t.wait(s.ad.probe_seen, a.limit)
        if seen is None:
            return emit({'s': None, 'limit': a.limit, 'answered': answered})
        if seen - pressed > longest:
            longest, at = seen - pressed, pressed - first
        answered += 1
        s.t.send(s.ad.probe_off)
        s.t.wait(lambda scr: not s.ad.probe_seen(scr), 2)
        s.t.pump(0.02)
    emit({'s': round(longest, 5), 'at': round(at, 3), 'answered': answered, 'first_paint': round(first - s.t.start, 4)})


SCENARIOS = {'window': window, 'next': next_message, 'hole': hole, 'keys': keys}


def run(a, client, folder, rtt, scenario):
    results = []

    def emit(r):
        results.append(r)
        if a.out:
            line = dict(client=client, mode=a.mode, folder=folder, rtt=rtt, tls=a.tls, rate=a.rate, what=scenario,
                        time=int(time.time()), **r)
            with open(a.out, 'a') as out:
                out.write(json.dumps(line) + '\n')

    for _ in range(a.n):
        s = bench.Session(a, client, folder, a.mode, rtt)
        try:
            SCENARIOS[scenario](a, s, emit)
            s.dump()
        finally:
            s.close(hard=True)
    good = sorted(r['s'] for r in results if r['s'] is not None)
    print('%-8s %-8s rtt %3g %-8s %s  n %d/%d  %s' % (
        client, folder, rtt, scenario, '%.3f s' % statistics.median(good) if good else '-', len(good), len(results),
        {k: v for k, v in results[-1].items() if k != 's'}), flush=True)


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument('dir')
    p.add_argument('--client', required=True)
    p.add_argument('--scenario', default=','.join(SCENARIOS))
    p.add_argument('--folder', default='Big10k')
    p.add_argument('--mode', default='default')
    p.add_argument('--rtt', default='0')
    p.add_argument('--n', type=int, default=3)
    p.add_argument('--tls', action='store_true')
    p.add_argument('--rate', type=float, default=0)
    p.add_argument('--limit', type=float, default=60)
    p.add_argument('--out', default='')
    p.add_argument('--wire', default='')
    p.add_argument('-v', '--verbose', action='store_true')
    a = p.parse_args()
    for client in a.client.split(','):
        for folder in a.folder.split(','):
            for rtt in a.rtt.split(','):
                for scenario in a.scenario.split(','):
                    run(a, client, folder, float(rtt), scenario)


if __name__ == '__main__':
    main()
