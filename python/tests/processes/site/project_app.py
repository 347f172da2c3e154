"""An app that tells the test which processes are up, and what their service does."""

import json
import os
from pathlib import Path

from django.apps import AppConfig


def report() -> None:
    """Leaves a file named after this process."""
    from django_udp_discovery import is_running

    told = {"running": is_running()}
    try:
        from django_udp_discovery import status

        told["state"] = status().state
    except ImportError:
        told["state"] = "stock"
    directory = Path(os.environ["TEST_REPORTS"])
    unfinished = directory / f".{os.getpid()}"
    unfinished.write_text(json.dumps(told))
    unfinished.rename(directory / str(os.getpid()))


class ProjectConfig(AppConfig):
    name = "project_app"

    def ready(self) -> None:
        # After the discovery app, which comes first in INSTALLED_APPS.
        report()
