"""What people are told: where the site is found, or why it is not.

All goes to the logger of the listener. Python prints nothing but warnings where no logging is
configured; there the line that says where the site is found is printed to standard error.
"""

import hashlib
import ipaddress
import logging
import os
import socket
import sys
from typing import TYPE_CHECKING, Optional

from django.conf import settings as django_settings

from django_udp_discovery import detection
from django_udp_discovery.conf import Service, settings
from django_udp_discovery.detection import Verdict

if TYPE_CHECKING:
    from cooee import Event

logger = logging.getLogger("django_udp_discovery.listener")

# Beyond these a host's addresses are counted.
MOST_URLS = 3
# Clients assume it when an answer names none.
PORT_OF_CLIENTS = 8000

# What this process has said, as the names that it holds.
_said: "list[socket.socket]" = []


def inform(level: int, message: str, *arguments: object) -> None:
    """Logs, unless ENABLE_LOGGING says to log errors only."""
    if settings.ENABLE_LOGGING:
        logger.log(level, message, *arguments)


def show(message: str) -> None:
    """Logs for information, or prints it where the project has configured no logging of it."""
    if not settings.ENABLE_LOGGING:
        return
    has_handlers = logger.hasHandlers()
    if has_handlers and logger.isEnabledFor(logging.INFO):
        logger.info("%s", message)
    # Waitress configures the root logger for warnings: that is not what the project wants to see.
    elif sys.stderr is not None and not (has_handlers and django_settings.LOGGING):
        print(message, file=sys.stderr, flush=True)


def discoverable(service: Service) -> None:
    """Says where the site is found, unless another worker has."""
    found = " and ".join(filter(None, [", ".join(urls(service)), _further(service)]))
    where = f"as {found}" if found else "when this host has an address"
    over = "over IPv6 only, " if service.only_v6 else ""
    message = f"discoverable {over}{where} (UDP {settings.DISCOVERY_PORT})"
    if service.required and settings.DISCOVERY_SERVICE_PORT is not None:
        # Not looked up yet, and perhaps another program's.
        message += f", while something listens on port {settings.DISCOVERY_SERVICE_PORT}"
    if service.only_v6:
        message += f"; let it listen on 0.0.0.0:{service.port} too for stock clients"
    if _is_first_to_say(message):
        show(message)
    if service.only_v6 and settings.DISCOVERY_ADVERTISE:
        warn_once(
            f"answers name {settings.DISCOVERY_ADVERTISE}, and the site does not listen over IPv4; "
            f"let it listen on 0.0.0.0:{service.port} too, or set DISCOVERY_ADVERTISE = None"
        )


def announced(event: "Event") -> None:
    """Says under which name a site is found by DNS-SD, unless another worker has.

    It is another site's if that stands by behind this one.
    """
    # A host that another process names may have anything in it.
    host = "".join(one if one.isprintable() else "?" for one in event.host or "")
    places = [
        url(host, port) if of in ("_http._tcp", "_https._tcp") else f"{of} at {host}:{port}"
        for of, port in event.announced or ()
    ]
    message = f"announced as {event.name!r}: {', '.join(places)}"
    if _is_first_to_say(message):
        show(message)


def without_port() -> None:
    """Says why the name is not announced."""
    warn_once(
        f"{settings.DISCOVERY_NAME!r} is not announced, since the port of the site is not known; "
        "set DISCOVERY_SERVICE_PORT to announce the name"
    )


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
    if bound not in ("0.0.0.0", "::"):
        return [bound.replace("::ffff:", "")]
    addresses = _own_addresses()
    over_v4 = [] if service.only_v6 else [one for one in addresses if ":" not in one]
    over_v6 = [one for one in addresses if ":" in one and bound == "::"]
    return over_v4 or over_v6


def _own_addresses() -> list[str]:
    """The addresses of this host, those that are link-local with their zone.

    Of an interface those come first: who calls the group is answered from there, and told so.
    """
    from cooee import CooeeError, interfaces

    try:
        listed = interfaces()
    except CooeeError:
        return []
    own = []
    for interface in listed:
        if interface.up and interface.kind != "loopback":
            plain = (address.partition("/")[0] for address in interface.addresses)
            zoned = (_with_zone(address, interface.name) for address in plain)
            own += sorted(zoned, key=lambda address: "%" not in address)
    return own


def _with_zone(address: str, zone: str) -> str:
    ip = ipaddress.ip_address(address)
    return f"{address}%{zone}" if ip.version == 6 and ip.is_link_local else address


def url(address: str, port: Optional[int]) -> str:
    """The URL of a site, as clients build it from an answer."""
    port = port or PORT_OF_CLIENTS
    scheme = "https" if port in (443, 8443) else "http"
    # RFC 6874: in a URL the zone follows an escaped %.
    escaped = address.replace("%", "%25")
    host = f"[{escaped}]" if ":" in address else address
    is_usual = port == {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{host}/" if is_usual else f"{scheme}://{host}:{port}/"


def silent(port: int) -> None:
    """Says which setting to change when nothing listens on the port that it names."""
    warn_once(
        f"a probe was not answered, since nothing that clients reach listens on port {port} of "
        "this host; if the web server runs elsewhere, such as in another container, set "
        "DISCOVERY_REQUIRE_LISTENER = False"
    )


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
            f"not discoverable: the site listens on {where}, and stock clients need an IPv4 address; "
            f"let it listen on 0.0.0.0:{verdict.port} too"
        )
    if verdict.kind == detection.SEVERAL:
        return (
            f"not discoverable: this process listens on {where}, and which is the site's cannot "
            f"be told; set it, for instance DISCOVERY_SERVICE_PORT = {verdict.port}"
        )
    return None


def warn_once(message: str) -> None:
    """Warns, unless a process of this site has said the same and still lives."""
    if _is_first_to_say(message):
        inform(logging.WARNING, "%s", message)


def forget() -> None:
    """Lets everything be said again, here or in another process."""
    while _said:
        _said.pop().close()


def _directory() -> str:
    try:
        return os.getcwd()
    except OSError:
        # Deploys replace it under processes that still run.
        return ""


def _is_first_to_say(message: str) -> bool:
    """Whether no worker of this site says it: each takes an abstract name, as long as it lives.

    Where there are no such names every worker says it.
    """
    if sys.platform != "linux":
        return True
    site = f"{_directory()}\n{settings.DISCOVERY_PORT}\n{message}"
    digest = hashlib.sha256(site.encode(errors="replace")).hexdigest()
    token = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        token.bind(f"\0django-udp-discovery/{digest}")
    except OSError:
        token.close()
        return False
    _said.append(token)
    return True
