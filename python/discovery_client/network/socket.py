"""Calling by hand, with Python's sockets, and what is said about networks that hear only in part.

``discovery_client.discover`` does not use the sockets of this module: it calls again when
datagrams are lost, on every interface, and has one deadline.
"""

import ipaddress
import logging
import socket
import time
from typing import Any, Optional

from discovery_client.config import ClientConfig
from discovery_client.network.interfaces import InterfaceInfo
from discovery_client.network.utils import broadcast_from_ip_and_mask
from discovery_client.results import DiscoveryResult

logger = logging.getLogger("django_udp_discovery_client")

DEFAULT_BROADCAST_ADDRESS = "255.255.255.255"
# What an answer without a port means.
_DEFAULT_SERVICE_PORT = 8000
_DATAGRAM_MAX = 65535
# Networks that are often cut into segments of this prefix length, with a router between them.
_SEGMENT_PREFIX = 24
_OFTEN_SEGMENTED = (ipaddress.IPv4Network("10.0.0.0/8"), ipaddress.IPv4Network("172.16.0.0/12"))


def parse_response(response: bytes, prefix: bytes) -> Optional[tuple[str, int]]:
    """Address and port of an answer, or None for what is none. Without a port: 8000."""
    from cooee import parse_answer

    if response.endswith(b"\0"):
        # The engine lets them pass, as what C programs send; the stock client does not.
        return None
    try:
        ip, port = parse_answer(response, prefix)
    except ValueError:
        return None
    if ":" in ip:
        # As the stock client, which knows no IPv6.
        return None
    return ip, _DEFAULT_SERVICE_PORT if port is None else port


def create_discovery_socket(timeout: float) -> socket.socket:
    """A UDP socket that may broadcast and waits ``timeout`` seconds. Raises ``OSError``."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.settimeout(timeout)
    except BaseException:
        sock.close()
        raise
    return sock


def send_discovery_request(
    sock: socket.socket,
    message: bytes,
    port: int,
    broadcast_address: str = DEFAULT_BROADCAST_ADDRESS,
) -> None:
    """Calls once. Raises ``OSError``."""
    logger.debug("calling %s:%s", broadcast_address, port)
    sock.sendto(message, (broadcast_address, port))


def receive_responses(
    sock: socket.socket, config: ClientConfig, max_responses: Optional[int] = None
) -> list[DiscoveryResult]:
    """The answers until none arrives within the socket's timeout, or ``max_responses`` are there.

    A stream of datagrams does not go on for ever: after ``config.timeout`` seconds, the next
    datagram is the last.
    """
    results: list[DiscoveryResult] = []
    ends = time.monotonic() + config.timeout
    while max_responses is None or len(results) < max(max_responses, 1):
        try:
            data, source = sock.recvfrom(_DATAGRAM_MAX)
        except socket.timeout:
            break
        except OSError as error:
            logger.error("receiving failed: %s", error)
            break
        result = _result(data, source[0], config.response_prefix)
        if result is not None:
            results.append(result)
        if time.monotonic() >= ends:
            break
    logger.info("%d answer(s) received", len(results))
    return results


def _result(data: bytes, source: str, prefix: bytes) -> Optional[DiscoveryResult]:
    parsed = parse_response(data, prefix)
    if parsed is None:
        logger.warning("ignored what %s sent, which is not an answer: %r", source, data[:64])
        return None
    ip, port = parsed
    return DiscoveryResult(ip, port, data, {"source_address": source})


def discover_servers_single_broadcast(
    config: ClientConfig, broadcast_address: str = DEFAULT_BROADCAST_ADDRESS
) -> list[DiscoveryResult]:
    """Calls once, at one address, and listens for ``config.timeout``. Raises ``OSError``."""
    with create_discovery_socket(config.timeout) as sock:
        send_discovery_request(
            sock, config.discovery_message, config.discovery_port, broadcast_address
        )
        return receive_responses(sock, config)


def discover_servers_multi_interface(config: ClientConfig) -> list[DiscoveryResult]:
    """What ``discovery_client.discover`` does, but raises ``OSError`` for network trouble."""
    from discovery_client import engine

    try:
        return engine.discover(config)
    except engine.NothingSelectedError as nothing:
        logger.warning("%s", nothing)
        return []


def get_interface_broadcast(iface: InterfaceInfo) -> str:
    """The broadcast address that the system tells, else that of the network."""
    return iface.broadcast or broadcast_from_ip_and_mask(iface.ip, iface.netmask)


def deduplicate_results(results: list[DiscoveryResult]) -> list[DiscoveryResult]:
    """The first result of each address and port."""
    unique: dict[tuple[str, int], DiscoveryResult] = {}
    for result in results:
        unique.setdefault((result.ip, result.port), result)
    return list(unique.values())


def detect_segmented_network(interfaces: list[InterfaceInfo]) -> Optional[dict[str, Any]]:
    """The first interface whose network is probably larger than what a broadcast reaches."""
    for interface in interfaces:
        info = _segmented(interface)
        if info is not None:
            return info
    return None


def _segmented(interface: InterfaceInfo) -> Optional[dict[str, Any]]:
    try:
        address = ipaddress.IPv4Interface(f"{interface.ip}/{interface.netmask}")
    except ValueError:
        return None
    network = address.network
    reach = ipaddress.IPv4Network((address.ip, _SEGMENT_PREFIX), strict=False).broadcast_address
    if (
        network.prefixlen >= _SEGMENT_PREFIX
        or not any(address.ip in corporate for corporate in _OFTEN_SEGMENTED)
        # The last segment's broadcast address is that of the whole network.
        or str(reach) == interface.broadcast
    ):
        return None
    return {
        "interface": interface.name,
        "ip": interface.ip,
        "network": str(network),
        "prefix": network.prefixlen,
        "total_hosts": network.num_addresses,
        "calculated_broadcast": interface.broadcast,
        "likely_broadcast_domain": str(reach),
        "is_corporate": True,
        "segments": 2 ** (_SEGMENT_PREFIX - network.prefixlen),
    }


def format_segmented_network_warning(segmented_info: dict[str, Any], width: int = 40) -> str:
    """The text to show when nothing was found on such a network."""
    rule = "=" * width
    return "\n".join(
        (
            rule,
            "Segmented Network: a broadcast may not reach everybody",
            rule,
            "{interface} ({ip}) is in {network}, a network of {total_hosts:,} addresses.",
            "Networks of this size are often made of {segments} segments, and then a call reaches",
            "only the one that ends at {likely_broadcast_domain}, not all up to "
            "{calculated_broadcast}.",
            "",
            "A server in another segment does not hear it. Try its address, or its segment:",
            "  cooee find --host ADDRESS",
            "  cooee find --subnet NETWORK/24",
            rule,
        )
    ).format(**segmented_info)
