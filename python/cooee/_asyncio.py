"""The asyncio API. The loop watches the sockets; where it cannot, a thread waits for them."""

from __future__ import annotations

import asyncio
import inspect
from concurrent.futures import ThreadPoolExecutor

from cooee import _core
from cooee._found import Found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta
    from types import TracebackType
    from typing import Any, ClassVar, TypedDict

    from typing_extensions import Self, Unpack

    from cooee._core import Outcome, Presence, Server, _Families, _Host, _Network, _Wait

    class _BrowserSettings(TypedDict, total=False):
        port: int
        message: str | bytes
        prefix: str | bytes
        interfaces: Iterable[str] | None
        exclude_interfaces: Iterable[str] | None
        hosts: Iterable[_Host]
        subnets: Iterable[_Network]
        sweep: bool
        allow_public: bool
        families: _Families
        mdns: bool

    class _FirstSettings(_BrowserSettings, total=False):
        timeout: float | timedelta | None
        retries: int
        remembered: Iterable[tuple[str, int]]
        check: bool
        probes: bool
        services: Iterable[str]

    class _Settings(_FirstSettings, total=False):
        wait: _Wait


def _running_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(
            "no asyncio event loop runs here; under trio, and anyio on trio, run cooee.discover in "
            "a thread, for instance by trio.to_thread.run_sync"
        ) from None


class _Awaited:
    """Waits for what the engine hears: a discovery or a live view."""

    __slots__ = ("__weakref__", "_engine", "_reading", "_ready", "_thread", "_waiting")

    def __init__(self, engine: _core.Servers | _core.Browser) -> None:
        self._engine = engine
        self._waiting = False
        self._ready: asyncio.Future[None] | None = None
        self._reading: tuple[asyncio.AbstractEventLoop, int] | None = None
        self._thread: ThreadPoolExecutor | None = None

    def _halt(self) -> Outcome | None:
        """Ends it. A task that waits returns at once."""
        self._wake()
        outcome = self._engine.stop()
        self._dismiss()
        return outcome

    async def _next(self, what: str) -> Any:
        """The next that is heard; raises StopAsyncIteration when it is over."""
        if self._waiting:
            raise RuntimeError(f"another task awaits the next {what}")
        loop = _running_loop()
        self._waiting = True
        waited = False
        try:
            while True:
                heard = self._engine.poll(waited=waited)
                if heard is not None:
                    return heard
                due = self._engine.due
                if due is None:
                    self._dismiss()
                    raise StopAsyncIteration
                if self._reads(loop):
                    await self._readable(loop, due)
                    waited = True
                else:
                    await self._heard(loop, due)
        except asyncio.CancelledError:
            self._halt()
            raise
        finally:
            self._waiting = False

    async def _readable(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        """Waits for a datagram, at most `due` seconds."""
        self._ready = loop.create_future()
        timer = loop.call_later(due, self._wake)
        try:
            await self._ready
        finally:
            timer.cancel()
            self._wake()

    async def _heard(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        """Has a thread listen, at most `due` seconds: there is no descriptor on Windows, and its
        proactor loop could not watch it."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "cooee")
        listening = loop.run_in_executor(self._thread, self._engine._listen, due)
        try:
            await listening
        finally:
            # The coroutine is closed, and nobody will ask again.
            if not listening.done():
                self._engine._interrupt()
                self._dismiss()

    def _dismiss(self) -> None:
        """Lets go of the thread, which has returned or does so at once."""
        if self._thread is not None:
            self._thread.shutdown(wait=False)
            self._thread = None

    def _reads(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Asks the loop to watch the socket. False if the system or the loop cannot."""
        fileno: Callable[[], int] | None = getattr(self._engine, "fileno", None)
        if fileno is None:
            return False
        descriptor = fileno()
        try:
            loop.add_reader(descriptor, self._wake)
        except NotImplementedError:
            return False
        self._reading = loop, descriptor
        return True

    def _wake(self) -> None:
        """Ends the wait, and removes the descriptor from the loop before anything can close it."""
        if self._reading is not None:
            loop, descriptor = self._reading
            self._reading = None
            loop.remove_reader(descriptor)
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._halt()

    def __aiter__(self) -> Self:
        return self

    def __repr__(self) -> str:
        return f"<cooee.Async{repr(self._engine)[len('<cooee.') :]}"


class AsyncServers(_Awaited):
    """Yields each server at its first answer, for `async for`.

    Discovery advances only while the next server is awaited. It ends when the `async with` block
    is left, when stop() is called, or when a task that awaits the next server is cancelled.
    """

    __module__ = "cooee"
    __signature__: ClassVar[inspect.Signature] = inspect.signature(_core.stream)
    __slots__ = ("_servers",)

    def __init__(self, **settings: Unpack[_Settings]) -> None:
        self._servers = _core.stream(**settings)
        super().__init__(self._servers)

    @property
    def outcome(self) -> Outcome | None:
        """How the discovery went and how complete it probably is; None while it runs."""
        return self._servers.outcome

    def stop(self) -> Outcome:
        """Ends the discovery if it still runs. A task that awaits the next server returns at once."""
        self._halt()
        return self._servers.stop()

    async def __anext__(self) -> Server:
        server: Server = await self._next("server")
        return server


def _signature_of(kind: type) -> inspect.Signature:
    """That of a class of the engine, which Python 3.9 does not know."""
    try:
        return inspect.signature(kind)
    except ValueError:
        settings = inspect.Parameter("settings", inspect.Parameter.VAR_KEYWORD)
        return inspect.Signature([settings])


class AsyncBrowser(_Awaited):
    """Yields what happens to servers, for `async for`: Browser for asyncio.

    The view advances only while the next event is awaited. It ends when the `async with` block is
    left, when stop() is called, or when a task that awaits the next event is cancelled.
    """

    __module__ = "cooee"
    __signature__: ClassVar[inspect.Signature] = _signature_of(_core.Browser)
    __slots__ = ("_browser",)

    def __init__(self, **settings: Unpack[_BrowserSettings]) -> None:
        self._browser = _core.Browser(**settings)
        super().__init__(self._browser)

    @property
    def servers(self) -> list[Server] | None:
        """The servers that are there now, in the order in which they were found; None at the end."""
        return self._browser.servers

    def stop(self) -> None:
        """Ends the view. A task that awaits the next event returns at once."""
        self._halt()

    async def __anext__(self) -> Presence:
        event: Presence = await self._next("event")
        return event


def astream(**settings: Unpack[_Settings]) -> AsyncServers:
    """Like stream(), for `async for` and `async with`."""
    return AsyncServers(**settings)


async def adiscover(**settings: Unpack[_Settings]) -> Found:
    """Like discover(), for asyncio. Cancelling it ends the discovery at once."""
    async with AsyncServers(**settings) as servers:
        async for _server in servers:
            pass
        outcome = servers.stop()
        return Found(servers._servers.servers or [], outcome, servers._servers._findings)


async def adiscover_one(**settings: Unpack[_FirstSettings]) -> Server | None:
    """Like discover_one(), for asyncio. Cancelling it ends the discovery at once."""
    async with AsyncServers(**settings, wait="first") as servers:
        async for server in servers:
            return server
    return None


# What help() and editors show: the engine has the list of settings, with the defaults.
for _asynchronous, _twin in (
    (astream, _core.stream),
    (adiscover, _core.discover),
    (adiscover_one, _core.discover_one),
):
    vars(_asynchronous)["__signature__"] = inspect.signature(_twin)
