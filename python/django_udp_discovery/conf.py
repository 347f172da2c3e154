"""The settings of the app, each with its default and what it accepts.

``settings`` reads Django's settings first, then the environment, for those that say how it is read,
and then the defaults.
"""

import ipaddress
import os
import sys
import unicodedata
from typing import Any, Callable, ClassVar, NamedTuple, Optional

from django.conf import settings as django_settings


def _is_port(value: Any) -> bool:
    return type(value) is int and 1 <= value <= 65535


def _is_text(longest: int, shortest: int = 0) -> Callable[[Any], bool]:
    def accepts(value: Any) -> bool:
        try:
            return isinstance(value, str) and shortest <= len(value.encode()) <= longest
        except UnicodeEncodeError:
            return False

    return accepts


def _is_name(value: Any) -> bool:
    return _is_text(63, shortest=1)(value) and not any(map(_is_control, value))


def _is_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc"


def _is_positive(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def _is_address(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        address = ipaddress.IPv4Address(value)
    except ValueError:
        return False
    # Clients would take a loopback address for their own.
    return not (address.is_loopback or address.is_multicast or address.is_reserved) and (
        address not in ipaddress.IPv4Network("0.0.0.0/8")
    )


def _is_network(value: Any) -> bool:
    try:
        network = isinstance(value, str) and ipaddress.IPv4Network(value, strict=False)
    except ValueError:
        return False
    # Python reads masks behind the slash too; the engine reads prefix lengths.
    length = value.partition("/")[2] if network else ""
    return bool(network) and (length == "" or (length.isascii() and length.isdigit()))


def _are_networks(value: Any) -> bool:
    return isinstance(value, (list, tuple, set, frozenset)) and all(map(_is_network, value))


def _is_rate(value: Any) -> bool:
    return type(value) is int and 1 <= value <= 1_000_000


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _read_port(text: str) -> Any:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() else text


_WORDS = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


def _read_truth(text: str) -> Any:
    return _WORDS.get(text.strip().lower(), text)


def _or_none(accepts: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or accepts(value)


class Setting(NamedTuple):
    """One setting: ``accepts`` decides, ``wants`` tells people what is accepted."""

    name: str
    default: Any
    check_id: str
    means: str
    wants: str
    accepts: Callable[[Any], bool]
    #: Whether the listener stays off while the value is wrong.
    needed: bool = True
    #: Reads the environment variable of the same name, for settings that have one. What cannot be
    #: read is left as it is, and not accepted.
    read: Optional[Callable[[str], Any]] = None

    @property
    def value(self) -> Any:
        """What the project says, or the environment, or the default."""
        try:
            return getattr(django_settings, self.name)
        except AttributeError:
            text = os.environ.get(self.name) if self.read else None
            return self.read(text) if self.read and text else self.default


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "DISCOVERY_PORT",
        9999,
        "W001",
        "the UDP port to answer on",
        "a number from 1 to 65535",
        _is_port,
    ),
    Setting(
        "DISCOVERY_MESSAGE",
        "DISCOVER_SERVER",
        "W002",
        "what clients send",
        "text of 1 to 512 bytes",
        _is_text(512, shortest=1),
    ),
    Setting(
        "RESPONSE_PREFIX",
        "SERVER_IP:",
        "W003",
        "what an answer begins with",
        "text of at most 256 bytes",
        _is_text(256),
    ),
    Setting(
        "DISCOVERY_TIMEOUT",
        0.5,
        "W004",
        "kept for clients that read it; the server does not use it",
        "a positive number of seconds",
        _is_positive,
        needed=False,
    ),
    Setting(
        "DISCOVERY_BUFFER_SIZE",
        1024,
        "W005",
        "shown by `start_discovery`; every probe is received whole, whatever this says",
        "a positive number of bytes",
        _is_positive,
        needed=False,
    ),
    Setting(
        "ENABLE_LOGGING",
        True,
        "W006",
        "whether to log more than errors",
        "True or False",
        _is_truth,
        needed=False,
    ),
    Setting(
        "DISCOVERY_SERVICE_PORT",
        None,
        "W007",
        "the port of the site; without it the one on which this process listens",
        "a number from 1 to 65535, or None",
        _or_none(_is_port),
        read=_read_port,
    ),
    Setting(
        "DISCOVERY_ADVERTISE",
        None,
        "W008",
        "the address to name in answers; without it the one that the client can reach",
        "an IPv4 address such as '192.0.2.7', or None",
        _or_none(_is_address),
    ),
    Setting(
        "DISCOVERY_ANSWER",
        "private",
        "W009",
        "which clients to answer: on this host's networks, with private addresses too, or all",
        "'on-link', 'private' or 'any'",
        lambda value: value in ("on-link", "private", "any"),
    ),
    Setting(
        "DISCOVERY_ALLOW",
        (),
        "W010",
        "further networks whose clients to answer",
        "a list of IPv4 networks such as ['198.51.100.0/24']",
        _are_networks,
    ),
    Setting(
        "DISCOVERY_RATE_LIMIT",
        200,
        "W011",
        "answers a second to one address, in bursts of two seconds' worth; None for no limit",
        "a whole number from 1, or None",
        _or_none(_is_rate),
    ),
    Setting(
        "DISCOVERY_STAND_BY",
        True,
        "W012",
        "whether to wait for the port while another process answers",
        "True or False",
        _is_truth,
    ),
    Setting(
        "DISCOVERY_ENABLED",
        True,
        "W016",
        "whether to start with Django",
        "True or False",
        _is_truth,
        read=_read_truth,
    ),
    Setting(
        "DISCOVERY_REQUIRE_LISTENER",
        True,
        "W017",
        "whether to answer only while something listens on the port of the site",
        "True or False",
        _is_truth,
    ),
    Setting(
        "DISCOVERY_NAME",
        None,
        "W018",
        "the name to announce the site under by DNS-SD; without it nothing is announced",
        "text of 1 to 63 bytes without control characters, or None",
        _or_none(_is_name),
        read=str,
    ),
)

_BY_NAME: dict[str, Setting] = {setting.name: setting for setting in SETTINGS}


class DiscoverySettings:
    """The settings as attributes: Django's, else the environment's, else the defaults."""

    DEFAULTS: ClassVar[dict[str, Any]] = {setting.name: setting.default for setting in SETTINGS}

    def __getattr__(self, name: str) -> Any:
        if name in _BY_NAME:
            return _BY_NAME[name].value
        try:
            return getattr(django_settings, name)
        except AttributeError:
            raise AttributeError(f"Invalid discovery setting: '{name}'") from None

    def get(self, name: str, default: Any = None) -> Any:
        """The setting, or ``default`` where neither Django nor the defaults have it."""
        return getattr(self, name, default)


settings = DiscoverySettings()


def wrong_settings() -> list[Setting]:
    """The settings whose values are not accepted."""
    return [setting for setting in SETTINGS if not setting.accepts(setting.value)]


class Service(NamedTuple):
    """What answers name, and when they are given."""

    #: The port; without it clients assume 8000.
    port: Optional[int] = None
    #: The socket that must listen for an answer to be given, as address and port.
    listener: Optional[tuple[str, int]] = None
    #: Whether anything must listen on the port.
    required: bool = False
    #: Whether it is known that only clients of IPv6 connect.
    only_v6: bool = False


def responder_arguments(service: Optional[Service] = None) -> dict[str, Any]:
    """What the settings mean to ``cooee.Responder``, for this service or the one they name."""
    if service is None:
        service = Service(settings.DISCOVERY_SERVICE_PORT)
    if sys.platform != "linux":
        # The engine cannot look up what listens.
        service = Service(service.port)
    return {
        "port": settings.DISCOVERY_PORT,
        "message": settings.DISCOVERY_MESSAGE,
        "prefix": settings.RESPONSE_PREFIX,
        "service_port": service.port if service.listener is None else None,
        "listener": service.listener,
        "require_listener": service.required,
        "advertise": settings.DISCOVERY_ADVERTISE,
        "answer": settings.DISCOVERY_ANSWER,
        "allow": list(settings.DISCOVERY_ALLOW),
        "rate_limit": settings.DISCOVERY_RATE_LIMIT,
        "stand_by": settings.DISCOVERY_STAND_BY,
        "name": settings.DISCOVERY_NAME,
    }
