"""Every server in a host of its own: what is found can be fetched, and nothing else is found."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Callable, NamedTuple, Optional

import pytest

pytestmark = pytest.mark.lab

SITE = Path(__file__).parents[1] / "processes" / "site"
CLIENT = "cooee-sv-c"
NETWORK = "198.18.78"
WSGI, ASGI = "project_wsgi:application", "project_asgi:application"
# All of them start at once.
WITHIN_S = 60.0

ASK = """
import json, sys, urllib.request, cooee
found = {}
for server in cooee.discover(interfaces=["lan0"], wait=sys.argv[1]):
    try:
        with urllib.request.urlopen(server.url, timeout=10) as answer:
            found[server.source[0]] = [server.url, answer.status]
    except OSError as error:
        found[server.source[0]] = [server.url, str(error)]
print(json.dumps(found))
"""


class Server(NamedTuple):
    """A server: the module and its arguments, and how it is told where to listen."""

    arguments: list[str]
    bind: str
    #: Where it listens when it is told nothing, if it can be started so.
    default: Optional[str]
    #: What it serves, which some want to be told last.
    application: str = ""


def module(*arguments: str) -> list[str]:
    return [sys.executable, "-m", *arguments]


def uwsgi(*arguments: str) -> list[str]:
    program = str(Path(sys.executable).parent / "uwsgi")
    return [program, "--module", WSGI, "--need-app", "--die-on-term", *arguments]


LOCAL = "127.0.0.1:8000"
GUNICORN = module("gunicorn", "project_wsgi")
MANAGE = [sys.executable, "manage.py", "runserver"]
SERVERS = {
    "runserver": Server(MANAGE, "{host}:{port}", LOCAL),
    "runserver-noreload": Server([*MANAGE, "--noreload"], "{host}:{port}", LOCAL),
    "gunicorn": Server(GUNICORN, "-b {host}:{port}", LOCAL),
    "gunicorn-preload": Server([*GUNICORN, "--preload", "-w", "2"], "-b {host}:{port}", LOCAL),
    "gunicorn-gthread": Server([*GUNICORN, "-k", "gthread"], "-b {host}:{port}", LOCAL),
    "uvicorn": Server(module("uvicorn", ASGI), "--host {host} --port {port}", LOCAL),
    "uvicorn-workers": Server(
        module("uvicorn", ASGI, "--workers", "2"), "--host {host} --port {port}", LOCAL
    ),
    "hypercorn": Server(module("hypercorn", ASGI), "-b {host}:{port}", LOCAL),
    "granian": Server(
        module("granian", "--interface", "wsgi", WSGI), "--host {host} --port {port}", LOCAL
    ),
    "daphne": Server(module("daphne", ASGI), "-b {host} -p {port}", LOCAL),
    "waitress": Server(module("waitress"), "--listen={host}:{port}", "0.0.0.0:8080", WSGI),
    "uwsgi": Server(uwsgi("--master", "--processes", "2"), "--http-socket {host}:{port}", None),
    "uwsgi-http": Server(uwsgi(), "--http {host}:{port}", None),
}
ADDRESSES = {name: f"{NETWORK}.{n}" for n, name in enumerate(SERVERS, 10)}


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=30)


def namespace(name: str) -> str:
    return f"cooee-sv-{ADDRESSES[name].rpartition('.')[2]}"


def drop(names: list[str]) -> None:
    for name in names:
        subprocess.run(["ip", "netns", "del", name], capture_output=True, timeout=30)


@pytest.fixture(scope="module")
def hosts() -> Iterator[None]:
    """A client with a bridge, and a host on it for each server, without default routes."""
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("ip"):
        pytest.skip("network namespaces need Linux, root and iproute2")
    names = [CLIENT, *map(namespace, SERVERS)]
    drop(names)
    try:
        ip("netns", "add", CLIENT)
        ip("-n", CLIENT, "link", "add", "lan0", "type", "bridge")
        ip("-n", CLIENT, "addr", "add", f"{NETWORK}.1/24", "broadcast", "+", "dev", "lan0")
        ip("-n", CLIENT, "link", "set", "lo", "up")
        ip("-n", CLIENT, "link", "set", "lan0", "up")
        for name, address in ADDRESSES.items():
            host, port = namespace(name), f"port{address.rpartition('.')[2]}"
            ip("netns", "add", host)
            peer = ["type", "veth", "peer", "lan0", "netns", host]
            ip("-n", CLIENT, "link", "add", port, *peer)
            ip("-n", CLIENT, "link", "set", port, "master", "lan0", "up")
            ip("-n", host, "addr", "add", f"{address}/24", "broadcast", "+", "dev", "lan0")
            ip("-n", host, "link", "set", "lo", "up")
            ip("-n", host, "link", "set", "lan0", "up")
        yield
    finally:
        drop(names)


class Running:
    """All servers, each in its host."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.processes: dict[str, subprocess.Popen] = {}

    def start(self, name: str, bind: str) -> None:
        project = self.directory / name
        shutil.copytree(SITE, project)
        server = SERVERS[name]
        command = ["ip", "netns", "exec", namespace(name), *server.arguments, *bind.split()]
        command += server.application.split()
        with self.log(name).open("wb") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=project,
                env={
                    **os.environ,
                    "DJANGO_SETTINGS_MODULE": "project_settings",
                    "PYTHONPATH": str(project),
                    "HOME": str(project),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def log(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    def said(self, name: str) -> list[str]:
        lines = self.log(name).read_text(errors="replace").splitlines()
        # Where logging is configured a time and a level precede it.
        found = (re.search(r"(not )?discoverable\b.*", line) for line in lines)
        return [match.group() for match in found if match]

    def wait_until(self, what: str, holds: Callable[[str], object]) -> None:
        """Waits until it holds for each of them, as long as they all run."""
        ends = time.monotonic() + WITHIN_S
        for name, process in self.processes.items():
            while not holds(name):
                assert process.poll() is None, self.log(name).read_text()
                assert time.monotonic() < ends, f"{name}: {what}: {self.log(name).read_text()}"
                time.sleep(0.02)

    def close(self) -> None:
        for process in self.processes.values():
            os.killpg(process.pid, signal.SIGKILL)
        for process in self.processes.values():
            process.wait(10)


@pytest.fixture
def servers(hosts: None, tmp_path: Path) -> Iterator[Running]:  # noqa: ARG001
    with ExitStack() as stack:
        running = Running(tmp_path)
        stack.callback(running.close)
        yield running


def ask(wait: str) -> dict[str, list]:
    """The URL that each host is found by, and the status of what is fetched from it."""
    command = ["ip", "netns", "exec", CLIENT, sys.executable, "-c", ASK, wait]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return dict(json.loads(ran.stdout))


@pytest.mark.parametrize(
    ("host", "port"), [("0.0.0.0", 8000), ("0.0.0.0", 8077), ("its own", 8077)]
)
def test_what_is_found_can_be_fetched(servers: Running, host: str, port: int) -> None:
    for name, server in SERVERS.items():
        bound = ADDRESSES[name] if host == "its own" else host
        servers.start(name, server.bind.format(host=bound, port=port))
    servers.wait_until("it says where it is found", servers.said)
    urls = {name: f"http://{address}:{port}/" for name, address in ADDRESSES.items()}
    assert ask("settled") == {ADDRESSES[name]: [url, 200] for name, url in urls.items()}
    for name, url in urls.items():
        assert servers.said(name) == [f"discoverable as {url} (UDP 9999)"], name


def test_what_only_its_own_host_reaches_is_not_found_and_warned_of(servers: Running) -> None:
    for name, server in SERVERS.items():
        servers.start(name, server.bind.format(host="127.0.0.1", port=8077))
    servers.wait_until("it says why not", servers.said)
    assert ask("full") == {}
    for name in SERVERS:
        (said,) = servers.said(name)
        assert said.startswith("not discoverable: the site listens on 127.0.0.1:8077"), name
        assert "0.0.0.0:8077" in said, name


def test_by_default_hardly_any_server_is_found(servers: Running) -> None:
    """They listen on loopback, but for waitress."""
    started = {name: server.default for name, server in SERVERS.items() if server.default}
    for name in started:
        servers.start(name, "")
    servers.wait_until("it says whether it is found", servers.said)
    waitress = ADDRESSES["waitress"]
    assert ask("settled") == {waitress: [f"http://{waitress}:8080/", 200]}
    for name, where in started.items():
        (said,) = servers.said(name)
        if where == LOCAL:
            assert said.startswith(f"not discoverable: the site listens on {where}"), name
