"""``discover`` and ``discover_one``: the engine, with the stock package's manners."""

import dataclasses
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import cooee
from discovery_client import ClientConfig, DiscoveryResult, discover, discover_one, engine
from discovery_client.network import get_interfaces
from discovery_client.network import socket as by_hand

LOGGER = "django_udp_discovery_client"


@pytest.fixture
def port(free_port: int) -> int:
    return free_port


@pytest.fixture
def server(port: int) -> Iterator[Any]:
    """A server on this host, with a service on port 8123."""
    with cooee.Responder(port=port, service_port=8123) as responder:
        yield responder


def config(port: int, **more: Any) -> ClientConfig:
    # Other hosts of this network are left alone.
    quiet = {"discovery_port": port, "timeout": 0.4, "enable_subnet_scan": False}
    return ClientConfig(**{**quiet, **more})


@pytest.mark.usefixtures("server")
def test_discover_waits_for_everybody(port: int) -> None:
    began = time.monotonic()
    found = discover(config(port))
    assert 0.4 <= time.monotonic() - began < 1
    assert found
    for result in found:
        assert type(result) is DiscoveryResult
        assert result.port == 8123
        assert result.raw_response == f"SERVER_IP:{result.ip}:8123".encode()
        assert result.extra == {"source_address": result.ip}


@pytest.mark.usefixtures("server")
def test_discover_one_returns_at_the_first_answer(port: int) -> None:
    began = time.monotonic()
    result = discover_one(config(port, timeout=10))
    assert time.monotonic() - began < 1
    assert result is not None
    assert result.port == 8123


@pytest.mark.usefixtures("server")
def test_the_environment_is_read(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCOVERY_CLIENT_PORT", str(port))
    assert discover_one()


def test_nobody(port: int) -> None:
    assert discover(config(port, timeout=0.05)) == []
    assert discover_one(config(port, timeout=0.05)) is None


def test_it_calls_again(port: int) -> None:
    """The stock client has `retries`, and calls once."""
    calls = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("", port))
        deaf.settimeout(0)
        assert discover(config(port, timeout=1, retries=2)) == []
        try:
            while True:
                calls.append(deaf.recvfrom(512)[0])
        except BlockingIOError:
            pass
    assert len(calls) >= 3
    assert set(calls) == {b"DISCOVER_SERVER"}


