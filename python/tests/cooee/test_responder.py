"""Responder, its events, and its end."""

from __future__ import annotations

import gc
import logging
import os
import socket
import sys
import threading
import weakref
from collections import ChainMap
from types import MappingProxyType

import pytest

import cooee

LO = [of.name for of in cooee.interfaces() if of.kind == "loopback"]

needs_guards = pytest.mark.skipif(sys.platform != "linux", reason="ports have guards on Linux")


def call(responder: cooee.Responder) -> cooee.Server | None:
    assert responder.local_address is not None
    return cooee.discover_one(port=responder.local_address[1], interfaces=LO, timeout=5)


def test_it_answers_within_the_block_and_not_after(free_port):
    with cooee.Responder(port=free_port, service_port=8123) as responder:
        assert responder.state == "answering"
        assert responder.local_address == ("0.0.0.0", free_port)
        assert repr(responder) == f"<cooee.Responder, answering on 0.0.0.0:{free_port}>"
        assert (responder.ahead, responder.owner) == (None, None)
        assert call(responder).port == 8123
    assert (responder.state, responder.local_address) == ("stopped", None)
    assert responder.stats.answered >= 1
    assert repr(responder) == "<cooee.Responder, stopped>"
    assert cooee.discover_one(port=free_port, interfaces=LO, timeout=0.1) is None


def test_it_starts_and_stops_as_often_as_asked(free_port):
    responder = cooee.Responder(port=free_port)
    assert responder.stop().received == 0
    for _ in range(3):
        assert responder.start() is responder
        assert responder.start() is responder
        assert call(responder) is not None
        assert responder.stop().answered >= 1
        assert responder.stop() == responder.stats


def test_every_setting_reaches_the_engine(free_port):
    with cooee.Responder(
        service_port=81,
        port=free_port,
        bind="127.0.0.1",
        message="WHO",
        prefix=b"I:",
        advertise="192.0.2.9",
        answer="any",
        allow=["198.51.100.0/24"],
        rate_limit=None,
    ):
        server = cooee.discover_one(
            port=free_port, message=b"WHO", prefix="I:", hosts=["127.0.0.1"], timeout=5
        )
    assert server is not None
    assert (server.ip, server.port, server.raw) == ("192.0.2.9", 81, b"I:192.0.2.9:81")
    assert server.trust == "unverified"


def test_refusals_are_counted_by_reason(free_port):
    with cooee.Responder(port=free_port) as responder:
        assert not cooee.discover(port=free_port, message="OTHER", interfaces=LO, timeout=0.2)
        stats = responder.stop()
    assert stats.answered == 0
    assert stats.refused == {"foreign": stats.received}


@needs_guards
def test_the_one_behind_stands_by_and_takes_over(free_port, eventually):
    events = []
    first = cooee.Responder(port=free_port).start()
    second = cooee.Responder(port=free_port, stand_by=True, on_event=events.append).start()
    assert (second.state, second.ahead) == ("standing-by", "cooee")
    assert second.owner is not None
    assert f"behind pid {second.owner.pid}" in repr(second)
    eventually(lambda: second.answered_for)
    first.stop()
    eventually(lambda: second.state == "answering")
    assert call(second) is not None
    second.stop()
    kinds = [event.kind for event in events]
    assert kinds[:3] == ["standing-by", "offer-taken", "answering"]
    assert kinds[-1] == "stopped"
    assert set(kinds[3:-1]) == {"answered"}


@needs_guards
def test_one_process_answers_for_the_services_of_others(free_port, eventually):
    first = cooee.Responder(port=free_port, service_port=8001, name="Hall").start()
    second = cooee.Responder(port=free_port, service_port=8002, prefix="AT ", stand_by=True).start()
    third = cooee.Responder(port=free_port, service_port=8003).start()
    assert third.answered_for
    eventually(lambda: second.answered_for)
    found = cooee.discover(port=free_port, interfaces=LO, wait="quick")
    assert sorted(server.port for server in found) == [8001, 8003]
    offers = cooee.offers_on(free_port)
    assert offers.owner.pid == os.getpid()
    said = sorted((offer.service_port, offer.prefix, offer.name) for offer in offers.offers)
    assert said == [(8001, "SERVER_IP:", "Hall"), (8002, "AT ", None), (8003, "SERVER_IP:", None)]
    with pytest.raises(cooee.PortInUse):
        cooee.Responder(port=free_port, service_port=8003).start()
    for responder in (third, second, first):
        responder.stop()
    assert cooee.offers_on(free_port) is None


def test_a_service_is_named_only_where_it_listens(free_port, eventually):
    service = socket.create_server(("127.0.0.1", 0))
    address = service.getsockname()
    with cooee.Responder(port=free_port, listener=address) as responder:
        assert call(responder).port == address[1]
        service.close()
        eventually(lambda: cooee.discover_one(port=free_port, timeout=0.2) is None)
        assert responder.stats.refused["no_listener"] > 0
    for wrong in (("0.0.0.0", 0), ("nowhere", 80)):
        with pytest.raises(cooee.ConfigError, match="listener: "):
            cooee.Responder(listener=wrong)


def test_services_and_txt_are_any_mapping():
    mappings = {
        "services": MappingProxyType({"http": 8000, "ssh": 22}),
        "txt": ChainMap({"path": "/", "new": None}, {"path": "/old", "raw": b"\xff"}),
    }
    assert cooee.Responder(name="Hall", **mappings).state == "stopped"
    with pytest.raises(cooee.ConfigError, match="services: 0; it takes 1 to 65535"):
        cooee.Responder(name="Hall", services=MappingProxyType({"http": 0}))
    for name in mappings:
        with pytest.raises(TypeError, match=f"{name}: .*Mapping"):
            cooee.Responder(name="Hall", **{name: [("http", 8000)]})


