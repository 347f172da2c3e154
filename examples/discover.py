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
SIOCGIFBRDADDR = 0x8919
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
    return address, port, [ipaddress.IPv4Address(other) for other in others]


def open_sockets():
    """A socket for IPv4, and one for IPv6 where the system has it."""
    v4 = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    v4.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    v4.bind(("", 0))
    sockets = [v4]
    if socket.has_ipv6:
        try:
            v6 = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            v6.bind(("::", 0))
            sockets.append(v6)
        except OSError:
            pass
    for one in sockets:
        one.setblocking(False)
    return sockets


def broadcast_address(one, name):
    """That of an interface; None if it has none. A thorough client asks for each of its networks."""
    try:
        answer = fcntl.ioctl(one, SIOCGIFBRDADDR, struct.pack("256s", name.encode()))
    except OSError:
        return None
    address = socket.inet_ntoa(answer[20:24])
    return None if address == "0.0.0.0" else address


def probe(sockets):
    """Sends one probe on each interface over IPv4, and one over IPv6."""
    interfaces = socket.if_nameindex()
    for one in sockets:
        if one.family == socket.AF_INET:
            addresses = {broadcast_address(one, name) for _, name in interfaces} - {None}
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


def located(address, port, source):
    """Where to connect. A link-local address has the zone of the interface that heard it."""
    sender = ipaddress.ip_address(source[0].partition("%")[0])
    foreign_loopback = address.is_loopback and not sender.is_loopback
    if address.is_unspecified or address.is_multicast or foreign_loopback:
        address = sender
    if address.version == 6 and address.is_link_local:
        return f"{address}%{socket.if_indextoname(source[3])}", port
    return str(address), port


def discover():
    """The servers that answer, as `(address, port) -> source`."""
    sockets = open_sockets()
    over_v4, over_v6 = {}, {}
    start, rounds = time.monotonic(), list(ROUNDS)
    while (now := time.monotonic() - start) < END:
        if rounds and now >= rounds[0]:
            rounds.pop(0)
            probe(sockets)
        until = min(rounds[:1] + [END])
        for one in select.select(sockets, [], [], max(0.0, until - now))[0]:
            try:
                answer, source = one.recvfrom(ANSWER_MAX + 1)
                address, port, others = parse(answer)
            except (OSError, ValueError):
                continue
            place = located(address, port, source)
            if one.family == socket.AF_INET:
                over_v4.setdefault(place, source[0])
            else:
                over_v6.setdefault(place, (source[0], [(str(other), port) for other in others]))
    # A server that answers over both families is one.
    found = dict(over_v4)
    for place, (source, others) in over_v6.items():
        if not any(other in over_v4 for other in others):
            found[place] = source
    return found


if __name__ == "__main__":
    servers = discover()
    for (address, port), source in servers.items():
        print(address, port, source)
    sys.exit(0 if servers else 1)
