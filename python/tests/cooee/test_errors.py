"""What is raised, and what it says."""

from __future__ import annotations

import errno
import pickle

import pytest

import cooee


@pytest.mark.parametrize(
    ("kind", "bases"),
    [
        (cooee.ConfigError, (cooee.CooeeError, ValueError)),
        (cooee.NoSuchInterface, (cooee.ConfigError,)),
        (cooee.NetworkError, (cooee.CooeeError, OSError)),
        (cooee.PortInUse, (cooee.NetworkError,)),
        (cooee.NotPermitted, (cooee.NetworkError, PermissionError)),
        (cooee.AddressNotAvailable, (cooee.NetworkError,)),
        (cooee.NoInterface, (cooee.NetworkError,)),
    ],
)
def test_the_hierarchy(kind, bases):
    assert issubclass(kind, bases[0])
    assert all(issubclass(kind, base) for base in bases)
    assert kind.__module__ == "cooee"
    again = pickle.loads(pickle.dumps(kind("the message")))
    assert (type(again), str(again)) == (kind, "the message")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"port": 0}, "port: 0; it takes 1 to 65535"),
        ({"port": -1}, "port: -1; it takes 1 to 65535"),
        ({"port": 70000}, "port: 70000; it takes 1 to 65535"),
        ({"port": 10**30}, "port: 10+; it takes 1 to 65535"),
        ({"message": ""}, "the message is empty"),
        ({"message": b"m" * 513}, "the message has 513 bytes; it takes 1 to 512"),
        ({"prefix": "p" * 257}, "the prefix has 257 bytes"),
        ({"timeout": 0}, "timeout: 0 s; it takes more than 0 and up to 3600 s"),
        ({"timeout": -1}, "timeout: -1 s; it takes more than 0 and up to 3600 s"),
        ({"timeout": float("nan")}, "timeout: NaN s; it takes"),
        ({"timeout": 3601}, "timeout: 3601 s; it takes more than 0 and up to 3600 s"),
        ({"retries": -1}, "retries: -1; it takes 0 to 100"),
        ({"retries": 101}, "retries: 101; it takes 0 to 100"),
        ({"wait": "long"}, 'wait: "long"; it takes "quick" or "settled" or "full" or "first"'),
        ({"hosts": ["a..example"]}, 'hosts: "a..example"; it takes an address or a name'),
        ({"hosts": ["10.0.0.256"]}, 'hosts: "10.0.0.256"; it takes an address or a name'),
        ({"hosts": ["[::1]:0"]}, r'hosts: "\[::1\]:0"; it takes an address or a name'),
        ({"hosts": ["127.0.0.1:0"]}, 'hosts: "127.0.0.1:0"; it takes an address or a name'),
        ({"interfaces": []}, "interfaces: an empty list; it takes at least one name, or None"),
        ({"hosts": ["a.example:65536"]}, 'hosts: "a.example:65536"; it takes an address or a name'),
        ({"subnets": ["10.0.0.0/33"]}, 'subnets: "10.0.0.0/33"; it takes an IPv4 network'),
        ({"subnets": ["10.0.0.0/8"]}, "a sweep takes up to 65536"),
        ({"subnets": ["10.0.0.0/30", "8.8.8.0/24"]}, "8.8.8.0/24 is a public network"),
        ({"remembered": [("10.0.0.256", 9999)]}, 'remembered: "10.0.0.256"; it takes an address'),
        ({"probes": False, "mdns": False}, "neither by probes nor by multicast DNS"),
        ({"services": ["_ipp._tcp"], "mdns": False}, "is listed by multicast DNS"),
        ({"mdns": False, "services": ["_ipp._tcp"]}, "is listed by multicast DNS"),
        ({"remembered": [("10.0.0.2", 0)]}, "remembered: 0; it takes 1 to 65535"),
    ],
)
def test_settings_that_cannot_work(settings, says):
    with pytest.raises(cooee.ConfigError, match=says):
        cooee.discover(**settings)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"port": "9999"}, "port: "),
        ({"message": 5}, "message: "),
        ({"timeout": "5"}, "timeout: "),
        ({"retries": 1.5}, "retries: "),
        ({"wait": None}, "wait: "),
        ({"interfaces": "lo"}, "interfaces: a str; it takes a list"),
        ({"interfaces": [1]}, "interfaces: "),
        ({"hosts": [1]}, "hosts: a int; it takes an address or a name"),
        ({"remembered": ["10.0.0.2"]}, "remembered: "),
        ({"sweep": "no"}, "sweep: "),
        ({"allow_public": "no"}, "allow_public: "),
        ({"subnets": [None]}, "subnets: a NoneType; it takes an IPv4 network"),
        ({"retires": 3}, r'retires: no such argument; did you mean "retries"\?'),
        ({"timout": 1}, r'timout: no such argument; did you mean "timeout"\?'),
        ({"xyzzy": 1}, "xyzzy: no such argument$"),
    ],
)
def test_settings_of_the_wrong_type(settings, says):
    with pytest.raises(TypeError, match=says):
        cooee.discover(**settings)


