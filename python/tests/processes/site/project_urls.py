"""Pages that say who served them, take until the test is done, or discover."""

import json
import os
import time
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import path


def page(_: HttpRequest) -> HttpResponse:
    from django_udp_discovery import status

    return HttpResponse(json.dumps({"pid": os.getpid(), "state": status().state}))


def wait(_: HttpRequest) -> HttpResponse:
    reports = Path(os.environ["TEST_REPORTS"])
    (reports / "at-work").touch()
    while not (reports / "done").exists():
        time.sleep(0.02)
    return HttpResponse()


def find(request: HttpRequest) -> HttpResponse:
    from discovery_client import discover, load_config

    port, timeout = int(request.GET["port"]), float(request.GET["timeout"])
    found = discover(load_config(discovery_port=port, timeout=timeout))
    return HttpResponse(str(len(found)))


urlpatterns = [path("", page), path("wait/", wait), path("find", find)]
