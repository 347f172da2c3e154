"""Where this process serves, as its own sockets tell."""

import ipaddress
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, Optional, Union

if TYPE_CHECKING:
    from cooee._core import OwnListener

#: One port that other hosts reach.
SITE = "site"
#: No socket accepts connections.
NOTHING = "nothing"
#: Only this host connects.
LOOPBACK = "loopback"
#: Only programs of this host connect, by a file.
UNIX = "unix"
#: One address of IPv6, which is not the one that a client on the link would be told.
IPV6 = "ipv6"
#: Several ports, and nothing that tells which is the site's.
SEVERAL = "several"
#: The system does not tell.
UNTOLD = "untold"

# From here on Linux chooses ports for those who name none; other systems do so further up.
CHOSEN_BY_THE_SYSTEM = 32768
# By these gunicorn is controlled, and multiprocessing passes objects.
_HELPER_FILES = ("/gunicorn.ctl", "/pymp-")


class Verdict(NamedTuple):
    """What the sockets of this process say about the site."""

    kind: str
    #: The site's port.
    port: Optional[int] = None
    #: Where the site listens; None where that is several addresses.
    address: Optional[str] = None
    #: The listeners that decided, as people write them.
    listed: tuple[str, ...] = ()
    #: Whether clients connect over IPv6 only, so that stock ones do not find it.
    only_v6: bool = False


def look() -> Verdict:
    """Looks at the sockets of this process, inherited ones included."""
    try:
        from cooee import _core
    except ImportError:
        # The start says so.
        return Verdict(UNTOLD)
    listeners = _core.own_listeners()
    if listeners is None:
        return Verdict(UNTOLD)
    verdict = judge(listeners)
    if verdict.listed and _speaks_uwsgi():
        # As by a unix socket, only a web server in front connects.
        return Verdict(UNIX, listed=tuple(f"{one} by uWSGI's protocol" for one in verdict.listed))
    return verdict


def _speaks_uwsgi() -> bool:
    """Whether this is a process of uWSGI whose sockets take its own protocol, and not HTTP."""
    options = getattr(sys.modules.get("uwsgi"), "opt", None)
    if not isinstance(options, dict):
        return False
    protocol = options.get("protocol", options.get("socket-protocol", b""))
    if isinstance(protocol, bytes) and protocol.startswith(b"http"):
        return False
    names = [name.decode() if isinstance(name, bytes) else str(name) for name in options]
    return not any(name.startswith("http") for name in names)


def judge(listeners: "Iterable[OwnListener]") -> Verdict:
    """What these listeners say about the site."""
    unix, ports = _sorted(listeners)
    ports = _without_helpers(ports)
    listed = (*(_text(one) for bound in ports.values() for one in bound), *unix)
    if len(ports) + bool(unix) > 1:
        # One of them may be an exporter's or a debugger's: nobody can tell which is the site's.
        return Verdict(SEVERAL, next(iter(ports)), listed=listed)
    for port, bound in ports.items():
        return _of_port(port, bound, listed)
    return Verdict(UNIX, listed=listed) if unix else Verdict(NOTHING)


class _Bound(NamedTuple):
    host: str
    ip: Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
    port: int
    takes_ipv4: bool


def _sorted(listeners: "Iterable[OwnListener]") -> tuple[list[str], dict[int, list[_Bound]]]:
    unix: list[str] = []
    ports: dict[int, list[_Bound]] = {}
    for one in listeners:
        if one.address is None:
            path = one.path or ""
            if not any(part in path for part in _HELPER_FILES):
                unix.append(f"the unix socket {path}")
            continue
        host, port = one.address
        bound = _bound(host, port, one.v6_only)
        same = ports.setdefault(port, [])
        if bound not in same:
            same.append(bound)
    return unix, ports


def _bound(host: str, port: int, v6_only: bool) -> _Bound:
    ip = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    takes_ipv4 = ip.version == 4 or (ip.is_unspecified and not v6_only)
    return _Bound(host, ip, port, takes_ipv4)


def _without_helpers(ports: dict[int, list[_Bound]]) -> dict[int, list[_Bound]]:
    """Leaves out ports of loopback that the system chose.

    Nobody can know such a port beforehand, so it is no site's: uWSGI's own behind ``--http``, a
    debugger's, a manager's.
    """

    def is_helper(port: int) -> bool:
        return port >= CHOSEN_BY_THE_SYSTEM and all(one.ip.is_loopback for one in ports[port])

    return {port: bound for port, bound in ports.items() if not is_helper(port)}


def _of_port(port: int, bound: list[_Bound], listed: tuple[str, ...]) -> Verdict:
    if all(one.ip.is_loopback for one in bound):
        return Verdict(LOOPBACK, port, listed=listed)
    reached = [one for one in bound if one.takes_ipv4 and not one.ip.is_loopback]
    if not reached:
        is_everywhere = any(one.ip.is_unspecified for one in bound)
        if is_everywhere:
            return Verdict(SITE, port, "::", listed, only_v6=True)
        return Verdict(IPV6, port, listed=listed)
    everywhere = [one for one in reached if one.ip.is_unspecified]
    if everywhere:
        return Verdict(SITE, port, everywhere[0].host, listed)
    return Verdict(SITE, port, reached[0].host if len(reached) == 1 else None, listed)


def _text(bound: _Bound) -> str:
    return f"{bound.ip}:{bound.port}" if bound.ip.version == 4 else f"[{bound.ip}]:{bound.port}"
