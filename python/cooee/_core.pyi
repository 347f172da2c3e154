import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from typing import Any, Literal, final

from typing_extensions import Self, TypeAlias

from cooee._found import Found

__all__ = [
    "Browser",
    "Checked",
    "Event",
    "Finding",
    "Interface",
    "Offer",
    "Outcome",
    "OwnListener",
    "Owner",
    "PortOffers",
    "Presence",
    "Rejected",
    "Remembered",
    "Responder",
    "SegmentedNetwork",
    "Server",
    "Servers",
    "Stats",
    "Swept",
    "_Evidence",
    "__version__",
    "_built_discovery",
    "_built_responder",
    "_command",
    "_restart_after_fork",
    "_stop_all",
    "discover",
    "discover_one",
    "interfaces",
    "offers_on",
    "own_listeners",
    "parse_answer",
    "segmented_network",
    "stream",
]

__version__: str

_Address: TypeAlias = str | IPv4Address
_Host: TypeAlias = str | IPv4Address | IPv6Address
_Network: TypeAlias = str | IPv4Network | IPv4Address
_Wait: TypeAlias = Literal["quick", "settled", "full", "first"]
_Families: TypeAlias = Literal["both", "ipv4", "ipv6"]
_Trust: TypeAlias = Literal["none", "unverified"]
_Via: TypeAlias = Literal["broadcast", "host", "remembered", "neighbour", "sweep", "mdns"]
_CheckState: TypeAlias = Literal["open", "refused", "timeout", "unreachable", "unknown"]
_Reach: TypeAlias = Literal["on-link", "routed", "default-route", "none", "unknown"]
_PresenceEvent: TypeAlias = Literal["found", "changed", "gone"]
_Departure: TypeAlias = Literal["silent", "refused", "goodbye"]
_Ended: TypeAlias = Literal["settled", "deadline", "first", "stopped"]
_Kind: TypeAlias = Literal["broadcast", "loopback", "point-to-point"]
_State: TypeAlias = Literal["answering", "standing-by", "stopped"]
_Ahead: TypeAlias = Literal["cooee", "foreign", "unknown"]
_Answer: TypeAlias = Literal["private", "on-link", "any"]
_Happening: TypeAlias = Literal[
    _State,
    "answered",
    "interfaces-changed",
    "insistent",
    "announced",
    "renamed",
    "not-announced",
    "offers-changed",
    "offer-taken",
    "offer-refused",
    "not-listening",
    "finding",
]

