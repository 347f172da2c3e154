"""Two pages: one that discovers, and one that does nothing."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def index(_: HttpRequest) -> HttpResponse:
    return HttpResponse("here")


def find(request: HttpRequest) -> HttpResponse:
    from discovery_client import discover, load_config

    port, timeout = int(request.GET["port"]), float(request.GET["timeout"])
    found = discover(load_config(discovery_port=port, timeout=timeout))
    return HttpResponse(str(len(found)))


urlpatterns = [path("", index), path("find", find)]
