"""Find servers on a local network by calling for them, and let a server answer.

>>> import cooee
>>> for server in cooee.discover():
...     print(server.url)

>>> with cooee.Responder(service_port=8000):
...     serve()

For asyncio: adiscover(), adiscover_one() and astream(). Warnings go to the logger "cooee".
"""

import atexit
import os

from cooee import _beside, _core
from cooee._core import (
    Event,
    Interface,
    Outcome,
    Owner,
    Rejected,
    Responder,
    SegmentedNetwork,
    Server,
    Servers,
    Stats,
    Swept,
    __version__,
    discover,
    discover_one,
    interfaces,
    parse_answer,
    segmented_network,
    stream,
)
from cooee._errors import (
    AddressNotAvailable,
    ConfigError,
    CooeeError,
    NetworkError,
    NoInterface,
    NoSuchInterface,
    NotPermitted,
    PortInUse,
)
from cooee._found import Found

# Type checkers take it as true. The one in `typing` would cost an import.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging

    from cooee._asyncio import AsyncServers, adiscover, adiscover_one, astream

__all__ = [
    "AddressNotAvailable",
    "AsyncServers",
    "ConfigError",
    "CooeeError",
    "Event",
    "Found",
    "Interface",
    "NetworkError",
    "NoInterface",
    "NoSuchInterface",
    "NotPermitted",
    "Outcome",
    "Owner",
    "PortInUse",
    "Rejected",
    "Responder",
    "SegmentedNetwork",
    "Server",
    "Servers",
    "Stats",
    "Swept",
    "__version__",
    "adiscover",
    "adiscover_one",
    "astream",
    "discover",
    "discover_one",
    "interfaces",
    "parse_answer",
    "segmented_network",
    "stream",
]

_RENAMED = {"Answers": "Servers", "AsyncAnswers": "AsyncServers"}

_beside.warn()
atexit.register(_core._stop_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_core._restart_after_fork)


def _logger() -> "logging.Logger":
    """The engine's logger. A freezer of programs sees this import, and not one of the engine's."""
    import logging

    return logging.getLogger("cooee")


def __getattr__(name: str) -> object:
    """Imports asyncio on first use: it takes longer than all the rest.

    Old names still work, with a warning.
    """
    if name in _RENAMED:
        import warnings

        now = _RENAMED[name]
        warnings.warn(f"cooee.{name} is now cooee.{now}", DeprecationWarning, stacklevel=2)
        return Servers if now == "Servers" else __getattr__(now)
    if name in {"AsyncServers", "adiscover", "adiscover_one", "astream"}:
        from cooee import _asyncio

        return getattr(_asyncio, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