def test_events_carry_what_goes_with_them(free_port, eventually):
    events = []
    with cooee.Responder(port=free_port, service_port=8123, on_event=events.append) as responder:
        call(responder)
        eventually(lambda: len(events) > 1)
    assert events[0].kind == "answering"
    assert events[0].local_address == ("0.0.0.0", free_port)
    assert events[1].kind == "answered"
    assert events[1].answer == "SERVER_IP:127.0.0.1:8123"
    assert events[1].asker[0] == "127.0.0.1"
    assert events[1].owner is None
    assert events[-1].kind == "stopped"
    assert cooee.Event(*[getattr(events[1], name) for name in cooee.Event.__match_args__])


def test_a_source_that_asks_too_often_is_told_of_and_logged(free_port, eventually, caplog):
    events = []
    settings = {"port": free_port, "rate_limit": 1, "on_event": events.append}
    with cooee.Responder(**settings), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        for _ in range(10):
            asker.sendto(b"DISCOVER_SERVER", ("127.0.0.1", free_port))
        eventually(lambda: any(event.kind == "insistent" for event in events))
    [event] = [event for event in events if event.kind == "insistent"]
    assert (event.source, event.refused, event.asker) == ("127.0.0.1", 1, None)
    [record] = [record for record in caplog.records if record.name == "cooee"]
    assert record.levelname == "WARNING"
    assert "127.0.0.1 asks too often" in record.message


def test_what_on_event_raises_is_logged(free_port, caplog):
    def on_event(event):
        raise KeyError(event.kind)

    caplog.set_level(logging.ERROR, "cooee")
    with cooee.Responder(port=free_port, on_event=on_event) as responder:
        assert call(responder) is not None
        assert call(responder) is not None
    records = [record for record in caplog.records if record.name == "cooee"]
    assert len(records) >= 4
    assert records[0].message == "on_event raised"
    assert records[0].exc_info[0] is KeyError


def test_it_may_stop_itself(free_port, eventually):
    def on_event(event):
        if event.kind == "answered":
            responder.stop()

    responder = cooee.Responder(port=free_port, on_event=on_event)
    responder.start()
    call(responder)
    eventually(lambda: responder.state == "stopped")
    eventually(lambda: cooee.Responder(port=free_port, stand_by=True).start().state == "answering")


def test_it_may_stop_itself_while_it_starts(free_port):
    responder = cooee.Responder(port=free_port, on_event=lambda _event: responder.stop())
    assert responder.start().state == "stopped"
    cooee.Responder(port=free_port).start().stop()


def test_a_busy_observer_does_not_deadlock_the_stop(free_port):
    entered = threading.Event()

    def on_event(event):
        if event.kind == "answered":
            entered.set()
            sum(range(2_000_000))

    responder = cooee.Responder(port=free_port, on_event=on_event).start()
    call(responder)
    assert entered.wait(5)
    responder.stop()


def test_one_that_is_forgotten_stops(free_port):
    responder = cooee.Responder(port=free_port, on_event=lambda _event: None).start()
    alive = weakref.ref(responder)
    del responder
    gc.collect()
    assert alive() is None
    cooee.Responder(port=free_port).start().stop()


def test_a_cycle_through_the_observer_is_collected(free_port):
    class Server:
        def __init__(self):
            self.responder = cooee.Responder(port=free_port, on_event=self.on_event)

        def on_event(self, event):
            pass

    server = Server()
    server.responder.start().stop()
    alive = weakref.ref(server)
    del server
    gc.collect()
    assert alive() is None


def test_it_can_be_subclassed(free_port):
    class Named(cooee.Responder):
        name = "mine"

    with Named(port=free_port) as responder:
        assert (responder.name, responder.state) == ("mine", "answering")


AT_EXIT = """
    import sys, cooee

    def on_event(event):
        sum(range(100_000))

    responder = cooee.Responder(port=int(sys.argv[1]), rate_limit=None, on_event=on_event)
    responder.start()
    print("answering")
    sys.stdin.read()
    {end}
"""


@pytest.mark.parametrize("end", ["", "sys.exit(0)", "del responder", "responder.stop()"])
def test_the_interpreter_exits_while_it_answers(end, program, free_port):
    running = program(AT_EXIT.format(end=end), free_port)
    assert running.line() == "answering"
    over = threading.Event()

    def call_on():
        while not over.is_set():
            cooee.discover_one(port=free_port, interfaces=LO, timeout=0.05)

    calling = threading.Thread(target=call_on)
    calling.start()
    try:
        assert cooee.discover_one(port=free_port, interfaces=LO) is not None
        assert running.finish() == (0, "", "")
    finally:
        over.set()
        calling.join()


def test_warnings_of_the_engine_are_logged(program):
    # A limit on descriptors is a failure that can be had without privileges.
    running = program(
        """
        import logging, os, resource, socket, sys, cooee
        logging.basicConfig(format="%(name)s %(levelname)s %(message)s", stream=sys.stdout)
        foreign = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        foreign.bind(("0.0.0.0", 0))
        port = foreign.getsockname()[1]
        responder = cooee.Responder(port=port, stand_by=True).start()
        assert (responder.state, responder.ahead) == ("standing-by", "foreign"), responder
        foreign.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
        sys.stdin.read()
        """
    )
    lines = [running.line()]
    while "Too many open files" not in lines[-1]:
        lines.append(running.line())
    assert all(line.startswith("cooee WARNING ") for line in lines), lines
