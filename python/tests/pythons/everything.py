"""Imports all packages, discovers, and runs both commands. Run with each Python and Django."""

import asyncio
import json
import os
import platform
import socket
import sys
from io import StringIO

import django
from django.conf import settings
from django.core.management import call_command

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as chosen:
    chosen.bind(("", 0))
    port = chosen.getsockname()[1]

settings.configure(
    INSTALLED_APPS=["django_udp_discovery", "discovery_client_django"],
    DISCOVERY_PORT=port,
    DISCOVERY_SERVICE_PORT=8123,
    DISCOVERY_ADVERTISE="192.0.2.77",
    TESTING=True,
    USE_TZ=True,
)
django.setup()

import cooee  # noqa: E402
from discovery_client import discover, discover_one, load_config  # noqa: E402
from django_udp_discovery import is_running, start_udp_service, stop_udp_service  # noqa: E402


def command(name: str, **options: object) -> str:
    out = StringIO()
    call_command(name, stdout=out, **options)
    return out.getvalue()


async def found_by_asyncio() -> list:
    return [server.url async for server in cooee.astream(port=port, timeout=1)]


told = {
    "python": platform.python_version().rsplit(".", 1)[0],
    "django": ".".join(map(str, django.VERSION[:2])),
    "version": cooee.__version__,
    "started": start_udp_service(),
    "discover_one": repr(discover_one(load_config(discovery_port=port))),
    "discover": len(discover(load_config(discovery_port=port, timeout=0.3))),
    "cooee": [server.url for server in cooee.discover(port=port, timeout=1)],
    "asyncio": asyncio.run(found_by_asyncio()),
    "table": command("discover_servers", port=port, timeout=0.3),
    "check": command("check"),
}
stop_udp_service()
told["service"] = command("start_discovery", duration=1)
told["stopped"] = not is_running()
if hasattr(os, "fork"):
    start_udp_service()
    child = os.fork()
    if child == 0:
        os._exit(0 if is_running() else 1)
    told["child"] = os.waitpid(child, 0)[1]
    stop_udp_service()
json.dump(told, sys.stdout)
