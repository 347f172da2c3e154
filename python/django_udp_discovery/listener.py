"""The service of this process: it answers, or stands by until it can."""

import logging
import os
import threading
from typing import TYPE_CHECKING, NamedTuple, Optional

from django_udp_discovery import detection, messages
from django_udp_discovery.conf import Service, responder_arguments, settings, wrong_settings
from django_udp_discovery.messages import inform

if TYPE_CHECKING:
    from cooee import Event, Owner, Responder, Stats

logger = logging.getLogger(__name__)

# That of the system: the search's thread is no greenlet where gevent patches after a fork.
_new_lock = threading.Lock
_lock = _new_lock()
_responder: "Optional[Responder]" = None
_service = Service()
# How often the program itself has started or stopped the service.
_hands = 0
_is_searching = False
_process = os.getpid()
_why: Optional[str] = None

ANSWERING = "answering"
STANDING_BY = "standing-by"
BLOCKED = "blocked"
LOOKING = "looking"
STOPPED = "stopped"


class Status(NamedTuple):
    """What the service of this process does.

    ``state`` is ``"answering"``; ``"standing-by"`` while another cooee process of this host
    answers, or on systems that do not report whose process it is; ``"blocked"`` while a foreign
    program has the port; ``"looking"`` until it is clear where this process listens; or
    ``"stopped"``.
    """

    state: str
    #: The process that has the port, while we wait for it and the system tells.
    owner: "Optional[Owner]" = None
    #: Where probes are received, while answering.
    address: Optional[tuple[str, int]] = None
    #: What was received, answered and refused since the start.
    stats: "Optional[Stats]" = None
    #: The port that answers name, if they name one.
    service_port: Optional[int] = None
    #: Why a site that listens is not announced, and what to do about it.
    why: Optional[str] = None


class _Forward(logging.Handler):
    """Logs the engine's messages under this package's name, as ENABLE_LOGGING says."""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        # Ours names the setting.
        is_said = message.startswith("a probe was not answered, since nothing listens")
        if not is_said and (record.levelno >= logging.ERROR or settings.ENABLE_LOGGING):
            logger.log(record.levelno, "%s", message)


def _forward_the_engine() -> None:
    engine = logging.getLogger("cooee")
    if not any(isinstance(handler, _Forward) for handler in engine.handlers):
        engine.addHandler(_Forward())
    engine.propagate = False


def _forget_threads() -> None:
    # Another thread may have held the lock at the fork, and does not exist in the child.
    global _lock, _is_searching, _process
    _lock = _new_lock()
    _is_searching = False
    _process = os.getpid()
    messages.forget()


def renew_after_fork() -> bool:
    """Does in a child what Python does where it is told of forks. False where that is done."""
    if _process == os.getpid():
        return False
    from cooee import _core

    _forget_threads()
    _core._restart_after_fork()
    return True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)


def _state(responder: "Optional[Responder]") -> str:
    if responder is None:
        return STOPPED
    state: str = responder.state
    if state == STANDING_BY and responder.ahead == "foreign":
        return BLOCKED
    return state


def status() -> Status:
    """The state of the service."""
    responder = _responder
    state = _state(responder)
    if responder is None or state == STOPPED:
        return Status(LOOKING if _is_searching and _why is None else STOPPED, why=_why)
    address = responder.local_address if state == ANSWERING else None
    owner = None if state == ANSWERING else responder.owner
    return Status(state, owner, address, responder.stats, _service.port, _why)


def is_running() -> bool:
    """Whether this process answers, or stands by behind another cooee process of this host."""
    return _state(_responder) in (ANSWERING, STANDING_BY)


def start_udp_service() -> bool:
    """Starts to answer, or to stand by, at once and wherever the site may listen.

    Answers name the port of the settings, else the one on which this process listens by now, else
    none. False when already running, when a setting is wrong, or when a foreign program has the
    port; the log says which. With ``DISCOVERY_STAND_BY`` the service takes the port over from a
    foreign program as well, as soon as that is gone.
    """
    with _lock:
        if is_running():
            inform(logging.WARNING, "the discovery service is already running")
            return False
        _take_over_by_hand()
        return not settings_are_wrong() and _start(Service(_known_port()))


def stop_udp_service() -> bool:
    """Stops the service. True when it is stopped, also if it already was."""
    with _lock:
        if _take_over_by_hand():
            inform(logging.INFO, "the discovery service is stopped")
        return True


