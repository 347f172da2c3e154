"""The Django app: starts to answer when Django is ready."""

import atexit
import os
import sys

from django.apps import AppConfig
from django.conf import settings
from django.core import checks


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


class UdpDiscoveryConfig(AppConfig):
    """Starts to answer when Django is ready, unless in a test run; stops at exit."""

    default_auto_field: str = "django.db.models.BigAutoField"
    name: str = "django_udp_discovery"
    _stops_at_exit: bool = False

    def ready(self) -> None:
        """Registers the checks, and starts the listener."""
        from discovery_client_django.checks import check_stock_distributions
        from django_udp_discovery.checks import check_settings

        checks.register(check_settings)
        checks.register(check_stock_distributions)
        if not (_is_test_run() or _only_watches_files() or _only_looks()):
            self._start()

    def _start(self) -> None:
        from django_udp_discovery.listener import is_running, stop_udp_service
        from django_udp_discovery.startup import start

        if not UdpDiscoveryConfig._stops_at_exit:
            UdpDiscoveryConfig._stops_at_exit = True
            atexit.register(stop_udp_service)
        if not is_running():
            start()
