"""When the sockets of a process are looked at, in virtual time."""

from typing import Any, Callable

import pytest

from django_udp_discovery import detection, startup
from django_udp_discovery.detection import Verdict

NOTHING = Verdict(detection.NOTHING)
EXPORTER = Verdict(detection.SITE, 9100, "0.0.0.0", ("0.0.0.0:9100",))
BOTH = Verdict(detection.SEVERAL, 8000, None, ("0.0.0.0:8000", "0.0.0.0:9100"))
SITE = Verdict(detection.SITE, 8000, "0.0.0.0", ("0.0.0.0:8000",))
LOOPBACK = Verdict(detection.LOOPBACK, 8000, None, ("127.0.0.1:8000",))


class Told:
    """What a search did, and when."""

    def __init__(self) -> None:
        self.now = 0.0
        self.looks: list[float] = []
        self.announced: list[tuple[float, Any]] = []
        self.why: list[Any] = []
        self.searching: list[bool] = []

    def ports(self) -> list[Any]:
        return [service and service.port for _, service in self.announced]

    def announce(self, service: Any, _hands: int) -> None:
        self.announced.append((self.now, service))


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Told]:
    """Runs a whole search of sockets that change at the given times."""

    def run(*changes: tuple[float, Verdict], of: Callable = startup._Search) -> Told:
        told = Told()

        def sleep(seconds: float) -> None:
            assert seconds > 0
            told.now += seconds

        def look() -> Verdict:
            told.looks.append(told.now)
            return [verdict for at, verdict in ((0.0, NOTHING), *changes) if at <= told.now][-1]

        monkeypatch.setattr(startup, "_now", lambda: told.now)
        monkeypatch.setattr(startup, "_sleep", sleep)
        monkeypatch.setattr(detection, "look", look)
        monkeypatch.setattr(startup.messages, "warn_once", lambda _: None)
        monkeypatch.setattr(startup.listener, "announce", told.announce)
        monkeypatch.setattr(startup.listener, "note_why", told.why.append)
        monkeypatch.setattr(
            startup.listener, "note_search", lambda *, is_on: told.searching.append(is_on)
        )
        of()._run()
        return told

    return run


def test_a_site_is_announced_at_once_and_then_hardly_looked_at(search: Callable) -> None:
    told = search((0.5, SITE))
    ((at, service),) = told.announced
    assert 0.5 <= at < 0.6
    assert service.listener == ("0.0.0.0", 8000)
    later = [look for look in told.looks if look > at + startup.SETTLES_S + 0.5]
    assert later == pytest.approx([10, 30, 60, 120, 300])
    assert told.searching == [False]


def test_what_listened_first_is_revised(search: Callable) -> None:
    told = search((0, EXPORTER), (4.5, BOTH))
    assert told.ports() == [9100, None]
    assert told.announced[1][0] <= 10.1
    assert told.why[-1].startswith("not discoverable: this process listens on")


def test_a_late_site_is_found_beside_what_is_not_announced(search: Callable) -> None:
    told = search((0.1, LOOPBACK), (40, SITE))
    assert told.ports() == [8000]
    assert 40 <= told.announced[0][0] < 45


def test_a_site_that_is_gone_is_taken_back(search: Callable) -> None:
    assert search((1, SITE), (20, NOTHING), (200, SITE)).ports() == [8000, None, 8000]


def test_nobody_looks_for_longer_than_five_minutes(search: Callable) -> None:
    told = search((301, SITE))
    assert told.announced == []
    assert told.looks[-1] == pytest.approx(startup.LOOKS_FOR_S)
    pauses = [after - before for before, after in zip(told.looks, told.looks[1:])]
    assert max(pauses) <= 30
    assert len(told.looks) < 120


NEW = Verdict(detection.SITE, 8001, "0.0.0.0", ("0.0.0.0:8001",))


@pytest.mark.parametrize(("now", "ports"), [(SITE, []), (NEW, [8001]), (LOOPBACK, [None])])
def test_a_child_of_a_process_that_has_told_everything_looks_once_more(
    search: Callable, monkeypatch: pytest.MonkeyPatch, now: Verdict, ports: list[Any]
) -> None:
    """gunicorn --preload binds anew on SIGHUP, and forks workers that listen elsewhere."""
    monkeypatch.setattr(startup.listener, "is_running", lambda: True)

    def child() -> startup._Search:
        parent = startup._Search()
        parent._verdict, parent._is_over = SITE, True
        child = parent.renewed()
        assert child is not None
        return child

    told = search((0, now), of=child)
    assert told.ports() == ports
    assert (len(told.looks) == 1) == (now == SITE)


def test_a_fault_of_ours_keeps_nothing_from_being_served(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> Verdict:
        raise RuntimeError("out of order")

    searching: list[bool] = []
    monkeypatch.setattr(detection, "look", fail)
    monkeypatch.setattr(startup, "_sleep", lambda _: None)
    monkeypatch.setattr(startup.listener, "note_search", lambda *, is_on: searching.append(is_on))
    startup._Search().begin()
    startup._Search()._run()
    assert caplog.text.count("RuntimeError: out of order") == 2
    assert searching == [False]
