"""Threads that wait in Cooee while the interpreter ends."""

from __future__ import annotations

import pytest

CALLS = [
    "cooee.discover(**settings)",
    "cooee.discover_one(**settings)",
    "list(cooee.stream(**settings))",
]

WAITING = """
    import sys, threading, time, cooee
    lo = [of.name for of in cooee.interfaces() if of.kind == "loopback"]
    settings = dict(port=int(sys.argv[1]), interfaces=lo, timeout=60)
    threading.Thread(target=lambda: {call}, daemon=True).start()
    print("going on", flush=True)
    sys.stdin.read()
"""

# What takes time at the end, when the interpreter is not to be had any more: longer than a
# discovery waits before it looks for signals.
SLOW_END = """
    class Last:
        def __del__(self, sleep=time.sleep):
            sleep(0.3)
            print("over", flush=True)

    sys.modules["last"] = Last()
"""


@pytest.mark.parametrize("call", CALLS)
def test_a_daemon_thread_that_waits_does_not_hold_up_the_exit(program, silent, call):
    running = program(WAITING.format(call=call), silent.port)
    assert running.line() == "going on"
    silent.wait_for_probe()
    assert running.finish() == (0, "", "")


@pytest.mark.parametrize("call", CALLS)
def test_a_daemon_thread_that_asks_for_the_interpreter_at_its_end_hangs(program, silent, call):
    running = program(WAITING.format(call=call) + SLOW_END, silent.port)
    assert running.line() == "going on"
    silent.wait_for_probe()
    assert running.finish() == (0, "over\n", "")
