#!/usr/bin/env python3
"""Finds the servers of a local network, with nothing but the standard library (Linux).

Prints a line for each: its address, its port, and where the answer came from. The protocol is
specified in docs/protocol.md.
"""

import fcntl
import ipaddress
import select
import socket
import struct
import sys
import time

PORT = 9999
PROBE = b"DISCOVER_SERVER"
PREFIX = b"SERVER_IP:"
GROUP = "ff12::c00e:270f"
DEFAULT_SERVICE_PORT = 8000
ANSWER_MAX = 512
ADDRESSES_MAX = 4
SIOCGIFADDR, SIOCGIFBRDADDR, SIOCGIFNETMASK = 0x8915, 0x8919, 0x891B
IP_PKTINFO = 8  # Linux; Python names it from 3.14 on.
# When to probe, and when to stop, in seconds after the start.
ROUNDS = (0.0, 0.15, 0.45, 1.05)
END = 1.8


def port_of(text):
    """A port as it is written: no sign, no leading zeros."""
    if not (text.isascii() and text.isdigit()) or text.startswith("0") or int(text) > 65535:
        raise ValueError(f"{text!r} is no port")
    return int(text)


def parse(answer):
    """The address, the port and the other addresses that an answer names.

    Raises ValueError for anything that is no answer.
    """
    if len(answer) > ANSWER_MAX or not answer.startswith(PREFIX):
        raise ValueError("no answer")
    text = answer[len(PREFIX) :].rstrip(b"\0").decode().strip()
    if not text.startswith("["):
        address, colon, port = text.partition(":")
        port = port_of(port.strip()) if colon else DEFAULT_SERVICE_PORT
        return ipaddress.IPv4Address(address.strip()), port, []
    address, bracket, rest = text[1:].partition("]")
    if not bracket or "%" in address:
        raise ValueError("no address in brackets")
    address = ipaddress.IPv6Address(address)
    port, *others = rest.split(None) if rest[:1] == ":" else ["", *rest.split()]
    if address.ipv4_mapped or (rest and rest[0] != ":" and not rest[0].isspace()):
        raise ValueError("no address in brackets")
    port = port_of(port[1:]) if port else DEFAULT_SERVICE_PORT
    return address, port, [ipaddress.IPv4Address(other) for other in others][:ADDRESSES_MAX]


def open_sockets():
    """A socket for IPv4, and one for IPv6 where the system has it."""
    v4 = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    v4.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    v4.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
    v4.bind(("", 0))
    sockets = [v4]
    if socket.has_ipv6:
        try:
            v6 = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            v6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
            v6.bind(("::", 0))
            sockets.append(v6)
        except OSError:
            pass
    for one in sockets:
        one.setblocking(False)
    return sockets


def of_interface(one, name, request):
    """An IPv4 address or mask of an interface; None if it has none. A thorough client asks for each
    of its networks."""
    try:
        answer = fcntl.ioctl(one, request, struct.pack("256s", name.encode()))
    except OSError:
        return None
    address = socket.inet_ntoa(answer[20:24])
    return None if address == "0.0.0.0" else address


def probe(sockets):
    """Sends one probe on each interface over IPv4, and one over IPv6."""
    interfaces = socket.if_nameindex()
    for one in sockets:
        if one.family == socket.AF_INET:
            addresses = {of_interface(one, name, SIOCGIFBRDADDR) for _, name in interfaces} - {None}
            targets = [(address, PORT) for address in addresses]
        else:
            targets = [(GROUP, PORT, 0, index) for index, _ in interfaces]
        for target in targets:
            if one.family == socket.AF_INET6:
                index = struct.pack("@I", target[3])
                try:
                    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
                except OSError:
                    continue
            try:
                one.sendto(PROBE, target)
            except OSError:
                pass  # No route, or no address there.


def receive(one):
    """An answer, the address it came from, and the index of the interface that heard it."""
    answer, control, _, source = one.recvmsg(ANSWER_MAX + 1, 128)
    index = 0
    for level, kind, data in control:
        if (level, kind) == (socket.IPPROTO_IP, IP_PKTINFO):
            (index,) = struct.unpack_from("@i", data)
        elif (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO):
            (index,) = struct.unpack_from("@I", data, 16)
    return answer, ipaddress.ip_address(source[0].partition("%")[0]), index


def located(address, source, index):
    """Where to connect. A link-local address has the zone of the interface that heard it."""
    is_broadcast = str(address) == "255.255.255.255"
    foreign_loopback = address.is_loopback and not source.is_loopback
    if address.is_unspecified or address.is_multicast or is_broadcast or foreign_loopback:
        address = source
    if address.version == 6 and address.is_link_local:
        return f"{address}%{socket.if_indextoname(index)}"
    return str(address)


def on_our_network(one, others, index):
    """The first of these addresses that is on our network on the interface; None if none is."""
    try:
        name = socket.if_indextoname(index)
    except OSError:
        return None
    address, mask = (of_interface(one, name, what) for what in (SIOCGIFADDR, SIOCGIFNETMASK))
    if not address or not mask:
        return None
    network = ipaddress.ip_network(f"{address}/{mask}", strict=False)
    return next((str(other) for other in others if other in network), None)


def discover():
    """The servers that answer, as `(address, port) -> source`."""
    sockets = open_sockets()
    # By interface, address and port.
    over_v4, over_v6 = {}, {}
    start, rounds = time.monotonic(), list(ROUNDS)
    while (now := time.monotonic() - start) < END:
        if rounds and now >= rounds[0]:
            rounds.pop(0)
            probe(sockets)
        until = min(rounds[:1] + [END])
        for one in select.select(sockets, [], [], max(0.0, until - now))[0]:
            try:
                answer, source, index = receive(one)
                address, port, others = parse(answer)
                place = (index, located(address, source, index), port)
            except (OSError, ValueError):
                continue
            if one.family == socket.AF_INET:
                over_v4.setdefault(place, source)
            else:
                same = (index, on_our_network(sockets[0], others, index), port)
                over_v6.setdefault(place, (source, same))
    # A server that answers over both families is one.
    found = {place[1:]: source for place, source in over_v4.items()}
    for place, (source, same) in over_v6.items():
        if same not in over_v4:
            found.setdefault(place[1:], source)
    return found


if __name__ == "__main__":
    servers = discover()
    for (address, port), source in servers.items():
        print(address, port, source)
    sys.exit(0 if servers else 1)
