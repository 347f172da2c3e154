"""Prints what becomes of many configurations and results: fields, or the type of the exception."""

import json
import os

from discovery_client import ClientConfig, DiscoveryResult, load_config
from discovery_client.config import ClientConfig as SameConfig
from discovery_client.results import DiscoveryResult as SameResult

NAN, INFINITE = float("nan"), float("inf")

CONFIGS = (
    [{}]
    + [{"discovery_port": port} for port in (1, 65535, 0, 65536, -1, True, 80.5, "9999", None)]
    + [
        {"discovery_message": text}
        for text in ("x", b"x", "é", "", b"", None, 1, ["x"], bytearray(b"x"))
    ]
    + [{"response_prefix": text} for text in ("x", b"x", "é", "", b"", None, 1, ["x"])]
    + [{"timeout": time} for time in (0.1, 1, 0, -1, -0.5, INFINITE, True, "5", None)]
    + [{"retries": times} for times in (0, 1, 99, -1, 1.5, "3", None)]
    + [{"enable_subnet_scan": scan} for scan in (True, False, None, "no")]
    + [{"interfaces_whitelist": names} for names in (None, [], ["eth0"], "eth0")]
    + [{"interfaces_blacklist": names} for names in (None, [], ["eth0"], "eth0")]
    + [{"unknown": 1}]
    # What is checked first decides which error is seen.
    + [{"discovery_port": 0, "discovery_message": 1}, {"discovery_message": 1, "timeout": 0}]
)

ENVIRONMENTS = (
    [{}]
    + [{"PORT": text} for text in ("8888", " 8888 ", "", "0", "65536", "x", "1.5", "8_0")]
    + [{"MESSAGE": text} for text in ("HELLO", "é", "")]
    + [{"RESPONSE_PREFIX": text} for text in ("X:", "")]
    + [{"TIMEOUT": text} for text in ("2", "2.5", "", "0", "-1", "x", "inf")]
    + [{"RETRIES": text} for text in ("0", "7", "", "-1", "x", "1.5")]
    + [{"ENABLE_SUBNET_SCAN": text} for text in ("true", "1", "YES", "On", "false", "0", "", "x")]
    + [{"INTERFACES_WHITELIST": text} for text in ("eth0", " a , b ", ",", "", " ", "a,,b")]
    + [{"INTERFACES_BLACKLIST": text} for text in ("eth0", " a , b ", ",", "", " ", "a,,b")]
    + [{"PORT": "1", "TIMEOUT": "2", "RETRIES": "3", "MESSAGE": "4", "UNKNOWN": "5"}]
)

OVERRIDES = (
    {},
    {"discovery_port": 7777},
    {"discovery_message": "M"},
    {"timeout": 9.0},
    {"retries": 0},
    {"interfaces_whitelist": None, "interfaces_blacklist": ["x"]},
    {"unknown": 1},
)

RESULTS = (
    [("10.0.0.1", 8000, b"raw"), ("10.0.0.1", 8000, b"raw", {"a": 1}), ("any text", 1, b"")]
    + [(ip, 8000, b"") for ip in ("", None, 5, b"10.0.0.1")]
    + [("10.0.0.1", port, b"") for port in (0, 65536, -1, "80", 80.0, None, True, 65535)]
    + [("10.0.0.1", 80, raw) for raw in ("text", None, bytearray(b"x"))]
    + [("10.0.0.1", 80, b"", extra) for extra in ({}, None, [], "x", 0)]
    + [()]
)


# The one field that the stock configuration has not. Here it is always the default.
ADDED = "hosts"


def fields(thing):
    stock = [(name, value) for name, value in vars(thing).items() if name != ADDED]
    return sorted((name, repr(value), type(value).__name__) for name, value in stock)


def outcome(make, *arguments, **named):
    try:
        made = make(*arguments, **named)
    except Exception as error:
        return type(error).__name__
    shown = repr(made).replace(f", {ADDED}=None)", ")")
    return [fields(made), shown, made == make(*arguments, **named)]


def from_environment(variables, overrides):
    for name in [name for name in os.environ if name.startswith("DISCOVERY_CLIENT_")]:
        del os.environ[name]
    os.environ.update({f"DISCOVERY_CLIENT_{name}": text for name, text in variables.items()})
    assert ClientConfig.from_env.__name__ == "from_env"
    return outcome(load_config, **overrides)


assert SameConfig is ClientConfig
assert SameResult is DiscoveryResult
print(
    json.dumps(
        [["config", repr(given), outcome(ClientConfig, **given)] for given in CONFIGS]
        + [
            ["environment", repr((given, overrides)), from_environment(given, overrides)]
            for given in ENVIRONMENTS
            for overrides in OVERRIDES
        ]
        + [["result", repr(given), outcome(DiscoveryResult, *given)] for given in RESULTS]
    )
)
