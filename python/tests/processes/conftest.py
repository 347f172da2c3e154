"""Real servers on loopback, as people start them."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Callable, Optional

import pytest

SITE = Path(__file__).parent / "site"
PROBE = b"DISCOVER_SERVER"
# The broadcast address of loopback: like any other broadcast it reaches every socket on the port.
EVERYBODY = "127.255.255.255"
STARTS_WITHIN_S = 30.0


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as chosen:
        chosen.bind(("", 0))
        return int(chosen.getsockname()[1])


def wait_for(what: str, happened: Callable[[], object], within: float = STARTS_WITHIN_S) -> float:
    """Waits, and returns how long it took."""
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < within, f"not within {within} s: {what}"
        time.sleep(0.005)
    return time.monotonic() - began


class Site:
    """A site with its server's processes."""

    def __init__(self, directory: Path) -> None:
        self.project = directory / "project"
        shutil.copytree(SITE, self.project)
        self.port = free_port(socket.SOCK_DGRAM)
        self.http = free_port(socket.SOCK_STREAM)
        self.reports = directory / "reports"
        self.reports.mkdir()
        self.log = directory / "log"
        self.server: Optional[subprocess.Popen] = None
        self.started: list[subprocess.Popen] = []

    def start(self, python: str, arguments: list[str], processes: int, running: int) -> None:
        """Runs ``python -m …``, and waits for that many reports, and that many running services."""
        self.server = self.run(python, arguments)
        self.wait_for_reports(processes, running)

    def run(self, python: str, arguments: list[str], **environment: str) -> subprocess.Popen:
        """Runs ``python -m …`` in the project, until the test is over."""
        with self.log.open("ab") as log:
            self.started.append(
                subprocess.Popen(
                    [python, *(a.format(http=self.http) for a in arguments)],
                    cwd=self.project,
                    env={
                        **os.environ,
                        "DJANGO_SETTINGS_MODULE": "project_settings",
                        "HOME": str(self.project),
                        "TEST_DISCOVERY_PORT": str(self.port),
                        "TEST_REPORTS": str(self.reports),
                        **environment,
                    },
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    # A program that reads it waits for the end of the test.
                    stdin=subprocess.PIPE,
                    start_new_session=True,
                )
            )
        return self.started[-1]

    def wait_for_reports(self, processes: int, running: int = 0) -> None:
        def up() -> bool:
            for one in self.started:
                assert one.poll() is None, self.log.read_text()
            told = self.states().values()
            return len(told) >= processes and sum(one["running"] for one in told) >= running

        wait_for(f"{processes} processes, {running} of which run the service", up)

    def states(self) -> dict[int, dict]:
        """What each process that is alive reported."""
        told = {}
        for report in self.reports.iterdir():
            if report.name.isdigit() and _is_alive(int(report.name)):
                told[int(report.name)] = json.loads(report.read_text())
        return told

    def answers(self, silence: float = 0.5) -> int:
        """How many answers one broadcast draws."""
        with _caller(2.0) as caller:
            caller.sendto(PROBE, (EVERYBODY, self.port))
            count = 0
            try:
                while caller.recv(512).startswith(b"SERVER_IP:"):
                    count += 1
                    caller.settimeout(silence)
            except socket.timeout:
                pass
            return count

    def answer(self) -> bytes:
        """What is answered within a few milliseconds, if anything."""
        with _caller(0.02) as caller:
            caller.sendto(PROBE, ("127.0.0.1", self.port))
            try:
                return caller.recv(512)
            except OSError:
                return b""

    def listens(self) -> bool:
        """Whether the site takes connections."""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
            return client.connect_ex(("127.0.0.1", self.http)) == 0

    def port_is_free(self) -> bool:
        """Whether nobody has the UDP port."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("0.0.0.0", self.port))
            except OSError:
                return False
            return True

    def owner(self) -> int:
        """The process that has the port."""
        import cooee

        found = cooee.offers_on(self.port)
        assert found is not None
        assert found.owner is not None
        return int(found.owner.pid)

    def stop(self) -> float:
        """Sends SIGTERM; how long it took until the server was gone."""
        assert self.server is not None
        began = time.monotonic()
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(10)
        return time.monotonic() - began

    def close(self) -> None:
        """Ends what is left of the groups of processes that were started."""
        for one in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGKILL)
            one.communicate(timeout=10)


def _caller(timeout: float) -> socket.socket:
    caller = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    caller.bind(("127.0.0.1", 0))
    caller.settimeout(timeout)
    return caller


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site that is not yet started."""
    site = Site(tmp_path)
    yield site
    site.close()
    # Shown when the test failed.
    print(site.log.read_text() if site.log.exists() else "")


@pytest.fixture
def python() -> str:
    """The Python that runs the servers."""
    return sys.executable


@pytest.fixture
def wait_until() -> Callable[..., float]:
    """Waits for something, with a deadline."""
    return wait_for
