"""What a discovery returns."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from cooee._core import Outcome, Server


class Found(tuple["Server", ...]):
    """The servers that were found: a tuple.

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

    def __repr__(self) -> str:
        return f"Found({list(self)!r}, outcome={self.outcome!r})"
