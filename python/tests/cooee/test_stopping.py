"""stop() from whatever runs on the thread that awaits the next server or event."""

from __future__ import annotations

import signal
import sys

import pytest

CALLS = {
    "Servers": "cooee.{}stream(wait='full', timeout=600, **settings)",
    "Browser": "cooee.{}Browser(**settings)",
}

PRELUDE = """
    import asyncio, logging, signal, sys, cooee
    lo = [of.name for of in cooee.interfaces() if of.kind == "loopback"]
    settings = dict(port=int(sys.argv[1]), interfaces=lo)
    waiting = None
    signal.signal(signal.SIGTERM, lambda *_: waiting.stop())
"""

ITERATED = """
    waiting = {call}
    print("over", list(waiting), waiting.due)
"""

POLLED = """
    waiting = {call}
    while waiting.due is not None:
        waiting.poll()
    print("over", list(waiting), waiting.due)
"""

AWAITED = """
    async def main():
        global waiting
        waiting = {acall}
        print("over", [heard async for heard in waiting], None)
    asyncio.run(main())
"""

INTERRUPTED = """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    waiting = {call}
    try:
        list(waiting)
    except KeyboardInterrupt:
        print("over", list(waiting), waiting.due)
"""

LOGGED = """
    class Stops(logging.Handler):
        def emit(self, record):
            print("logged", flush=True)
            try:
                waiting.stop()
            except RuntimeError as error:
                print(error)
    logging.getLogger("cooee").addHandler(Stops())
    waiting = {call}
    print("over", list(waiting), waiting.due, waiting.outcome.ended)
"""


def source(how: str, kind: str) -> str:
    call = CALLS[kind]
    plain, twin = call.format(""), call.format("Async" if kind == "Browser" else "a")
    return PRELUDE + how.format(call=plain, acall=twin)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a Unix thing")
@pytest.mark.parametrize(
    "how",
    [ITERATED, POLLED, AWAITED, INTERRUPTED],
    ids=["iterated", "polled", "awaited", "interrupted"],
)
@pytest.mark.parametrize("kind", CALLS)
def test_a_handler_of_signals_can_stop_it(kind, how, program, silent):
    running = program(source(how, kind), silent.port)
    # The second one is sent by what waits.
    silent.wait_for_probe()
    silent.wait_for_probe()
    running.process.send_signal(signal.SIGTERM)
    assert running.line() == "over [] None"
    assert running.finish() == (0, "", "")


def test_a_handler_of_the_log_can_stop_it(program, silent):
    running = program(source(LOGGED, "Servers"), silent.port)
    silent.socket.sendto(b"SERVER_IP:nowhere", silent.wait_for_probe())
    assert running.line() == "logged"
    assert "ends when it returns" in running.line()
    assert running.line() == "over [] None stopped"
    assert running.finish()[:2] == (0, "")
