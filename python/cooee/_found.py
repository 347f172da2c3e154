"""What a discovery returns."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cooee._core import Finding, Outcome, Server


class Found(tuple["Server", ...]):
    """The servers that were found: a tuple, and to_json() for programs that read JSON.

    outcome: what the discovery did, and how complete the list probably is.
    """

    __module__ = "cooee"

    outcome: Outcome
    _findings: Iterable[Finding] | Callable[[], Iterable[Finding] | None]

    def __new__(
        cls,
        servers: Iterable[Server],
        outcome: Outcome,
        findings: Iterable[Finding] | Callable[[], Iterable[Finding] | None] = (),
    ) -> Found:
        found = super().__new__(cls, servers)
        found.outcome = outcome
        found._findings = findings
        return found

    def __reduce__(self) -> tuple[type[Found], tuple[object, ...]]:
        return type(self), (tuple(self), self.outcome, self.findings)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What keeps servers from being found, the likeliest cause first.

        Why nobody was found or a named host is missing, and what is wrong though servers were
        found, such as two hosts with one address. Empty if there is nothing of the kind. When it is
        first read, it looks at the routes, the port and the firewall of this host, which usually
        takes some milliseconds, and four seconds at most; nothing is sent.
        """
        findings = self._findings
        if callable(findings):
            findings = findings() or ()
        self._findings = found = tuple(findings)
        return found

    def to_json(self, *, indent: int | None = 2) -> str:
        """The servers as JSON text, as `cooee find --format json` prints them."""
        import json

        servers = [server.as_dict() for server in self]
        return json.dumps(servers, indent=indent, ensure_ascii=False)

    def __repr__(self) -> str:
        return f"Found({list(self)!r}, outcome={self.outcome!r})"
