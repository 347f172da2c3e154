"""What a discovery returns."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from cooee._core import Outcome, Server


class Found(tuple["Server", ...]):
    """The servers that were found: a tuple, and to_json() for programs that read JSON.

    outcome: what the discovery did, and how complete the list probably is.
    """

    __module__ = "cooee"

    outcome: Outcome

    def __new__(cls, servers: Iterable[Server], outcome: Outcome) -> Found:
        found = super().__new__(cls, servers)
        found.outcome = outcome
        return found

    def __getnewargs__(self) -> tuple[tuple[Server, ...], Outcome]:
        return tuple(self), self.outcome

    def to_json(self, *, indent: int | None = 2) -> str:
        """The servers as JSON text, as `cooee find --format json` prints them."""
        import json

        servers = [server.as_dict() for server in self]
        return json.dumps(servers, indent=indent, ensure_ascii=False)

    def __repr__(self) -> str:
        return f"Found({list(self)!r}, outcome={self.outcome!r})"
