"""Find servers on a local network by calling for them, and let a server answer.

>>> import cooee
>>> for server in cooee.discover():
...     print(server.url)

>>> with cooee.Responder(service_port=8000):
...     serve()

>>> for event in cooee.Browser():
...     print(event.event, event.server.url)

For asyncio: adiscover(), adiscover_one(), astream() and AsyncBrowser. Under gevent and eventlet, discover(),
discover_one() and stream() let other greenlets run. Warnings go to the logger "cooee".
"""

import atexit
import os

from cooee import _beside, _core
from cooee._core import (
    Browser,
    Checked,
    Event,
    Finding,
    Interface,
    Offer,
    Outcome,
    Owner,
    PortOffers,
    Presence,
    Rejected,
    Remembered,
    Responder,
    SegmentedNetwork,
    Server,
    Servers,
    Stats,
    Swept,
    __version__,
    interfaces,
    offers_on,
    parse_answer,
    segmented_network,
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
    from collections.abc import Callable

    import logging

    from cooee._asyncio import AsyncBrowser, AsyncServers, adiscover, adiscover_one, astream
    from cooee._core import discover, discover_one, stream
else:
    from cooee._greenlets import discover, discover_one, stream

__all__ = [
    "AddressNotAvailable",
    "AsyncBrowser",
    "AsyncServers",
    "Browser",
    "Checked",
    "ConfigError",
    "CooeeError",
    "Event",
    "Finding",
    "Found",
    "Interface",
    "NetworkError",
    "NoInterface",
    "NoSuchInterface",
    "NotPermitted",
    "Offer",
    "Outcome",
    "Owner",
    "PortInUse",
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
    "__version__",
    "adiscover",
    "adiscover_one",
    "astream",
    "discover",
    "discover_one",
    "interfaces",
    "offers_on",
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


def _closest(call: "Callable[..., object]", name: str) -> str:
    """The argument of ``call`` that was probably meant. A freezer sees these imports too.

    Raises IndexError if there is none like it.
    """
    import difflib
    import inspect

    try:
        arguments = inspect.signature(call).parameters
    except ValueError:
        # Python 3.9 knows no signatures of the engine's classes.
        raise IndexError(name) from None
    return difflib.get_close_matches(name, arguments, 1)[0]


def __getattr__(name: str) -> object:
    """Imports asyncio on first use: it takes longer than all the rest.

    Old names still work, with a warning.
    """
    if name in _RENAMED:
        import warnings

        now = _RENAMED[name]
        warnings.warn(f"cooee.{name} is now cooee.{now}", DeprecationWarning, stacklevel=2)
        return Servers if now == "Servers" else __getattr__(now)
    if name in {"AsyncBrowser", "AsyncServers", "adiscover", "adiscover_one", "astream"}:
        from cooee import _asyncio

        return getattr(_asyncio, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
