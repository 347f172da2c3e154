"""The service of this process: it answers, or stands by until it can."""

import logging
import os
import threading
from typing import TYPE_CHECKING, NamedTuple, Optional

from django_udp_discovery.conf import responder_arguments, settings, wrong_settings

if TYPE_CHECKING:
    from cooee import Event, Owner, Responder, Stats

logger = logging.getLogger(__name__)

_lock = threading.Lock()
_responder: "Optional[Responder]" = None

ANSWERING = "answering"
STANDING_BY = "standing-by"
BLOCKED = "blocked"
STOPPED = "stopped"


class Status(NamedTuple):
    """What the service of this process does.

    ``state`` is ``"answering"``; ``"standing-by"`` while another cooee process of this host
    answers, or on systems that do not report whose process it is; ``"blocked"`` while a foreign
    program has the port; or ``"stopped"``.
    """

    state: str
    #: The process that has the port, while we wait for it and the system tells.
    owner: "Optional[Owner]" = None
    #: Where probes are received, while answering.
    address: Optional[tuple[str, int]] = None
    #: What was received, answered and refused since the start.
    stats: "Optional[Stats]" = None


class _Forward(logging.Handler):
    """Logs the engine's messages under this package's name, as ENABLE_LOGGING says."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR or settings.ENABLE_LOGGING:
            logger.log(record.levelno, "%s", record.getMessage())


def _forward_the_engine() -> None:
    engine = logging.getLogger("cooee")
    if not any(isinstance(handler, _Forward) for handler in engine.handlers):
        engine.addHandler(_Forward())
    engine.propagate = False


def _forget_lock() -> None:
    # Another thread may have held it when the process forked, and does not exist in the child.
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_lock)


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
        return Status(STOPPED)
    address = responder.local_address if state == ANSWERING else None
    owner = None if state == ANSWERING else responder.owner
    return Status(state, owner, address, responder.stats)


def is_running() -> bool:
    """Whether this process answers, or stands by behind another cooee process of this host."""
    return _state(_responder) in (ANSWERING, STANDING_BY)


def start_udp_service() -> bool:
    """Starts to answer, or to stand by.

    False when already running, when a setting is wrong, or when a foreign program has the port;
    the log says which. With ``DISCOVERY_STAND_BY`` the service takes the port over from a foreign
    program as well, as soon as that is gone.
    """
    with _lock:
        if is_running():
            _inform(logging.WARNING, "the discovery service is already running")
            return False
        _drop()
        if _settings_are_wrong():
            return False
        return _start()


def stop_udp_service() -> bool:
    """Stops the service. True when it is stopped, also if it already was."""
    with _lock:
        if _drop():
            _inform(logging.INFO, "the discovery service is stopped")
        return True


def _settings_are_wrong() -> bool:
    wrong = [setting for setting in wrong_settings() if setting.needed]
    for setting in wrong:
        logger.error(
            "not discoverable: %s is %r; set it to %s", setting.name, setting.value, setting.wants
        )
    return bool(wrong)


def _start() -> bool:
    global _responder
    port = settings.DISCOVERY_PORT
    try:
        from cooee import CooeeError, PortInUse, Responder
    except ImportError as error:
        # For instance in a sub-interpreter, as mod_wsgi makes them.
        logger.error("not discoverable: the engine cannot be loaded: %s", error)
        return False
    try:
        responder = Responder(**responder_arguments(), on_event=_tell)
        responder.start()
    except PortInUse as error:
        _port_is_taken(port, error.owner, "stop it, or set DISCOVERY_STAND_BY or DISCOVERY_PORT")
        return False
    except (CooeeError, TypeError, ValueError, OSError) as error:
        logger.error("not discoverable on port %s: %s", port, error)
        return False
    _responder = responder
    _forward_the_engine()
    state = _state(responder)
    if state == BLOCKED:
        _port_is_taken(port, responder.owner, "trying again until it is free")
    return state in (ANSWERING, STANDING_BY)


def _drop() -> bool:
    global _responder
    responder, _responder = _responder, None
    if responder is None:
        return False
    was_stopped = _state(responder) == STOPPED
    responder.stop()
    return not was_stopped


def _port_is_taken(port: int, owner: "Optional[Owner]", fix: str) -> None:
    who = f"pid {owner.pid} ({owner.name or 'name unknown'})" if owner else "another program"
    logger.error("not discoverable: port %s is already in use by %s; %s", port, who, fix)


def _inform(level: int, message: str, *arguments: object) -> None:
    if settings.ENABLE_LOGGING:
        logger.log(level, message, *arguments)


def _tell(event: "Event") -> None:
    """Logs what the responder does. Called on its thread."""
    if event.kind == "answered":
        if logger.isEnabledFor(logging.DEBUG):
            _inform(logging.DEBUG, "%s", event)
    elif event.kind == "interfaces-changed":
        _inform(logging.DEBUG, "the interfaces of this host changed")
    elif event.kind == ANSWERING:
        _inform(logging.INFO, "discoverable on port %s", settings.DISCOVERY_PORT)
    elif event.kind == STANDING_BY:
        _inform(logging.INFO, "standing by for port %s", settings.DISCOVERY_PORT)
