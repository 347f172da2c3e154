"""Tells whether a stock distribution is installed in the files of this one.

It is here, in a package that no stock distribution has: whichever was installed last owns the
files of ``discovery_client`` and ``django_udp_discovery``.
"""

import os
from collections.abc import Iterable

STOCK = {
    "django_udp_discovery": "django-udp-discovery",
    "django_udp_discovery_client": "django-udp-discovery-client",
}


def stock_distributions() -> list[str]:
    """The stock distributions that are installed where this package is.

    Looks only there, and reads one directory: ``importlib.metadata`` would cost more than the
    whole import of this package.
    """
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        entries = os.listdir(here)
    except OSError:
        return []
    installed = {name.split("-")[0].lower() for name in entries if name.endswith(".dist-info")}
    return [STOCK[name] for name in sorted(installed & STOCK.keys())]


def way_out(distributions: Iterable[str]) -> str:
    """The commands that leave ``cooee`` alone and whole.

    Uninstalling a stock distribution takes files of ours with it, hence the second command.
    """
    return (
        f"run 'pip uninstall {' '.join(distributions)}' "
        "and then 'pip install --force-reinstall --no-deps cooee'"
    )


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