@final
class Server:
    """A server that answered. Two are equal if ip, port and protocol are."""
    __match_args__ = (
        "ip",
        "port",
        "url",
        "source",
        "interface",
        "protocol",
        "raw",
        "rtt",
        "trust",
        "claimed",
        "this_host",
        "addresses",
        "routed",
        "via",
        "reach",
        "named_url",
        "checked",
        "extra",
    )
    def __new__(
        cls,
        ip: str,
        port: int,
        url: str,
        source: tuple[str, int],
        interface: str | None,
        protocol: Literal["classic", "dns-sd"],
        raw: bytes,
        rtt: float | None,
        trust: _Trust,
        claimed: str | None,
        this_host: bool,
        addresses: tuple[str, ...],
        routed: bool,
        via: _Via,
        reach: _Reach,
        named_url: str | None,
        checked: tuple[Checked, ...],
        extra: dict[str, Any] | None,
    ) -> Self: ...
    @property
    def ip(self) -> str:
        """Where the service is, as the answer names it. `url` may have another address."""
    @property
    def port(self) -> int:
        """The port of the service: the one that the answer names, else 8000."""
    @property
    def url(self) -> str:
        """The URL of the service, such as `http://192.0.2.7:8000/`: `https` on ports 443 and 8443,
        else `http`, without the scheme's default port. It has the address that the answer came
        from where that is not `ip`, and `reach` says that nothing but the default route leads to
        `ip`; the server may then be reached there.
        """
    @property
    def source(self) -> tuple[str, int]:
        """Where the answer came from: address and port."""
    @property
    def interface(self) -> str | None:
        """The name of the interface that the answer arrived on, where the system tells."""
    @property
    def protocol(self) -> Literal["classic", "dns-sd"]:
        """The protocol of the answer: `classic`, or `dns-sd` for a server that is only announced."""
    @property
    def raw(self) -> bytes:
        """The answer's bytes."""
    @property
    def rtt(self) -> float | None:
        """Seconds from the probe to its first answer; None if it cannot be told which probe was
        answered.
        """
    @property
    def trust(self) -> _Trust:
        """How far `ip` can be believed: `none` if it is where the answer came from, which nothing
        proves, or `unverified` if it is another.
        """
    @property
    def claimed(self) -> str | None:
        """The impossible address that the answer named, such as `127.0.0.1` from another host, if
        `ip` is the answer's source instead.
        """
    @property
    def this_host(self) -> bool:
        """Whether the server runs on this host."""
    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address that it was found at, `ip` first."""
    @property
    def routed(self) -> bool:
        """Whether the system has a route to `ip`."""
    @property
    def via(self) -> _Via:
        """Which probe found it: `broadcast`, `host`, `remembered`, `neighbour`,
        `sweep`, or `mdns` if none did.
        """
    @property
    def reach(self) -> _Reach:
        """How this host gets to `ip`: `on-link`, `routed` by a route of its own, by the
        `default-route`, `none`, or `unknown`.
        """
    @property
    def named_url(self) -> str | None:
        """The URL with `ip`, if `url` has another address."""
    @property
    def checked(self) -> tuple[Checked, ...]:
        """With `check=True`, what came of a connection to each address: those that accepted one
        first, the fastest at the top. Empty without.
        """
    @property
    def extra(self) -> dict[str, Any] | None:
        """What multicast DNS says of it, if it is announced: `name`, `hostname`, `services` with `type`
        and `port`, and `txt`, whose values are None for a key without one. Texts are as a stranger
        wrote them.
        """
    def as_dict(self) -> dict[str, Any]:
        """A dictionary of what JSON has: an object of `cooee find --format json`."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Checked:
    """What came of a TCP connection to one address of a server."""
    __match_args__ = ("address", "state", "took")
    def __new__(
        cls,
        address: tuple[str, int],
        state: _CheckState,
        took: float | None,
    ) -> Self: ...
    @property
    def address(self) -> tuple[str, int]:
        """Address and port."""
    @property
    def state(self) -> _CheckState:
        """`open`, `refused`, `timeout`, `unreachable`, or `unknown` if nothing had come back when
        the check ended.
        """
    @property
    def took(self) -> float | None:
        """Seconds from the attempt to its end; None if the state is unknown."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Outcome:
    """What a discovery did, and how complete it believes to be."""
    __match_args__ = (
        "ended",
        "elapsed",
        "rounds",
        "servers",
        "answers",
        "refusals",
        "kernel_drops",
        "unseen",
        "answer_rate",
        "truncated",
        "silent",
        "refused",
        "remembered",
        "swept",
        "behind_firewall",
        "drops_answers",
        "rejected",
        "unresolved",
    )
    def __new__(
        cls,
        ended: _Ended,
        elapsed: float,
        rounds: int,
        servers: int,
        answers: int,
        refusals: dict[str, int],
        kernel_drops: int,
        unseen: float | None,
        answer_rate: float | None,
        truncated: bool,
        silent: list[str],
        refused: list[str],
        remembered: Remembered,
        swept: Swept | None,
        behind_firewall: int,
        drops_answers: bool,
        rejected: list[Rejected],
        unresolved: dict[str, str],
    ) -> Self: ...
    @property
    def ended(self) -> _Ended:
        """How it ended: `settled`, `deadline`, `first` or `stopped`."""
    @property
    def elapsed(self) -> float:
        """Seconds from start to end."""
    @property
    def rounds(self) -> int:
        """Rounds of probes sent."""
    @property
    def servers(self) -> int:
        """Servers found."""
    @property
    def answers(self) -> int:
        """Answers received, repeated ones included."""
    @property
    def refusals(self) -> dict[str, int]:
        """Datagrams that were no answers, by reason; reasons that did not occur are left out."""
    @property
    def kernel_drops(self) -> int:
        """Datagrams that the kernel dropped for want of buffer space, where it tells."""
    @property
    def unseen(self) -> float | None:
        """How many servers were probably not heard; None when it was too short to tell."""
    @property
    def answer_rate(self) -> float | None:
        """The part of a server's answers that arrive, from 0 to 1; None when it was too short to
        tell.
        """
    @property
    def truncated(self) -> bool:
        """Whether servers were left out because of the bound on results."""
    @property
    def silent(self) -> list[str]:
        """The named hosts that did not answer. Each is counted as unseen."""
    @property
    def refused(self) -> list[str]:
        """The named hosts whose system said that nothing listens on the port."""
    @property
    def remembered(self) -> Remembered:
        """What came of the remembered addresses. None of them is counted as unseen."""
    @property
    def swept(self) -> Swept | None:
        """How far the sweep of subnets came; None without one."""
    @property
    def behind_firewall(self) -> int:
        """Servers that answered only when they were probed directly, as neighbours, while no other
        host answered a broadcast: a firewall of this host probably drops such answers.
        """
    @property
    def drops_answers(self) -> bool:
        """Whether that is certain: lost datagrams alone do not explain it."""
    @property
    def rejected(self) -> list[Rejected]:
        """The senders of datagrams that were no answers, each with its first, up to 64."""
    @property
    def unresolved(self) -> dict[str, str]:
        """The named hosts whose names led to no address, each with the reason."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Remembered:
    """What came of probing the addresses at which servers were found before."""
    __match_args__ = ("answered", "silent")
    def __new__(
        cls,
        answered: list[tuple[str, int]],
        silent: list[tuple[str, int]],
    ) -> Self: ...
    @property
    def answered(self) -> list[tuple[str, int]]:
        """Those that answered, to whatever probe: address and port."""
    @property
    def silent(self) -> list[tuple[str, int]]:
        """The others."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Swept:
    """How far a sweep came through its subnets."""
    __match_args__ = ("called", "refused", "of", "pass_takes")
    def __new__(
        cls,
        called: int,
        refused: int,
        of: int,
        pass_takes: float,
    ) -> Self: ...
    @property
    def called(self) -> int:
        """Addresses that were probed at least once."""
    @property
    def refused(self) -> int:
        """Addresses that the system refused to send a probe to."""
    @property
    def of(self) -> int:
        """Addresses that there are."""
    @property
    def pass_takes(self) -> float:
        """About how many seconds it takes to probe all of them once."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Rejected:
    """A sender whose datagram was not an answer."""
    __match_args__ = ("source", "reason", "excerpt")
    def __new__(
        cls,
        source: tuple[str, int],
        reason: str,
        excerpt: str,
    ) -> Self: ...
    @property
    def source(self) -> tuple[str, int]:
        """Who sent it: address and port."""
    @property
    def reason(self) -> str:
        """Why it was not taken."""
    @property
    def excerpt(self) -> str:
        """The beginning of the datagram, escaped to printable ASCII, at most 64 characters."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Interface:
    """One network interface."""
    __match_args__ = ("name", "index", "kind", "up", "addresses", "broadcasts")
    def __new__(
        cls,
        name: str,
        index: int,
        kind: _Kind,
        up: bool,
        addresses: list[str],
        broadcasts: list[str],
    ) -> Self: ...
    @property
    def name(self) -> str:
        """The system's name for it."""
    @property
    def index(self) -> int:
        """The system's number for it."""
    @property
    def kind(self) -> _Kind:
        """What kind of link it is: `broadcast`, `loopback` or `point-to-point`."""
    @property
    def up(self) -> bool:
        """Whether it is up."""
    @property
    def addresses(self) -> list[str]:
        """Its own addresses with the prefix length of their networks, such as `10.0.0.1/24`."""
    @property
    def broadcasts(self) -> list[str]:
        """The IPv4 broadcast address of each of its networks that has one."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class OwnListener:
    """A socket of this process that accepts connections."""
    __match_args__ = ("kind", "address", "v6_only", "path")
    def __new__(
        cls,
        kind: Literal["tcp", "unix"],
        address: tuple[str, int] | None,
        v6_only: bool,
        path: str | None,
    ) -> Self: ...
    @property
    def kind(self) -> Literal["tcp", "unix"]:
        """`tcp` or `unix`."""
    @property
    def address(self) -> tuple[str, int] | None:
        """Where a TCP socket is bound."""
    @property
    def v6_only(self) -> bool:
        """Whether a socket of IPv6 refuses IPv4."""
    @property
    def path(self) -> str | None:
        """The file of a unix socket."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class SegmentedNetwork:
    """A network that is probably cut into segments which a broadcast does not cross."""
    __match_args__ = ("interface", "address", "likely_reach", "segments")
    def __new__(
        cls,
        interface: str,
        address: str,
        likely_reach: str,
        segments: int,
    ) -> Self: ...
    @property
    def interface(self) -> str:
        """The name of the interface on it."""
    @property
    def address(self) -> str:
        """The interface's address with the prefix length it is configured with."""
    @property
    def likely_reach(self) -> str:
        """The part of the network that a broadcast is likely to reach."""
    @property
    def segments(self) -> int:
        """How many such parts the network has."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Owner:
    """A process that has a port."""
    __match_args__ = ("pid", "name")
    def __new__(
        cls,
        pid: int,
        name: str | None,
    ) -> Self: ...
    @property
    def pid(self) -> int:
        """Its process number."""
    @property
    def name(self) -> str | None:
        """Its name, where the system tells."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Stats:
    """What a responder has done since it started."""
    __match_args__ = (
        "received",
        "answered",
        "answers",
        "held_back",
        "refused",
        "send_failures",
        "receive_failures",
        "kernel_drops",
        "interface_changes",
    )
    def __new__(
        cls,
        received: int,
        answered: int,
        answers: int,
        held_back: int,
        refused: dict[str, int],
        send_failures: int,
        receive_failures: int,
        kernel_drops: int,
        interface_changes: int,
    ) -> Self: ...
    @property
    def received(self) -> int:
        """Datagrams of any kind."""
    @property
    def answered(self) -> int:
        """Probes answered."""
    @property
    def answers(self) -> int:
        """Answers given: one for each service that a probe was answered for."""
    @property
    def held_back(self) -> int:
        """Answers held back though the probe was answered for another service."""
    @property
    def refused(self) -> dict[str, int]:
        """Datagrams that were not answered, by reason; reasons that did not occur are left out."""
    @property
    def send_failures(self) -> int:
        """Answers that the system refused to send."""
    @property
    def receive_failures(self) -> int:
        """Attempts to receive that failed."""
    @property
    def kernel_drops(self) -> int:
        """Datagrams that the kernel dropped because the receive buffer was full, where it tells."""
    @property
    def interface_changes(self) -> int:
        """How often the host's interfaces were read again because they had changed."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Finding:
    """Something that keeps servers from being found; docs/doctor.md lists the codes."""
    __match_args__ = ("code", "seen", "means", "do")
    def __new__(cls, code: str, seen: str, means: str, do: str) -> Self: ...
    @property
    def code(self) -> str:
        """What kind of finding it is, such as `own-firewall`."""
    @property
    def seen(self) -> str:
        """What was seen."""
    @property
    def means(self) -> str:
        """What that means."""
    @property
    def do(self) -> str:
        """What to do about it."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class _Evidence:
    def findings(self) -> list[Finding]: ...

