"""Configures Django once for the tests of both apps."""

import socket
import time
from collections.abc import Iterator
from typing import Any, Callable

import django
import pytest
from django.conf import settings
from django.test import override_settings

if not settings.configured:
    settings.configure(
        SECRET_KEY="for tests",
        INSTALLED_APPS=["django_udp_discovery", "discovery_client_django"],
        USE_TZ=True,
    )
    django.setup()


@pytest.fixture
def port(free_port: int) -> Iterator[int]:
    """A free UDP port, which DISCOVERY_PORT is set to."""
    with override_settings(DISCOVERY_PORT=free_port):
        yield free_port


@pytest.fixture
def service(port: int) -> Iterator[Any]:  # noqa: ARG001
    """The listener module, stopped afterwards."""
    from django_udp_discovery import listener

    yield listener
    listener.stop_udp_service()


@pytest.fixture
def foreign_socket(port: int) -> Iterator[socket.socket]:
    """Another program's socket on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as foreign:
        foreign.bind(("0.0.0.0", port))
        yield foreign


def ask(port: int, message: bytes = b"DISCOVER_SERVER", timeout: float = 2.0) -> list[bytes]:
    """What is answered to one probe over loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
        caller.settimeout(timeout)
        caller.sendto(message, ("127.0.0.1", port))
        try:
            return [caller.recv(1024)]
        except socket.timeout:
            return []


@pytest.fixture(name="ask")
def ask_fixture() -> Any:
    """Asks over loopback."""
    return ask


@pytest.fixture
def until() -> Callable[..., None]:
    """Waits for something, with a deadline."""

    def wait(happened: Callable[[], object], within: float = 2.0) -> None:
        ends = time.monotonic() + within
        while not happened():
            assert time.monotonic() < ends, f"not within {within} s"
            time.sleep(0.005)

    return wait
