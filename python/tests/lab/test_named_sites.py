"""Sites of one host that have names: the process that has the port announces them all."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Callable

import pytest

pytestmark = pytest.mark.lab

SITE = """
import sys
from django.conf import settings
name, port = sys.argv[1], int(sys.argv[2])
settings.configure(
    DISCOVERY_NAME=name, DISCOVERY_SERVICE_PORT=port, DISCOVERY_REQUIRE_LISTENER=False
)
from django_udp_discovery import start_udp_service, status
assert start_udp_service()
print(status().state, file=sys.stderr, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def site(hosts: tuple[str, str]) -> Iterator[Callable]:
    """Starts a site on the first host; its lines are on standard error."""
    running: list[subprocess.Popen] = []
    deadlines: list[threading.Timer] = []

    def start(name: str, port: int) -> subprocess.Popen:
        command = ["ip", "netns", "exec", hosts[0], sys.executable, "-c", SITE, name, str(port)]
        pipe = subprocess.PIPE
        running.append(subprocess.Popen(command, stdin=pipe, stderr=pipe, text=True))
        # Ends its lines, in which one may be waited for in vain.
        deadlines.append(threading.Timer(15, running[-1].kill))
        deadlines[-1].start()
        return running[-1]

    yield start
    for one, deadline in zip(running, deadlines):
        deadline.cancel()
        one.kill()
        one.communicate()


def said(site: subprocess.Popen, what: str) -> str:
    """The first line that begins so."""
    assert site.stderr is not None
    lines = []
    for line in site.stderr:
        lines.append(line)
        if line.startswith(what):
            return line.strip()
    pytest.fail(f"it said {lines}")


def test_each_name_is_logged_with_the_address_of_its_site(site: Callable) -> None:
    owner = site("Hall", 8000)
    assert said(owner, "announced as") == "announced as 'Hall': http://hall.local:8000/"
    assert said(site("Attic", 8001), "standing-by")
    assert said(owner, "announced as") == "announced as 'Attic': http://attic.local:8001/"
