"""The asyncio API where the loop cannot watch a descriptor, as on Windows."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

import cooee

LO = ["lo"]


class Watched:
    """Answers, and how often they are asked for."""

    polls = 0

    def __init__(self, answers):
        self._answers = answers

    def __getattr__(self, name):
        return getattr(self._answers, name)

    def poll(self, *, waited=False):
        Watched.polls += 1
        return self._answers.poll(waited=waited)


class WithoutDescriptor(Watched):
    """As on Windows."""

    def __getattr__(self, name):
        if name == "fileno":
            raise AttributeError(name)
        return super().__getattr__(name)


def add_reader(*_arguments):
    """As that of the proactor loop."""
    raise NotImplementedError


@pytest.fixture(params=["add_reader", "fileno"], autouse=True)
def without(request, monkeypatch):
    if request.param == "add_reader":
        answers = Watched
        monkeypatch.setattr(asyncio.SelectorEventLoop, "add_reader", add_reader)
    else:
        answers = WithoutDescriptor
    stream = cooee._core.stream
    monkeypatch.setattr(cooee._core, "stream", lambda **settings: answers(stream(**settings)))
    monkeypatch.setattr(Watched, "polls", 0)


@pytest.fixture
def port() -> Iterator[int]:
    with cooee.Responder(port=0, service_port=8123) as responder:
        assert responder.local_address is not None
        yield responder.local_address[1]


def all_threads_are_gone() -> bool:
    until = time.monotonic() + 20
    while any(thread.name.startswith("cooee") for thread in threading.enumerate()):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


async def called(silent) -> None:
    """Waits until somebody calls the silent server, and so waits for answers."""
    await asyncio.to_thread(silent.socket.recv, 2048)


def test_servers_are_found_and_the_thread_ends(port):
    async def main():
        return await cooee.adiscover(port=port, interfaces=LO), await cooee.adiscover_one(
            port=port, interfaces=LO
        )

    found, one = asyncio.run(main())
    assert [server.port for server in found] == [one.port] == [8123]
    assert found.outcome.ended == "settled"
    assert all_threads_are_gone()


def test_waiting_costs_nothing_but_the_rounds(free_port):
    found = asyncio.run(cooee.adiscover(port=free_port, interfaces=LO, timeout=1, wait="full"))
    assert found == ()
    assert Watched.polls < 25, "to look every 20 ms would take 50"


def test_a_cancelled_task_ends_the_discovery_and_its_thread_at_once(silent):
    async def main():
        answers = cooee.astream(port=silent.port, interfaces=LO, timeout=60)
        task = asyncio.create_task(answers.__anext__())
        await called(silent)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return answers.outcome.ended

    assert asyncio.run(main()) == "stopped"
    assert all_threads_are_gone()


def test_stop_ends_the_wait_of_another_task(silent):
    async def main():
        answers = cooee.astream(port=silent.port, interfaces=LO, timeout=60)
        task = asyncio.create_task(answers.__anext__())
        await called(silent)
        answers.stop()
        with pytest.raises(StopAsyncIteration):
            await task

    asyncio.run(main())
    assert all_threads_are_gone()


def test_a_loop_that_is_closed_meanwhile_leaves_no_thread_behind(silent):
    async def main():
        answers = cooee.astream(port=silent.port, interfaces=LO, timeout=60)
        task = asyncio.create_task(answers.__anext__())
        await called(silent)
        return answers, task

    loop = asyncio.new_event_loop()
    answers, task = loop.run_until_complete(main())
    loop.close()
    task._log_destroy_pending = False
    task.get_coro().close()
    # What is still held must not keep its thread.
    assert all_threads_are_gone()
    assert answers.stop().ended == "stopped"


def test_an_interrupt_ends_all(silent):
    async def main():
        answers = cooee.astream(port=silent.port, interfaces=LO, timeout=60)
        waiting = asyncio.create_task(answers.__anext__())
        await called(silent)
        asyncio.get_running_loop().call_soon(interrupt)
        await waiting

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    assert all_threads_are_gone()
