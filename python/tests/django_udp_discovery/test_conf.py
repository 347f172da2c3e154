"""Settings: the stock defaults, Django's values, and checks that name the fix."""

from typing import Any

import pytest
from django.core import checks
from django.test import override_settings

from django_udp_discovery.checks import check_settings
from django_udp_discovery.conf import SETTINGS, responder_arguments, settings, wrong_settings

STOCK_DEFAULTS = {
    "DISCOVERY_PORT": 9999,
    "DISCOVERY_MESSAGE": "DISCOVER_SERVER",
    "RESPONSE_PREFIX": "SERVER_IP:",
    "DISCOVERY_TIMEOUT": 0.5,
    "DISCOVERY_BUFFER_SIZE": 1024,
    "ENABLE_LOGGING": True,
}

WRONG = [
    ("DISCOVERY_PORT", 0),
    ("DISCOVERY_PORT", 65536),
    ("DISCOVERY_PORT", "9999"),
    ("DISCOVERY_PORT", True),
    ("DISCOVERY_MESSAGE", ""),
    ("DISCOVERY_MESSAGE", b"DISCOVER_SERVER"),
    ("DISCOVERY_MESSAGE", "x" * 513),
    ("RESPONSE_PREFIX", None),
    ("RESPONSE_PREFIX", "x" * 257),
    ("DISCOVERY_TIMEOUT", 0),
    ("DISCOVERY_BUFFER_SIZE", -1),
    ("ENABLE_LOGGING", "yes"),
    ("DISCOVERY_SERVICE_PORT", 70000),
    ("DISCOVERY_ADVERTISE", "server.local"),
    ("DISCOVERY_ADVERTISE", "0.0.0.0"),
    ("DISCOVERY_ANSWER", "everybody"),
    ("DISCOVERY_ALLOW", "10.0.0.0/8"),
    ("DISCOVERY_ALLOW", ["10.0.0.0/33"]),
    ("DISCOVERY_RATE_LIMIT", 0),
    ("DISCOVERY_RATE_LIMIT", 2.5),
    ("DISCOVERY_STAND_BY", None),
    ("DISCOVERY_ENABLED", "maybe"),
    ("DISCOVERY_REQUIRE_LISTENER", 0),
    ("DISCOVERY_NAME", ""),
    ("DISCOVERY_NAME", "a\nb"),
    ("DISCOVERY_NAME", "é" * 32),
]

FINE = [
    ("DISCOVERY_PORT", 1),
    ("DISCOVERY_MESSAGE", "é"),
    ("RESPONSE_PREFIX", ""),
    ("DISCOVERY_SERVICE_PORT", 443),
    ("DISCOVERY_ADVERTISE", "192.0.2.7"),
    ("DISCOVERY_ANSWER", "on-link"),
    ("DISCOVERY_ANSWER", "any"),
    ("DISCOVERY_ALLOW", ["198.51.100.0/24", "203.0.113.7"]),
    ("DISCOVERY_RATE_LIMIT", None),
    ("DISCOVERY_RATE_LIMIT", 1),
    ("DISCOVERY_STAND_BY", False),
    ("DISCOVERY_ENABLED", False),
    ("DISCOVERY_REQUIRE_LISTENER", False),
    ("DISCOVERY_NAME", "Ärzte Büro"),
]


def test_the_stock_defaults() -> None:
    assert {name: getattr(settings, name) for name in STOCK_DEFAULTS} == STOCK_DEFAULTS
    assert not wrong_settings()
    assert check_settings() == []


def test_django_settings_come_first() -> None:
    with override_settings(DISCOVERY_PORT=7777):
        assert settings.DISCOVERY_PORT == settings.get("DISCOVERY_PORT", 1) == 7777


def test_the_other_defaults_are_the_engines() -> None:
    from cooee import _core

    for name, default in responder_arguments().items():
        if name != "stand_by":
            built = _core._built_responder(**{name: default})
            assert built == _core._built_responder(), name


def test_unknown_names() -> None:
    with pytest.raises(AttributeError, match="Invalid discovery setting: 'NOTHING'"):
        settings.NOTHING  # noqa: B018
    assert settings.get("NOTHING") is None
    assert settings.get("NOTHING", default="x") == "x"


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_is_named_with_its_fix(name: str, value: Any) -> None:
    with override_settings(**{name: value}):
        (warning,) = check_settings()
    (setting,) = [setting for setting in SETTINGS if setting.name == name]
    assert warning.id == f"django_udp_discovery.{setting.check_id}"
    assert warning.msg.startswith(f"{name} is {value!r}")
    assert f"set {name} to {setting.wants}" in warning.hint
    # An error would keep `runserver` from serving.
    assert warning.level == checks.WARNING


