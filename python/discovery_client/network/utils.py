"""Arithmetic with addresses and netmasks."""

import ipaddress
from typing import Union

_ALL_ONES = 0xFFFFFFFF


def netmask_to_prefix(netmask: str) -> int:
    """``"255.255.255.0"`` as ``24``. Raises ``ValueError`` for what is not a netmask."""
    mask = int(_address(netmask))
    zeros = (mask ^ _ALL_ONES).bit_length()
    if mask != _ALL_ONES << zeros & _ALL_ONES:
        raise ValueError(f"{netmask} is no netmask: its ones are not all in front")
    return 32 - zeros


def prefix_to_netmask(prefix: int) -> str:
    """``24`` as ``"255.255.255.0"``. Raises ``ValueError`` outside 0 to 32."""
    _check_prefix(prefix)
    return str(ipaddress.IPv4Address(_ALL_ONES << 32 - prefix & _ALL_ONES))


def network_from_ip_and_mask(ip: str, mask: Union[str, int]) -> ipaddress.IPv4Network:
    """The network of an address. The mask is ``"255.255.255.0"``, ``"/24"`` or ``24``.

    Raises ``ValueError`` where either is wrong, and ``TypeError`` for a mask of another type.
    """
    if isinstance(mask, str):
        prefix = int(mask[1:]) if mask.startswith("/") else netmask_to_prefix(mask)
    elif isinstance(mask, int):
        prefix = mask
    else:
        raise TypeError(f"the mask is {mask!r}, neither text nor a number")
    _check_prefix(prefix)
    return ipaddress.IPv4Network((int(_address(ip)), prefix), strict=False)


def broadcast_from_ip_and_mask(ip: str, mask: Union[str, int]) -> str:
    """The broadcast address of an address's network. Raises as ``network_from_ip_and_mask``."""
    return str(network_from_ip_and_mask(ip, mask).broadcast_address)


def _address(text: str) -> ipaddress.IPv4Address:
    try:
        return ipaddress.IPv4Address(text)
    except ValueError:
        raise ValueError(f"{text!r} is not four octets, as in 192.0.2.7") from None


def _check_prefix(prefix: int) -> None:
    if not 0 <= prefix <= 32:
        raise ValueError(f"the prefix length is {prefix}, not from 0 to 32")
