"""Stock and ours, as server and as client, on two hosts that one cable joins."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.lab

SERVER = """
import sys
from django.conf import settings
settings.configure(DISCOVERY_ADVERTISE=None)
from django_udp_discovery import start_udp_service
assert start_udp_service()
print("answering", flush=True)
sys.stdin.read()
"""

CLIENT = """
import dataclasses, json, sys, time
from discovery_client import discover, discover_one, load_config
found = [[s.ip, s.port, s.extra["source_address"]] for s in discover(load_config(timeout=1))]
took = []
for _ in range(int(sys.argv[1])):
    began = time.perf_counter()
    server = discover_one()
    took.append(time.perf_counter() - began)
    assert server is not None
json.dump({"found": found, "took": took}, sys.stdout)
"""

NAMES = ("cooee-py-s", "cooee-py-c")
SERVER_IP, CLIENT_IP = "198.18.77.1", "198.18.77.2"


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=30)


def wait_for_carrier(name: str) -> None:
    """The kernel takes up to a second to notice that both ends are up."""
    ends = time.monotonic() + 5
    state = ["ip", "-n", name, "-br", "link", "show", "lan0"]
    while " UP " not in subprocess.run(state, capture_output=True, text=True, timeout=30).stdout:
        assert time.monotonic() < ends, f"{name} has no carrier"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def hosts() -> Iterator[tuple[str, str]]:
    """Two network namespaces joined by a cable, without default routes."""
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("ip"):
        pytest.skip("network namespaces need Linux, root and iproute2")
    server, client = NAMES
    try:
        for name in NAMES:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, timeout=30)
            ip("netns", "add", name)
        ip("-n", server, "link", "add", "lan0", "type", "veth", "peer", "lan0", "netns", client)
        for name, address in ((server, SERVER_IP), (client, CLIENT_IP)):
            ip("-n", name, "addr", "add", f"{address}/24", "broadcast", "+", "dev", "lan0")
            ip("-n", name, "link", "set", "lo", "up")
            ip("-n", name, "link", "set", "lan0", "up")
        for name in NAMES:
            wait_for_carrier(name)
        yield server, client
    finally:
        for name in NAMES:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, timeout=30)


@pytest.fixture(scope="module")
def pythons(stock_python: str) -> dict[str, str]:
    return {"ours": sys.executable, "stock": stock_python}


def call(host: str, python: str, times: int) -> Any:
    ran = subprocess.run(
        ["ip", "netns", "exec", host, python, "-c", CLIENT, str(times)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("client", ["ours", "stock"])
@pytest.mark.parametrize("server", ["ours", "stock"])
def test_they_find_each_other(
    hosts: tuple[str, str], pythons: dict[str, str], server: str, client: str
) -> None:
    serve = ["ip", "netns", "exec", hosts[0], pythons[server], "-c", SERVER]
    times = 20 if client == "ours" else 1
    with subprocess.Popen(serve, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as serving:
        try:
            assert serving.stdout is not None
            assert serving.stdout.readline() == b"answering\n"
            told = call(hosts[1], pythons[client], times)
        finally:
            serving.kill()
    took = statistics.median(told["took"])
    print(f"{server} server, {client} client: discover_one {took * 1000:.1f} ms, {told['found']}")
    # A stock server without a default route names 127.0.0.1, which our client corrects.
    useless = server == client == "stock"
    assert told["found"] == [["127.0.0.1" if useless else SERVER_IP, 8000, SERVER_IP]]
    if client == "ours":
        assert took <= 0.005
