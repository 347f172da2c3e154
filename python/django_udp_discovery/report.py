"""Who answers on this host, with what, and whether the URLs that clients get work."""

import http.client
import ipaddress
from typing import TYPE_CHECKING, Any, NamedTuple, Optional
from urllib.parse import urlsplit

from django_udp_discovery.messages import PORT_OF_CLIENTS
from django_udp_discovery.messages import url as url_of

if TYPE_CHECKING:
    from cooee import Interface, Offer, Owner

# A server that takes longer is one that people would not wait for.
ANSWERS_WITHIN_S = 3.0


class Url(NamedTuple):
    """What the clients of one network get for one service, as seen from this host."""

    interface: str
    network: str
    #: None where they get no answer.
    url: Optional[str]
    #: What came of trying it now, or why there is none.
    state: str
    works: bool


class Service(NamedTuple):
    """What clients are answered, for one or several processes that offer the same."""

    message: str
    prefix: str
    service_port: Optional[int]
    advertise: Optional[str]
    #: Whether it is silent while nothing listens on its port.
    requires_listener: bool
    #: Where something has to listen, if that is a certain address.
    listener: Optional[str]
    pids: list[int]

    def __str__(self) -> str:
        port = f":{self.service_port}" if self.service_port else ""
        said = f"{self.message} is answered {self.prefix}{self.advertise or '<address>'}{port}"
        if self.requires_listener:
            where = f"port {self.service_port or PORT_OF_CLIENTS}"
            said += f", while something listens on {where}"
            said += f" of {self.listener}" if self.listener else ""
        return f"{said} (pid {', '.join(map(str, self.pids))})" if self.pids else said


class Report(NamedTuple):
    """The state of one UDP port."""

    port: int
    owner: "Optional[Owner]"
    #: Whether another program than ours has the port.
    is_foreign: bool
    services: list[Service]
    urls: list[Url]

    def who(self) -> str:
        """Who has the port."""
        owner = (
            f"pid {self.owner.pid} ({self.owner.name or 'name unknown'})" if self.owner else None
        )
        if self.is_foreign:
            return f"in use by {owner or 'another program'}, which does not tell what it answers"
        if not self.services:
            return "nobody answers"
        return f"answered by {owner or 'a process of this host'}"

    def as_dict(self) -> dict[str, Any]:
        """The report as plain types."""
        owner = {"pid": self.owner.pid, "name": self.owner.name} if self.owner else None
        return {
            "port": self.port,
            "owner": owner,
            "foreign": self.is_foreign,
            "services": [service._asdict() for service in self.services],
            "urls": [url._asdict() for url in self.urls],
        }


def report(port: int) -> Report:
    """Asks the owner of the port what it offers, and tries each URL."""
    from cooee import offers_on

    found = offers_on(port)
    if found is None:
        owner, is_foreign = _foreign_owner(port)
        return Report(port, owner, is_foreign, [], [])
    services = _services(found.offers)
    urls = [url for service in services for url in _urls(service)]
    return Report(port, found.owner, False, services, urls)


def _foreign_owner(port: int) -> "tuple[Optional[Owner], bool]":
    """Who keeps the port from being had, found by trying to have it for a moment."""
    from cooee import CooeeError, PortInUse, Responder

    try:
        # No client sends this: nobody is answered meanwhile.
        with Responder(port=port, message="django_udp_discovery: is this port free?"):
            return None, False
    except PortInUse as error:
        return error.owner, True
    except CooeeError:
        return None, False


def _services(offers: "list[Offer]") -> list[Service]:
    """One for each distinct answer: workers of a site offer the same."""
    same: dict[object, Service] = {}
    for offer in offers:
        said = (offer.message, offer.prefix, offer.service_port, offer.advertise)
        needs = (offer.requires_listener, offer.listener)
        key = (said, needs, offer.answer, tuple(offer.allow))
        service = same.setdefault(key, Service(*said, *needs, pids=[]))
        if offer.pid is not None:
            service.pids.append(offer.pid)
    return list(same.values())


def _urls(service: Service) -> list[Url]:
    from cooee import interfaces

    return [
        _url(service, interface, address)
        for interface in interfaces()
        if interface.up and interface.kind != "loopback"
        for address in interface.addresses
        if ":" not in address
    ]


def _url(service: Service, interface: "Interface", address: str) -> Url:
    own = ipaddress.IPv4Interface(address)
    network = str(own.network)
    # Linux names an IPv4 address so, where a socket of IPv6 is bound to it.
    listener = service.listener.replace("::ffff:", "") if service.listener else None
    bound = ipaddress.ip_address(listener) if listener else None
    if bound is not None and not bound.is_unspecified and bound != own.ip:
        return Url(interface.name, network, None, f"the site listens on {bound} only", False)
    url = url_of(service.advertise or str(own.ip), service.service_port)
    try:
        status = _fetch(url)
        if status == http.client.BAD_REQUEST:
            state = f"HTTP 400; add {urlsplit(url).hostname!r} to ALLOWED_HOSTS if it is missing"
            return Url(interface.name, network, url, state, False)
        return Url(interface.name, network, url, f"works (HTTP {status})", True)
    except (OSError, http.client.HTTPException) as error:
        is_silent = service.requires_listener and isinstance(error, ConnectionRefusedError)
        if is_silent and service.advertise is None:
            return Url(interface.name, network, None, f"nothing listens at {url}", False)
        return Url(interface.name, network, url, f"does not work: {error}", False)


def _fetch(url: str) -> int:
    """The status of what is there: any answer by HTTP will do."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=ANSWERS_WITHIN_S)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status
    finally:
        connection.close()
