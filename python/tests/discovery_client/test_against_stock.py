"""Configuration, results and helpers are what they are in the stock package."""

import random
import re
import subprocess
import sys
from typing import Callable

import pytest

PARSED = 10_000

# What stock accepts and we refuse, and how to tell: everything that makes Python's `int()` accept
# what is not a plain decimal number, and bytes that are not UTF-8 or too many.
REFUSALS: dict[str, Callable[[bytes, str], bool]] = {
    "longer than 512 bytes": lambda response, _: len(response) > 512,
    "not UTF-8": lambda response, _: not _is_utf8(response),
    "a sign": lambda _, text: "+" in text or "-" in text,
    "an underscore between digits": lambda _, text: "_" in text,
    "digits that are not ASCII": lambda _, text: any(c.isdigit() and not c.isascii() for c in text),
    "leading zeros": lambda _, text: bool(re.search(r"(?<!\d)0\d", text)),
    "white space inside the address": lambda _, text: bool(re.search(r"\.\s|\s\.", text)),
    "separators (U+001C to U+001F) as white space": lambda _, text: bool(
        re.search("[\x1c-\x1f]", text)
    ),
}


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("probe", ["config", "network"])
def test_the_same_as_stock(both: Callable, probe: str) -> None:
    ours, stock = both(probe)
    assert len(ours) == len(stock) > 100
    different = [(mine, theirs) for mine, theirs in zip(ours, stock) if mine != theirs]
    assert not different, different[:5]


def test_the_public_names_of_stock(both: Callable) -> None:
    ours, stock = both("names")
    for module, names in stock.items():
        for name, called in names.items():
            assert name in ours[module], f"{module} has no {name}"
            # A value that is made anew for each instance is a value to whoever calls.
            if "<factory>" not in str(called):
                assert ours[module][name] == called, f"{module}.{name}"


def test_the_package_comes_with_its_network_module() -> None:
    use = "import discovery_client as d; print(d.network.socket.DEFAULT_BROADCAST_ADDRESS)"
    ran = subprocess.run([sys.executable, "-c", use], capture_output=True, text=True, timeout=30)
    assert ran.stdout == "255.255.255.255\n", ran.stderr


def _octet(chance: random.Random) -> str:
    n = chance.choice([0, 1, 7, 10, 127, 192, 255, 256, 999, chance.randrange(256)])
    dressed = [f"+{n}", f"-{n}", f"0{n}", f"{n}_0", f" {n}", f"{n} ", "", "x", "١٢", f"\x1f{n}"]
    return chance.choice(dressed) if chance.random() < 0.04 else str(n)


def _response(chance: random.Random, prefix: bytes) -> bytes:
    count = 4 if chance.random() < 0.9 else chance.randrange(6)
    text = ".".join(_octet(chance) for _ in range(count))
    if chance.random() < 0.6:
        port = str(chance.choice([1, 80, 8000, 65535, 65536, 0, chance.randrange(70_000)]))
        dressed = ["", f"+{port}", f"0{port}", f" {port}\r\n", f"{port}:1", "http", f"8_{port}"]
        text += ":" + (chance.choice(dressed) if chance.random() < 0.2 else port)
    spaces = ["", "", "", " ", "\n", "\t", "\r\n", "\0", "\u00a0", "\u2003", "\x1c", "\x85"]
    spaces.append(" " * 600)
    response = prefix + f"{chance.choice(spaces)}{text}{chance.choice(spaces)}".encode()
    change = chance.random()
    if change < 0.05:
        at = chance.randrange(len(response) + 1)
        response = response[:at] + bytes([chance.randrange(256)]) + response[at:]
    elif change < 0.08:
        response = response[: chance.randrange(len(response) + 1)]
    elif change < 0.1:
        response = bytes(chance.randrange(256) for _ in range(chance.randrange(30)))
    return response


def _inputs() -> list[tuple[bytes, bytes]]:
    chance = random.Random(9999)
    prefixes = [b"SERVER_IP:"] * 8 + [b"", b"X", "é:".encode(), b"\xff"]
    chosen = [chance.choice(prefixes) for _ in range(PARSED)]
    return [(prefix, _response(chance, prefix)) for prefix in chosen]


def test_parse_response_but_for_the_documented_refusals(both: Callable) -> None:
    inputs = _inputs()
    ours, stock = both("parse", "\n".join(f"{p.hex()},{r.hex()}" for p, r in inputs))
    assert len(ours) == len(stock) == PARSED
    refused = dict.fromkeys(REFUSALS, 0)
    for (prefix, response), mine, theirs in zip(inputs, ours, stock):
        if mine == theirs:
            continue
        assert mine is None, (response, mine, theirs)
        text = response[len(prefix) :].decode(errors="ignore")
        reasons = [
            reason
            for reason, applies in REFUSALS.items()
            if applies(response[len(prefix) :] if reason == "not UTF-8" else response, text)
        ]
        assert reasons, (prefix, response, theirs)
        for reason in reasons:
            refused[reason] += 1
    assert sum(mine is not None for mine in ours) > PARSED / 10
    assert all(refused.values()), refused
