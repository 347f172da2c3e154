"""The small helpers."""

import ipaddress
import socket

import pytest

from django_udp_discovery import (
    format_duration,
    get_server_ip,
    is_port_error,
    is_port_in_use,
    validate_port,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (-3, "0s"),
        (45, "45s"),
        (60, "1m"),
        (3600, "1h"),
        (3661, "1h 1m 1s"),
        (3605, "1h 5s"),
    ],
)
def test_durations(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("port", "valid"),
    [(1, True), (65535, True), (0, False), (65536, False), ("1", False), (1.0, False)],
)
def test_ports(port: object, valid: bool) -> None:
    assert validate_port(port) is valid


def test_port_errors() -> None:
    assert is_port_error(OSError(98, "x"))
    assert is_port_error(OSError(10048, "x"))
    assert is_port_error(OSError("Address already in use"))
    assert not is_port_error(OSError(1, "x"))
    assert not is_port_error(ValueError("address already in use"))


def test_ports_in_use(foreign_socket: socket.socket, port: int) -> None:
    assert is_port_in_use(port)
    foreign_socket.close()
    assert not is_port_in_use(port)
    with pytest.raises(ValueError, match="65536"):
        is_port_in_use(65536)


def test_the_server_ip_is_an_address() -> None:
    ipaddress.IPv4Address(get_server_ip())