@pytest.mark.parametrize("call", [discover, discover_one])
def test_network_trouble_is_logged(
    call: Any, port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(**_: Any) -> None:
        raise cooee.NetworkError("the network is down")

    monkeypatch.setattr(cooee, "discover", refuse)
    monkeypatch.setattr(cooee, "discover_one", refuse)
    assert not call(config(port))
    assert [(record.name, record.levelname) for record in caplog.records] == [(LOGGER, "ERROR")]
    assert "the network is down" in caplog.text
    with pytest.raises(OSError, match="the network is down"):
        by_hand.discover_servers_multi_interface(config(port))


@pytest.mark.usefixtures("server")
def test_what_the_stock_client_ignores_is_no_error(port: int) -> None:
    loopback = [of.name for of in cooee.interfaces() if of.kind == "loopback"]
    assert discover_one(config(port, retries=1000, interfaces_whitelist=loopback)) is None
    assert discover_one(config(port, retries=3, timeout=100_000.0)) is not None


@pytest.mark.parametrize("call", [discover, discover_one])
def test_an_interface_that_has_just_gone_is_network_trouble(
    call: Any, port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engine, "_interfaces", lambda config: ["gone0"])
    assert not call(config(port))
    assert "gone0" in caplog.text


@pytest.mark.parametrize("call", [discover, discover_one])
def test_a_configuration_that_cannot_work_is_raised(call: Any, port: int) -> None:
    with pytest.raises(ValueError, match="message"):
        call(config(port, discovery_message="x" * 600))


@pytest.mark.parametrize(
    "lists",
    [
        {"interfaces_whitelist": ["no such interface"]},
        {"interfaces_whitelist": []},
        {"interfaces_blacklist": [interface.name for interface in get_interfaces()]},
    ],
)
@pytest.mark.usefixtures("server")
def test_no_interface_is_left(port: int, lists: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert discover(config(port, **lists)) == []
    assert "no active interface" in caplog.text
    assert by_hand.discover_servers_multi_interface(config(port, **lists)) == []


def test_whitelist_then_blacklist(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from discovery_client.network import interfaces

    known = [interfaces.InterfaceInfo(name, "10.0.0.1", "255.0.0.0") for name in "abc"]
    monkeypatch.setattr(interfaces, "get_interfaces", lambda: known)
    chosen = config(port, interfaces_whitelist=["a", "b", "x"], interfaces_blacklist=["b"])
    assert engine._arguments(chosen)["interfaces"] == ["a"]
    assert engine._arguments(config(port))["interfaces"] is None


def test_a_server_on_two_interfaces_is_one_row(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def server(ip: str, interface: str) -> cooee.Server:
        told = (f"http://{ip}:8000/", (ip, 9999), interface, "classic", b"SERVER_IP:" + ip.encode())
        how = ("none", None, False, (ip,), True, "broadcast", "on-link", None, (), None)
        return cooee.Server(ip, 8000, *told, 0.001, *how)

    servers = [server("10.0.0.9", "a"), server("10.0.0.9", "b"), server("10.0.0.8", "b")]
    found = cooee.Found(servers, cooee.discover(port=port, timeout=0.05).outcome)
    monkeypatch.setattr(cooee, "discover", lambda **_: found)
    assert [result.ip for result in discover(config(port))] == ["10.0.0.9", "10.0.0.8"]


def test_a_server_of_this_host_is_told_outside_of_the_fields(port: int) -> None:
    with cooee.Responder(port=port):
        [result] = discover(config(port))
    assert result.this_host
    again = DiscoveryResult(result.ip, result.port, result.raw_response, result.extra)
    assert not again.this_host
    assert again == result
    assert "this_host" not in dataclasses.asdict(result)


def test_an_answer_with_zero_bytes_at_its_end_is_found(port: int) -> None:
    """The stock client would drop it, and so does ``parse_response``."""
    answer = b"SERVER_IP:127.0.0.1:8123\0"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("", port))
        server.settimeout(10)

        def reply() -> None:
            server.sendto(answer, server.recvfrom(512)[1])

        replying = threading.Thread(target=reply)
        replying.start()
        result = discover_one(config(port, timeout=10))
        replying.join()
    assert result is not None
    assert (result.port, result.raw_response) == (8123, answer)
    assert by_hand.parse_response(answer, b"SERVER_IP:") is None


def test_an_impossible_address_is_corrected_and_told() -> None:
    class Server:
        ip, port, raw, source = "10.0.0.9", 8000, b"SERVER_IP:127.0.0.1", ("10.0.0.9", 9999)
        claimed, this_host = "127.0.0.1", False

    result = engine._result(Server())  # type: ignore[arg-type]
    assert result.ip == "10.0.0.9"
    assert result.extra == {"source_address": "10.0.0.9", "claimed_address": "127.0.0.1"}


CTRL_C = """
import sys
from discovery_client import discover, load_config
print("calling", flush=True)
discover(load_config(timeout=30))
"""


def test_ctrl_c(port: int) -> None:
    environment = {**os.environ, "DISCOVERY_CLIENT_PORT": str(port)}
    with subprocess.Popen(
        [sys.executable, "-c", CTRL_C],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
            deaf.bind(("", port))
            deaf.settimeout(10)
            # It is calling, and has nothing else to do for 30 seconds.
            deaf.recv(512)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=5)
    took = time.monotonic() - began
    print(f"Ctrl-C to exit: {took * 1000:.0f} ms")
    assert said.rstrip().endswith("KeyboardInterrupt")
    # The end of the process included.
    assert took < 0.3


def test_other_threads_go_on(port: int) -> None:
    calling = threading.Thread(target=discover, args=(config(port, timeout=0.5),))
    calling.start()
    turns = 0
    while calling.is_alive():
        time.sleep(0.001)
        turns += 1
    assert turns > 100


@pytest.mark.usefixtures("server")
def test_calling_by_hand(port: int) -> None:
    with by_hand.create_discovery_socket(0.5) as sock:
        assert sock.gettimeout() == 0.5
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST)
        by_hand.send_discovery_request(sock, b"DISCOVER_SERVER", port, "127.0.0.1")
        (result,) = by_hand.receive_responses(sock, config(port), max_responses=1)
    assert (result.ip, result.port) == ("127.0.0.1", 8123)
    assert result.extra == {"source_address": "127.0.0.1"}
    (result,) = by_hand.discover_servers_single_broadcast(config(port), "127.0.0.1")
    assert result.port == 8123


def test_a_stream_of_datagrams_ends(port: int, caplog: pytest.LogCaptureFixture) -> None:
    class Chatty:
        def recvfrom(self, _: int) -> Any:
            return b"noise", ("10.0.0.1", 5)

    began = time.monotonic()
    assert by_hand.receive_responses(Chatty(), config(port, timeout=0.1)) == []  # type: ignore
    assert time.monotonic() - began < 1
    assert {record.name for record in caplog.records} == {LOGGER}


def test_sockets_that_fail(port: int) -> None:
    sock = by_hand.create_discovery_socket(0.1)
    sock.close()
    assert by_hand.receive_responses(sock, config(port)) == []
    with pytest.raises(OSError, match="descriptor"):
        by_hand.send_discovery_request(sock, b"x", port)


def test_the_warning_of_a_segmented_network() -> None:
    from discovery_client.network import InterfaceInfo

    info = by_hand.detect_segmented_network(
        [InterfaceInfo("eth0", "10.1.2.3", "255.255.0.0", "10.1.255.255")]
    )
    assert info is not None
    said = by_hand.format_segmented_network_warning(info, width=20)
    assert said.startswith("=" * 20 + "\n")
    for text in ("Segmented Network", "eth0 (10.1.2.3)", "10.1.0.0/16", "65,536", "256 segments"):
        assert text in said


@pytest.mark.usefixtures("server")
def test_messages_have_the_stock_logger(port: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    assert discover(config(port))
    assert any(record.name == LOGGER for record in caplog.records)
