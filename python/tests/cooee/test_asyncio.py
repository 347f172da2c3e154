"""adiscover(), adiscover_one() and astream()."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import cooee

LO = [of.name for of in cooee.interfaces() if of.kind == "loopback"]


@pytest.fixture
def port() -> Iterator[int]:
    with cooee.Responder(port=0, service_port=8123) as responder:
        assert responder.local_address is not None
        yield responder.local_address[1]


def threads() -> int:
    """How many there are, where the system tells."""
    tasks = Path("/proc/self/task")
    return len(os.listdir(tasks)) if tasks.exists() else 0


async def heard(silent) -> None:
    """Waits until somebody calls the silent server, and so waits for answers."""
    silent.socket.setblocking(False)
    await asyncio.get_running_loop().sock_recv(silent.socket, 2048)


def test_they_find_what_their_twins_find(port):
    async def main():
        found = await cooee.adiscover(port=port, interfaces=LO)
        one = await cooee.adiscover_one(port=port, interfaces=LO, timeout=30)
        return found, one

    found, one = asyncio.run(main())
    assert isinstance(found, cooee.Found)
    assert [server.port for server in found] == [one.port] == [8123]
    assert found.outcome.ended == "settled"
    assert asyncio.run(main())[1].port == 8123


def test_nobody_is_no_error(free_port):
    settings = {"port": free_port, "interfaces": LO, "timeout": 0.1}
    found = asyncio.run(cooee.adiscover(**settings))
    assert (found, found.outcome.ended) == ((), "deadline")
    assert asyncio.run(cooee.adiscover_one(**settings)) is None


def test_a_stream_ends_by_itself(port):
    async def main():
        answers = cooee.astream(port=port, interfaces=LO)
        servers = [server async for server in answers]
        assert answers.outcome is not None
        return servers, answers.outcome.ended

    servers, ended = asyncio.run(main())
    assert ([server.port for server in servers], ended) == ([8123], "settled")


def test_leaving_early_closes_the_socket(port, descriptors):
    async def main():
        before = descriptors()
        async for _server in cooee.astream(port=port, interfaces=LO, timeout=60):
            break
        assert descriptors() == before
        async with cooee.astream(port=port, interfaces=LO, timeout=60) as answers:
            async for _server in answers:
                break
            assert descriptors() > before
        assert descriptors() == before
        assert answers.outcome.ended == "stopped"

    asyncio.run(main())


@pytest.mark.parametrize("call", [cooee.adiscover, cooee.adiscover_one])
def test_cancelling_is_prompt_and_closes_the_socket(call, silent, descriptors, eventually):
    async def main():
        before, running = descriptors(), threads()
        task = asyncio.create_task(call(port=silent.port, interfaces=LO, timeout=60))
        await heard(silent)
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - began < 0.1
        assert descriptors() == before
        eventually(lambda: threads() <= running)

    asyncio.run(main())


def test_cancelling_a_stream_ends_it(silent, descriptors):
    async def main():
        before = descriptors()
        answers = cooee.astream(port=silent.port, interfaces=LO, timeout=60)
        task = asyncio.create_task(answers.__anext__())
        await heard(silent)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert answers.outcome.ended == "stopped"
        assert descriptors() == before
        with pytest.raises(StopAsyncIteration):
            await answers.__anext__()

    asyncio.run(main())


def test_a_timeout_of_asyncio_cancels(silent):
    async def main():
        call = cooee.adiscover(port=silent.port, interfaces=LO, timeout=60)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(call, 0.05)

    asyncio.run(main())


def test_the_loop_goes_on_meanwhile(free_port):
    async def main():
        ticks = [time.monotonic()]
        call = cooee.adiscover(port=free_port, interfaces=LO, timeout=0.5)
        task = asyncio.create_task(call)
        while not task.done():
            await asyncio.sleep(0.005)
            ticks.append(time.monotonic())
        assert max(later - earlier for earlier, later in zip(ticks, ticks[1:])) < 0.3

    asyncio.run(main())


def test_who_answers_while_the_loop_is_busy_past_the_timeout_is_found(silent):
    settings = {"port": silent.port, "interfaces": LO, "timeout": 0.2, "wait": "full"}

    async def main():
        async with cooee.astream(**settings) as servers:
            asker = silent.wait_for_probe()
            silent.socket.sendto(b"SERVER_IP:127.0.0.1:8001", asker)
            found = [await servers.__anext__()]
            silent.socket.sendto(b"SERVER_IP:127.0.0.1:8002", asker)
            # The loop is busy.
            time.sleep(0.3)
            found += [server async for server in servers]
        return [server.port for server in found], servers.outcome.ended

    assert asyncio.run(main()) == ([8001, 8002], "deadline")


def test_who_answers_the_last_round_while_the_loop_is_busy_is_found(silent):
    probes = []

    def answer():
        _, asker = silent.socket.recvfrom(2048)
        probes.append(asker)
        silent.socket.sendto(b"SERVER_IP:127.0.0.1:8001", asker)
        if len(probes) == 3:
            silent.socket.sendto(b"SERVER_IP:127.0.0.1:8002", asker)
            # The loop is busy, until long after "quick" would be content with one server.
            time.sleep(0.6)

    async def main():
        asyncio.get_running_loop().add_reader(silent.socket, answer)
        return await cooee.adiscover(port=silent.port, interfaces=LO, wait="quick")

    assert {server.port for server in asyncio.run(main())} == {8001, 8002}


def test_the_round_trip_to_a_slow_server_is_known(silent):
    async def answer():
        asker = silent.wait_for_probe()
        # The network is slow.
        await asyncio.sleep(0.03)
        silent.socket.sendto(b"SERVER_IP:127.0.0.1:8001", asker)

    async def main():
        call = cooee.adiscover_one(port=silent.port, interfaces=LO, timeout=60)
        server, _ = await asyncio.gather(call, answer())
        return server

    server = asyncio.run(main())
    assert server.rtt is not None
    assert 0.03 <= server.rtt < 1


def test_many_at_once_and_no_thread_more(port, eventually):
    async def main():
        before = threads()
        calls = [cooee.adiscover(port=port, interfaces=LO) for _ in range(5)]
        found = await asyncio.gather(*calls)
        assert [len(each) for each in found] == [1] * 5
        eventually(lambda: threads() <= before)

    asyncio.run(main())


def test_a_loop_in_each_of_several_threads(port):
    found = []

    def main():
        found.append(asyncio.run(cooee.adiscover_one(port=port, interfaces=LO)))

    loops = [threading.Thread(target=main) for _ in range(3)]
    for loop in loops:
        loop.start()
    for loop in loops:
        loop.join()
    assert [server.port for server in found] == [8123] * 3


def test_one_task_at_a_time_waits(silent):
    async def main():
        answers = cooee.astream(port=silent.port, interfaces=LO, timeout=60)
        task = asyncio.create_task(answers.__anext__())
        await heard(silent)
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="another task awaits"):
            await answers.__anext__()
        began = time.monotonic()
        answers.stop()
        with pytest.raises(StopAsyncIteration):
            await task
        assert time.monotonic() - began < 0.1

    asyncio.run(main())


def test_errors_are_raised_as_by_the_twins():
    with pytest.raises(cooee.ConfigError):
        asyncio.run(cooee.adiscover(retries=101))
    with pytest.raises(TypeError):
        asyncio.run(cooee.adiscover_one(wait="full"))
    with pytest.raises(cooee.NoSuchInterface):
        cooee.astream(interfaces=["nothing0"])


def test_a_responder_in_a_coroutine():
    async def main():
        with cooee.Responder(port=0) as responder:
            port = responder.local_address[1]
            return await cooee.adiscover_one(port=port, interfaces=LO)

    assert asyncio.run(main()).ip == "127.0.0.1"


@pytest.mark.parametrize("call", [cooee.adiscover, cooee.adiscover_one])
def test_another_event_loop_than_asyncios_is_told_what_to_do(call):
    """Trio drives a coroutine as this does: by hand, with no loop of asyncio."""
    with pytest.raises(RuntimeError, match="no asyncio event loop runs here; under trio"):
        call(timeout=0.1).send(None)
