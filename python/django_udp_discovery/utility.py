"""Small helpers, with the stock package's names and behaviour."""

import errno
import socket
from typing import Any

# WSAEADDRINUSE, which Python on Windows reports.
_PORT_TAKEN = (errno.EADDRINUSE, 98, 10048)
_PORT_TAKEN_TEXT = ("address already in use", "address is already in use")


def get_server_ip() -> str:
    """The IPv4 address that packets to the internet would leave from, else ``127.0.0.1``.

    Answers do not use it: they name the address that the client can reach.
    """
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            # Connecting a datagram socket looks up the route and sends nothing.
            probe.connect(("8.8.8.8", 80))
            return str(probe.getsockname()[0])
    except OSError:
        return "127.0.0.1"


def format_duration(seconds: int) -> str:
    """Seconds as ``1h 2m 3s``, without the parts that are zero; ``0s`` for none."""
    minutes, second = divmod(max(seconds, 0), 60)
    hour, minute = divmod(minutes, 60)
    parts = [
        f"{count}{unit}" for count, unit in ((hour, "h"), (minute, "m"), (second, "s")) if count
    ]
    return " ".join(parts) or "0s"


def is_port_in_use(port: int, host: str = "0.0.0.0") -> bool:
    """Whether the UDP port of ``host`` cannot be bound.

    Raises ``ValueError`` for a port outside 1 to 65535.
    """
    if not 1 <= port <= 65535:
        raise ValueError(f"the port must be 1 to 65535, not {port}")
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError:
        return True
    return False


def validate_port(port: Any) -> bool:
    """Whether this is a port number from 1 to 65535."""
    return isinstance(port, int) and 1 <= port <= 65535


def is_port_error(err: BaseException) -> bool:
    """Whether this error means that a port is taken, on any system."""
    if not isinstance(err, OSError):
        return False
    return err.errno in _PORT_TAKEN or any(text in str(err).lower() for text in _PORT_TAKEN_TEXT)
