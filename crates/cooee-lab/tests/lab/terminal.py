"""Runs `cooee watch` on a terminal of several sizes and prints what is then to be seen, as JSON.

usage: terminal.py COMMAND SERVERS ROWSxCOLUMNS...

It goes on to the next size when as many servers are there, and presses Ctrl-C after the last one.
"""

import fcntl
import json
import os
import pty
import re
import select
import struct
import sys
import termios
import time
import unicodedata

DEADLINE = time.monotonic() + 40
# What ends a frame.
WRAP = "\x1b[?7h"
# A screen is looked at when nothing has been drawn for so long, in seconds.
QUIET = 0.5
SEQUENCE = re.compile(r"\x1b\[(\??)(\d*)([A-Za-z])")


class Screen:
    """As much of a terminal as the table makes use of."""

    def __init__(self):
        self.rows, self.columns, self.row, self.column = 1, 1, 0, 0
        self.wraps = True
        self.lines = [[]]

    def resize(self, rows, columns):
        """Drops lines at the top where there is no room, and breaks none anew."""
        gone = max(0, self.row + 1 - rows)
        self.lines = (self.lines[gone:] + [[] for _ in range(rows)])[:rows]
        self.row -= gone
        self.rows, self.columns = rows, columns

    def feed(self):
        self.row += 1
        if self.row == self.rows:
            self.row -= 1
            self.lines = self.lines[1:] + [[]]

    def put(self, character):
        width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if self.column + width > self.columns:
            if self.wraps:
                self.feed()
                self.column = 0
            else:
                self.column = self.columns - width
        line = self.lines[self.row]
        line.extend(" " * (self.column - len(line)))
        line[self.column : self.column + width] = [character] + [""] * (width - 1)
        self.column += width

    def write(self, text):
        while text:
            sequence = SEQUENCE.match(text)
            if sequence:
                private, number, final = sequence.groups()
                if final == "A":
                    self.row = max(0, self.row - int(number or 1))
                elif final == "J":
                    self.lines[self.row] = self.lines[self.row][: self.column]
                    self.lines[self.row + 1 :] = [[] for _ in range(self.row + 1, self.rows)]
                elif private and number == "7":
                    self.wraps = final == "h"
                elif final not in "mhl":
                    raise ValueError(repr(sequence.group()))
                text = text[sequence.end() :]
                continue
            if text[0] == "\r":
                self.column = 0
            elif text[0] == "\n":
                self.feed()
            else:
                self.put(text[0])
            text = text[1:]

    def shown(self):
        return ["".join(line).rstrip() for line in self.lines]


def resize(terminal, screen, size):
    rows, columns = map(int, size.split("x"))
    screen.resize(rows, columns)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main(command, servers, *sizes):
    child, terminal = pty.fork()
    if child == 0:
        # It begins when the terminal has its size.
        sys.stdin.readline()
        os.execv(command, [command, "watch"])
    screen, seen, waiting = Screen(), [], list(sizes)
    resize(terminal, screen, waiting.pop(0))
    screen.write("before\r\n")
    os.write(terminal, b"\n")
    rest, has_begun, has_name, pressed, is_drawn = "", False, False, False, False
    while time.monotonic() < DEADLINE:
        if select.select([terminal], [], [], QUIET)[0]:
            try:
                part = os.read(terminal, 1 << 16)
            except OSError:
                break
            rest += part.decode()
            if not has_begun:
                # The echo of the line.
                has_begun, rest = "\n" in rest, rest.partition("\n")[2]
            while WRAP in rest:
                frame, _, rest = rest.partition(WRAP)
                screen.write(frame + WRAP)
                is_drawn = True
                has_name = has_name or "工" in "\n".join(screen.shown())
            continue
        shown = screen.shown()
        if not (is_drawn and has_name and f"watching: {servers} server" in "\n".join(shown)):
            continue
        if pressed:
            continue
        seen.append(shown)
        is_drawn = False
        if waiting:
            resize(terminal, screen, waiting.pop(0))
        else:
            pressed = True
            os.write(terminal, b"\x03")
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps({"status": status, "seen": seen}))


main(*sys.argv[1:])
