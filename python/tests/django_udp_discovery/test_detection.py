"""What the sockets of a process say about the site."""

import socket
import sys
from types import SimpleNamespace
from typing import Any, Optional

import pytest
from django.test import override_settings

from django_udp_discovery import detection, messages
from django_udp_discovery.conf import Service
from django_udp_discovery.detection import Verdict, judge


def tcp(host: str, port: int, v6_only: bool = False) -> Any:
    from cooee._core import OwnListener

    return OwnListener("tcp", (host, port), v6_only, None)


def unix(path: str) -> Any:
    from cooee._core import OwnListener

    return OwnListener("unix", None, False, path)


EVERYWHERE = tcp("0.0.0.0", 8000)
EXPORTER = tcp("0.0.0.0", 9100)
DEBUGGER = tcp("127.0.0.1", 5678)
SITE = "/run/site.sock"

CASES = {
    "nothing": ([], detection.NOTHING, None, None),
    "everywhere": ([EVERYWHERE], detection.SITE, 8000, "0.0.0.0"),
    "one address": ([tcp("10.0.0.2", 8001)], detection.SITE, 8001, "10.0.0.2"),
    "both families": ([EVERYWHERE, tcp("::", 8000, True)], detection.SITE, 8000, "0.0.0.0"),
    "IPv6 that takes IPv4": ([tcp("::", 8000)], detection.SITE, 8000, "::"),
    "one socket for each worker": ([EVERYWHERE, EVERYWHERE], detection.SITE, 8000, "0.0.0.0"),
    "two addresses": (
        [tcp("10.0.0.2", 8000), tcp("192.168.1.2", 8000)],
        detection.SITE,
        8000,
        None,
    ),
    "loopback beside an address": (
        [tcp("127.0.0.1", 8000), tcp("10.0.0.2", 8000)],
        detection.SITE,
        8000,
        "10.0.0.2",
    ),
    "an IPv4 address by IPv6": (
        [tcp("::ffff:10.0.0.2", 8000)],
        detection.SITE,
        8000,
        "::ffff:10.0.0.2",
    ),
    "loopback": ([tcp("127.0.0.1", 8000)], detection.LOOPBACK, 8000, None),
    "loopback by IPv6": ([tcp("::1", 8000, True)], detection.LOOPBACK, 8000, None),
    "IPv6 alone": ([tcp("::", 8000, True)], detection.SITE, 8000, "::"),
    "IPv6 alone beside loopback": (
        [tcp("127.0.0.1", 8000), tcp("::", 8000, True)],
        detection.SITE,
        8000,
        "::",
    ),
    "an IPv6 address": ([tcp("2001:db8::2", 8000)], detection.IPV6, 8000, None),
    "a link-local address": ([tcp("fe80::2", 8000)], detection.IPV6, 8000, None),
    "a unix socket": ([unix(SITE)], detection.UNIX, None, None),
    "a debugger": ([EVERYWHERE, DEBUGGER], detection.SEVERAL, 8000, None),
    "a unix socket for the web server of this host": (
        [unix(SITE), EVERYWHERE],
        detection.SEVERAL,
        8000,
        None,
    ),
    "two that only this host reaches": (
        [tcp("127.0.0.1", 8000), DEBUGGER],
        detection.SEVERAL,
        8000,
        None,
    ),
    "a site on loopback and on a unix socket": (
        [unix(SITE), tcp("127.0.0.1", 8000)],
        detection.SEVERAL,
        8000,
        None,
    ),
    "an exporter and a debugger": (
        [EVERYWHERE, DEBUGGER, EXPORTER],
        detection.SEVERAL,
        8000,
        None,
    ),
    "an exporter": ([EVERYWHERE, EXPORTER], detection.SEVERAL, 8000, None),
    "an exporter beside loopback": (
        [tcp("127.0.0.1", 8000), EXPORTER],
        detection.SEVERAL,
        8000,
        None,
    ),
    "an exporter beside a unix socket": ([unix(SITE), EXPORTER], detection.SEVERAL, 9100, None),
    "uWSGI behind its own --http": (
        [tcp("127.0.0.1", 38419), EVERYWHERE],
        detection.SITE,
        8000,
        "0.0.0.0",
    ),
    "a helper alone": ([tcp("127.0.0.1", 38419)], detection.NOTHING, None, None),
    "two helpers alone": (
        [tcp("127.0.0.1", 38419), tcp("127.0.0.1", 38420)],
        detection.NOTHING,
        None,
        None,
    ),
    "gunicorn's control socket": (
        [EVERYWHERE, unix("/srv/site/.gunicorn/gunicorn.ctl")],
        detection.SITE,
        8000,
        "0.0.0.0",
    ),
    "a manager of multiprocessing": (
        [unix("/tmp/pymp-abcd/listener-x"), EVERYWHERE],
        detection.SITE,
        8000,
        "0.0.0.0",
    ),
    "a control socket alone": ([unix("/run/gunicorn.ctl")], detection.NOTHING, None, None),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_announced(case: str) -> None:
    listeners, kind, port, address = CASES[case]
    verdict = judge(listeners)
    assert (verdict.kind, verdict.port, verdict.address) == (kind, port, address)
    assert (messages.why_not(verdict) is None) == (kind in (detection.SITE, detection.NOTHING))


def test_which_clients_connect_over_ipv6_only() -> None:
    assert judge([tcp("::", 8000, True)]).only_v6
    for both in ([tcp("::", 8000)], [EVERYWHERE], [EVERYWHERE, tcp("::", 8000, True)]):
        assert not judge(both).only_v6


def test_the_urls_of_a_site_without_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    own = ["10.0.0.2", "fe80::2%eth0", "2001:db8::2"]
    monkeypatch.setattr(messages, "_own_addresses", lambda: own)
    only_v6 = Service(8000, ("::", 8000), required=True, only_v6=True)
    # Who calls the group is answered from the link-local address.
    assert messages.urls(only_v6) == ["http://[fe80::2%25eth0]:8000/", "http://[2001:db8::2]:8000/"]
    both = Service(8000, ("::", 8000), required=True)
    assert messages.urls(both) == ["http://10.0.0.2:8000/"]
    del own[0], own[1]
    assert messages.urls(both) == ["http://[fe80::2%25eth0]:8000/"]
    assert messages.urls(Service(8000, ("0.0.0.0", 8000), required=True)) == []


def test_a_link_local_address_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    import cooee

    def interface(name: str, *addresses: str) -> SimpleNamespace:
        return SimpleNamespace(name=name, up=True, kind="broadcast", addresses=addresses)

    both = [interface("eth0", "2001:db8::2/64", "fe80::2/64"), interface("eth1", "fe80::3/64")]
    monkeypatch.setattr(cooee, "interfaces", lambda: both)
    only_v6 = Service(8000, ("::", 8000), required=True, only_v6=True)
    assert messages.urls(only_v6) == [
        "http://[fe80::2%25eth0]:8000/",
        "http://[2001:db8::2]:8000/",
        "http://[fe80::3%25eth1]:8000/",
    ]


@override_settings(DISCOVERY_ADVERTISE="203.0.113.5")
def test_an_ipv4_address_that_a_site_without_ipv4_names(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(messages, "_is_first_to_say", lambda _: True)
    monkeypatch.setattr(messages, "show", said.append)
    monkeypatch.setattr(messages, "warn_once", said.append)
    messages.discoverable(Service(8000, ("0.0.0.0", 8000), required=True))
    assert len(said) == 1, said
    messages.discoverable(Service(8000, ("::", 8000), required=True, only_v6=True))
    assert said[-1].startswith("answers name 203.0.113.5, and the site does not listen over IPv4")


@pytest.mark.parametrize(
    ("listeners", "command", "advice"),
    [
        ([tcp("127.0.0.1", 8000)], "runserver", "runserver 0.0.0.0:8000"),
        ([tcp("127.0.0.1", 8000)], "x", "let it listen on 0.0.0.0:8000, or set DISCOVERY_SERVICE"),
        ([unix(SITE)], "x", f"the unix socket {SITE} only; set the port"),
        ([unix(SITE)], "x", "DISCOVERY_SERVICE_PORT = 80"),
        ([EVERYWHERE, EXPORTER], "x", "0.0.0.0:8000 and 0.0.0.0:9100"),
        ([EVERYWHERE, EXPORTER], "x", "DISCOVERY_SERVICE_PORT = 8000"),
        ([tcp("fd00::2", 8000)], "x", "on [fd00::2]:8000, and stock clients need an IPv4"),
    ],
)
def test_a_warning_says_what_to_write(
    listeners: list, command: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["manage.py", command])
    why = messages.why_not(judge(listeners))
    assert why is not None
    assert why.startswith("not discoverable: ")
    assert advice in why


def test_this_process_is_looked_at() -> None:
    with socket.create_server(("0.0.0.0", 0)) as site:
        port = site.getsockname()[1]
        assert any(where.endswith(f":{port}") for where in detection.look().listed)
    assert not any(where.endswith(f":{port}") for where in detection.look().listed)


def test_where_the_system_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    from cooee import _core

    monkeypatch.setattr(_core, "own_listeners", lambda: None)
    assert detection.look() == Verdict(detection.UNTOLD)


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"socket": b"0.0.0.0:3031"}, detection.UNIX),
        ({"http": b"0.0.0.0:8000"}, detection.SITE),
        ({b"http-socket": b"0.0.0.0:8000"}, detection.SITE),
        ({"https": b"0.0.0.0:8443,a,b"}, detection.SITE),
        ({"socket": b"0.0.0.0:8000", "protocol": b"http"}, detection.SITE),
    ],
)
def test_uwsgi_is_a_site_where_it_speaks_http(
    options: dict, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cooee import _core

    monkeypatch.setitem(sys.modules, "uwsgi", SimpleNamespace(opt=options))
    monkeypatch.setattr(_core, "own_listeners", lambda: [EVERYWHERE])
    verdict = detection.look()
    assert verdict.kind == kind
    if kind == detection.UNIX:
        why = messages.why_not(verdict)
        assert why is not None
        assert "0.0.0.0:8000 by uWSGI's protocol only" in why
        assert "DISCOVERY_SERVICE_PORT = 80" in why


def test_the_projects_own_hook_of_uwsgi_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from django_udp_discovery import startup

    called: list[str] = []
    uwsgi = SimpleNamespace(post_fork_hook=lambda: called.append("the project's"))
    monkeypatch.setitem(sys.modules, "uwsgi", uwsgi)
    monkeypatch.setattr(startup.listener, "renew_after_fork", lambda: called.append("ours"))
    startup._follow_uwsgi()
    uwsgi.post_fork_hook()
    assert called == ["the project's", "ours"]
    assert "uwsgidecorators" not in sys.modules


@pytest.mark.parametrize(
    ("port", "url"),
    [
        (None, "http://10.0.0.2:8000/"),
        (80, "http://10.0.0.2/"),
        (443, "https://10.0.0.2/"),
        (8443, "https://10.0.0.2:8443/"),
        (8001, "http://10.0.0.2:8001/"),
    ],
)
def test_urls_are_those_of_clients(port: Optional[int], url: str) -> None:
    assert messages.url("10.0.0.2", port) == url
