"""The Django app: starts to answer when Django is ready."""

import atexit
import os
import sys
from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core import checks

SERVING_COMMANDS = ("runserver", "testserver")


def _is_test_run() -> bool:
    return (
        "test" in sys.argv or "pytest" in sys.modules or bool(getattr(settings, "TESTING", False))
    )


def _only_watches_files() -> bool:
    """Whether this is the process of ``runserver`` that starts the serving one again and again.

    It would answer for a site that may be down, and with the settings of its own start.
    """
    return (
        sys.argv[1:2] == ["runserver"]
        and "--noreload" not in sys.argv
        and os.environ.get("RUN_MAIN") != "true"
    )


def _only_looks() -> bool:
    """Whether this is a command that looks for the site, and must not be taken for it."""
    return sys.argv[1:2] in (["discover_servers"], ["discovery_status"])


def _never_serves() -> bool:
    """Whether this is a command of Django's that serves nothing, or celery.

    With a port set it would take the UDP port, for as long as a migration lasts. Commands of other
    apps may serve.
    """
    from django_udp_discovery.conf import settings as discovery_settings

    if discovery_settings.DISCOVERY_REQUIRE_LISTENER is False:
        return False
    *parents, program = Path(sys.argv[0] if sys.argv else "").parts or [""]
    if program == "__main__.py" and parents:
        program = parents[-1]
    if program == "celery":
        return True
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    return (
        program in ("manage.py", "django", "django-admin")
        and command not in SERVING_COMMANDS
        and command in _commands_of_django()
    )


def _commands_of_django() -> set[str]:
    # A command has imported it; a web server has not, and spares its memory.
    from django.core import management

    packages = [Path(management.__file__).parent]
    for app in apps.get_app_configs():
        if app.name.startswith("django."):
            packages.append(Path(app.path, "management"))
    return {name for package in packages for name in management.find_commands(str(package))}


def _check_settings(**options: Any) -> list[checks.CheckMessage]:
    # A web server runs no checks, and spares the memory for them.
    from django_udp_discovery.checks import check_settings

    return check_settings(**options)


class UdpDiscoveryConfig(AppConfig):
    """Starts to answer when Django is ready, unless in a test run; stops at exit."""

    default_auto_field: str = "django.db.models.BigAutoField"
    name: str = "django_udp_discovery"
    _stops_at_exit: bool = False

    def ready(self) -> None:
        """Registers the checks, and starts the listener."""
        from discovery_client_django.checks import check_stock_distributions

        checks.register(_check_settings)
        checks.register(check_stock_distributions)
        is_off = _is_test_run() or _only_watches_files() or _only_looks() or _never_serves()
        if not is_off:
            self._start()

    def _start(self) -> None:
        from django_udp_discovery.listener import is_running, stop_udp_service
        from django_udp_discovery.startup import start

        if not UdpDiscoveryConfig._stops_at_exit:
            UdpDiscoveryConfig._stops_at_exit = True
            atexit.register(stop_udp_service)
        if not is_running():
            start()
