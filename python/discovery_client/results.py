"""What is found."""

from dataclasses import dataclass
from typing import Any, Optional


@dataclass
class DiscoveryResult:
    """A server: where it is, and what it said."""

    ip: str
    port: int
    raw_response: bytes
    #: ``source_address``, and ``claimed_address`` where the server named an impossible one.
    extra: Optional[dict[str, Any]] = None

    #: Whether the server runs on this host. Not a field: ``==`` and ``asdict()`` are stock's.
    this_host = False

    def __post_init__(self) -> None:
        if not (isinstance(self.ip, str) and self.ip):
            raise ValueError(f"ip is {self.ip!r}, not an address as text")
        if not (isinstance(self.port, int) and 1 <= self.port <= 65535):
            raise ValueError(f"port is {self.port!r}, not a number from 1 to 65535")
        if not isinstance(self.raw_response, bytes):
            raise ValueError(f"raw_response is {self.raw_response!r}, not bytes")
        if not isinstance(self.extra, (dict, type(None))):
            raise ValueError(f"extra is {self.extra!r}, neither a dict nor None")
