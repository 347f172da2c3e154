"""A process that stands by does nothing at all."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

# To see that nothing happens takes time: longer than any pause between two tries for the port.
WATCHED_S = 1.5

SERVICE = """
import sys
from django.conf import settings
settings.configure(DISCOVERY_PORT=int(sys.argv[1]))
from django_udp_discovery import start_udp_service, status
assert start_udp_service()
print(status().state, flush=True)
sys.stdin.read()
"""


# As a server of a site, once it is known where that listens.
SITE = """
import socket, sys
site = socket.create_server(("0.0.0.0", 0))
import django
from django.conf import settings
settings.configure(INSTALLED_APPS=["django_udp_discovery"], DISCOVERY_PORT=int(sys.argv[1]))
django.setup()
from django_udp_discovery import status
print(status().state, flush=True)
sys.stdin.read()
"""


def switches(pid: int) -> int:
    """How often the threads of a process have gone to sleep."""
    return sum(
        int(line.split()[1])
        for status in Path(f"/proc/{pid}/task").glob("*/status")
        for line in status.read_text().splitlines()
        if line.startswith("voluntary_ctxt_switches")
    )


def is_asleep(pid: int) -> bool:
    before = switches(pid)
    time.sleep(WATCHED_S)
    return switches(pid) == before


def start(port: int, program: str = SERVICE) -> Any:
    return subprocess.Popen(
        [sys.executable, "-c", program, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def test_it_does_not_wake(site: Any, wait_until: Any) -> None:
    with start(site.port) as first:
        assert first.stdout.readline() == b"answering\n"
        with start(site.port) as second:
            assert second.stdout.readline() == b"standing-by\n"
            try:
                # Not at once: it may still be going to sleep.
                wait_until("uninterrupted sleep", lambda: is_asleep(second.pid), within=10)
            finally:
                first.kill()
                second.kill()


def test_a_site_that_is_found_does_not_wake(site: Any, wait_until: Any) -> None:
    """Neither the process that answers nor the one that stands by, between the last few looks.

    When those are is tested in virtual time, in django_udp_discovery/test_search.py.
    """
    with start(site.port, SITE) as first:
        assert first.stdout.readline() == b"answering\n"
        with start(site.port, SITE) as second:
            assert second.stdout.readline() == b"standing-by\n"
            try:
                for process in (first, second):
                    wait_until("sleep", lambda pid=process.pid: is_asleep(pid), within=15)
            finally:
                first.kill()
                second.kill()
