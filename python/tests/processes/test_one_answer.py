"""Whatever serves the site, exactly one process of the host answers."""

import os
import signal
import sys
import time
from typing import Any, NamedTuple

import pytest

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="untested on other systems"),
]

GUNICORN = ["-m", "gunicorn", "-b", "0.0.0.0:{http}", "project_wsgi"]


class Serving(NamedTuple):
    """A way to serve a site, how many processes it makes, and how many of them run the service."""

    arguments: list[str]
    processes: int
    running: int


WAYS = {
    "runserver": Serving(["manage.py", "runserver", "0.0.0.0:{http}"], processes=2, running=1),
    "gunicorn": Serving([*GUNICORN, "-w", "4"], processes=4, running=4),
    "gunicorn-preload": Serving([*GUNICORN, "--preload", "-w", "4"], processes=5, running=5),
    "uvicorn": Serving(
        [
            *("-m", "uvicorn", "--host", "0.0.0.0", "--port", "{http}", "--workers", "2"),
            "project_asgi:application",
        ],
        processes=2,
        running=2,
    ),
}


def start(site: Any, python: str, way: str) -> Serving:
    serving = WAYS[way]
    site.start(python, serving.arguments, serving.processes, serving.running)
    return serving


@pytest.mark.parametrize("way", WAYS)
def test_one_process_answers(site: Any, python: str, way: str) -> None:
    serving = start(site, python, way)
    assert site.answers() == 1
    states = site.states().values()
    assert sum(told["running"] for told in states) == serving.running, states
    assert sum(told["state"] == "answering" for told in states) == 1, states
    took = site.stop()
    print(f"{way}: SIGTERM to exit {took:.2f} s")
    assert took < 3
    assert not site.answer()


@pytest.mark.parametrize("way", ["gunicorn", "gunicorn-preload", "uvicorn"])
def test_another_answers_when_the_owner_is_killed(
    site: Any, python: str, way: str, wait_until: Any
) -> None:
    start(site, python, way)
    killed = site.owner()
    os.kill(killed, signal.SIGKILL)
    took = wait_until("another answers", site.answer, within=5.0)
    print(f"{way}: kill -9 to the next answer {took * 1000:.0f} ms")
    assert site.owner() != killed
    assert site.answers() == 1


def test_one_answers_after_a_reload(site: Any, python: str, wait_until: Any) -> None:
    start(site, python, "gunicorn")
    before = set(site.states())
    os.kill(site.server.pid, signal.SIGHUP)

    def renewed() -> bool:
        now = set(site.states())
        return (
            len(now) == 4 and not now & before and all(t["running"] for t in site.states().values())
        )

    wait_until("four new workers", renewed)
    assert site.answers() == 1


def test_runserver_answers_with_the_settings_it_reloaded(
    site: Any, python: str, wait_until: Any
) -> None:
    start(site, python, "runserver")
    wait_until("an answer", lambda: site.answer() == f"SERVER_IP:127.0.0.1:{site.http}".encode())
    settings = site.project / "project_settings.py"
    with settings.open("a") as lines:
        lines.write("DISCOVERY_SERVICE_PORT = 8123\nDISCOVERY_REQUIRE_LISTENER = False\n")

    def answered_anew() -> bool:
        # A change before the reloader first looked is none to it.
        if time.time() - settings.stat().st_mtime > 3:
            settings.touch()
        return bool(site.answer() == b"SERVER_IP:127.0.0.1:8123")

    wait_until("the new answer", answered_anew)
    assert site.answers() == 1


def test_the_stock_package_answers_twice(site: Any, stock_python: str) -> None:
    """That counting sees what it is to see."""
    site.start(stock_python, WAYS["runserver"].arguments, processes=2, running=2)
    assert site.answers() == 2
