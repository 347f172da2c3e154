"""Discovery where greenlets share a thread, by gevent or eventlet.

Both replace the calls of Python that wait with some that let other greenlets run. They cannot
replace those of the engine: where `socket` is patched, the engine is asked without waiting, and the
library waits for the descriptor.
"""

from __future__ import annotations

import sys

from cooee import _core
from cooee._found import Found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from cooee._core import Outcome, Server

# Polling interval in seconds where the system gives no descriptor.
LOOK_AGAIN = 0.02


class _Elapsed(Exception):
    """Nothing became readable in time."""


class Hub:
    """How one of the libraries waits.

    wait: for a descriptor to be readable; raises what `timeout_exc` is after `timeout` seconds.
    sleep: for some seconds.
    """

    __slots__ = ("_wait", "sleep")

    def __init__(self, wait: Callable[..., object], sleep: Callable[[float], object]) -> None:
        self._wait = wait
        self.sleep = sleep

    def wait(self, descriptor: int, seconds: float) -> None:
        """Lets other greenlets run until it is readable, at most so long."""
        try:
            self._wait(descriptor, timeout=seconds, timeout_exc=_Elapsed)
        except _Elapsed:
            return


def hub() -> Hub | None:
    """The library that has patched the sockets of this process; None for the engine's own waiting.

    Here it is decided, for each discovery when it begins. Nothing is imported for it.
    """
    modules: dict[str, Any] = sys.modules
    gevent = modules.get("gevent.monkey")
    if gevent is not None and gevent.is_module_patched("socket"):
        return Hub(modules["gevent.socket"].wait_read, modules["gevent"].sleep)
    eventlet = modules.get("eventlet.patcher")
    if eventlet is not None and eventlet.is_monkey_patched("socket"):
        trampoline = modules["eventlet.hubs"].trampoline

        def wait(descriptor: int, **timeout: object) -> object:
            return trampoline(descriptor, read=True, **timeout)

        return Hub(wait, modules["eventlet"].sleep)
    return None


def _current() -> object:
    """The greenlet that runs. Both libraries import the module."""
    modules: dict[str, Any] = sys.modules
    return modules["greenlet"].getcurrent()


class GreenServers(_core.Servers):
    """Yields each server at its first answer, and lets other greenlets run meanwhile."""

    __module__ = "cooee"
    __slots__ = ("_hub", "_waiting")

    def __init__(self, **_settings: object) -> None:
        found = hub()
        assert found is not None, "made only where there is one"
        self._hub = found
        # The greenlet that waits.
        self._waiting: object = None

    def __next__(self) -> Server:
        if self._waiting is not None:
            raise RuntimeError("another greenlet waits for the next server")
        waited = False
        while True:
            server = self.poll(waited=waited)
            if server is not None:
                return server
            due = self.due
            if due is None:
                raise StopIteration
            self._wait(due)
            waited = True

    def _wait(self, due: float) -> None:
        """Waits for a datagram, at most `due` seconds. What it raises ends the discovery."""
        self._waiting = _current()
        try:
            if hasattr(self, "fileno"):
                self._hub.wait(self.fileno(), due)
            else:
                self._hub.sleep(min(due, LOOK_AGAIN))
        except BaseException:
            super().stop()
            raise
        finally:
            self._waiting = None

    def stop(self) -> Outcome:
        """Ends it, after a greenlet that waits has let go of the descriptor.

        Raises RuntimeError in that greenlet itself, where a handler of signals may call it: it is
        over when what waits has returned.
        """
        self._interrupt()
        if self._waiting is _current():
            raise RuntimeError(
                "this greenlet waits for the next server; the discovery ends when it returns"
            )
        while self._waiting is not None:
            self._hub.sleep(0)
        return super().stop()

    def __exit__(self, *_exception: object) -> None:
        self.stop()


def _twin_of(builtin: Callable[..., object]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Gives a function the signature and the documentation of the engine's."""

    def dress(function: Callable[..., Any]) -> Callable[..., Any]:
        function.__doc__ = builtin.__doc__
        function.__module__ = "cooee"
        function.__wrapped__ = builtin  # type: ignore[attr-defined]
        return function

    return dress


@_twin_of(_core.stream)
def stream(**settings: Any) -> _core.Servers:
    return _core.stream(**settings) if hub() is None else GreenServers(**settings)


@_twin_of(_core.discover)
def discover(**settings: Any) -> Found:
    if hub() is None:
        return _core.discover(**settings)
    with GreenServers(**settings) as servers:
        for _server in servers:
            pass
        outcome = servers.stop()
        return Found(servers.servers or [], outcome, servers._findings)


@_twin_of(_core.discover_one)
def discover_one(**settings: Any) -> Server | None:
    if hub() is None:
        return _core.discover_one(**settings)
    if "wait" in settings:
        # Refused by the engine, in its words.
        return _core.discover_one(**settings)
    with GreenServers(**settings, wait="first") as servers:
        return next(servers, None)
