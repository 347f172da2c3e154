"""The service: started, stopped, standing by, refused."""

import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Callable

import pytest
from django.test import override_settings

LOGGER = "django_udp_discovery.listener"

HOLD = """
import sys, cooee
with cooee.Responder(port=int(sys.argv[1])):
    print("answering", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other_process(port: int) -> Iterator[subprocess.Popen]:
    """Another cooee process that has the port until its standard input is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield process
        process.kill()


def test_answers_until_stopped(service: Any, port: int, ask: Callable) -> None:
    assert not service.is_running()
    assert service.start_udp_service()
    assert service.is_running()
    assert service.status().state == "answering"
    assert service.status().address == ("0.0.0.0", port)
    assert ask(port) == [b"SERVER_IP:127.0.0.1"]
    assert service.stop_udp_service()
    assert not service.is_running()
    assert service.status() == service.Status("stopped")


def test_start_and_stop_twice(service: Any) -> None:
    assert service.stop_udp_service()
    assert service.start_udp_service()
    assert not service.start_udp_service()
    assert service.is_running()
    assert service.stop_udp_service()
    assert service.stop_udp_service()
    assert service.start_udp_service()


def test_the_settings_are_used(service: Any, port: int, ask: Callable) -> None:
    with override_settings(
        DISCOVERY_MESSAGE="WHO",
        RESPONSE_PREFIX="ME:",
        DISCOVERY_SERVICE_PORT=8443,
        DISCOVERY_ADVERTISE="192.0.2.7",
    ):
        assert service.start_udp_service()
    assert ask(port, b"WHO") == [b"ME:192.0.2.7:8443"]
    assert ask(port, b"DISCOVER_SERVER", timeout=0.1) == []


def test_stands_by_and_takes_over(
    service: Any, port: int, ask: Callable, other_process: subprocess.Popen, until: Callable
) -> None:
    assert service.start_udp_service()
    assert service.is_running()
    assert service.status().state == "standing-by"
    assert service.status().owner.pid == other_process.pid
    other_process.kill()
    until(lambda: service.status().state == "answering", within=5.0)
    assert ask(port)


def test_without_stand_by_the_port_is_taken(
    service: Any, other_process: subprocess.Popen, caplog: pytest.LogCaptureFixture
) -> None:
    with override_settings(DISCOVERY_STAND_BY=False):
        assert not service.start_udp_service()
    assert not service.is_running()
    assert str(other_process.pid) in caplog.text
    assert "DISCOVERY_STAND_BY" in caplog.text