@final
class Event:
    """Something that a responder did or met. Fields that do not go with the kind are `None`."""
    __match_args__ = (
        "kind",
        "local_address",
        "ahead",
        "owner",
        "asker",
        "answer",
        "source",
        "refused",
        "answered_for",
        "services",
        "why",
        "service_port",
        "finding",
        "name",
        "host",
        "announced",
    )
    def __new__(
        cls,
        kind: _Happening,
        local_address: tuple[str, int] | None,
        ahead: _Ahead | None,
        owner: Owner | None,
        asker: tuple[str, int] | None,
        answer: str | None,
        source: str | None,
        refused: int | None,
        answered_for: bool | None,
        services: int | None,
        why: str | None,
        service_port: int | None,
        finding: Finding | None,
        name: str | None,
        host: str | None,
        announced: tuple[tuple[str, int], ...] | None,
    ) -> Self: ...
    @property
    def kind(self) -> _Happening:
        """`answering`, `standing-by`, `stopped`, `answered`, `interfaces-changed`, `insistent`,
        `offers-changed`, `offer-taken`, `offer-refused`, `not-listening`, `announced`, `renamed`,
        `not-announced` or `finding`.
        """
    @property
    def local_address(self) -> tuple[str, int] | None:
        """Answering: where."""
    @property
    def ahead(self) -> _Ahead | None:
        """Standing by: whether `cooee`, a `foreign` program or an `unknown` one is ahead."""
    @property
    def owner(self) -> Owner | None:
        """Standing by: who has the port, where the system tells."""
    @property
    def asker(self) -> tuple[str, int] | None:
        """Answered: who asked."""
    @property
    def answer(self) -> str | None:
        """Answered: the answer's text."""
    @property
    def source(self) -> str | None:
        """Answered: the address that the answer left from, unless the system chose it. Insistent:
        the address that asks too often.
        """
    @property
    def refused(self) -> int | None:
        """Insistent: how many of its probes were refused since the last such event."""
    @property
    def answered_for(self) -> bool | None:
        """Standing by: whether the process that has the port answers for this service."""
    @property
    def services(self) -> int | None:
        """Offers changed: how many services this process answers for, its own included."""
    @property
    def why(self) -> str | None:
        """Offer refused: why the process that has the port does not answer for this service. Not
        announced: the interface, and why.
        """
    @property
    def service_port(self) -> int | None:
        """Not listening: the port of the service, on which nothing listens."""
    @property
    def finding(self) -> Finding | None:
        """Finding: what keeps clients from finding this server."""
    @property
    def name(self) -> str | None:
        """Announced, or renamed since another host has the name: the name that it is announced under."""
    @property
    def host(self) -> str | None:
        """Announced or renamed: the name of its host, such as workshop.local."""
    @property
    def announced(self) -> tuple[tuple[str, int], ...] | None:
        """Announced: the type and port of each service, such as `_http._tcp` and 8000. They may be those
        of another process, which stands by.
        """
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

