"""The start with Django, in processes of their own."""

import json
import os
import socket
import subprocess
import sys
from io import StringIO
from typing import Any, Callable

import pytest
from django.core.management import call_command
from django.test import override_settings

SITE = """
import os, socket, sys, time
import django
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django_udp_discovery"], USE_TZ=True, DISCOVERY_PORT=int(sys.argv[1])
)
from django_udp_discovery import start_udp_service, status, stop_udp_service

def serve(host):
    return socket.create_server((host, 0))

def until(holds, within=10):
    ends = time.monotonic() + within
    while not holds():
        assert time.monotonic() < ends, status()
        time.sleep(0.01)

def found(site):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(0.3)
    client.sendto(b"DISCOVER_SERVER", ("127.0.0.1", int(sys.argv[1])))
    try:
        return client.recv(512).endswith(b":%d" % site.getsockname()[1])
    except OSError:
        return False
"""

LISTENS_LATER = """
django.setup()
assert status().state == "looking"
time.sleep(0.5)
site = serve("0.0.0.0")
until(lambda: found(site), within=5)
assert status().state == "answering"
assert status().service_port == site.getsockname()[1]
"""

IS_REVISED = """
exporter = serve("0.0.0.0")
django.setup()
until(lambda: found(exporter))
site = serve("0.0.0.0")
until(lambda: status().why is not None)
assert status().state == "stopped"
assert not found(site) and not found(exporter)
"""

FORKS = """
django.setup()
if os.fork() == 0:
    site = serve("0.0.0.0")
    until(lambda: found(site))
    assert status().state == "answering"
    os._exit(0)
assert os.wait()[1] == 0
assert status().state == "looking"
"""

BY_HAND = """
django.setup()
assert start_udp_service()
assert status().state == "answering" and status().service_port is None
site = serve("0.0.0.0")
time.sleep(0.5)
assert status().service_port is None, "who starts it by hand is not overruled"
assert stop_udp_service()
assert start_udp_service()
assert found(site)
stop_udp_service()
time.sleep(0.5)
assert status().state == "stopped"
"""

STOPPED_BY_HAND = """
site = serve("0.0.0.0")
django.setup()
until(lambda: found(site))
assert stop_udp_service()
if os.fork() == 0:
    time.sleep(0.5)
    assert status().state == "stopped" and not found(site)
    os._exit(0)
assert os.wait()[1] == 0
"""

NOT_REQUIRED = """
settings.DISCOVERY_REQUIRE_LISTENER = False
django.setup()
assert status().state == "answering" and status().service_port is None
"""

# At a port that the system does not choose: those of loopback are helpers'.
LOOPBACK = """
def serve_at_a_fixed_port():
    for port in range(20000, 32768):
        try:
            return socket.create_server(("127.0.0.1", port))
        except OSError:
            continue

site = serve_at_a_fixed_port()
django.setup()
until(lambda: status().why is not None)
assert status().state == "stopped"
assert status().why.startswith("not discoverable: the site listens on 127.0.0.1:")
"""

WITHOUT_A_DIRECTORY = """
import tempfile
gone = tempfile.mkdtemp()
os.chdir(gone)
os.rmdir(gone)
site = serve("0.0.0.0")
django.setup()
until(lambda: found(site))
"""

CONFIGURED = """
settings.LOGGING = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"level": "WARNING", "handlers": ["console"]},
}
site = serve("0.0.0.0")
django.setup()
until(lambda: found(site))
"""


def run(program: str, port: int) -> "subprocess.CompletedProcess[str]":
    ran = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", SITE + program, str(port)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return ran


def test_a_server_that_listens_later_is_found(port: int) -> None:
    said = run(LISTENS_LATER, port).stderr
    assert said.startswith("discoverable as http://")
    assert said.count("\n") == 1


def test_a_second_listener_takes_back_what_was_announced(port: int) -> None:
    said = run(IS_REVISED, port).stderr
    assert "which is the site's cannot be told; set it, for instance DISCOVERY_SERVICE_PORT" in said
    assert said.count("not discoverable") == 1


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="the system has no fork")
def test_a_child_looks_anew(port: int) -> None:
    run(FORKS, port)


def test_who_starts_it_by_hand_is_not_overruled(port: int) -> None:
    run(BY_HAND, port)


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="the system has no fork")
def test_a_child_does_not_start_what_was_stopped_by_hand(port: int) -> None:
    run(STOPPED_BY_HAND, port)


def test_without_the_rule_it_starts_as_stock_does(port: int) -> None:
    run(NOT_REQUIRED, port)


def test_loopback_is_warned_of_once_on_standard_error(port: int) -> None:
    said = run(LOOPBACK, port).stderr
    assert said.startswith("not discoverable: the site listens on 127.0.0.1:")
    assert said.count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="a directory in use cannot be removed")
def test_the_working_directory_may_be_gone(port: int) -> None:
    said = run(WITHOUT_A_DIRECTORY, port).stderr
    assert said.startswith("discoverable as http://")
    assert said.count("\n") == 1


def test_a_project_that_configures_logging_decides_what_is_shown(port: int) -> None:
    assert run(CONFIGURED, port).stderr == ""


@pytest.mark.parametrize("said", ["an answer", "a site that cannot be reached"])
def test_one_worker_speaks_for_all(port: int, said: str) -> None:
    from django_udp_discovery import messages

    with override_settings(DISCOVERY_PORT=port):
        program = (
            f"from django_udp_discovery import messages as m; print(m._is_first_to_say({said!r}))"
        )

        def is_first() -> str:
            return run(program, port).stdout.strip()

        assert is_first() == "True"
        assert messages._is_first_to_say(said)
        assert not messages._is_first_to_say(said)
        assert is_first() == "False"
        messages.forget()
        assert is_first() == "True"


def report(**options: str) -> str:
    out = StringIO()
    call_command("discovery_status", stdout=out, **options)
    return out.getvalue()


def test_the_status_names_a_foreign_owner(port: int, foreign_socket: socket.socket) -> None:
    assert f"UDP port {port}: in use by pid {os.getpid()}" in report()
    assert json.loads(report(format="json"))["foreign"] is True
    foreign_socket.close()
    assert f"UDP port {port}: nobody answers" in report()


def test_the_status_names_owner_service_and_url(service: Any, port: int, until: Callable) -> None:
    assert f"UDP port {port}: nobody answers" in report()
    with (
        socket.create_server(("0.0.0.0", 0)) as site,
        override_settings(DISCOVERY_SERVICE_PORT=site.getsockname()[1]),
    ):
        assert service.start_udp_service()
        until(lambda: service.status().state == "answering")
        site.close()
        found = json.loads(report(format="json"))
        (said,) = found["services"]
        assert said["service_port"] == service.status().service_port
        assert all("does not work" in url["state"] for url in found["urls"])
        assert f":{said['service_port']}" in report()
