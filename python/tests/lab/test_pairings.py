"""Stock and ours, as server and as client, on two hosts that one cable joins."""

import json
import statistics
import subprocess
import sys
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
    hosts: tuple[str, str], server_ip: str, pythons: dict[str, str], server: str, client: str
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
    assert told["found"] == [["127.0.0.1" if useless else server_ip, 8000, server_ip]]
    if client == "ours":
        assert took <= 0.005
