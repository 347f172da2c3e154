"""The network interfaces of this host that can send probes."""

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from discovery_client.config import ClientConfig


@dataclass
class InterfaceInfo:
    """One IPv4 address of an interface. An interface with several is listed several times."""

    name: str
    ip: str
    netmask: str
    broadcast: Optional[str] = None


def get_interfaces() -> list[InterfaceInfo]:
    """The IPv4 addresses of all active interfaces but loopback.

    Raises ``OSError`` if the system does not list them.
    """
    import cooee

    found = []
    for interface in cooee.interfaces():
        if not interface.up or interface.kind == "loopback":
            continue
        for text in interface.addresses:
            address = ipaddress.ip_interface(text)
            if address.version == 4 and not address.ip.is_loopback:
                found.append(_info(interface.name, address))
    return found


def select_interfaces(config: "ClientConfig") -> list[InterfaceInfo]:
    """The interfaces on the whitelist, if there is one, and not on the blacklist."""
    allowed, denied = config.interfaces_whitelist, config.interfaces_blacklist
    return [
        interface
        for interface in get_interfaces()
        if (allowed is None or interface.name in allowed)
        and (denied is None or interface.name not in denied)
    ]


def _info(name: str, address: ipaddress.IPv4Interface) -> InterfaceInfo:
    network = address.network
    return InterfaceInfo(
        name, str(address.ip), str(network.netmask), str(network.broadcast_address)
    )
