"""The twins for asyncio. The loop waits for the sockets, or looks often; there is no thread."""

from __future__ import annotations

import asyncio

from cooee import _core
from cooee._found import Found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta
    from types import TracebackType
    from typing import TypedDict

    from typing_extensions import Self, Unpack

    from cooee._core import Outcome, Server, _Address, _Network, _Wait

    class _FirstSettings(TypedDict, total=False):
        port: int
        message: str | bytes
        prefix: str | bytes
        timeout: float | timedelta | None
        retries: int
        interfaces: Iterable[str] | None
        exclude_interfaces: Iterable[str] | None
        hosts: Iterable[_Address]
        subnets: Iterable[_Network]

    class _Settings(_FirstSettings, total=False):
        wait: _Wait


# How often to look where nothing tells when a socket is readable: Windows has no descriptors, and
# its proactor loop cannot wait for a socket.
LOOK_AGAIN = 0.02


class AsyncServers:
    """The servers that answer, each when it first does, for `async for`.

    The discovery goes on only while it is asked for more. Leave the `async with` block, or call
    stop(), to end it; a task that is cancelled while it waits for the next server ends it too.
    """

    __module__ = "cooee"
    __slots__ = ("__weakref__", "_reading", "_ready", "_servers", "_waiting")

    def __init__(self, **settings: Unpack[_Settings]) -> None:
        self._servers = _core.stream(**settings)
        self._waiting = False
        self._ready: asyncio.Future[None] | None = None
        self._reading: tuple[asyncio.AbstractEventLoop, int] | None = None

    @property
    def outcome(self) -> Outcome | None:
        """What was done, and how complete it believes to be; None while it goes on."""
        return self._servers.outcome

    def stop(self) -> Outcome:
        """Ends it, if it has not ended by itself. A task that waits for more returns at once."""
        self._wake()
        return self._servers.stop()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Server:
        if self._waiting:
            raise RuntimeError("another task waits for the next server")
        self._waiting = True
        waited = False
        try:
            while True:
                server = self._servers.poll(waited=waited)
                if server is not None:
                    return server
                due = self._servers.due
                if due is None:
                    raise StopAsyncIteration
                await self._readable(due)
                waited = True
        except asyncio.CancelledError:
            self.stop()
            raise
        finally:
            self._waiting = False

    async def _readable(self, due: float) -> None:
        """Waits until something has arrived, but no longer than `due` seconds."""
        loop = asyncio.get_running_loop()
        self._ready = loop.create_future()
        if not self._reads(loop):
            due = min(due, LOOK_AGAIN)
        timer = loop.call_later(due, self._wake)
        try:
            await self._ready
        finally:
            timer.cancel()
            self._wake()

    def _reads(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Has the loop tell when a socket is readable; False where neither can."""
        fileno: Callable[[], int] | None = getattr(self._servers, "fileno", None)
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
        """Ends the wait. The loop lets go of the descriptor here, before anything can close it."""
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
        self.stop()

    def __repr__(self) -> str:
        return f"<cooee.Async{repr(self._servers)[len('<cooee.') :]}"


def astream(**settings: Unpack[_Settings]) -> AsyncServers:
    """As stream(), for `async for` and `async with`."""
    return AsyncServers(**settings)


async def adiscover(**settings: Unpack[_Settings]) -> Found:
    """As discover(), for asyncio. To cancel it ends the discovery at once."""
    async with AsyncServers(**settings) as servers:
        async for _server in servers:
            pass
        outcome = servers.stop()
        return Found(servers._servers.servers or [], outcome)


async def adiscover_one(**settings: Unpack[_FirstSettings]) -> Server | None:
    """As discover_one(), for asyncio. To cancel it ends the discovery at once."""
    async with AsyncServers(**settings, wait="first") as servers:
        async for server in servers:
            return server
    return None
