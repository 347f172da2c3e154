"""Prints what the small helpers of ``discovery_client.network`` say to many inputs."""

import json
from dataclasses import asdict

from discovery_client import ClientConfig, DiscoveryResult
from discovery_client.network import (
    InterfaceInfo,
    broadcast_from_ip_and_mask,
    get_interfaces,
    netmask_to_prefix,
    network_from_ip_and_mask,
    prefix_to_netmask,
    select_interfaces,
)
from discovery_client.network.socket import (
    DEFAULT_BROADCAST_ADDRESS,
    deduplicate_results,
    detect_segmented_network,
    get_interface_broadcast,
)

MASKS = [
    f"{a}.{b}.{c}.{d}"
    for a, b, c, d in (
        (0, 0, 0, 0),
        (128, 0, 0, 0),
        (255, 0, 0, 0),
        (255, 255, 0, 0),
        (255, 255, 254, 0),
        (255, 255, 255, 0),
        (255, 255, 255, 252),
        (255, 255, 255, 255),
        (255, 0, 255, 0),
        (0, 255, 255, 255),
        (127, 255, 255, 255),
        (256, 0, 0, 0),
    )
] + ["", "/24", "24", "x", "255.255.255"]
ADDRESSES = ["10.0.0.1", "192.168.1.100", "0.0.0.0", "255.255.255.255", "10.0.0", "x", ""]
INTERFACES = [
    InterfaceInfo(name, ip, mask, broadcast)
    for name in ("eth0", "docker0", "VMware 1")
    for ip, mask, broadcast in (
        ("10.1.2.3", "255.255.0.0", "10.1.255.255"),
        ("10.1.255.3", "255.255.0.0", "10.1.255.255"),
        ("10.1.2.3", "255.255.255.0", "10.1.2.255"),
        ("10.1.2.3", "255.0.0.0", None),
        ("172.16.0.9", "255.255.254.0", "172.16.1.255"),
        ("172.31.0.9", "255.240.0.0", "172.31.255.255"),
        ("172.32.0.9", "255.240.0.0", "172.47.255.255"),
        ("192.168.4.4", "255.255.0.0", "192.168.255.255"),
        ("169.254.4.4", "255.255.0.0", "169.254.255.255"),
        ("11.1.2.3", "255.0.0.0", "11.255.255.255"),
        ("10.1.2.3", "255.0.255.0", "10.255.255.255"),
        ("x", "255.0.0.0", None),
    )
]


def outcome(function, *arguments):
    try:
        answer = function(*arguments)
    except Exception as error:
        return type(error).__name__
    return answer if isinstance(answer, (dict, list, type(None))) else str(answer)


def table(function, *given):
    return [
        [function.__name__, repr(arguments), outcome(function, *arguments)] for arguments in given
    ]


def selected(allowed, denied):
    config = ClientConfig(interfaces_whitelist=allowed, interfaces_blacklist=denied)
    return [asdict(interface) for interface in select_interfaces(config)]


def unique(pairs):
    results = [DiscoveryResult(ip, port, str(n).encode()) for n, (ip, port) in enumerate(pairs)]
    return [repr(result) for result in deduplicate_results(results)]


names = [interface.name for interface in get_interfaces()]
print(
    json.dumps(
        table(netmask_to_prefix, *[(mask,) for mask in [*MASKS, None, 24]])
        + table(prefix_to_netmask, *[(prefix,) for prefix in [*range(-1, 34), "24", None]])
        + table(
            network_from_ip_and_mask,
            *[(ip, mask) for ip in ADDRESSES for mask in [*MASKS, 0, 24, 32, 33, -1, None, 2.5]],
        )
        + table(broadcast_from_ip_and_mask, *[(ip, mask) for ip in ADDRESSES for mask in MASKS])
        + table(get_interface_broadcast, *[(interface,) for interface in INTERFACES])
        + table(
            detect_segmented_network,
            *[([interface],) for interface in INTERFACES],
            (INTERFACES,),
            ([],),
        )
        + table(unique, ([],), ([("a", 1), ("a", 2), ("a", 1), ("b", 1)],))
        + [["interfaces", "", sorted(map(repr, map(asdict, get_interfaces())))]]
        + table(
            selected,
            *[
                (allowed, denied)
                for allowed in (None, [], names, names[:1], ["none"])
                for denied in (None, [], names, names[:1], ["none"])
            ],
        )
        + [["broadcast", "", DEFAULT_BROADCAST_ADDRESS]]
    )
)
