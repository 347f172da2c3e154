"""System check of both apps: a stock distribution in the same files. The last installed wins."""

from typing import Any

from django.core import checks


def check_stock_distributions(**_: Any) -> list[checks.CheckMessage]:
    """Names the stock distributions beside this one, and how to be rid of them."""
    try:
        from cooee import _beside
    except ImportError:
        # The engine cannot be loaded here; whoever calls is told.
        return []
    beside = _beside.stock_distributions()
    if not beside:
        return []
    return [
        checks.Warning(
            f"{' and '.join(beside)}: installed beside cooee, in the same files",
            hint=_beside.way_out(beside),
            id="cooee.W001",
        )
    ]
