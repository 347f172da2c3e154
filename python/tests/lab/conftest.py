"""Two hosts that one cable joins."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

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
def server_ip() -> str:
    """The address of the first host."""
    return SERVER_IP