class Servers:
    """The servers that answer, each when it first does: an iterator, and a context manager that ends
    the discovery when it is left.
    """
    def __new__(
        cls,
        *,
        port: int = 9999,
        message: str | bytes = "DISCOVER_SERVER",
        prefix: str | bytes = "SERVER_IP:",
        timeout: float | timedelta | None = None,
        retries: int = 3,
        wait: _Wait = "settled",
        interfaces: Iterable[str] | None = None,
        exclude_interfaces: Iterable[str] | None = None,
        hosts: Iterable[_Host] = (),
        subnets: Iterable[_Network] = (),
        sweep: bool = False,
        allow_public: bool = False,
        remembered: Iterable[tuple[str, int]] = (),
        check: bool = False,
        families: _Families = "both",
        mdns: bool = True,
        probes: bool = True,
        services: Iterable[str] = (),
    ) -> Self: ...
    @property
    def outcome(self) -> Outcome | None:
        """What was done, and how complete it believes to be; None while it goes on."""
    @property
    def servers(self) -> list[Server] | None:
        """All servers as they are known at the end: what a server said of itself replaces what
        another said of it before. None while it goes on.
        """
    @property
    def due(self) -> float | None:
        """Seconds until poll() is due even if the descriptor does not become readable; None when it is
        over.
        """
    def stop(self) -> Outcome:
        """Ends it, if it has not ended by itself. What waits for the next server returns at once."""
    def poll(self, *, waited: bool = False) -> Server | None:
        """The next server that was not given out before, without waiting. None if there is none yet,
        or it is over.

        For an event loop: to be called when the descriptor is readable, and when it is due. waited
        says that the loop has waited for that until now.
        """
    if sys.platform != "win32":
        def fileno(self) -> int:
            """A descriptor that is readable when any socket is; -1 when it is closed. It stays this
            object's.
            """
    def _listen(self, seconds: float) -> None: ...
    def _interrupt(self) -> None: ...
    def _findings(self) -> list[Finding] | None: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Server: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...