def test_settings_are_given_by_name():
    with pytest.raises(TypeError):
        cooee.discover(9999)
    with pytest.raises(TypeError, match="wait"):
        cooee.discover_one(wait="full")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"service_port": 0}, "service_port: 0; it takes 1 to 65535"),
        ({"service_port": 70000}, "service_port: 70000; it takes 1 to 65535"),
        ({"port": 70000}, "port: 70000; it takes 1 to 65535, or 0 for a free port"),
        ({"bind": "somewhere"}, 'bind: "somewhere"; it takes an IPv4 address'),
        ({"message": "SERVER_IP:10.0.0.1"}, "reads as an answer"),
        ({"advertise": "0.0.0.0"}, "0.0.0.0 cannot be advertised"),
        (
            {"advertise": "127.0.0.1"},
            "advertise: 127.0.0.1; it takes an address that other hosts can",
        ),
        ({"answer": "all"}, 'answer: "all"; it takes "private" or "on-link" or "any"'),
        ({"allow": ["10.0.0.0/40"]}, "allow: .* it takes an IPv4 network"),
        ({"rate_limit": 0}, "rate_limit: 0; it takes 1 to 4294967295, or None for no limit"),
        ({"rate_limit": -1}, "rate_limit: -1; it takes 1 to 4294967295, or None for no limit"),
    ],
)
def test_a_responder_is_checked_before_it_starts(settings, says):
    with pytest.raises(cooee.ConfigError, match=says):
        cooee.Responder(**settings)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"stand_by": "no"}, "stand_by: "),
        ({"on_event": 5}, "on_event: it takes a function"),
        ({"allow": "10.0.0.0/8"}, "allow: a str; it takes a list"),
        ({"standby": True}, r'standby: no such argument; did you mean "stand_by"\?'),
    ],
)
def test_a_responder_with_settings_of_the_wrong_type(settings, says):
    with pytest.raises(TypeError, match=says):
        cooee.Responder(**settings)


def test_an_interface_that_is_not_there_is_named():
    with pytest.raises(cooee.NoSuchInterface, match=r'"nothing0".*there are .*lo'):
        cooee.discover(interfaces=["nothing0"])


def test_no_interface_says_why():
    names = [interface.name for interface in cooee.interfaces()]
    with pytest.raises(cooee.NoInterface, match="lo is excluded") as raised:
        cooee.discover(exclude_interfaces=names)
    assert raised.value.errno == errno.ENETDOWN


def test_an_address_of_another_host_cannot_be_bound():
    with pytest.raises(cooee.AddressNotAvailable, match=r"192\.0\.2\.77 is not") as raised:
        cooee.Responder(port=0, bind="192.0.2.77").start()
    assert raised.value.errno == errno.EADDRNOTAVAIL


def test_a_port_in_use_names_its_owner(program, free_port):
    owner = program(
        """
        import sys, cooee
        with cooee.Responder(port=int(sys.argv[1])):
            print("answering")
            sys.stdin.read()
        """,
        free_port,
    )
    assert owner.line() == "answering"
    pid = owner.process.pid
    responder = cooee.Responder(port=free_port)
    with pytest.raises(cooee.PortInUse, match=rf"port {free_port} is taken by pid {pid}") as raised:
        responder.start()
    assert raised.value.port == free_port
    assert raised.value.owner is not None
    assert raised.value.owner.pid == pid
    assert raised.value.errno == errno.EADDRINUSE
    assert responder.state == "stopped"
    assert owner.finish()[0] == 0
    assert responder.start().stop().received == 0
