"""Under gevent and eventlet, a discovery lets other greenlets run."""

from __future__ import annotations

import json
from typing import Any

import pytest

# What the programs have in common: `spawn` starts a greenlet, `nap` lets others run.
GEVENT = """
import gevent.monkey; gevent.monkey.patch_all()
import gevent
spawn, nap, Timeout = gevent.spawn, gevent.sleep, gevent.Timeout
def join(greenlet): return greenlet.get()
"""
EVENTLET = """
import warnings; warnings.simplefilter("ignore")
import eventlet; eventlet.monkey_patch()
spawn, nap, Timeout = eventlet.spawn, eventlet.sleep, eventlet.Timeout
def join(greenlet): return greenlet.wait()
"""
SHARED = """
import json, sys, time
import cooee
PORT = int(sys.argv[1])
def tell(**what): print(json.dumps(what))
"""
LIBRARIES = {"gevent": GEVENT, "eventlet": EVENTLET}

# Long enough for one after another to differ from all at once on a busy machine.
TIMEOUT_S = 1.0


@pytest.fixture(params=LIBRARIES)
def ran(request: Any, program: Any, free_port: int) -> Any:
    """Runs a program under the library, and returns what it tells."""

    def run(source: str, port: int = free_port) -> dict[str, Any]:
        running = program(LIBRARIES[request.param] + SHARED + source, port)
        return dict(json.loads(running.line()))

    return run


@pytest.mark.parametrize(
    "call",
    [
        f"cooee.discover(port=PORT, timeout={TIMEOUT_S}, wait='full')",
        f"cooee.discover_one(port=PORT, timeout={TIMEOUT_S})",
        f"list(cooee.stream(port=PORT, timeout={TIMEOUT_S}, wait='full'))",
        f"discovery_client.discover(load_config(discovery_port=PORT, timeout={TIMEOUT_S}))",
        f"discovery_client.discover_one(load_config(discovery_port=PORT, timeout={TIMEOUT_S}))",
    ],
)
def test_four_take_as_long_as_one(ran, call):
    told = ran(
        f"""
import discovery_client
from discovery_client import load_config
ticks = 0
def tick():
    global ticks
    while True:
        ticks += 1
        nap(0.01)
spawn(tick)
began = time.monotonic()
for each in [spawn(lambda: {call}) for _ in range(4)]:
    join(each)
tell(took=time.monotonic() - began, ticks=ticks)
"""
    )
    assert TIMEOUT_S <= told["took"] < 2 * TIMEOUT_S
    assert told["ticks"] > 10


def test_servers_are_found(ran):
    told = ran(
        """
with cooee.Responder(port=PORT, service_port=8123):
    found = cooee.discover(port=PORT, timeout=5)
    one = cooee.discover_one(port=PORT, timeout=5)
    with cooee.stream(port=PORT, timeout=5, wait="first") as servers:
        first = next(servers)
        rest = list(servers)
    assert isinstance(servers, cooee.Servers) and isinstance(found, cooee.Found)
tell(ports=[found[0].port, one.port, first.port], rest=len(rest), rtt=found[0].rtt,
     ended=[found.outcome.ended, servers.outcome.ended])
"""
    )
    assert told["ports"] == [8123] * 3
    assert told["rest"] == 0
    assert told["rtt"] > 0
    assert told["ended"] == ["settled", "first"]


def test_another_greenlet_ends_it(ran):
    told = ran(
        """
servers = cooee.stream(port=PORT, timeout=60, wait="full")
waiting = spawn(list, servers)
nap(0)
try:
    next(servers)
except RuntimeError as error:
    second = str(error)
outcome = servers.stop()
tell(ended=outcome.ended, elapsed=outcome.elapsed, found=join(waiting), second=second)
"""
    )
    assert told["ended"] == "stopped"
    assert told["elapsed"] < 5
    assert told["found"] == []
    assert told["second"] == "another greenlet waits for the next server"


def test_the_greenlet_that_waits_cannot_wait_for_itself(ran):
    told = ran(
        """
import os, signal
servers = cooee.stream(port=PORT, timeout=60, wait="full")
def stop(*_):
    try:
        servers.stop()
    except RuntimeError as error:
        said.append(str(error))
said, wait = [], servers._hub.wait
signal.signal(signal.SIGTERM, stop)
class Signals:
    sleep = staticmethod(nap)
    def wait(self, *arguments):
        # Before the library lets others run.
        os.kill(os.getpid(), signal.SIGTERM)
        return wait(*arguments)
servers._hub = Signals()
tell(found=list(servers), ended=servers.outcome.ended, said=said)
"""
    )
    assert (told["found"], told["ended"]) == ([], "stopped")
    assert "the discovery ends when it returns" in told["said"][0]


def test_a_timeout_of_the_library_ends_it(ran):
    told = ran(
        """
servers = cooee.stream(port=PORT, timeout=60, wait="full")
try:
    with Timeout(0.05):
        next(servers)
except Timeout:
    tell(ended=servers.outcome.ended, more=list(servers))
"""
    )
    assert told == {"ended": "stopped", "more": []}


def test_settings_are_checked_as_ever(ran):
    told = ran(
        """
said = []
for call in (
    lambda: cooee.discover(retries=-1),
    lambda: cooee.discover_one(wait="full"),
    lambda: cooee.stream(retires=3),
):
    try:
        call()
    except (TypeError, ValueError) as error:
        said.append(f"{type(error).__name__}: {error}")
tell(said=said)
"""
    )
    assert [said.split(":")[0] for said in told["said"]] == [
        "ConfigError",
        "TypeError",
        "TypeError",
    ]
    assert "retries" in told["said"][0]
    assert "wait" in told["said"][1]
    assert "retires" in told["said"][2]


@pytest.mark.parametrize("library", [None, "gevent", "eventlet"])
def test_the_engine_waits_where_sockets_are_not_patched(program, free_port, library):
    """An import alone decides nothing, and none is made by us."""
    running = program(
        f"""
        import json, sys, warnings
        warnings.simplefilter("ignore")
        {f"import {library}" if library else ""}
        import cooee
        servers = cooee.stream(port={free_port}, timeout=0.01)
        list(servers)
        loaded = sorted({{"gevent", "eventlet", "greenlet"}} & set(sys.modules))
        print(json.dumps([type(servers) is cooee.Servers, loaded]))
        """
    )
    plain, loaded = json.loads(running.line())
    assert plain
    assert loaded == sorted([library, "greenlet"] if library else [])
