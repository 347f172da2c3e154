"""What the tests of every package need: free ports, silent servers, programs of their own."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# How long a test waits for what must happen.
PATIENCE = 10.0


@pytest.fixture(scope="session", autouse=True)
def state_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where commands that tests run remember servers: not where those of the user are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def free_port() -> int:
    """A UDP port that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("0.0.0.0", 0))
        return int(probe.getsockname()[1])


class Silent:
    """A server that hears probes and answers none."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("0.0.0.0", 0))
        self.socket.settimeout(PATIENCE)
        self.port = int(self.socket.getsockname()[1])

    def wait_for_probe(self) -> tuple[str, int]:
        """Returns who called: whoever did is waiting for answers."""
        _, asker = self.socket.recvfrom(2048)
        return str(asker[0]), int(asker[1])


@pytest.fixture
def silent() -> Iterator[Silent]:
    server = Silent()
    with server.socket:
        yield server


class Program:
    """A Python program in a process of its own, whose lines are read as they come."""

    def __init__(self, source: str, *arguments: object) -> None:
        # Lines are written whole, so that those of a forked child do not mix with its parent's.
        how = "line_buffering=True, write_through=False"
        whole_lines = f"import sys; sys.stdout.reconfigure({how})\n"
        self.process = subprocess.Popen(
            [sys.executable, "-c", whole_lines + textwrap.dedent(source), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.unread = b""

    def line(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + PATIENCE
        while b"\n" not in self.unread:
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.process.stdout], [], [], max(left, 0))
            chunk = os.read(self.process.stdout.fileno(), 4096) if ready else b""
            if not chunk:
                pytest.fail(f"no line; it said {self.unread!r}, {self.complaints()}")
            self.unread += chunk
        line, self.unread = self.unread.split(b"\n", 1)
        return line.decode()

    def complaints(self) -> str:
        """Ends it, and returns what it wrote to its standard error."""
        assert self.process.stderr is not None
        self.kill()
        return self.process.stderr.read().decode()

    def finish(self) -> tuple[int, str, str]:
        """Closes its input, waits, and returns status, output and errors."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, (self.unread + out).decode(), err.decode()

    def kill(self) -> None:
        """Ends it, and every process that it has forked."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def close(self) -> None:
        self.kill()
        self.process.communicate()


@pytest.fixture
def program() -> Iterator[Callable[..., Program]]:
    """Runs the source of a program, with arguments."""
    running: list[Program] = []

    def run(source: str, *arguments: object) -> Program:
        running.append(Program(source, *arguments))
        return running[-1]

    yield run
    for one in running:
        one.close()


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Waits until a condition holds."""

    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, "it never came to hold"
            time.sleep(0.005)

    return wait


@pytest.fixture
def descriptors() -> Callable[[], int]:
    """Counts this process's open descriptors."""
    open_now = Path("/proc/self/fd")
    if not open_now.exists():
        pytest.skip("open descriptors are counted on Linux only")
    return lambda: len(list(open_now.iterdir()))


@pytest.fixture(scope="session")
def stock_python() -> str:
    """The Python that has the stock packages."""
    python = os.environ.get("COOEE_STOCK_PYTHON")
    if not python:
        why = "COOEE_STOCK_PYTHON names no Python with the stock packages; use cargo xtask python"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)
    return python
