"""Wrong settings never stop Django: the check reports them, the log too, and the site is up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SETTINGS = """
SECRET_KEY = "for tests"
INSTALLED_APPS = ["django_udp_discovery"]
USE_TZ = True
DISCOVERY_PORT = "many"
DISCOVERY_ALLOW = 5
DISCOVERY_RATE_LIMIT = object()
ENABLE_LOGGING = None
"""

SERVE = """
from django.core.wsgi import get_wsgi_application
get_wsgi_application()
from django_udp_discovery import is_running
assert not is_running()
print("the site is up")
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "wrong_settings.py").write_text(SETTINGS)
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "wrong_settings",
        "PYTHONPATH": str(tmp_path),
    }


def run(environment: dict[str, str], *arguments: str) -> tuple[str, str]:
    ran = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=30
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout, ran.stderr


def test_the_check_reports_them(environment: dict[str, str]) -> None:
    _, said = run(environment, "-m", "django", "check")
    for number in ("001", "006", "010", "011"):
        assert f"(django_udp_discovery.W{number})" in said
    assert "HINT: set DISCOVERY_PORT to a number from 1 to 65535" in said


def test_the_site_is_up(environment: dict[str, str]) -> None:
    told, logged = run(environment, "-c", SERVE)
    assert told == "the site is up\n"
    assert "not discoverable: DISCOVERY_PORT is 'many'" in logged
