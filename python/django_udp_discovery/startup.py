"""The start with Django: announces what this process serves, as soon as it serves.

Servers set Django up before or after they listen, in the process that serves or in one that forks
it; commands and workers set it up as well, and never listen. An exporter may listen before the
site. So the sockets of the process are looked at for five minutes, and never again.
"""

import logging
import os
import sys
import time
from _thread import start_new_thread
from typing import Any, Optional

from django_udp_discovery import detection, listener, messages
from django_udp_discovery.conf import Service, settings
from django_udp_discovery.detection import Verdict

LOOKS_FOR_S = 300.0
# A site that was the same for so long is looked at only at the times below, since the start.
SETTLES_S = 3.0
LOOKS_AT_SETTLED_S = (10.0, 30.0, 60.0, 120.0, LOOKS_FOR_S)
SHORTEST_PAUSE_S = 0.01
# Of the time since the start: what takes ten seconds to listen is found a second later.
PAUSE = 0.1
# A warning waits this long: what is about to be bound may make it wrong.
WARNS_AFTER_S = 1.0

logger = logging.getLogger("django_udp_discovery.listener")

# Of one kind, whatever gevent patches later: a thread of the one that slept with the other's would
# wake in the wrong place.
_now, _sleep, _start_thread = time.monotonic, time.sleep, start_new_thread

_search: "Optional[_Search]" = None


def start() -> None:
    """Announces the site, now or as soon as it listens, as the settings say."""
    global _search
    if not settings.DISCOVERY_ENABLED:
        return
    port = settings.DISCOVERY_SERVICE_PORT
    if port is not None or not settings.DISCOVERY_REQUIRE_LISTENER:
        listener.announce_at_once(required=settings.DISCOVERY_REQUIRE_LISTENER)
    elif not listener.settings_are_wrong():
        _search = _Search()
        _search.begin()
    _follow_forks()


class _Search:
    """Looks where this process listens, and has that announced."""

    def __init__(self) -> None:
        self._hands = listener.hands()
        self._began = _now()
        self._ends = self._began + LOOKS_FOR_S
        self._verdict = Verdict(detection.NOTHING)
        self._since = self._began
        self._is_warned = False
        self._is_over = False

    def begin(self) -> None:
        """Looks at once, on this thread: under uWSGI no other may ever run."""
        try:
            self._look_at_once()
        except Exception:
            _give_up()

    def _look_at_once(self) -> None:
        self._look()
        if self._verdict.kind == detection.UNTOLD:
            self._is_over = True
            listener.announce_at_once(required=False)
        elif _is_uwsgi() and self._verdict.kind != detection.NOTHING:
            # It listens before it loads the site.
            self._is_over = True
            self._warn()
        else:
            self.go_on()

    def go_on(self) -> None:
        """Looks again and again, on a thread that ends."""
        listener.note_search(is_on=True)
        _start_thread(self._run, ())

    def renewed(self) -> "Optional[_Search]":
        """The search of a child: none when this one was overruled.

        A child of a process that has told everything looks once: gunicorn binds anew, and then
        forks, when it is told to reload.
        """
        if self._hands != listener.hands() or self._verdict.kind == detection.UNTOLD:
            return None
        # The fork may have come between what was found and its announcement.
        is_told = self._verdict.kind not in (detection.NOTHING, detection.SITE) or (
            listener.is_running()
        )
        child = _Search()
        if is_told:
            child._verdict = self._verdict
            child._ends = child._began if self._is_over else child._ends
        return child

    def _run(self) -> None:
        try:
            self._look_until_it_ends()
        except Exception:
            _give_up()
        finally:
            self._is_over = True
            listener.note_search(is_on=False)

    def _look_until_it_ends(self) -> None:
        pause: Optional[float] = SHORTEST_PAUSE_S
        while pause is not None and self._hands == listener.hands():
            _sleep(pause)
            if self._hands == listener.hands():
                self._look()
                if _now() - self._since >= WARNS_AFTER_S:
                    self._warn()
            pause = self._pause()

    def _pause(self) -> Optional[float]:
        """How long until the next look; None after the last one."""
        now = _now()
        elapsed = now - self._began
        if now >= self._ends:
            return None
        pause = max(SHORTEST_PAUSE_S, elapsed * PAUSE)
        if self._verdict.kind == detection.SITE and now - self._since >= SETTLES_S:
            pause = next((at for at in LOOKS_AT_SETTLED_S if at > elapsed), LOOKS_FOR_S) - elapsed
        return min(pause, self._ends - now)

    def _look(self) -> None:
        verdict = detection.look()
        if verdict == self._verdict:
            return
        service, before = _service(verdict), _service(self._verdict)
        self._verdict, self._since, self._is_warned = verdict, _now(), False
        self._ends = self._began + LOOKS_FOR_S
        if service != before:
            listener.announce(service, self._hands)
        else:
            listener.note_why(None)

    def _warn(self) -> None:
        why = None if self._is_warned else messages.why_not(self._verdict)
        if why is not None:
            self._is_warned = True
            messages.warn_once(why)
            listener.note_why(why)


def _give_up() -> None:
    """Tells of a fault of ours: the site is better off without discovery than not served."""
    logger.exception("not discoverable: where this process listens could not be looked up")


def _service(verdict: Verdict) -> Optional[Service]:
    if verdict.kind != detection.SITE or verdict.port is None:
        return None
    if verdict.address is None:
        return Service(verdict.port, required=True)
    bound = (verdict.address, verdict.port)
    return Service(verdict.port, bound, required=True, only_v6=verdict.only_v6)


_follows_forks = False


def _follow_forks() -> None:
    global _follows_forks
    if _follows_forks:
        return
    _follows_forks = True
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_look_anew)
    if _is_uwsgi():
        _follow_uwsgi()


def _look_anew() -> None:
    """In a child, where the thread is gone: a worker may listen where its master did not."""
    global _search
    _search = None if _search is None else _search.renewed()
    if _search is not None:
        _search.go_on()


def _is_uwsgi() -> bool:
    return "uwsgi" in sys.modules


def _follow_uwsgi() -> None:
    """Has uWSGI call us in its workers: it forks without telling Python, unless asked to.

    It has one hook. What the project has put there is called as well.
    """
    uwsgi: Any = sys.modules["uwsgi"]
    others = getattr(uwsgi, "post_fork_hook", None)

    def renew() -> None:
        if others is not None:
            others()
        if listener.renew_after_fork():
            _look_anew()

    uwsgi.post_fork_hook = renew
