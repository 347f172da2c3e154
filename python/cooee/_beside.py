"""Tells whether a stock distribution is installed in the files of this one.

It is here, in a package that no stock distribution has: whichever was installed last owns the
files of ``discovery_client`` and ``django_udp_discovery``.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

STOCK = {
    "django_udp_discovery": "django-udp-discovery",
    "django_udp_discovery_client": "django-udp-discovery-client",
}


def _here() -> str:
    """The directory that this package was installed to."""
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def stock_distributions() -> list[str]:
    """The stock distributions that are installed where this package is.

    Looks only there, and reads one directory: ``importlib.metadata`` would cost more than the
    whole import of this package.
    """
    try:
        entries = os.listdir(_here())
    except OSError:
        return []
    installed = {name.split("-")[0].lower() for name in entries if name.endswith(".dist-info")}
    return [STOCK[name] for name in sorted(installed & STOCK.keys())]


def way_out(distributions: Iterable[str]) -> str:
    """The commands that leave ``cooee`` alone and whole.

    Uninstalling a stock distribution takes files of ours with it, hence the second command.
    """
    source = _source()
    file = source or "FILE"
    which = "" if source else ", where FILE is the wheel or checkout that cooee was installed from"
    return (
        f"run 'pip uninstall {' '.join(distributions)}' "
        f"and then 'pip install --force-reinstall --no-deps {file}'{which}"
    )


def _source() -> str | None:
    """The file or directory that this distribution was installed from.

    The installer notes it, unless it came from an index by its name.
    """
    import json
    from pathlib import Path
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    try:
        (note,) = Path(_here()).glob("cooee-*.dist-info/direct_url.json")
        url: str = json.loads(note.read_text(encoding="utf-8"))["url"]
    except (OSError, ValueError, KeyError):
        return None
    parts = urlsplit(url)
    return url2pathname(parts.path) if parts.scheme == "file" else url


def warn() -> None:
    """Warns once, when the package is imported."""
    beside = stock_distributions()
    if beside:
        import warnings

        # Of the frames above, one is `warn`'s caller: the package that is being imported.
        warnings.warn(
            f"{' and '.join(beside)}: installed beside cooee, in the same files; {way_out(beside)}",
            RuntimeWarning,
            stacklevel=2,
        )
