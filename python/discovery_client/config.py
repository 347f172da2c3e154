"""How to discover: the defaults, overridden by the environment, then by the program."""

import os
from dataclasses import dataclass
from typing import Any, Callable, Optional, Union

ENVIRONMENT_PREFIX = "DISCOVERY_CLIENT_"


def _encoded(name: str, value: Union[str, bytes]) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes):
        return value
    raise TypeError(f"{name} is {value!r}, neither text nor bytes")


@dataclass
class ClientConfig:
    """How to discover. Text in ``discovery_message`` and ``response_prefix`` becomes bytes."""

    discovery_port: int = 9999
    discovery_message: bytes = b"DISCOVER_SERVER"
    response_prefix: bytes = b"SERVER_IP:"
    #: Seconds.
    timeout: float = 5.0
    #: How many more rounds of probes to send at least, in case a datagram is lost.
    retries: int = 3
    #: Whether to probe the 254 nearest addresses of each private network of this host, if nobody
    #: has answered after 40 % of the timeout; once in five minutes for each network.
    enable_subnet_scan: bool = True
    #: The only interfaces to send broadcasts from, by name.
    interfaces_whitelist: Optional[list[str]] = None
    #: Interfaces to send no broadcasts from, by name.
    interfaces_blacklist: Optional[list[str]] = None
    #: Hosts to probe directly too: addresses or names, perhaps with a port.
    hosts: Optional[list[str]] = None

    def __post_init__(self) -> None:
        if not 1 <= self.discovery_port <= 65535:
            raise ValueError(f"discovery_port is {self.discovery_port}, not from 1 to 65535")
        self.discovery_message = _encoded("discovery_message", self.discovery_message)
        self.response_prefix = _encoded("response_prefix", self.response_prefix)
        if self.timeout <= 0:
            raise ValueError(f"timeout is {self.timeout}, not more than 0 seconds")
        if self.retries < 0:
            raise ValueError(f"retries is {self.retries}, less than 0")

    @classmethod
    def from_env(cls, **overrides: Any) -> "ClientConfig":
        """The ``DISCOVERY_CLIENT_*`` variables of the environment, overridden by ``overrides``.

        An empty variable counts as none. Raises ``ValueError`` for one that cannot be read,
        unless it is overridden.
        """
        values = {
            field: _read(ENVIRONMENT_PREFIX + name, convert)
            for field, (name, convert) in _VARIABLES.items()
            if field not in overrides and os.environ.get(ENVIRONMENT_PREFIX + name)
        }
        return cls(**{**values, **overrides})


def load_config(**kwargs: Any) -> ClientConfig:
    """``ClientConfig.from_env``: the environment, overridden by ``kwargs``."""
    return ClientConfig.from_env(**kwargs)


def _read(variable: str, convert: Callable[[str], Any]) -> Any:
    text = os.environ[variable]
    try:
        return convert(text)
    except ValueError:
        raise ValueError(f"{variable} is {text!r}, not a number") from None


def _yes(text: str) -> bool:
    return text.lower() in ("true", "1", "yes", "on")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


_VARIABLES: dict[str, "tuple[str, Callable[[str], Any]]"] = {
    "discovery_port": ("PORT", int),
    "discovery_message": ("MESSAGE", str),
    "response_prefix": ("RESPONSE_PREFIX", str),
    "timeout": ("TIMEOUT", float),
    "retries": ("RETRIES", int),
    "enable_subnet_scan": ("ENABLE_SUBNET_SCAN", _yes),
    "interfaces_whitelist": ("INTERFACES_WHITELIST", _names),
    "interfaces_blacklist": ("INTERFACES_BLACKLIST", _names),
    "hosts": ("HOSTS", _names),
}
