"""``manage.py discover_servers``."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

import cooee
from discovery_client.network import InterfaceInfo


@pytest.fixture
def port(free_port: int) -> int:
    return free_port


@pytest.fixture
def server(port: int) -> Iterator[Any]:
    with cooee.Responder(port=port, service_port=8123, advertise="192.0.2.77") as responder:
        yield responder


def run(port: int, *arguments: str) -> str:
    out = StringIO()
    call_command(
        "discover_servers", "--port", str(port), "--timeout", "0.3", *arguments, stdout=out
    )
    return out.getvalue()


@pytest.mark.usefixtures("server")
def test_a_table(port: int) -> None:
    said = run(port)
    assert "Found 1 server(s):" in said
    assert "IP Address         Port     URL" in said
    assert "192.0.2.77         8123     http://192.0.2.77:8123" in said


def test_a_server_of_this_host_is_marked(port: int) -> None:
    with cooee.Responder(port=port, service_port=8123):
        assert run(port).rstrip().endswith(":8123 (this host)")
        assert run(port, "--verbose").count(":8123 (this host)") == 1


@pytest.mark.usefixtures("server")
def test_a_server_elsewhere_is_not_marked(port: int) -> None:
    assert run(port).rstrip().endswith("http://192.0.2.77:8123")


@pytest.mark.usefixtures("server")
def test_the_raw_answer(port: int) -> None:
    said = run(port, "--verbose")
    assert "192.0.2.77         8123     SERVER_IP:192.0.2.77:8123" in said
    assert "source_address: " in said


def test_nobody(port: int) -> None:
    assert "No servers found on the network." in run(port)


def test_other_texts(port: int) -> None:
    with cooee.Responder(port=port, message="WHO", prefix="ME:"):
        assert "No servers found" in run(port)
        assert "Found 1 server" in run(port, "--message", "WHO", "--response-prefix", "ME:")


@pytest.mark.usefixtures("server")
def test_lists_of_interfaces(port: int) -> None:
    assert "No servers found" in run(port, "--interfaces-whitelist", "none, nor this")
    assert "Found 1" in run(port, "--interfaces-blacklist", "none,nor this")


def test_a_segmented_network(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from discovery_client_django.management.commands import discover_servers

    large = [InterfaceInfo("eth0", "10.1.2.3", "255.255.0.0", "10.1.255.255")]
    monkeypatch.setattr(discover_servers, "select_interfaces", lambda _: large)
    said = run(port)
    assert "No servers found" in said
    assert said.count("Segmented Network") == 1


@pytest.mark.parametrize(
    "wrong",
    [["--port", "0"], ["--timeout", "-1"], ["--message", "x" * 600]],
)
def test_a_wrong_configuration(port: int, wrong: Any) -> None:
    with pytest.raises(CommandError, match="Invalid configuration"):
        run(port, *wrong)


def test_the_label() -> None:
    assert apps.get_app_config("discovery_client_django").name == "discovery_client_django"
