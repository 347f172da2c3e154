"""Interfaces, and arithmetic with addresses and netmasks."""

from discovery_client.network.interfaces import InterfaceInfo, get_interfaces, select_interfaces
from discovery_client.network.utils import (
    broadcast_from_ip_and_mask,
    netmask_to_prefix,
    network_from_ip_and_mask,
    prefix_to_netmask,
)

__all__ = [
    "InterfaceInfo",
    "broadcast_from_ip_and_mask",
    "get_interfaces",
    "netmask_to_prefix",
    "network_from_ip_and_mask",
    "prefix_to_netmask",
    "select_interfaces",
]
