#!/usr/bin/env python3
"""imaplib_parse.py FILE: how fast Python's imaplib takes the FETCH lines of a file that
bench_parser wrote, from memory: alone, and with what a program needs to know UIDs and flags."""
import imaplib
import io
import re
import sys
import time


class Memory(imaplib.IMAP4):
    """A connection whose server is a string of bytes."""

    def open(self, host="", port=0, timeout=None):
        self.stream = io.BytesIO(b"* PREAUTH hello\r\n")

    def send(self, data):
        tag = data.split()[0]
        self.stream = io.BytesIO(b"* CAPABILITY IMAP4REV1\r\n" + tag + b" OK done\r\n")

    def read(self, size):
        return self.stream.read(size)

    def readline(self):
        return self.stream.readline(1000000)


def measure(stream, with_items):
    connection = Memory()
    connection.stream = io.BytesIO(stream)
    uid = re.compile(rb"UID (\d+)")
    uids = seen = n = 0
    before = time.thread_time()
    while connection.stream.tell() < len(stream):
        connection._get_response()
    if with_items:
        for line in connection.untagged_responses["FETCH"]:
            uids += int(uid.search(line).group(1))
            seen += b"\\Seen" in imaplib.ParseFlags(line)
            n += 1
    spent = time.thread_time() - before
    return len(stream) / spent / 1e6, n, uids, seen


with open(sys.argv[1], "rb") as file:
    text = file.read()
print("alone: %.1f MB/s" % max(measure(text, False)[0] for _ in range(3)))
rounds = [measure(text, True) for _ in range(3)]
print("with UIDs and flags: %.1f MB/s; %d responses, UIDs %d, seen %d"
      % (max(r[0] for r in rounds), *rounds[0][1:]))
