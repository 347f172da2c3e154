import sys
from collections.abc import Callable, Iterable
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Literal, final

from typing_extensions import Self, TypeAlias

from cooee._found import Found

__all__ = [
    "Event",
    "Interface",
    "Offer",
    "Outcome",
    "OwnListener",
    "Owner",
    "PortOffers",
    "Rejected",
    "Responder",
    "SegmentedNetwork",
    "Server",
    "Servers",
    "Stats",
    "Swept",
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
_Network: TypeAlias = str | IPv4Network | IPv4Address
_Wait: TypeAlias = Literal["quick", "settled", "full", "first"]
_Trust: TypeAlias = Literal["none", "unverified"]
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
    "offers-changed",
    "offer-taken",
    "offer-refused",
    "not-listening",
]

@final
class Server:
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
    )
    def __new__(
        cls,
        ip: str,
        port: int,
        url: str,
        source: tuple[str, int],
        interface: str | None,
        protocol: Literal["classic"],
        raw: bytes,
        rtt: float | None,
        trust: _Trust,
        claimed: str | None,
        this_host: bool,
        addresses: tuple[str, ...],
        routed: bool,
    ) -> Self: ...
    @property
    def ip(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def url(self) -> str: ...
    @property
    def source(self) -> tuple[str, int]: ...
    @property
    def interface(self) -> str | None: ...
    @property
    def protocol(self) -> Literal["classic"]: ...
    @property
    def raw(self) -> bytes: ...
    @property
    def rtt(self) -> float | None: ...
    @property
    def trust(self) -> _Trust: ...
    @property
    def claimed(self) -> str | None: ...
    @property
    def this_host(self) -> bool: ...
    @property
    def addresses(self) -> tuple[str, ...]: ...
    @property
    def routed(self) -> bool: ...
    def as_dict(self) -> dict[str, Any]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Outcome:
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
        "swept",
        "rejected",
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
        swept: Swept | None,
        rejected: list[Rejected],
    ) -> Self: ...
    @property
    def ended(self) -> _Ended: ...
    @property
    def elapsed(self) -> float: ...
    @property
    def rounds(self) -> int: ...
    @property
    def servers(self) -> int: ...
    @property
    def answers(self) -> int: ...
    @property
    def refusals(self) -> dict[str, int]: ...
    @property
    def kernel_drops(self) -> int: ...
    @property
    def unseen(self) -> float | None: ...
    @property
    def answer_rate(self) -> float | None: ...
    @property
    def truncated(self) -> bool: ...
    @property
    def silent(self) -> list[str]: ...
    @property
    def refused(self) -> list[str]: ...
    @property
    def swept(self) -> Swept | None: ...
    @property
    def rejected(self) -> list[Rejected]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Swept:
    __match_args__ = ("called", "refused", "of", "pass_takes")
    def __new__(
        cls,
        called: int,
        refused: int,
        of: int,
        pass_takes: float,
    ) -> Self: ...
    @property
    def called(self) -> int: ...
    @property
    def refused(self) -> int: ...
    @property
    def of(self) -> int: ...
    @property
    def pass_takes(self) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Rejected:
    __match_args__ = ("source", "reason", "excerpt")
    def __new__(
        cls,
        source: tuple[str, int],
        reason: str,
        excerpt: str,
    ) -> Self: ...
    @property
    def source(self) -> tuple[str, int]: ...
    @property
    def reason(self) -> str: ...
    @property
    def excerpt(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Interface:
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
    def name(self) -> str: ...
    @property
    def index(self) -> int: ...
    @property
    def kind(self) -> _Kind: ...
    @property
    def up(self) -> bool: ...
    @property
    def addresses(self) -> list[str]: ...
    @property
    def broadcasts(self) -> list[str]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class OwnListener:
    __match_args__ = ("kind", "address", "v6_only", "path")
    def __new__(
        cls,
        kind: Literal["tcp", "unix"],
        address: tuple[str, int] | None,
        v6_only: bool,
        path: str | None,
    ) -> Self: ...
    @property
    def kind(self) -> Literal["tcp", "unix"]: ...
    @property
    def address(self) -> tuple[str, int] | None: ...
    @property
    def v6_only(self) -> bool: ...
    @property
    def path(self) -> str | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class SegmentedNetwork:
    __match_args__ = ("interface", "address", "likely_reach", "segments")
    def __new__(
        cls,
        interface: str,
        address: str,
        likely_reach: str,
        segments: int,
    ) -> Self: ...
    @property
    def interface(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def likely_reach(self) -> str: ...
    @property
    def segments(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Owner:
    __match_args__ = ("pid", "name")
    def __new__(
        cls,
        pid: int,
        name: str | None,
    ) -> Self: ...
    @property
    def pid(self) -> int: ...
    @property
    def name(self) -> str | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Stats:
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
    def received(self) -> int: ...
    @property
    def answered(self) -> int: ...
    @property
    def answers(self) -> int: ...
    @property
    def held_back(self) -> int: ...
    @property
    def refused(self) -> dict[str, int]: ...
    @property
    def send_failures(self) -> int: ...
    @property
    def receive_failures(self) -> int: ...
    @property
    def kernel_drops(self) -> int: ...
    @property
    def interface_changes(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class Event:
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
    ) -> Self: ...
    @property
    def kind(self) -> _Happening: ...
    @property
    def local_address(self) -> tuple[str, int] | None: ...
    @property
    def ahead(self) -> _Ahead | None: ...
    @property
    def owner(self) -> Owner | None: ...
    @property
    def asker(self) -> tuple[str, int] | None: ...
    @property
    def answer(self) -> str | None: ...
    @property
    def source(self) -> str | None: ...
    @property
    def refused(self) -> int | None: ...
    @property
    def answered_for(self) -> bool | None: ...
    @property
    def services(self) -> int | None: ...
    @property
    def why(self) -> str | None: ...
    @property
    def service_port(self) -> int | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

class Servers:
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
        hosts: Iterable[_Address] = (),
        subnets: Iterable[_Network] = (),
    ) -> Self: ...
    @property
    def outcome(self) -> Outcome | None: ...
    @property
    def servers(self) -> list[Server] | None: ...
    @property
    def due(self) -> float | None: ...
    def stop(self) -> Outcome: ...
    def poll(self, *, waited: bool = False) -> Server | None: ...
    if sys.platform != "win32":
        def fileno(self) -> int: ...
    def _interrupt(self) -> None: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Server: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...

@final
class Offer:
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
    def pid(self) -> int | None: ...
    @property
    def message(self) -> str: ...
    @property
    def prefix(self) -> str: ...
    @property
    def service_port(self) -> int | None: ...
    @property
    def advertise(self) -> str | None: ...
    @property
    def requires_listener(self) -> bool: ...
    @property
    def listener(self) -> str | None: ...
    @property
    def answer(self) -> _Answer: ...
    @property
    def allow(self) -> list[str]: ...
    @property
    def name(self) -> str | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

@final
class PortOffers:
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
    def owner(self) -> Owner | None: ...
    @property
    def offers(self) -> list[Offer]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]: ...

class Responder:
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
        offers_from: int | None = None,
        answer: _Answer = "private",
        allow: Iterable[_Network] = (),
        rate_limit: int | None = 200,
        stand_by: bool = False,
        on_event: Callable[[Event], object] | None = None,
    ) -> Self: ...
    def start(self) -> Self: ...
    def stop(self) -> Stats: ...
    @property
    def state(self) -> _State: ...
    @property
    def ahead(self) -> _Ahead | None: ...
    @property
    def owner(self) -> Owner | None: ...
    @property
    def answered_for(self) -> bool | None: ...
    @property
    def local_address(self) -> tuple[str, int] | None: ...
    @property
    def stats(self) -> Stats: ...
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
    hosts: Iterable[_Address] = (),
    subnets: Iterable[_Network] = (),
) -> Found: ...
def discover_one(
    *,
    port: int = 9999,
    message: str | bytes = "DISCOVER_SERVER",
    prefix: str | bytes = "SERVER_IP:",
    timeout: float | timedelta | None = None,
    retries: int = 3,
    interfaces: Iterable[str] | None = None,
    exclude_interfaces: Iterable[str] | None = None,
    hosts: Iterable[_Address] = (),
    subnets: Iterable[_Network] = (),
) -> Server | None: ...
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
    hosts: Iterable[_Address] = (),
    subnets: Iterable[_Network] = (),
) -> Servers: ...
def offers_on(port: int = 9999) -> PortOffers | None: ...
def parse_answer(data: bytes, prefix: bytes) -> tuple[str, int | None]: ...
def interfaces() -> list[Interface]: ...
def own_listeners() -> list[OwnListener] | None: ...
def segmented_network(interfaces: Iterable[str] | None = None) -> SegmentedNetwork | None: ...
def _built_discovery(**settings: object) -> str: ...
def _built_responder(**settings: object) -> str: ...
def _command(words: list[str]) -> int: ...
def _stop_all() -> None: ...
def _restart_after_fork() -> None: ...