@pytest.mark.parametrize(("name", "value"), FINE)
def test_what_the_engine_takes_is_fine(name: str, value: Any) -> None:
    import cooee

    with override_settings(**{name: value}):
        assert check_settings() == []
        cooee.Responder(**responder_arguments())


def test_a_message_that_is_an_answer() -> None:
    with override_settings(DISCOVERY_MESSAGE="SERVER_IP:10.0.0.1"):
        (warning,) = check_settings()
    assert warning.id == "django_udp_discovery.W013"


def test_what_only_the_engine_has_against_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    from django_udp_discovery import checks as own_checks

    monkeypatch.setattr(own_checks, "responder_arguments", lambda: {"allow": ["nonsense"]})
    (warning,) = check_settings()
    assert warning.id == "django_udp_discovery.W014"
    assert "nonsense" in warning.msg


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DISCOVERY_ADVERTISE", "127.0.0.1"),
        ("DISCOVERY_ADVERTISE", "0.0.0.1"),
        ("DISCOVERY_ADVERTISE", "240.0.0.1"),
        ("DISCOVERY_ALLOW", ["192.0.2.0/255.255.255.0"]),
        ("DISCOVERY_MESSAGE", "\udcff"),
    ],
)
def test_what_looks_right_and_is_not(name: str, value: Any) -> None:
    with override_settings(**{name: value}):
        (warning,) = check_settings()
    assert name in warning.msg


def test_the_checks_are_registered() -> None:
    with override_settings(DISCOVERY_PORT=0):
        ids = [message.id for message in checks.run_checks()]
    assert ids == ["django_udp_discovery.W001"]


def test_a_stock_distribution_beside_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    from cooee import _beside
    from discovery_client_django import checks as app_checks

    monkeypatch.setattr(_beside, "stock_distributions", lambda: ["django-udp-discovery"])
    (warning,) = app_checks.check_stock_distributions()
    assert "pip uninstall django-udp-discovery'" in warning.hint
    assert warning.level == checks.WARNING


ENVIRONMENT = [
    ("DISCOVERY_SERVICE_PORT", "8001", 8001),
    ("DISCOVERY_SERVICE_PORT", "", None),
    ("DISCOVERY_ENABLED", "0", False),
    ("DISCOVERY_ENABLED", "False", False),
    ("DISCOVERY_ENABLED", "no", False),
    ("DISCOVERY_ENABLED", "off", False),
    ("DISCOVERY_ENABLED", "on", True),
    ("DISCOVERY_ENABLED", "", True),
]


@pytest.mark.parametrize(("name", "text", "value"), ENVIRONMENT)
def test_the_environment_comes_second(
    name: str, text: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)
    assert getattr(settings, name) == value
    assert check_settings() == []
    with override_settings(DISCOVERY_SERVICE_PORT=9001, DISCOVERY_ENABLED=True):
        assert settings.DISCOVERY_SERVICE_PORT == 9001
        assert settings.DISCOVERY_ENABLED is True


@pytest.mark.parametrize(
    ("name", "text"), [("DISCOVERY_SERVICE_PORT", "eighty"), ("DISCOVERY_ENABLED", "maybe")]
)
def test_a_wrong_environment_is_named(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)
    (warning,) = check_settings()
    assert warning.msg.startswith(f"{name} is {text!r}")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DISCOVERY_SERVICEPORT", "DISCOVERY_SERVICE_PORT"),
        ("DISCOVERY_ENABLE", "DISCOVERY_ENABLED"),
        ("DISCOVERY_RATELIMIT", "DISCOVERY_RATE_LIMIT"),
        ("DISCOVER_PORT", "DISCOVERY_PORT"),
        ("RESPONSE_PREFX", "RESPONSE_PREFIX"),
    ],
)
def test_a_misspelt_name_is_reported(name: str, meant: str) -> None:
    with override_settings(**{name: 1}):
        (warning,) = check_settings()
    assert warning.id == "django_udp_discovery.W015"
    assert warning.msg.startswith(f"{name} is not a setting")
    assert f"did you mean {meant}?" in warning.hint


@pytest.mark.parametrize(
    "name",
    [
        "DISCOVERY_CLIENT_PORT",
        "DISCOVERY_CLIENT_MESSAGE",
        "DISCOVERY_URL",
        "OIDC_DISCOVERY_ENDPOINT",
    ],
)
def test_the_names_of_others_are_left_alone(name: str) -> None:
    with override_settings(**{name: 1}):
        assert check_settings() == []
