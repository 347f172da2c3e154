"""A hundred clients of one host look for a server at one moment, and each finds it."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.lab

CLIENTS = 100

SERVER = """
import cooee, sys
with cooee.Responder():
    print("answering", flush=True)
    sys.stdin.read()
"""

CROWD = """
import asyncio, json, sys, threading, time
import multiprocessing
import cooee
from discovery_client import discover_one, load_config

CLIENTS, TIMEOUT = int(sys.argv[2]), 0.5

def timed(find):
    began = time.perf_counter()
    return find() is not None, time.perf_counter() - began

def threads(find):
    told, start = [], threading.Barrier(CLIENTS)
    def one():
        start.wait()
        told.append(timed(find))
    crowd = [threading.Thread(target=one) for _ in range(CLIENTS)]
    for each in crowd: each.start()
    for each in crowd: each.join()
    return told

def processes(find):
    fork = multiprocessing.get_context("fork")
    told, start = fork.SimpleQueue(), fork.Barrier(CLIENTS)
    def one():
        start.wait()
        told.put(timed(find))
    crowd = [fork.Process(target=one) for _ in range(CLIENTS)]
    for each in crowd: each.start()
    said = [told.get() for _ in crowd]
    for each in crowd: each.join()
    return said

async def tasks():
    async def one():
        began = time.perf_counter()
        server = await cooee.adiscover_one(timeout=TIMEOUT)
        return server is not None, time.perf_counter() - began
    return await asyncio.gather(*(one() for _ in range(CLIENTS)))

def ours():
    return cooee.discover_one(timeout=TIMEOUT)

def drop_in():
    return discover_one(load_config(timeout=TIMEOUT))

told = {
    "threads": lambda: threads(ours),
    "drop-in": lambda: threads(drop_in),
    "processes": lambda: processes(ours),
    "tasks": lambda: asyncio.run(tasks()),
}[sys.argv[1]]()
json.dump(told, sys.stdout)
"""


@pytest.mark.parametrize("crowd", ["threads", "drop-in", "processes", "tasks"])
@pytest.mark.parametrize("where", ["another host", "the same host"])
def test_each_of_a_hundred_finds_the_server(
    hosts: "tuple[str, str]", where: str, crowd: str
) -> None:
    inside = ["ip", "netns", "exec"]
    server, client = hosts[0], hosts[1] if where == "another host" else hosts[0]
    serve = [*inside, server, sys.executable, "-c", SERVER]
    with subprocess.Popen(serve, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as serving:
        try:
            assert serving.stdout is not None
            assert serving.stdout.readline() == b"answering\n"
            # Neither host knows the other's link address.
            for name in hosts:
                subprocess.run(["ip", "-n", name, "neigh", "flush", "all"], check=True, timeout=30)
            ran = subprocess.run(
                [*inside, client, sys.executable, "-c", CROWD, crowd, str(CLIENTS)],
                capture_output=True,
                text=True,
                timeout=60,
            )
        finally:
            serving.kill()
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    took = max(seconds for _, seconds in told)
    found = sum(was_found for was_found, _ in told)
    print(
        f"{crowd} on {where}: {found} of {len(told)} found it, the last after {took * 1000:.0f} ms"
    )
    assert found == len(told) == CLIENTS
