"""``manage.py discover_servers``: sends probes, and prints the servers that answer."""

from typing import Any, Optional

from django.core.management.base import BaseCommand, CommandError, CommandParser

from discovery_client import ClientConfig, DiscoveryResult, discover
from discovery_client.network import select_interfaces
from discovery_client.network.socket import (
    detect_segmented_network,
    format_segmented_network_warning,
)


def _names(text: Optional[str]) -> Optional[list[str]]:
    return [name.strip() for name in text.split(",")] if text else None


class Command(BaseCommand):
    """Prints a table of servers, or why there may be none."""

    help = "Find servers on the local network, and print those that answer"

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds the options, with the defaults of ``ClientConfig``."""
        default = ClientConfig()
        for option, convert, value, what in (
            ("--timeout", float, default.timeout, "seconds to wait"),
            ("--port", int, default.discovery_port, "the UDP port that servers answer on"),
            ("--message", str, default.discovery_message.decode(), "the text of a probe"),
            ("--response-prefix", str, default.response_prefix.decode(), "how answers begin"),
        ):
            parser.add_argument(
                option, type=convert, default=value, help=f"{what} (default: %(default)s)"
            )
        parser.add_argument("--interfaces-whitelist", metavar="A,B", help="call only on these")
        parser.add_argument("--interfaces-blacklist", metavar="A,B", help="do not call on these")
        parser.add_argument("--verbose", action="store_true", help="show what the servers said")

    def handle(self, *_: Any, **options: Any) -> None:
        """Sends probes, and prints the servers that answer."""
        try:
            config = ClientConfig(
                discovery_port=options["port"],
                discovery_message=options["message"].encode(),
                response_prefix=options["response_prefix"].encode(),
                timeout=options["timeout"],
                interfaces_whitelist=_names(options["interfaces_whitelist"]),
                interfaces_blacklist=_names(options["interfaces_blacklist"]),
            )
            if options["verbose"]:
                self.stdout.write(f"Calling on port {config.discovery_port} for {config.timeout} s")
            servers = discover(config)
        except ValueError as error:
            raise CommandError(f"Invalid configuration: {error}") from error
        if servers:
            self._show(servers, verbose=options["verbose"])
        else:
            self._show_none(config)

    def _show(self, servers: list[DiscoveryResult], verbose: bool) -> None:
        last = "Raw Response" if verbose else "URL"
        header = f"{'IP Address':<18} {'Port':<8} {last}"
        self.stdout.write(self.style.SUCCESS(f"Found {len(servers)} server(s):"))
        self.stdout.write(self.style.SUCCESS(f"{header}\n{'-' * 58}"))
        for server in servers:
            said = server.raw_response.decode(errors="replace")
            shown = said if verbose else f"http://{server.ip}:{server.port}"
            mark = " (this host)" if server.this_host else ""
            self.stdout.write(f"{server.ip:<18} {server.port:<8} {shown}{mark}")
            if verbose:
                for key, value in (server.extra or {}).items():
                    self.stdout.write(f"  {key}: {value}")

    def _show_none(self, config: ClientConfig) -> None:
        self.stdout.write(self.style.WARNING("No servers found on the network."))
        try:
            segmented = detect_segmented_network(select_interfaces(config))
        except OSError:
            return
        if segmented:
            self.stdout.write(format_segmented_network_warning(segmented))
