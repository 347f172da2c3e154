"""Sites that listen by IPv6: clients of IPv6 find them, and others where they can connect."""

import socket
import sys
from typing import Any

import pytest

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="what listens is looked up on Linux"),
    pytest.mark.skipif(not socket.has_ipv6, reason="the system has no IPv6"),
]

RUNSERVER = ["manage.py", "runserver", "--noreload", "-6", "[::]:{http}"]
# asyncio's sockets of IPv6 refuse IPv4.
UVICORN = ["-m", "uvicorn", "--host", "::", "--port", "{http}", "project_asgi:application"]


def answer(site: Any, family: socket.AddressFamily, host: str) -> bytes:
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.settimeout(0.3)
        client.sendto(b"DISCOVER_SERVER", (host, site.port))
        try:
            return client.recv(512)
        except OSError:
            return b""


@pytest.mark.parametrize(("program", "takes_ipv4"), [(RUNSERVER, True), (UVICORN, False)])
def test_a_site_is_found_over_the_families_that_it_takes(
    site: Any, python: str, wait_until: Any, program: list[str], takes_ipv4: bool
) -> None:
    site.run(python, program)
    over_v6 = f"SERVER_IP:[::1]:{site.http}".encode()
    wait_until("an answer", lambda: answer(site, socket.AF_INET6, "::1").startswith(over_v6))
    over_v4 = f"SERVER_IP:127.0.0.1:{site.http}".encode() if takes_ipv4 else b""
    assert answer(site, socket.AF_INET, "127.0.0.1") == over_v4
    wait_until("a line", lambda: "\ndiscoverable " in f"\n{site.log.read_text()}")
    said = f"; let it listen on 0.0.0.0:{site.http} too for stock clients"
    assert (said in site.log.read_text()) == (not takes_ipv4)
