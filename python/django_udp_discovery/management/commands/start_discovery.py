"""``manage.py start_discovery``: starts the service by hand, and says how it is configured."""

import time
from typing import Any, Optional

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_udp_discovery.conf import settings
from django_udp_discovery.listener import (
    STANDING_BY,
    is_running,
    start_udp_service,
    status,
    stop_udp_service,
)
from django_udp_discovery.utility import format_duration

# An owner that is going away may still be closing its sockets.
RETRY_AFTER_S = 0.5

RETURNS = (
    "Without --duration this command returns now, and nothing answers after its process has "
    "ended.\n"
    "To stay discoverable, serve the site: with django_udp_discovery in INSTALLED_APPS, the "
    "service starts and stops with it. To answer for a while from here, give --duration SECONDS"
)


class Command(BaseCommand):
    """Starts the service; with a duration, also stops it."""

    help: str = "Answer clients that look for servers on the local network"

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds ``--duration``."""
        parser.add_argument(
            "--duration",
            type=int,
            metavar="SECONDS",
            help="stop by itself after this time; without it, return after starting",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Starts the service anew."""
        duration: Optional[int] = options.get("duration")
        if duration is not None and duration <= 0:
            raise CommandError("the duration must be greater than 0 seconds")
        if is_running():
            self.stdout.write(
                self.style.WARNING(
                    "The UDP discovery service is already running. Stopping it, and starting anew"
                )
            )
        stop_udp_service()
        self.stdout.write("Starting UDP discovery service...")
        self._show_configuration()
        self._start()
        self.stdout.write(self.style.SUCCESS("[OK] The UDP discovery service started successfully"))
        self._show_status()
        if duration is None:
            self.stdout.write(self.style.WARNING(RETURNS))
        else:
            self._stop_after(duration)

    def _start(self) -> None:
        if start_udp_service():
            return
        self.stdout.write(self.style.WARNING("It did not start. Trying once more..."))
        time.sleep(RETRY_AFTER_S)
        # The second start is refused when the first one took the port over in the meantime.
        if start_udp_service() or is_running():
            return
        owner = status().owner
        stop_udp_service()
        who = f"pid {owner.pid} ({owner.name})" if owner else "another program"
        raise CommandError(
            f"the service cannot start on port {settings.DISCOVERY_PORT}. If the port is in use by "
            f"{who}, stop it or choose another DISCOVERY_PORT; the log and 'manage.py check' say "
            "whether a setting is wrong"
        )

    def _show_configuration(self) -> None:
        self.stdout.write("Configuration:")
        for what, value in (
            ("Port", settings.DISCOVERY_PORT),
            ("Discovery Message", f'"{settings.DISCOVERY_MESSAGE}"'),
            ("Response Prefix", f'"{settings.RESPONSE_PREFIX}"'),
            ("Buffer Size", f"{settings.DISCOVERY_BUFFER_SIZE} bytes"),
            ("Logging", "on" if settings.ENABLE_LOGGING else "off"),
        ):
            self.stdout.write(f"  {what}: {value}")

    def _show_status(self) -> None:
        now, port = status(), settings.DISCOVERY_PORT
        said = f"Running on port {port}"
        if now.state == STANDING_BY:
            ahead = f"pid {now.owner.pid}" if now.owner else "another process of this host"
            said += f", standing by: {ahead} answers, and this process takes over when it is gone"
        self.stdout.write("Service Status:")
        self.stdout.write(self.style.SUCCESS(f"  {said}"))
        self.stdout.write("To test the service, look for it from another machine on the network:")
        self.stdout.write(f"  cooee find --port {port} --message {settings.DISCOVERY_MESSAGE}")

    def _stop_after(self, duration: int) -> None:
        stops = f"Stops after a duration of {format_duration(duration)}, or with Ctrl-C"
        self.stdout.write(stops)
        try:
            time.sleep(duration)
        except KeyboardInterrupt:
            self.stdout.write(self.style.WARNING("Interrupted"))
        self._cleanup()

    def _cleanup(self) -> None:
        stop_udp_service()
        self.stdout.write(self.style.SUCCESS("[OK] The UDP discovery service is stopped"))
