"""An app that tells the test which processes are up, and what their service does."""

import json
import os
import threading
import time
from pathlib import Path

from django.apps import AppConfig

INTERVAL_S = 0.02
_reports = 0


def _told() -> str:
    from django_udp_discovery import is_running

    told = {"running": is_running()}
    try:
        from django_udp_discovery import status

        told["state"] = status().state
        told.update(service_port=status().service_port, why=status().why)
    except ImportError:
        told["state"] = "stock"
    return json.dumps(told)


def _report() -> None:
    """Leaves a file named after this process, and keeps it up to date."""
    directory = Path(os.environ["TEST_REPORTS"])
    unfinished = directory / f".{os.getpid()}"
    before = ""
    while True:
        told = _told()
        if told != before:
            unfinished.write_text(told)
            unfinished.rename(directory / str(os.getpid()))
            before = told
        time.sleep(INTERVAL_S)


def report() -> None:
    """Reports from this process, on a thread."""
    global _reports
    if "TEST_REPORTS" in os.environ and _reports != os.getpid():
        _reports = os.getpid()
        threading.Thread(target=_report, daemon=True).start()


class ProjectConfig(AppConfig):
    name = "project_app"

    def ready(self) -> None:
        # After the discovery app, which comes first in INSTALLED_APPS.
        report()
        os.register_at_fork(after_in_child=report)