def test_a_foreign_program_has_the_port(
    service: Any,
    port: int,
    ask: Callable,
    foreign_socket: socket.socket,
    until: Callable,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert not service.start_udp_service()
    assert not service.is_running()
    assert service.status().state == "blocked"
    assert f"port {port} is already in use" in caplog.text
    assert not service.start_udp_service(), "and a second try says the same"
    foreign_socket.close()
    until(service.is_running, within=3.0)
    assert ask(port)


def test_a_wrong_setting_keeps_the_listener_off(
    service: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with override_settings(DISCOVERY_PORT="many"):
        assert not service.start_udp_service()
        assert not service.is_running()
    assert "DISCOVERY_PORT is 'many'; set it to a number from 1 to 65535" in caplog.text


def test_a_setting_that_the_server_does_not_use_keeps_nothing_off(service: Any) -> None:
    with override_settings(DISCOVERY_TIMEOUT=0, DISCOVERY_BUFFER_SIZE="big"):
        assert service.start_udp_service()


@pytest.mark.parametrize("enabled", [True, False])
def test_logging_can_be_switched_off(
    service: Any,
    port: int,
    ask: Callable,
    until: Callable,
    caplog: pytest.LogCaptureFixture,
    enabled: bool,
) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    with override_settings(ENABLE_LOGGING=enabled):
        assert service.start_udp_service()
        assert ask(port)
        if enabled:
            until(lambda: "answered" in caplog.text)
            assert f"/ (UDP {port})" in caplog.text
        service.stop_udp_service()
    assert {record.name for record in caplog.records} == ({LOGGER} if enabled else set())


@pytest.mark.parametrize("enabled", [True, False])
def test_the_engines_warnings_obey_the_same_switch(
    service: Any, caplog: pytest.LogCaptureFixture, enabled: bool
) -> None:
    with override_settings(ENABLE_LOGGING=enabled):
        assert service.start_udp_service()
        logging.getLogger("cooee").warning("an answer was not sent: %s", "refused")
    # pytest listens to a logger that does not propagate, too; nobody else does.
    assert not logging.getLogger("cooee").propagate
    told = [record for record in caplog.records if record.name == LOGGER]
    assert any("was not sent: refused" in record.message for record in told) == enabled


def test_a_refused_offer_is_told(service: Any, caplog: pytest.LogCaptureFixture) -> None:
    from types import SimpleNamespace

    assert service.start_udp_service()
    for _ in range(2):
        service._tell(SimpleNamespace(kind="offer-refused", why="it has no room"))
    assert service.status().why == "not discoverable: the process that has the port: it has no room"
    assert caplog.text.count("it has no room") == 1
    service._tell(SimpleNamespace(kind="offer-taken"))
    assert service.status().why is None


def test_a_name_without_a_port_is_not_announced(
    service: Any, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    import cooee

    with override_settings(DISCOVERY_NAME="Hall"):
        assert service.start_udp_service()
    # Clients of DNS-SD take the port that they are told, and would be told one that nobody chose.
    (offer,) = cooee.offers_on(port).offers
    assert (offer.service_port, offer.name) == (None, None)
    assert "'Hall' is not announced" in caplog.text
    assert "set DISCOVERY_SERVICE_PORT to announce the name" in caplog.text


@pytest.mark.parametrize(
    ("announced", "where"),
    [
        ((("_http._tcp", 8001),), "http://attic.local:8001/"),
        (
            (("_http._tcp", 80), ("_ssh._tcp", 22)),
            "http://attic.local/, _ssh._tcp at attic.local:22",
        ),
    ],
)
def test_a_name_is_told_with_the_place_of_its_own_service(
    service: Any, caplog: pytest.LogCaptureFixture, announced: tuple, where: str
) -> None:
    from types import SimpleNamespace

    caplog.set_level(logging.INFO, LOGGER)
    with override_settings(DISCOVERY_SERVICE_PORT=8000):
        assert service.start_udp_service()
        # Of another site, which stands by behind this one.
        event = {"name": "Attic", "host": "attic.local", "announced": announced}
        service._tell(SimpleNamespace(kind="announced", **event))
    assert f"announced as 'Attic': {where}" in caplog.messages


def test_one_warning_tells_that_nothing_listens(
    service: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert service.start_udp_service()
    said = "a probe was not answered, since nothing listens on port 80 here"
    logging.getLogger("cooee").warning(said)
    assert not [r for r in caplog.records if r.name == LOGGER and said in r.message]


def test_a_source_that_asks_too_often_is_logged_once(
    service: Any, port: int, until: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    def told() -> list[str]:
        records = [record for record in caplog.records if record.name == LOGGER]
        return [r.levelname for r in records if "127.0.0.1 asks too often" in r.message]

    with override_settings(DISCOVERY_RATE_LIMIT=1):
        assert service.start_udp_service()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            for _ in range(10):
                asker.sendto(b"DISCOVER_SERVER", ("127.0.0.1", port))
            until(told)
        service.stop_udp_service()
    assert told() == ["WARNING"]


def test_without_the_engine_the_site_is_up(
    service: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cooee", None)
    assert not service.start_udp_service()
    assert "the engine cannot be loaded" in caplog.text


FORK = """
import os, sys, time
from django.conf import settings
settings.configure(DISCOVERY_PORT=int(sys.argv[1]))
from django_udp_discovery import is_running, start_udp_service, status, stop_udp_service
assert start_udp_service() and status().state == "answering"
told, tell = os.pipe()
if os.fork() == 0:
    until = time.monotonic() + 5
    while status().state != "standing-by" and time.monotonic() < until:
        time.sleep(0.005)
    assert is_running() and status().state == "standing-by", status()
    assert not start_udp_service()
    os.write(tell, b"child stands by\\n")
    while status().state != "answering" and time.monotonic() < until:
        time.sleep(0.005)
    assert status().state == "answering", status()
    assert stop_udp_service() and not is_running()
    assert start_udp_service() and is_running()
    print("the child answers", flush=True)
    os._exit(0)
os.read(told, 100)
assert is_running() and status().state == "answering"
assert stop_udp_service() and not is_running()
assert os.wait()[1] == 0
"""


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="the system has no fork")
def test_a_child_is_right_about_itself(port: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FORK, str(port)], capture_output=True, text=True, timeout=20
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "the child answers\n"