@final
class Presence:
    """What happened to a server."""
    __match_args__ = ("event", "id", "server", "why")
    def __new__(
        cls,
        event: _PresenceEvent,
        id: int,
        server: Server,
        why: _Departure | None,
    ) -> Self: ...
    @property
    def event(self) -> _PresenceEvent:
        """`found`, `changed` or `gone`."""
    @property
    def id(self) -> int:
        """What names the server as long as it is there; another is never given the same."""
    @property
    def server(self) -> Server:
        """The server as it is now, or was last known."""
    @property
    def why(self) -> _Departure | None:
        """How it is known that it is gone: `silent`, `refused` or `goodbye`. None if it is
        there.
        """
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Browser:
    """A live view of the servers: an iterator over what happens to them, and a context manager
    that ends the view when it is left.

    It probes as discover() does at first, then once a second for 30 s after anything has
    happened, and less and less often after that, every 30 s at the least; at once when this
    host's interfaces change. A server is gone when the odds that a living one were silent for
    so long are below 1 in 1,000. The view goes on only while the next event is awaited, and
    tells what is so by then.

    Takes the settings of discover(), without timeout, retries, wait, remembered, check, probes
    and services, and raises the same; it goes on where no interface can be used yet.
    """
    def __new__(
        cls,
        *,
        port: int = 9999,
        message: str | bytes = "DISCOVER_SERVER",
        prefix: str | bytes = "SERVER_IP:",
        interfaces: Iterable[str] | None = None,
        exclude_interfaces: Iterable[str] | None = None,
        hosts: Iterable[_Host] = (),
        subnets: Iterable[_Network] = (),
        sweep: bool = False,
        allow_public: bool = False,
        families: _Families = "both",
        mdns: bool = True,
    ) -> Self: ...
    @property
    def servers(self) -> list[Server] | None:
        """The servers that are there now, in the order in which they were found; while a thread waits for
        the next event, those that it has told of. None when the view has ended.
        """
    @property
    def due(self) -> float | None:
        """Seconds until poll() is due even if the descriptor does not become readable; None when it is
        over.
        """
    def stop(self) -> None:
        """Ends it. What waits for the next event returns at once."""
    def poll(self, *, waited: bool = False) -> Presence | None:
        """The next event, without waiting. None if there is none yet, or the view has ended.

        For an event loop: to be called when the descriptor is readable, and when it is due. waited
        says that the loop has waited for that until now.
        """
    if sys.platform != "win32":
        def fileno(self) -> int:
            """A descriptor that is readable when any socket is, or interfaces have changed; -1 when it is
            closed. It stays this object's.
            """
    def _listen(self, seconds: float) -> None: ...
    def _interrupt(self) -> None: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Presence: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...

