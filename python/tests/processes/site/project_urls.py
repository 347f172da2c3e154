"""One page, that says which process has served it, and what its service does."""

import json
import os

from django.http import HttpRequest, HttpResponse
from django.urls import path


def page(_: HttpRequest) -> HttpResponse:
    from django_udp_discovery import status

    return HttpResponse(json.dumps({"pid": os.getpid(), "state": status().state}))


urlpatterns = [path("", page)]
