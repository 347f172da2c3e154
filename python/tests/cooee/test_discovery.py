"""discover(), discover_one() and stream()."""

from __future__ import annotations

import copy
import ipaddress
import json
import pickle
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

import cooee

LO = [of.name for of in cooee.interfaces() if of.kind == "loopback"]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a responder of this process, for a service on port 8123."""
    with cooee.Responder(port=0, service_port=8123) as responder:
        assert responder.local_address is not None
        yield responder.local_address[1]


def test_it_finds_a_server_and_says_how_complete_it_is(port):
    found = cooee.discover(port=port, interfaces=LO)
    [server] = found
    assert (server.ip, server.port, server.url) == ("127.0.0.1", 8123, "http://127.0.0.1:8123/")
    assert server.source == ("127.0.0.1", port)
    assert server.raw == b"SERVER_IP:127.0.0.1:8123"
    assert (server.interface, server.protocol, server.trust) == (LO[0], "classic", "none")
    assert server.via == server.as_dict()["via"] == "broadcast"
    assert server.claimed is None
    assert server.rtt is not None
    assert 0 < server.rtt < 1
    assert (server.this_host, server.addresses, server.routed) == (True, ("127.0.0.1",), True)
    assert (server.reach, server.named_url, server.checked) == ("on-link", None, ())
    outcome = found.outcome
    assert (outcome.ended, outcome.servers, outcome.refusals) == ("settled", 1, {})
    assert outcome.rounds >= 4
    assert outcome.elapsed >= 1.5
    assert outcome.answers == outcome.rounds
    assert outcome.unseen is not None and outcome.unseen < 0.1
    assert not outcome.truncated
    assert (outcome.silent, outcome.refused, outcome.rejected, outcome.swept) == ([], [], [], None)


def test_a_checked_server_says_whether_it_accepts_connections(port):
    [refused] = cooee.discover(port=port, interfaces=LO, check=True)[0].checked
    assert (refused.address, refused.state) == (("127.0.0.1", 8123), "refused")
    assert cooee.discover_one(port=port, interfaces=LO, check=True, timeout=0.3) is None
    with socket.create_server(("127.0.0.1", 8123)):
        server = cooee.discover_one(port=port, interfaces=LO, check=True)
        assert server is not None
        assert [checked.state for checked in server.checked] == ["open"]
        assert server.as_dict()["checked"][0]["address"] == "127.0.0.1:8123"
        assert pickle.loads(pickle.dumps(server)).checked == server.checked


def test_quick_ends_before_settled_may(port):
    found = cooee.discover(port=port, interfaces=LO, wait="quick")
    assert [server.port for server in found] == [8123]
    assert found.outcome.ended == "settled"
    assert found.outcome.rounds >= 3
    assert found.outcome.elapsed < 1.5


def test_nobody_is_no_error(free_port):
    found = cooee.discover(port=free_port, interfaces=LO, timeout=0.1)
    assert found == ()
    assert found.outcome.ended == "deadline"
    assert cooee.discover_one(port=free_port, interfaces=LO, timeout=0.1) is None


def test_nobody_has_findings_and_somebody_has_none(port, free_port):
    nobody = cooee.discover(port=free_port, interfaces=LO, timeout=0.2)
    (finding,) = nobody.findings
    assert finding.code == "nobody-answered"
    assert "cooee serve" in finding.do
    assert nobody.findings is nobody.findings
    assert pickle.loads(pickle.dumps(nobody)).findings == nobody.findings
    assert cooee.discover(port=port, interfaces=LO, timeout=2).findings == ()


def test_one_is_found_at_the_first_answer(port):
    began = time.monotonic()
    server = cooee.discover_one(port=port, interfaces=LO, timeout=30)
    assert time.monotonic() - began < 1
    assert server is not None
    assert server.port == 8123


@pytest.mark.parametrize("settings", [{"hosts": ["127.0.0.1"]}, {"subnets": ["127.0.0.0/30"]}])
def test_a_host_and_a_subnet_are_called_too(port, settings):
    # This host may be heard by broadcast first, at another of its addresses.
    [server] = cooee.discover(port=port, **settings)
    assert "127.0.0.1" in server.addresses
    assert server.this_host


def test_a_host_may_have_a_port_of_its_own(port, free_port):
    server = cooee.discover_one(port=free_port, hosts=[f"127.0.0.1:{port}"])
    assert server is not None
    assert server.source == ("127.0.0.1", port)


def test_hosts_that_stay_silent_or_refuse_are_named(free_port, silent):
    hosts = [f"127.0.0.2:{silent.port}", "127.0.0.3"]
    found = cooee.discover(port=free_port, interfaces=LO, hosts=hosts, timeout=0.3)
    assert found == ()
    if sys.platform == "linux":
        assert (found.outcome.silent, found.outcome.refused) == (hosts[:1], hosts[1:])
    else:
        assert found.outcome.silent == hosts


def test_a_sweep_says_how_far_it_came(free_port):
    found = cooee.discover(
        port=free_port, interfaces=LO, subnets=["127.0.0.0/29"], timeout=0.5, wait="full"
    )
    swept = found.outcome.swept
    assert swept is not None
    assert (swept.called, swept.of) == (6, 6)
    assert 0 < swept.pass_takes < 1
    assert pickle.loads(pickle.dumps(found.outcome)) == found.outcome


def test_what_is_no_answer_is_quoted(silent, caplog):
    with cooee.stream(port=silent.port, interfaces=LO, timeout=0.3, wait="full") as servers:
        asker = silent.wait_for_probe()
        silent.socket.sendto(b"SERVER_IP:nowhere\0", asker)
        assert list(servers) == []
        outcome = servers.stop()
    assert outcome.refusals == {"address": 1}
    [rejected] = outcome.rejected
    assert rejected.source == ("127.0.0.1", silent.port)
    assert rejected.reason == "the address is neither four octets nor IPv6 in brackets"
    assert rejected.excerpt.startswith("SERVER_IP:nowhere")
    [record] = [record for record in caplog.records if record.name == "cooee"]
    assert (record.levelname, "SERVER_IP:nowhere" in record.message) == ("WARNING", True)


def test_the_old_names_warn_and_mean_the_new_ones():
    with pytest.warns(DeprecationWarning, match=r"cooee\.Answers is now cooee\.Servers"):
        assert cooee.Answers is cooee.Servers
    with pytest.warns(DeprecationWarning, match=r"cooee\.AsyncAnswers is now cooee\.AsyncServers"):
        assert cooee.AsyncAnswers is cooee.AsyncServers


def test_every_way_to_write_a_setting(port):
    server = cooee.discover_one(
        port=port,
        message=b"DISCOVER_SERVER",
        prefix="SERVER_IP:",
        timeout=timedelta(seconds=5),
        interfaces=iter(LO),
        exclude_interfaces={"nothing0"},
        hosts=(ipaddress.ip_address("127.0.0.1"),),
        subnets=[ipaddress.ip_network("127.0.0.0/31"), "127.0.0.1"],
    )
    assert server is not None


def test_found_is_a_sequence(port):
    found = cooee.discover(port=port, interfaces=LO)
    assert isinstance(found, Sequence)
    assert found[0] is found[-1] is next(iter(found))
    assert found[0] in found
    assert repr(found).startswith("Found([Server(ip='127.0.0.1', port=8123")
    again = pickle.loads(pickle.dumps(found))
    assert (again, again.outcome) == (found, found.outcome)
    assert copy.copy(found).outcome == found.outcome


def test_a_server_is_like_a_frozen_data_class(port):
    server = cooee.discover_one(port=port, interfaces=LO)
    assert server is not None
    assert pickle.loads(pickle.dumps(server)) == server
    assert len({server, copy.deepcopy(server)}) == 1
    assert server != "127.0.0.1"
    assert repr(server).startswith("Server(ip='127.0.0.1', port=8123, url='http://127.0.0.1:8123/'")
    assert cooee.Server.__match_args__[:2] == ("ip", "port")
    with pytest.raises(AttributeError):
        server.ip = "192.0.2.1"
    with pytest.raises(AttributeError):
        server.other = 1


def test_a_server_is_equal_by_what_it_is():
    def server(ip="192.0.2.7", port=8000, rtt=0.001, interface="eth0"):
        told = (f"http://{ip}:{port}/", (ip, 9999), interface, "classic", b"", rtt, "none", None)
        how = (True, "broadcast", "on-link", None, (), None)
        return cooee.Server(ip, port, *told, False, (ip,), *how)

    same = server(rtt=0.002, interface="wlan0")
    assert server() == same
    assert hash(server()) == hash(same)
    assert repr(server()) != repr(same)
    assert len({server(), same, server(rtt=None), server(port=8001), server("192.0.2.8")}) == 3
    assert server() != server(port=8001)


def test_json_is_that_of_the_command(port):
    found = cooee.discover(port=port, interfaces=LO)
    told = json.loads(found.to_json())
    assert told == [server.as_dict() for server in found]
    schema = json.loads((ROOT / "docs/find.schema.json").read_text(encoding="utf-8"))
    described = schema["$defs"]["server"]
    assert list(told[0]) == described["required"]
    assert told[0].keys() <= described["properties"].keys()
    assert told[0]["ip"] == "127.0.0.1"
    assert told[0]["source"] == f"127.0.0.1:{port}"
    assert told[0]["raw"] == "SERVER_IP:127.0.0.1:8123"
    assert told[0]["rtt_ms"] == round(found[0].rtt * 1000, 3)
    assert told[0]["addresses"] == ["127.0.0.1"]
    assert told[0]["this_host"] is True
    assert "\n" not in found.to_json(indent=None)
    assert cooee.Found([], found.outcome).to_json() == "[]"


def test_json_of_a_server_that_names_an_impossible_address():
    told = ("http://192.0.2.7:8000/", ("192.0.2.7", 9999), None, "classic", b"\xff", None)
    checked = cooee.Checked(("192.0.2.7", 8000), "refused", 0.0015)
    services = [{"type": "_http._tcp", "port": 8000}]
    extra = {"name": "W", "hostname": "w.local", "services": services, "txt": {"a": "b", "c": None}}
    how = (True, "host", "routed", "http://192.0.2.8:8000/", (checked,), extra)
    server = cooee.Server(
        "192.0.2.7", 8000, *told, "none", "127.0.0.1", False, ("192.0.2.7",), *how
    )
    assert server.extra == extra
    said = server.as_dict()
    assert said["txt"] == {"a": "b", "c": None}
    schema = json.loads((ROOT / "docs/find.schema.json").read_text(encoding="utf-8"))
    assert said.keys() == schema["$defs"]["server"]["properties"].keys()
    assert (said["claimed"], said["raw"], said["rtt_ms"]) == ("127.0.0.1", "\ufffd", None)
    assert said["interface"] is None
    assert said["checked"] == [{"address": "192.0.2.7:8000", "state": "refused", "ms": 1.5}]


def test_a_stream_gives_servers_as_they_answer(port):
    with cooee.stream(port=port, interfaces=LO) as answers:
        first = next(answers)
        assert first.port == 8123
        assert answers.outcome is None
        assert list(answers) == []
        assert answers.outcome is not None
        assert answers.outcome.ended == "settled"
    assert answers.stop() == answers.outcome


def test_a_stream_ends_when_left(port, descriptors):
    before = descriptors()
    with cooee.stream(port=port, interfaces=LO, timeout=60) as answers:
        assert next(answers).port == 8123
        assert descriptors() > before
    assert answers.outcome is not None
    assert answers.outcome.ended == "stopped"
    assert descriptors() == before
    assert list(answers) == []


def test_a_stream_that_is_forgotten_is_closed(port, descriptors):
    before = descriptors()
    for _server in cooee.stream(port=port, interfaces=LO, timeout=60):
        break
    assert descriptors() == before


def test_a_stream_is_stopped_from_another_thread(silent):
    answers = cooee.stream(port=silent.port, interfaces=LO, timeout=60)
    heard = []
    waiting = threading.Thread(target=lambda: heard.extend(answers))
    waiting.start()
    silent.wait_for_probe()
    assert answers.stop().ended == "stopped"
    waiting.join(timeout=1)
    assert not waiting.is_alive()
    assert heard == []


def test_who_answers_while_the_program_is_busy_past_the_timeout_is_found(silent):
    with cooee.stream(port=silent.port, interfaces=LO, timeout=0.2, wait="full") as servers:
        asker = silent.wait_for_probe()
        silent.socket.sendto(b"SERVER_IP:127.0.0.1:8001", asker)
        found = [next(servers)]
        silent.socket.sendto(b"SERVER_IP:127.0.0.1:8002", asker)
        # The program is busy.
        time.sleep(0.3)
        found += servers
    assert [server.port for server in found] == [8001, 8002]


def test_one_thread_at_a_time_waits(silent, eventually):
    answers = cooee.stream(port=silent.port, interfaces=LO, timeout=60)
    waiting = threading.Thread(target=lambda: list(answers))
    waiting.start()

    def refused():
        # Between two slices of its wait the other thread has it not.
        try:
            answers.poll()
        except RuntimeError as error:
            return "another thread waits" in str(error)
        return False

    eventually(refused)
    answers.stop()
    waiting.join()


def test_other_threads_run_meanwhile(free_port):
    ticks, over = [], threading.Event()

    def tick():
        while not over.wait(0.002):
            ticks.append(None)

    ticking = threading.Thread(target=tick)
    ticking.start()
    before = len(ticks)
    cooee.discover(port=free_port, interfaces=LO, timeout=0.6)
    meanwhile = len(ticks) - before
    over.set()
    ticking.join()
    # If it kept the interpreter, others would have it once in each slice of 50 ms, 12 times.
    assert meanwhile > 24


INTERRUPTED = """
    import os, sys, time, cooee
    before = len(os.listdir("/dev/fd"))
    lo = [of.name for of in cooee.interfaces() if of.kind == "loopback"]
    settings = dict(port=int(sys.argv[2]), interfaces=lo, timeout=60)
    try:
        {call}
    except KeyboardInterrupt:
        print("interrupted", time.clock_gettime_ns(time.CLOCK_MONOTONIC))
    print(len(os.listdir("/dev/fd")) - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a Unix thing")
@pytest.mark.parametrize(
    "call",
    [
        "cooee.discover(**settings)",
        "cooee.discover_one(**settings)",
        "next(cooee.stream(**settings))",
        "import asyncio; before += 0; asyncio.run(cooee.adiscover(**settings))",
    ],
)
def test_ctrl_c_interrupts_at_once_and_closes_the_socket(call, program, silent):
    running = program(INTERRUPTED.format(call=call), "-", silent.port)
    silent.wait_for_probe()
    sent = time.monotonic_ns()
    running.process.send_signal(signal.SIGINT)
    word, at = running.line().split()
    assert word == "interrupted"
    assert (int(at) - sent) / 1e9 < 1
    assert running.line() == "0"
    assert running.finish()[0] == 0


def test_answers_are_parsed_as_the_engine_does():
    assert cooee.parse_answer(b"SERVER_IP:192.0.2.7", b"SERVER_IP:") == ("192.0.2.7", None)
    assert cooee.parse_answer(b"SERVER_IP:192.0.2.7:80", b"SERVER_IP:") == ("192.0.2.7", 80)
    assert cooee.parse_answer(b"SERVER_IP:192.0.2.7\0\0", b"SERVER_IP:") == ("192.0.2.7", None)
    with pytest.raises(ValueError, match="the port is not 1 to 65535"):
        cooee.parse_answer(b"SERVER_IP:192.0.2.7:0", b"SERVER_IP:")


def test_interfaces_are_listed():
    [lo] = [interface for interface in cooee.interfaces() if interface.kind == "loopback"]
    assert (lo.kind, lo.up, lo.broadcasts) == ("loopback", True, [])
    assert "127.0.0.1/8" in lo.addresses
    for interface in cooee.interfaces():
        for address in interface.addresses:
            ipaddress.ip_interface(address)
    assert cooee.segmented_network(LO) is None