@final
class Offer:
    """What one service says, and to which clients."""
    __match_args__ = (
        "pid",
        "message",
        "prefix",
        "service_port",
        "advertise",
        "requires_listener",
        "listener",
        "answer",
        "allow",
        "name",
    )
    def __new__(
        cls,
        pid: int | None,
        message: str,
        prefix: str,
        service_port: int | None,
        advertise: str | None,
        requires_listener: bool,
        listener: str | None,
        answer: _Answer,
        allow: list[str],
        name: str | None,
    ) -> Self: ...
    @property
    def pid(self) -> int | None:
        """The process that offers it, where the system tells."""
    @property
    def message(self) -> str:
        """The probe that it answers."""
    @property
    def prefix(self) -> str:
        """What its answer begins with."""
    @property
    def service_port(self) -> int | None:
        """The port that its answer names; without one, clients assume 8000."""
    @property
    def advertise(self) -> str | None:
        """The address that its answer names in any case."""
    @property
    def requires_listener(self) -> bool:
        """Whether it is silent while nothing listens on its port."""
    @property
    def listener(self) -> str | None:
        """The address of the socket that has to listen, if that is a certain one."""
    @property
    def answer(self) -> _Answer:
        """Which clients it answers: `private`, `on-link` or `any`."""
    @property
    def allow(self) -> list[str]:
        """Networks that it answers as well."""
    @property
    def name(self) -> str | None:
        """What people call it."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class PortOffers:
    """Who has a port, and for which services it answers."""
    __match_args__ = (
        "owner",
        "offers",
    )
    def __new__(
        cls,
        owner: Owner | None,
        offers: list[Offer],
    ) -> Self: ...
    @property
    def owner(self) -> Owner | None:
        """The process, where the system tells."""
    @property
    def offers(self) -> list[Offer]:
        """Its own offers, and those of processes that stand by."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

