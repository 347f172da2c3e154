"""System check of both apps: a stock distribution in the same files. The last installed wins."""

from typing import Any

from django.core import checks

from discovery_client.beside import stock_distributions, way_out


def check_stock_distributions(**_: Any) -> list[checks.CheckMessage]:
    """Names the stock distributions beside this one, and how to be rid of them."""
    beside = stock_distributions()
    if not beside:
        return []
    return [
        checks.Warning(
            f"{' and '.join(beside)}: installed beside cooee, in the same files",
            hint=way_out(beside),
            id="cooee.W001",
        )
    ]
