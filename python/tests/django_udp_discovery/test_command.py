"""``manage.py start_discovery``."""

import time
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings


def run(**options: Any) -> str:
    out = StringIO()
    call_command("start_discovery", stdout=out, **options)
    return out.getvalue()


def test_shows_configuration_and_status(service: Any, port: int) -> None:
    said = run()
    for text in (f"Port: {port}", '"DISCOVER_SERVER"', '"SERVER_IP:"', "1024 bytes", "Logging: on"):
        assert text in said
    assert f"Running on port {port}" in said
    assert "already running" in run()
    assert service.is_running()


def test_says_that_it_returns_at_once(service: Any) -> None:
    said = run()
    assert "returns now, and nothing answers after its process has ended" in said
    assert "--duration SECONDS" in said
    assert service.is_running()
    assert "returns now" not in run(duration=1)


def test_stops_after_the_duration(service: Any) -> None:
    began = time.monotonic()
    said = run(duration=1)
    assert 1 <= time.monotonic() - began < 2
    assert "a duration of 1s" in said
    assert not service.is_running()


def test_ctrl_c_stops_early(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: float) -> None:
        assert service.is_running()
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupt)
    assert "Interrupted" in run(duration=3600)
    assert not service.is_running()


@pytest.mark.parametrize("duration", [0, -1])
@pytest.mark.usefixtures("service")
def test_refuses_a_duration_of_nothing(duration: int) -> None:
    with pytest.raises(CommandError, match="greater than 0"):
        run(duration=duration)


@pytest.mark.usefixtures("foreign_socket")
def test_a_port_that_stays_taken(
    service: Any,
) -> None:
    with pytest.raises(CommandError, match="the port is in use"):
        run()
    assert service.status().state == "stopped"


@pytest.mark.usefixtures("service")
def test_a_wrong_setting() -> None:
    with override_settings(DISCOVERY_ANSWER="nobody"), pytest.raises(CommandError, match="check"):
        run()
