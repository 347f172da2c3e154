"""This package's configuration and results, for the engine of ``cooee``."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Optional

import cooee
from discovery_client.config import ClientConfig
from discovery_client.results import DiscoveryResult

if TYPE_CHECKING:
    from cooee import Outcome, Server

logger = logging.getLogger("django_udp_discovery_client")


# What the engine takes; the stock client has no bounds, and ignores the number of retries.
LONGEST_S = 3600.0
MOST_RETRIES = 100

# The part of the timeout after which the nearest addresses are swept, if nobody has answered.
SWEEP_AFTER = 0.4


class NothingSelectedError(OSError):
    """The lists of interfaces leave none to use, or name one that has just gone."""


def discover(config: ClientConfig) -> list[DiscoveryResult]:
    """Calls until the timeout. Raises ``OSError`` for trouble with the network."""
    try:
        found = cooee.discover(wait="full", **_arguments(config))
    except cooee.NoSuchInterface as error:
        raise NothingSelectedError(str(error)) from error
    _log_refusals(found.outcome)
    # Whoever answers on two interfaces is two servers to the engine, and one row here.
    rows: dict[tuple[str, int], DiscoveryResult] = {}
    for server in found:
        rows.setdefault((server.ip, server.port), _result(server))
    logger.info("%d server(s) found", len(rows))
    return list(rows.values())


def discover_one(config: ClientConfig) -> Optional[DiscoveryResult]:
    """Calls until the first answer. Raises ``OSError`` for trouble with the network."""
    try:
        server = cooee.discover_one(**_arguments(config))
    except cooee.NoSuchInterface as error:
        raise NothingSelectedError(str(error)) from error
    logger.info("%s", f"found {server.url}" if server else "no server found")
    return _result(server) if server else None


def _arguments(config: ClientConfig) -> dict[str, Any]:
    _refuse_ipv6(config.hosts or ())
    arguments: dict[str, Any] = {
        "port": config.discovery_port,
        "message": config.discovery_message,
        "prefix": config.response_prefix,
        "timeout": min(config.timeout, LONGEST_S),
        "retries": min(int(config.retries), MOST_RETRIES),
        "interfaces": _interfaces(config),
        "hosts": config.hosts or (),
        # As the stock client, and its callers expect nothing else.
        "families": "ipv4",
        "mdns": False,
    }
    if config.enable_subnet_scan:
        arguments["_sweep_if_nobody"] = SWEEP_AFTER * min(config.timeout, LONGEST_S)
    return arguments


def _refuse_ipv6(hosts: Iterable[str]) -> None:
    for host in hosts:
        # An address and its port, or a name and its port, have one colon.
        if host.count(":") > 1:
            raise cooee.ConfigError(
                f"hosts: {host} is an IPv6 address, and this client speaks IPv4 only, as the stock "
                "one; give an IPv4 address or a name, or use cooee.discover(hosts=[...])"
            )


def _interfaces(config: ClientConfig) -> Optional[list[str]]:
    """The interfaces to use; None for all. Names that no interface has are passed over."""
    if config.interfaces_whitelist is None and config.interfaces_blacklist is None:
        return None
    from discovery_client.network.interfaces import select_interfaces

    names = {interface.name for interface in select_interfaces(config)}
    if not names:
        raise NothingSelectedError(
            f"no active interface is left by interfaces_whitelist {config.interfaces_whitelist} "
            f"and interfaces_blacklist {config.interfaces_blacklist}"
        )
    return sorted(names)


def _log_refusals(outcome: "Outcome") -> None:
    for reason, count in outcome.refusals.items():
        logger.warning("%d answer(s) ignored: %s", count, reason)
    for host, why in outcome.unresolved.items():
        logger.warning("cannot resolve %s: %s", host, why)
    if outcome.kernel_drops:
        logger.warning("%d datagram(s) lost: the receive buffer was full", outcome.kernel_drops)


def _result(server: "Server") -> DiscoveryResult:
    extra: dict[str, Any] = {"source_address": server.source[0]}
    if server.claimed is not None:
        # What the server said of itself cannot be, so `ip` is where its answer came from.
        extra["claimed_address"] = server.claimed
    result = DiscoveryResult(server.ip, server.port, server.raw, extra)
    result.this_host = server.this_host
    return result
