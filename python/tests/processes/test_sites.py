"""Several sites of one host: each is found, at the port where it listens, as long as it listens."""

import os
import signal
import socket
import sys
import time
from typing import Any

import pytest

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="offers are handed over on Linux"),
]

WORKERS = 4
FOUND_AGAIN_WITHIN_S = 1.0


WORKER = ["project_worker.py"]
COMMAND = ["manage.py", "shell", "-c", "import sys; sys.stdin.read()"]
CELERY = ["-m", "celery", "-A", "project_celery", "worker", "--pool", "solo"]


def gunicorn(port: int) -> list[str]:
    return ["-m", "gunicorn", "-b", f"0.0.0.0:{port}", "-w", str(WORKERS), "project_wsgi"]


def uvicorn(port: int) -> list[str]:
    application = "project_asgi:application"
    return ["-m", "uvicorn", "--host", "0.0.0.0", "--port", str(port), application]


def tcp_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("", 0))
        return int(chosen.getsockname()[1])


def heard(site: Any, message: bytes = b"DISCOVER_SERVER", silence: float = 0.3) -> list[int]:
    """The ports that one probe's answers name."""
    ports = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(silence)
        client.sendto(message, ("127.0.0.1", site.port))
        try:
            while True:
                ports.append(int(client.recv(512).rpartition(b":")[2]))
        except socket.timeout:
            return sorted(ports)


def wait_for_answers(site: Any, wait_until: Any, expected: dict[bytes, list[int]]) -> None:
    def are_right() -> bool:
        return {message: heard(site, message) for message in expected} == expected

    wait_until(f"the answers {expected}", are_right, within=10)


@pytest.mark.parametrize("messages", [("WHO_IS_A", "WHO_IS_B"), ("WHO", "WHO")])
def test_both_are_found_before_and_after_the_owner_is_killed(
    site: Any, python: str, wait_until: Any, messages: tuple[str, str]
) -> None:
    ports = [tcp_port(), tcp_port()]
    expected: dict[bytes, list[int]] = {}
    for message, port in zip(messages, ports):
        site.run(python, gunicorn(port), TEST_MESSAGE=message)
        expected.setdefault(message.encode(), []).append(port)
    expected = {message: sorted(found) for message, found in expected.items()}
    site.wait_for_reports(2 * WORKERS, running=2 * WORKERS)
    wait_for_answers(site, wait_until, expected)

    os.kill(site.owner(), signal.SIGKILL)
    began = time.monotonic()
    left = {(message, port) for message, found in expected.items() for port in found}
    while left:
        assert time.monotonic() - began < FOUND_AGAIN_WITHIN_S, f"not found again: {left}"
        for message in expected:
            left -= {(message, port) for port in heard(site, message, silence=0.02)}
    print(f"both found {1000 * (time.monotonic() - began):.0f} ms after kill -9")
    wait_for_answers(site, wait_until, expected)


def test_a_redeployed_site_is_found_at_its_new_port(
    site: Any, python: str, wait_until: Any
) -> None:
    """A worker of the old settings lives and has the port, and nothing listens where they say."""
    old, new = tcp_port(), tcp_port()
    site.run(python, WORKER, DISCOVERY_SERVICE_PORT=str(old))
    site.wait_for_reports(1, running=1)
    owner = site.owner()
    with socket.create_server(("0.0.0.0", old)):
        wait_for_answers(site, wait_until, {b"DISCOVER_SERVER": [old]})
    site.run(python, gunicorn(new), DISCOVERY_SERVICE_PORT=str(new))
    site.wait_for_reports(1 + WORKERS, running=1 + WORKERS)
    wait_for_answers(site, wait_until, {b"DISCOVER_SERVER": [new]})
    assert site.owner() == owner


def test_a_worker_that_finishes_its_last_request_is_not_announced(
    site: Any, python: str, wait_until: Any
) -> None:
    """It lives and has the port, and has closed the socket by which it was reached."""
    old, new = tcp_port(), tcp_port()
    draining = site.run(python, uvicorn(old))
    site.wait_for_reports(1, running=1)
    wait_for_answers(site, wait_until, {b"DISCOVER_SERVER": [old]})
    with socket.create_connection(("127.0.0.1", old)) as client:
        client.sendall(b"GET /wait/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wait_until("a worker at work", lambda: (site.reports / "at-work").exists())
        draining.send_signal(signal.SIGTERM)
        site.run(python, uvicorn(new))
        wait_for_answers(site, wait_until, {b"DISCOVER_SERVER": [new]})
        assert draining.poll() is None, "it still works"
        (site.reports / "done").touch()
        draining.wait(10)
    wait_for_answers(site, wait_until, {b"DISCOVER_SERVER": [new]})


def test_a_port_that_is_set_is_announced_while_something_listens_on_it(
    site: Any, python: str, wait_until: Any
) -> None:
    port = tcp_port()
    site.run(python, WORKER, DISCOVERY_SERVICE_PORT=str(port))
    site.wait_for_reports(1, running=1)
    assert heard(site) == []
    assert heard(site) == []
    warning = "set DISCOVERY_REQUIRE_LISTENER = False"
    wait_until("a warning", lambda: warning in site.log.read_text())
    with socket.create_server(("0.0.0.0", port)):
        wait_for_answers(site, wait_until, {b"DISCOVER_SERVER": [port]})
    wait_for_answers(site, wait_until, {b"DISCOVER_SERVER": []})
    said = site.log.read_text()
    assert said.count(warning) == 1
    assert f"(UDP {site.port}), while something listens on port {port}\n" in said


@pytest.mark.parametrize("program", [COMMAND, CELERY], ids=["shell", "celery"])
def test_a_port_that_is_set_makes_no_server_of_a_command(
    site: Any, python: str, program: list[str]
) -> None:
    site.run(python, program, DISCOVERY_SERVICE_PORT=str(tcp_port()))
    site.wait_for_reports(1)
    assert site.port_is_free()
    assert [told["state"] for told in site.states().values()] == ["stopped"]


def test_it_says_so_when_a_foreign_program_has_left(
    site: Any, python: str, wait_until: Any
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as foreign:
        foreign.bind(("0.0.0.0", site.port))
        site.run(python, ["manage.py", "runserver", "--noreload", "0.0.0.0:{http}"])
        blocked = f"not discoverable: port {site.port} is already in use"
        wait_until("an error", lambda: blocked in site.log.read_text())
        assert "\ndiscoverable as" not in site.log.read_text()
    wait_until("a line", lambda: "\ndiscoverable as http://" in site.log.read_text())


@pytest.mark.parametrize("enabled", ["0", "false", "no", "off"])
def test_the_environment_turns_it_off(
    site: Any, python: str, wait_until: Any, enabled: str
) -> None:
    server = ["manage.py", "runserver", "--noreload", "0.0.0.0:{http}"]
    site.run(python, server, DISCOVERY_ENABLED=enabled)
    wait_until("a server that listens", site.listens)
    assert site.port_is_free()
    assert [told["state"] for told in site.states().values()] == ["stopped"]
