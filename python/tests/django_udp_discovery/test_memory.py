"""What the running service adds to a Django process."""

import statistics
import subprocess
import sys

import pytest

ROUNDS = 5
# 4 MiB, and what the code of multicast DNS takes as long as it is not used.
LIMIT_KIB = 4 * 1024 + 512

MEASURE = """
import re, socket, sys, time
site = socket.create_server(("0.0.0.0", 0))
from django.conf import settings
settings.configure(INSTALLED_APPS=[{apps}], DISCOVERY_PORT=int(sys.argv[1]), USE_TZ=True)
import django
django.setup()
from django.core.handlers.wsgi import WSGIHandler
WSGIHandler()
if {apps!r}:
    from django_udp_discovery import status
    while status().state != "answering":
        time.sleep(0.01)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
        caller.settimeout(5)
        caller.sendto(b"DISCOVER_SERVER", ("127.0.0.1", int(sys.argv[1])))
        assert caller.recv(512)
print(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read()).group(1))
"""


def resident_kib(apps: str, port: int) -> int:
    program = MEASURE.format(apps=apps)
    ran = subprocess.run(
        [sys.executable, "-c", program, str(port)], capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    return int(ran.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_service_adds_little_memory(port: int) -> None:
    bare = [resident_kib("", port) for _ in range(ROUNDS)]
    with_service = [resident_kib("'django_udp_discovery'", port) for _ in range(ROUNDS)]
    added = statistics.median(with_service) - statistics.median(bare)
    print(f"bare Django {statistics.median(bare)} KiB, with the service {added} KiB more")
    assert added <= LIMIT_KIB
