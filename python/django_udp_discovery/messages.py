"""What people are told: where the site is found, or why it is not.

All goes to the logger of the listener. Where the project has not configured any logging for that,
Python would print warnings alone; then the lines that matter are printed to standard error as well.
"""

import hashlib
import logging
import os
import socket
import sys
from typing import Optional

from django_udp_discovery import detection
from django_udp_discovery.conf import Service, settings
from django_udp_discovery.detection import Verdict

logger = logging.getLogger("django_udp_discovery.listener")

# Beyond these a host's addresses are counted.
MOST_URLS = 3
# Clients assume it when an answer names none.
PORT_OF_CLIENTS = 8000

_said: "list[socket.socket]" = []


def inform(level: int, message: str, *arguments: object) -> None:
    """Logs, unless ENABLE_LOGGING says to log errors only."""
    if settings.ENABLE_LOGGING:
        logger.log(level, message, *arguments)


def show(message: str) -> None:
    """Logs for information, or prints it where nothing is configured for this logger."""
    if not settings.ENABLE_LOGGING:
        return
    if logger.hasHandlers():
        logger.info("%s", message)
    elif sys.stderr is not None:
        print(message, file=sys.stderr, flush=True)


def discoverable(service: Service) -> None:
    """Says where the site is found."""
    found = " and ".join(filter(None, [", ".join(urls(service)), _further(service)]))
    where = f"as {found}" if found else "when this host has an address"
    show(f"discoverable {where} (UDP {settings.DISCOVERY_PORT})")


def urls(service: Service) -> list[str]:
    """The URLs that clients get, on as many networks as are worth a line."""
    return [url(address, service.port) for address in _addresses(service)[:MOST_URLS]]


def _further(service: Service) -> Optional[str]:
    count = len(_addresses(service)) - MOST_URLS
    return f"{count} more" if count > 0 else None


def _addresses(service: Service) -> list[str]:
    if settings.DISCOVERY_ADVERTISE:
        return [settings.DISCOVERY_ADVERTISE]
    bound = service.listener[0] if service.listener else "0.0.0.0"
    return _own_addresses() if bound in ("0.0.0.0", "::") else [bound]


def _own_addresses() -> list[str]:
    from cooee import CooeeError, interfaces

    try:
        listed = interfaces()
    except CooeeError:
        return []
    return [
        address.partition("/")[0]
        for interface in listed
        if interface.up and interface.kind != "loopback"
        for address in interface.addresses
        if ":" not in address
    ]


def url(address: str, port: Optional[int]) -> str:
    """The URL of a site, as clients build it from an answer."""
    port = port or PORT_OF_CLIENTS
    scheme = "https" if port in (443, 8443) else "http"
    is_usual = port == {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{address}/" if is_usual else f"{scheme}://{address}:{port}/"


def why_not(verdict: Verdict) -> Optional[str]:
    """Why a site that listens is not announced, and what to do about it."""
    where = " and ".join(verdict.listed)
    if verdict.kind == detection.LOOPBACK:
        if sys.argv[1:2] == ["runserver"]:
            fix = f"start it with `runserver 0.0.0.0:{verdict.port}`"
        else:
            fix = (
                f"let it listen on 0.0.0.0:{verdict.port}, or set DISCOVERY_SERVICE_PORT to the "
                "port of the web server in front of it"
            )
        return f"not discoverable: the site listens on {where}, which no other host reaches; {fix}"
    if verdict.kind == detection.UNIX:
        return (
            f"not discoverable: the site listens on {where} only; set the port of the web server "
            "in front of it, for instance DISCOVERY_SERVICE_PORT = 80"
        )
    if verdict.kind == detection.IPV6:
        return (
            f"not discoverable: the site listens on {where}, and answers name IPv4 addresses; let "
            f"it listen on 0.0.0.0:{verdict.port} too"
        )
    if verdict.kind == detection.SEVERAL:
        return (
            f"not discoverable: this process listens on {where}, and which is the site's cannot "
            f"be told; set it, for instance DISCOVERY_SERVICE_PORT = {verdict.port}"
        )
    return None


def warn_once(message: str) -> None:
    """Warns, unless another process of this site has said the same and still lives."""
    if _is_first_to_say(message):
        inform(logging.WARNING, "%s", message)


def _is_first_to_say(message: str) -> bool:
    """Whether no other worker has said it: each takes an abstract name, as long as it lives.

    Where there are no such names every worker says it.
    """
    if sys.platform != "linux":
        return True
    name = f"\0django-udp-discovery/{settings.DISCOVERY_PORT}/{_hash_of(message)}"
    token = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        token.bind(name)
    except OSError:
        token.close()
        return False
    _said.append(token)
    return True


def _hash_of(message: str) -> str:
    """A name for a message that every process gives it."""
    return hashlib.sha256(f"{os.getcwd()}\n{message}".encode()).hexdigest()[:32]
