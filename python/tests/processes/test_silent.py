"""Processes of a project that serve nothing announce nothing, and take no port."""

import sys
from typing import Any

import pytest

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="untested on other systems"),
]

CELERY = ["-m", "celery", "-A", "project_celery", "worker", "--concurrency", "2"]
CELERY += ["--without-gossip", "--without-mingle"]

# Each with the number of processes that have the project loaded.
OTHERS = {
    "celery": (CELERY, 3),
    "shell": (["manage.py", "shell", "-i", "python"], 1),
    "qcluster": (["manage.py", "qcluster"], 5),
    "command": (["manage.py", "shell", "-c", "import sys; sys.stdin.read()"], 1),
}
RUNSERVER = ["manage.py", "runserver", "--noreload", "0.0.0.0:{http}"]
FOUND_WITHIN_S = 1.0


def test_only_the_server_is_found(site: Any, python: str, wait_until: Any) -> None:
    migrated = site.run(python, ["manage.py", "migrate"], TEST_APPS="django_q")
    migrated.communicate(timeout=60)
    assert migrated.returncode == 0
    site.started.remove(migrated)
    for arguments, _ in OTHERS.values():
        site.run(python, arguments, TEST_APPS="django_q")
    site.wait_for_reports(sum(processes for _, processes in OTHERS.values()))
    assert site.answers() == 0
    assert site.port_is_free()
    states = site.states()
    assert not any(told["running"] for told in states.values()), states

    server = site.run(python, RUNSERVER, TEST_APPS="django_q")
    wait_until("a server that listens", site.listens)
    took = wait_until("an answer", site.answer, within=FOUND_WITHIN_S)
    print(f"found {took * 1000:.0f} ms after it listens")
    assert site.answer() == f"SERVER_IP:127.0.0.1:{site.http}".encode()
    assert site.answers() == 1
    assert site.owner() == server.pid