def announce_at_once(*, required: bool) -> None:
    """Starts with Django where the port is set, or cannot be told."""
    with _lock:
        if not is_running() and not settings_are_wrong():
            _drop()
            port = settings.DISCOVERY_SERVICE_PORT
            _start(Service(port or _known_port(), required=required and port is not None))


def announce(service: Optional[Service], hands: int) -> None:
    """Announces what the search has found, or nothing, unless the program has taken over."""
    global _why
    with _lock:
        if hands == _hands:
            _why = None
            _drop()
            if service is not None:
                _start(service)


def hands() -> int:
    """How often the program itself has started or stopped the service."""
    return _hands


def note_search(*, is_on: bool) -> None:
    """Takes note of whether it is still open where this process listens."""
    global _is_searching
    _is_searching = is_on


def note_why(why: Optional[str]) -> None:
    """Takes note of why the site is not announced, or that there is no reason any more."""
    global _why
    _why = why


def _take_over_by_hand() -> bool:
    global _hands, _why
    _hands += 1
    _why = None
    return _drop()


def _known_port() -> Optional[int]:
    port: Optional[int] = settings.DISCOVERY_SERVICE_PORT
    if port is not None:
        return port
    verdict = detection.look()
    return verdict.port if verdict.kind == detection.SITE else None


def settings_are_wrong() -> bool:
    """Logs the settings that keep the service off, if there are any."""
    wrong = [setting for setting in wrong_settings() if setting.needed]
    for setting in wrong:
        logger.error(
            "not discoverable: %s is %r; set it to %s", setting.name, setting.value, setting.wants
        )
    return bool(wrong)


def _start(service: Service) -> bool:
    global _responder, _service
    port = settings.DISCOVERY_PORT
    try:
        from cooee import CooeeError, PortInUse, Responder
    except ImportError as error:
        # For instance in a sub-interpreter, as mod_wsgi makes them.
        logger.error("not discoverable: the engine cannot be loaded: %s", error)
        return False
    _service = service
    arguments = responder_arguments(service)
    if service.port is None and arguments["name"] is not None:
        # Nobody assumes a port that DNS-SD does not tell.
        arguments["name"] = None
        messages.without_port()
    try:
        _responder = Responder(**arguments, on_event=_tell)
        # A child that is forked meanwhile finds it, and looks whether it runs.
        _responder.start()
    except PortInUse as error:
        _responder = None
        _port_is_taken(port, error.owner, "stop it, or set DISCOVERY_STAND_BY or DISCOVERY_PORT")
        return False
    except (CooeeError, TypeError, ValueError, OSError) as error:
        _responder = None
        logger.error("not discoverable on port %s: %s", port, error)
        return False
    _forward_the_engine()
    state = _state(_responder)
    if state == BLOCKED:
        _port_is_taken(port, _responder.owner, "trying again until it is free")
    return state in (ANSWERING, STANDING_BY)


def _drop() -> bool:
    global _responder
    responder, _responder = _responder, None
    messages.forget()
    if responder is None:
        return False
    was_stopped = _state(responder) == STOPPED
    responder.stop()
    return not was_stopped


def _port_is_taken(port: int, owner: "Optional[Owner]", fix: str) -> None:
    who = f"pid {owner.pid} ({owner.name or 'name unknown'})" if owner else "another program"
    logger.error("not discoverable: port %s is already in use by %s; %s", port, who, fix)


def _tell(event: "Event") -> None:
    """Logs what the responder does. Called on its thread."""
    if event.kind == "answered":
        if logger.isEnabledFor(logging.DEBUG):
            inform(logging.DEBUG, "%s", event)
    elif event.kind == "interfaces-changed":
        inform(logging.DEBUG, "the interfaces of this host changed")
    elif event.kind in (ANSWERING, "offer-taken"):
        note_why(None)
        messages.discoverable(_service)
    elif event.kind == "announced":
        messages.announced(event)
    elif event.kind == "offer-refused":
        why = f"not discoverable: the process that has the port: {event.why}"
        note_why(why)
        messages.warn_once(why)
    elif event.kind == "not-listening" and settings.DISCOVERY_SERVICE_PORT is not None:
        messages.silent(settings.DISCOVERY_SERVICE_PORT)
    elif event.kind == STANDING_BY:
        inform(logging.INFO, "standing by for port %s", settings.DISCOVERY_PORT)