class Responder:
    """Makes a server discoverable, from start() to stop(), or within a with block.

    service_port: the port of the service, named in the answers. None names that of http or https among
        services, or of the first of them; without services none, as the stock server does, and clients
        then assume 8000.
    port: the UDP port to answer on; 0 takes a free one, which local_address has.
    bind: the local address to answer on. With any other than 0.0.0.0 the system delivers no
        broadcasts.
    message: the exact probe, as text or bytes, 1 to 512 bytes.
    prefix: what an answer begins with, as text or bytes, up to 256 bytes.
    advertise: the IPv4 address to name in answers, not a loopback one. None names the one that the
        client can reach.
    require_listener: whether to answer only while a TCP socket listens on the port of the service
        here, and only clients that can connect to it.
    listener: the address and port of the TCP socket that the service listens on, such as
        ("0.0.0.0", 8001). It is answered for only while it listens, to clients that can connect to
        it; service_port is then its port.
    name: what people call the service. It is announced under this name by DNS-SD, to phones, browsers
        and whatever else looks there: as _http._tcp at its port unless services says otherwise. If
        another host has the name, the next one is taken. It is in offers_on() too. None announces
        nothing.
    services: the types of services to announce under the name, each with its port, such as
        {"http": 8000}.
    txt: what is said of each announced service, such as {"path": "/"}; a key with None has no value.
    hostname: the first label of the host to announce them on, before .local. None makes one of the name.
    offers_from: the number of a group whose processes are answered for too, besides those of root
        and of the same user.
    answer: which sources to answer: "private" (on-link and private sources), "on-link", or "any".
    allow: networks to answer as well.
    rate_limit: answers per second that one source may draw, in bursts of two seconds' worth; None
        for no limit.
    stand_by: whether to wait when another process has the port, and answer when that is gone. On
        Linux that process answers for this service meanwhile, if it uses this library and runs as
        root or as the same user. Without, it starts only if that process answers for this service
        from now on, and did not answer for the same one before.
    on_event: is called with each Event, from the responder's thread, the first one from the thread
        that starts it. It should return quickly. What it raises is logged.
    families: "both", "ipv4" or "ipv6": the address families to answer over, as far as the system has
        them. On a bind address other than 0.0.0.0 only IPv4 is.

    Raises ConfigError when the settings cannot work.

    After a fork the child's copy has stopped. If it stands by, it does so again in the child, behind
    its parent.
    """
    def __new__(
        cls,
        *,
        service_port: int | None = None,
        port: int = 9999,
        bind: _Address = "0.0.0.0",
        message: str | bytes = "DISCOVER_SERVER",
        prefix: str | bytes = "SERVER_IP:",
        advertise: _Address | None = None,
        require_listener: bool = False,
        listener: tuple[_Address, int] | None = None,
        name: str | None = None,
        services: Mapping[str, int] | None = None,
        txt: Mapping[str, str | bytes | None] | None = None,
        hostname: str | None = None,
        offers_from: int | None = None,
        answer: _Answer = "private",
        allow: Iterable[_Network] = (),
        rate_limit: int | None = 200,
        stand_by: bool = False,
        on_event: Callable[[Event], object] | None = None,
        families: _Families = "both",
    ) -> Self: ...
    def start(self) -> Self:
        """Starts to answer, on a thread of its own, and returns the responder itself. Does nothing if
        it runs.

        Raises PortInUse, unless it stands by; NotPermitted, AddressNotAvailable or NetworkError.
        """
    def stop(self) -> Stats:
        """Stops, waits until the port is free, and returns what it has done. Does nothing if it does
        not run.
        """
    @property
    def state(self) -> _State:
        """"answering", "standing-by" or "stopped"."""
    @property
    def ahead(self) -> _Ahead | None:
        """While standing by: whether another "cooee" process has the port, a "foreign" program, or an
        "unknown" one. None otherwise.
        """
    @property
    def owner(self) -> Owner | None:
        """While standing by: who has the port, where the system tells. None otherwise."""
    @property
    def answered_for(self) -> bool | None:
        """While standing by: whether the process that has the port answers for this service, so that
        clients find it. None otherwise.
        """
    @property
    def local_address(self) -> tuple[str, int] | None:
        """Where it answers, as address and port; None while it does not."""
    @property
    def stats(self) -> Stats:
        """What it has done since it started; after a stop, what it did until then."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...

def discover(
    *,
    port: int = 9999,
    message: str | bytes = "DISCOVER_SERVER",
    prefix: str | bytes = "SERVER_IP:",
    timeout: float | timedelta | None = None,
    retries: int = 3,
    wait: _Wait = "settled",
    interfaces: Iterable[str] | None = None,
    exclude_interfaces: Iterable[str] | None = None,
    hosts: Iterable[_Host] = (),
    subnets: Iterable[_Network] = (),
    sweep: bool = False,
    allow_public: bool = False,
    remembered: Iterable[tuple[str, int]] = (),
    check: bool = False,
    families: _Families = "both",
    mdns: bool = True,
    probes: bool = True,
    services: Iterable[str] = (),
) -> Found:
    """Finds the servers on the networks of this host.

    Takes between 1.5 s, when every server answers at once, and 5 s.

    port: the UDP port that servers listen on.
    message: the probe, as text or bytes, 1 to 512 bytes.
    prefix: what an answer begins with, as text or bytes, up to 256 bytes.
    timeout: when to give up, counted from the start, in seconds or as a timedelta, up to an hour.
        None gives up after 5 s, or after one pass over the subnets if that takes longer.
    retries: minimum retransmissions, unless the discovery ends early, up to 100. With fewer than 3,
        "settled" ends earlier and can miss more.
    wait: when to stop. "settled" stops after four rounds and 1.5 s, when nothing new arrives, every
        host is heard and hardly any server can be missing; "quick" after three rounds, and misses
        servers that take more than half a second; "full" at the timeout; "first" at the first
        answer.
    interfaces: the names of the interfaces to send broadcasts from; loopback and point-to-point
        links are used only when named. None uses every interface that can broadcast; an empty list
        is refused.
    exclude_interfaces: the names of interfaces to send no broadcasts from.
    hosts: addresses or names to probe directly too, alone or with a port, such as "192.0.2.7:9999".
    subnets: IPv4 networks whose every address to probe too, up to 250 a second, 65,536 in all.
    sweep: whether to probe every address of the networks on links of the interfaces used, as if each
        were a subnet. Of a network wider than a /22, only the /22 around this host's address.
    allow_public: whether subnets may be public networks that are not on a link of this host.
    remembered: where servers were found before, as the (address, port) of source: up to 64 are probed
        beside the first broadcasts, and none is waited for. Nothing is kept on disk.
    check: whether to open a TCP connection to each address found, on which nothing is sent. A
        server's url then has the address that accepted one first, and checked says what came of
        each; "first" is the first server that accepts one. May take a second longer.
    families: "both", "ipv4" or "ipv6": the address families to use, as far as the system has them.
    mdns: whether to find servers that announce a name by multicast DNS too; extra has what they say.
    probes: whether to send probes; without, servers are found by multicast DNS only.
    services: types of DNS-SD such as "_ipp._tcp", whose instances to list instead, without probes.

    Raises ConfigError, NoSuchInterface, NoInterface, NotPermitted or NetworkError. Finding no
    server is no error.
    """
def discover_one(
    *,
    port: int = 9999,
    message: str | bytes = "DISCOVER_SERVER",
    prefix: str | bytes = "SERVER_IP:",
    timeout: float | timedelta | None = None,
    retries: int = 3,
    interfaces: Iterable[str] | None = None,
    exclude_interfaces: Iterable[str] | None = None,
    hosts: Iterable[_Host] = (),
    subnets: Iterable[_Network] = (),
    sweep: bool = False,
    allow_public: bool = False,
    remembered: Iterable[tuple[str, int]] = (),
    check: bool = False,
    families: _Families = "both",
    mdns: bool = True,
    probes: bool = True,
    services: Iterable[str] = (),
) -> Server | None:
    """Finds one server, whichever answers first. None if none does before the timeout.

    Takes the settings of discover(), without wait, and raises the same.
    """
def stream(
    *,
    port: int = 9999,
    message: str | bytes = "DISCOVER_SERVER",
    prefix: str | bytes = "SERVER_IP:",
    timeout: float | timedelta | None = None,
    retries: int = 3,
    wait: _Wait = "settled",
    interfaces: Iterable[str] | None = None,
    exclude_interfaces: Iterable[str] | None = None,
    hosts: Iterable[_Host] = (),
    subnets: Iterable[_Network] = (),
    sweep: bool = False,
    allow_public: bool = False,
    remembered: Iterable[tuple[str, int]] = (),
    check: bool = False,
    families: _Families = "both",
    mdns: bool = True,
    probes: bool = True,
    services: Iterable[str] = (),
) -> Servers:
    """Finds servers, and gives each when it first answers.

    Takes the settings of discover(), and raises the same. The discovery goes on only while it is
    asked for more; leave the with block, or call stop(), to end it.
    """
def offers_on(port: int = 9999) -> PortOffers | None:
    """Which services are answered for on a UDP port of this host, as its owner tells. None if no process
    that uses this library has the port, or it runs as another user; and on systems other than Linux.
    """
def parse_answer(data: bytes, prefix: bytes) -> tuple[str, int | None]:
    """Decodes an answer: the prefix, four octets or an IPv6 address in brackets, and perhaps a colon and
    a port. White space around address and port is trimmed, and so are zero bytes at the end, which C
    programs send. IPv4 addresses behind an IPv6 address are passed over.

    Returns the address, without brackets, and the port or None. Raises ValueError with the reason if it is no answer.
    """
def interfaces() -> list[Interface]:
    """The network interfaces of this host that have an address, loopback included."""
def own_listeners() -> list[OwnListener] | None:
    """The sockets by which this process accepts connections, inherited ones included. None where the
    system does not tell.
    """
def segmented_network(interfaces: Iterable[str] | None = None) -> SegmentedNetwork | None:
    """The first network that is probably cut into segments which a broadcast does not cross: one
    larger than a /24 in 10.0.0.0/8 or 172.16.0.0/12. None if there is none.

    Looks only at the interfaces that are named; at all of them without names.
    """
def _built_discovery(**settings: object) -> str: ...
def _built_responder(**settings: object) -> str: ...
def _command(words: list[str]) -> int: ...
def _stop_all() -> None: ...
def _restart_after_fork() -> None: ...
