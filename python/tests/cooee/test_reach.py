"""The settings that reach further than broadcasts, and what is told of them."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

import cooee

LO = [of.name for of in cooee.interfaces() if of.kind == "loopback"]


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a responder of this process, for a service on port 8123."""
    with cooee.Responder(port=0, service_port=8123) as responder:
        assert responder.local_address is not None
        yield responder.local_address[1]


def test_remembered_addresses_are_told_apart_by_who_answered(port, silent):
    remembered = [("127.0.0.1", port), ("127.0.0.1", silent.port)]
    found = cooee.discover(
        port=port, interfaces=LO, remembered=remembered, timeout=0.5, wait="full"
    )
    outcome = found.outcome
    assert outcome.remembered == cooee.Remembered(remembered[:1], remembered[1:])
    assert outcome.silent == []
    assert pickle.loads(pickle.dumps(outcome)) == outcome


def test_a_host_may_be_a_name(port, free_port):
    server = cooee.discover_one(port=free_port, interfaces=LO, hosts=[f"localhost:{port}"])
    assert server is not None
    assert server.via == "host"


def test_a_name_that_leads_nowhere_is_told_with_the_reason(free_port):
    found = cooee.discover(port=free_port, interfaces=LO, hosts=["nowhere.invalid"], timeout=1)
    assert list(found.outcome.unresolved) == ["nowhere.invalid"]
    assert found.outcome.unresolved["nowhere.invalid"]
    assert found.outcome.silent == []


def test_a_public_network_is_swept_only_if_that_is_allowed():
    public = {"subnets": ["8.8.8.0/30"]}
    with pytest.raises(cooee.ConfigError, match="public"):
        cooee.discover(**public)
    # Not sent: to accept it is all that is wanted of it.
    with pytest.raises(cooee.NoSuchInterface):
        cooee.discover(**public, allow_public=True, interfaces=["nothing0"])
