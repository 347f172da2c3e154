"""``manage.py discovery_status``: what clients of each network get, and whether that is true."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from django_udp_discovery.conf import settings
from django_udp_discovery.report import Report, report

FORMATS = ("text", "json")


class Command(BaseCommand):
    """Shows who has the port, what it offers, and which URLs clients get."""

    help: str = "Show who answers probes on this host, and which URLs clients get"

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds ``--format``."""
        parser.add_argument(
            "--format", choices=FORMATS, default=FORMATS[0], help="how to print it (default: text)"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Prints the report."""
        found = report(settings.DISCOVERY_PORT)
        if options.get("format") == "json":
            self.stdout.write(json.dumps(found.as_dict(), indent=2))
        else:
            self._show(found)

    def _show(self, found: Report) -> None:
        self.stdout.write(f"UDP port {found.port}: {found.who()}")
        for service in found.services:
            self.stdout.write(f"  {service}")
        if found.services and not found.urls:
            self.stdout.write(self.style.WARNING("this host has no address that clients reach"))
        for url in found.urls:
            style = self.style.SUCCESS if url.works else self.style.WARNING
            where = f"{url.interface} ({url.network})"
            self.stdout.write(f"{where}: " + style(f"{url.url or 'no answer'}: {url.state}"))
