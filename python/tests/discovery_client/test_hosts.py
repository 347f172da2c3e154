"""Hosts that are named."""

import pytest

import cooee
from discovery_client import ClientConfig, discover, discover_one, load_config


@pytest.mark.parametrize("host", ["2001:db8::7", "[2001:db8::7]:9999", "fe80::7%eth0", "::1"])
def test_an_ipv6_host_is_refused_with_what_to_use(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stock client speaks IPv4 only, and its callers expect nothing else."""
    monkeypatch.setenv("DISCOVERY_CLIENT_HOSTS", f"192.0.2.7,{host}")
    why = f"{host} is an IPv6 address, and this client speaks IPv4 only"
    for find in (discover, discover_one):
        with pytest.raises(cooee.ConfigError) as refused:
            find(load_config())
        assert why in str(refused.value)
        with pytest.raises(ValueError, match=r"use cooee.discover\(hosts="):
            find(ClientConfig(hosts=[host]))
