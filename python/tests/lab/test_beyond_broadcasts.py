"""A server that hears no broadcasts: what finds it, and that nothing else is probed."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.lab

# Only private networks are swept, which those of the other tests are not.
SERVER_IP, CLIENT_IP, BROADCAST = "10.77.0.1", "10.77.0.2", "10.77.0.255"
TIMEOUT_S = 5.0

SERVER = """
import cooee, sys
with cooee.Responder():
    print("answering", flush=True)
    sys.stdin.read()
"""

CLIENT = """
import json, sys, time
from discovery_client import discover, load_config
began = time.perf_counter()
found = discover(load_config(**json.loads(sys.argv[1])))
took = time.perf_counter() - began
json.dump({"found": [server.ip for server in found], "took": took}, sys.stdout)
"""

SWEEP_AND_REMEMBER = """
import cooee, json, sys
# Over IPv6 the probes to a group arrive.
swept = cooee.discover(sweep=True, families="ipv4")
again = cooee.discover_one(remembered=[server.source for server in swept], families="ipv4")
json.dump([[server.ip, server.via] for server in [*swept, *filter(None, [again])]], sys.stdout)
"""

DEAF_TO_BROADCASTS = """
table ip deaf {
    chain input { type filter hook input priority 0; udp dport 9999 meta pkttype broadcast drop; }
}
"""

COUNT_UNICAST_PROBES = f"""
table ip probes {{
    counter unicast {{ }}
    chain output {{
        type filter hook output priority 0;
        udp dport 9999 ip daddr != {{ {BROADCAST}, 255.255.255.255 }} counter name unicast
    }}
}}
"""


def inside(host: str, *command: str, text: str = "") -> str:
    """What a command says in a host."""
    ran = subprocess.run(
        ["ip", "netns", "exec", host, *command],
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def private_hosts(hosts: "tuple[str, str]") -> "tuple[str, str]":
    """Server and client, each with a private address only."""
    if not shutil.which("nft"):
        pytest.skip("a firewall needs nft")
    for name, address in zip(hosts, (SERVER_IP, CLIENT_IP)):
        inside(name, "ip", "addr", "flush", "dev", "lan0", "scope", "global")
        inside(name, "ip", "addr", "add", f"{address}/24", "broadcast", "+", "dev", "lan0")
    return hosts


@pytest.fixture
def answering(private_hosts: "tuple[str, str]") -> Iterator["tuple[str, str]"]:
    """The same, while the server answers. Neither host knows the other's link address."""
    for name in private_hosts:
        inside(name, "nft", "flush", "ruleset")
        inside(name, "ip", "neigh", "flush", "all")
    server, client = private_hosts
    inside(client, "nft", "-f", "-", text=COUNT_UNICAST_PROBES)
    serve = ["ip", "netns", "exec", server, sys.executable, "-c", SERVER]
    with subprocess.Popen(serve, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as serving:
        try:
            assert serving.stdout is not None
            assert serving.stdout.readline() == b"answering\n"
            yield private_hosts
        finally:
            serving.kill()


def found_by(client: str, **settings: Any) -> "tuple[list[str], int]":
    """What ``discover()`` finds, and how many probes it sends to single addresses."""
    settings = {"timeout": TIMEOUT_S, **settings}
    told = json.loads(inside(client, sys.executable, "-c", CLIENT, json.dumps(settings)))
    counter = json.loads(inside(client, "nft", "-j", "list", "counter", "ip", "probes", "unicast"))
    probes = counter["nftables"][-1]["counter"]["packets"]
    print(f"{settings}: {told['found']} after {told['took']:.2f} s, {probes} unicast probes")
    assert TIMEOUT_S <= told["took"] < TIMEOUT_S + 1
    return told["found"], probes


def test_a_server_that_hears_no_broadcasts_is_found_by_the_sweep(
    answering: "tuple[str, str]",
) -> None:
    server, client = answering
    inside(server, "nft", "-f", "-", text=DEAF_TO_BROADCASTS)
    found, probes = found_by(client)
    assert found == [SERVER_IP]
    # One pass over the network, and what the neighbours that it finds get.
    assert 0 < probes <= 2 * 254


def test_without_the_setting_nobody_is_probed_and_the_server_not_found(
    answering: "tuple[str, str]",
) -> None:
    server, client = answering
    inside(server, "nft", "-f", "-", text=DEAF_TO_BROADCASTS)
    assert found_by(client, enable_subnet_scan=False) == ([], 0)


def test_nothing_is_swept_where_a_server_answers_broadcasts(
    answering: "tuple[str, str]",
) -> None:
    _, client = answering
    assert found_by(client) == ([SERVER_IP], 0)


def test_a_sweep_finds_it_and_remembered_it_is_found_at_once(answering: "tuple[str, str]") -> None:
    server, client = answering
    inside(server, "nft", "-f", "-", text=DEAF_TO_BROADCASTS)
    told = json.loads(inside(client, sys.executable, "-c", SWEEP_AND_REMEMBER))
    assert told == [[SERVER_IP, "sweep"], [SERVER_IP, "remembered"]]
