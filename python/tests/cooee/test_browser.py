"""The live view: servers that come and go."""

from __future__ import annotations

import asyncio
import inspect
import threading

import pytest

import cooee
from cooee import _core

LO = [of.name for of in cooee.interfaces() if of.kind == "loopback"]


def test_a_server_is_seen_to_come_and_go(free_port):
    responder = cooee.Responder(port=free_port, service_port=8001)
    responder.start()
    seen = []
    with cooee.Browser(port=free_port, interfaces=LO) as browser:
        for event in browser:
            seen.append((event.event, event.id, event.server.port, event.why))
            if event.event == "gone":
                break
            assert browser.servers == [event.server]
            responder.stop()
    assert seen == [("found", 0, 8001, None), ("gone", 0, 8001, "refused")]
    assert list(browser) == []
    assert browser.due is None


def test_asyncio_sees_the_same(free_port):
    async def watch() -> list[str]:
        responder = cooee.Responder(port=free_port)
        responder.start()
        seen = []
        async with cooee.AsyncBrowser(port=free_port, interfaces=LO) as browser:
            async for event in browser:
                seen.append(event.event)
                if event.event == "gone":
                    break
                responder.stop()
        return seen

    assert asyncio.run(asyncio.wait_for(watch(), 20)) == ["found", "gone"]


def test_a_cancelled_task_ends_the_view(free_port):
    async def watch() -> None:
        browser = cooee.AsyncBrowser(port=free_port, interfaces=LO)
        task = asyncio.ensure_future(browser.__anext__())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(StopAsyncIteration):
            await browser.__anext__()

    asyncio.run(watch())


def test_another_thread_can_stop_it(free_port):
    browser = cooee.Browser(port=free_port, interfaces=LO)
    stopping = threading.Timer(0.2, browser.stop)
    stopping.start()
    assert list(browser) == []
    stopping.join()


@pytest.mark.parametrize("watches", [True, False], ids=["descriptor", "thread"])
def test_servers_are_listed_while_another_task_waits(watches, free_port, monkeypatch):
    def add_reader(*_arguments: object) -> None:
        raise NotImplementedError

    if not watches:
        # As that of Windows, where a thread waits.
        monkeypatch.setattr(asyncio.SelectorEventLoop, "add_reader", add_reader)

    async def watch() -> None:
        responder = cooee.Responder(port=free_port)
        responder.start()
        async with cooee.AsyncBrowser(port=free_port, interfaces=LO, mdns=False) as browser:
            found = await browser.__anext__()
            waiting = asyncio.ensure_future(browser.__anext__())
            for _ in range(20):
                await asyncio.sleep(0.01)
                assert browser.servers == [found.server]
            responder.stop()
            assert (await waiting).event == "gone"
            assert browser.servers == []
        assert browser.servers is None

    asyncio.run(asyncio.wait_for(watch(), 20))


@pytest.mark.parametrize("name", ["timeout", "retries", "wait", "remembered", "check", "probes", "services"])
def test_what_says_nothing_in_a_view_is_refused(name):
    with pytest.raises(TypeError, match=name):
        cooee.Browser(**{name: None})


def test_the_twin_has_the_settings_of_the_view():
    assert inspect.signature(cooee.AsyncBrowser) == inspect.signature(_core.Browser)
