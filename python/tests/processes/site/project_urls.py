"""A page that says which process has served it, and one that takes until the test is done."""

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


urlpatterns = [path("", page), path("wait/", wait)]
