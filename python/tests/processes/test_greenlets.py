"""One worker of greenlets goes on serving while views discover."""

import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="untested on other systems"),
]

# The control socket would be left in the home directory.
GUNICORN = ["-m", "gunicorn", "-b", "127.0.0.1:{http}", "--no-control-socket", "project_wsgi"]
SERVERS = {
    "gunicorn-gevent": [*GUNICORN, "-w", "1", "-k", "gevent"],
    "eventlet": ["project_eventlet.py", "{http}"],
}
TIMEOUT_S = 0.5
VIEWS = 4


def fetch(site: Any, page: str) -> "tuple[str, float]":
    """What the page says, and how long that took."""
    began = time.monotonic()
    with urllib.request.urlopen(f"http://127.0.0.1:{site.http}/{page}", timeout=30) as said:
        return said.read().decode(), time.monotonic() - began


def serves(site: Any) -> bool:
    try:
        return '"pid"' in fetch(site, "")[0]
    except urllib.error.URLError:
        return False


@pytest.mark.parametrize("server", SERVERS)
def test_discoveries_hold_up_nobody(
    site: Any, python: str, server: str, wait_until: Any, silent: Any
) -> None:
    site.run(python, SERVERS[server])
    wait_until("the site is served", lambda: serves(site))
    find = f"find?port={silent.port}&timeout={TIMEOUT_S}"
    with ThreadPoolExecutor(VIEWS) as clients:
        found = [clients.submit(fetch, site, find) for _ in range(VIEWS)]
        silent.wait_for_probe()
        _, index = fetch(site, "")
        took = [one.result()[1] for one in found]
    print(f"{server}: views {', '.join(f'{t:.2f}' for t in took)} s, / {index:.3f} s")
    assert min(took) >= TIMEOUT_S
    # One after another they would take at least four timeouts, and "/" one.
    assert max(took) < 2 * TIMEOUT_S
    assert index < TIMEOUT_S
