"""System checks of the settings.

All are warnings. An error would keep ``runserver`` from serving, and a site without discovery is
better than no site.
"""

import difflib
from typing import Any

from django.conf import settings as django_settings
from django.core import checks

from django_udp_discovery.conf import SETTINGS, responder_arguments, settings, wrong_settings

# Of a name without its prefix, and of a whole one: settings of other apps are less alike.
_ALIKE, _ALIKE_WHOLE = 0.75, 0.9
_PREFIX, _CLIENT = "DISCOVERY_", "DISCOVERY_CLIENT_"


def check_settings(**_: Any) -> list[checks.CheckMessage]:
    """Names every invalid setting, and what it accepts."""
    wrong = wrong_settings()
    found: list[checks.CheckMessage] = [
        checks.Warning(
            f"{setting.name} is {setting.value!r}, which is not {setting.wants}",
            hint=f"set {setting.name} to {setting.wants}, or remove it for {setting.default!r}"
            + ("; the server is not discoverable until then" if setting.needed else ""),
            id=f"django_udp_discovery.{setting.check_id}",
        )
        for setting in wrong
    ]
    if not any(setting.name in ("DISCOVERY_MESSAGE", "RESPONSE_PREFIX") for setting in wrong):
        found += check_message()
    return (found or check_engine()) + check_names()


def check_names() -> list[checks.CheckMessage]:
    """Reports names that are almost a setting's: Django takes them, and nothing reads them."""
    known = {setting.name for setting in SETTINGS}
    others = {name for name in dir(django_settings) if name.isupper()} - known
    found: list[checks.CheckMessage] = [
        checks.Warning(
            f"{name} is not a setting of django_udp_discovery",
            hint=f"did you mean {meant}? If another app reads {name}, silence this check",
            id="django_udp_discovery.W015",
        )
        for name in sorted(others)
        for meant in _meant(name)
        if not name.startswith(_CLIENT)
    ]
    return found


def _meant(name: str) -> list[str]:
    """The setting that a name is a misspelling of, if it is."""
    known = [setting.name for setting in SETTINGS]
    if not name.startswith(_PREFIX):
        return difflib.get_close_matches(name, known, n=1, cutoff=_ALIKE_WHOLE)
    rest = [one[len(_PREFIX) :] for one in known if one.startswith(_PREFIX)]
    close = difflib.get_close_matches(name[len(_PREFIX) :], rest, n=1, cutoff=_ALIKE)
    return [_PREFIX + one for one in close]


def check_engine() -> list[checks.CheckMessage]:
    """Reports settings that are valid one by one, and that the engine refuses together."""
    try:
        from cooee import CooeeError, Responder
    except ImportError:
        # The listener logs it, and stays off.
        return []
    try:
        Responder(**responder_arguments())
    except (CooeeError, TypeError, ValueError) as error:
        return [
            checks.Warning(
                f"the discovery settings do not work: {error}",
                hint="change what it names; the server is not discoverable until then",
                id="django_udp_discovery.W014",
            )
        ]
    return []


def check_message() -> list[checks.CheckMessage]:
    """Reports a message that reads as an answer: servers would answer each other."""
    try:
        from cooee import parse_answer
    except ImportError:
        # The listener logs it, and stays off.
        return []
    message, prefix = settings.DISCOVERY_MESSAGE, settings.RESPONSE_PREFIX
    try:
        parse_answer(message.encode(), prefix.encode())
    except ValueError:
        return []
    return [
        checks.Warning(
            f"DISCOVERY_MESSAGE is {message!r}, which with RESPONSE_PREFIX {prefix!r} is an answer",
            hint="set DISCOVERY_MESSAGE to a text that names no address; "
            "the server is not discoverable until then",
            id="django_udp_discovery.W013",
        )
    ]
