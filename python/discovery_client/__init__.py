"""Finds servers on the local network.

``discover()`` sends probes and collects answers until the timeout; ``discover_one()`` returns at
the first answer. Neither raises for a failure of the network: it is logged, and nothing is found.
``cooee`` has the same with exceptions, asyncio, and servers as they answer.
"""

import logging
from typing import Optional

from discovery_client.config import ClientConfig, load_config
from discovery_client.results import DiscoveryResult

# The version of the stock package whose names these are.
__version__ = "1.0.0"

__all__ = ["ClientConfig", "DiscoveryResult", "discover", "discover_one", "load_config"]

logger = logging.getLogger("django_udp_discovery_client")


def discover(config: Optional[ClientConfig] = None) -> list[DiscoveryResult]:
    """The servers that answer within ``config.timeout``. Default: ``load_config()``."""
    from discovery_client import engine

    config = load_config() if config is None else config
    try:
        return engine.discover(config)
    except OSError as error:
        _log(error)
        return []


def discover_one(config: Optional[ClientConfig] = None) -> Optional[DiscoveryResult]:
    """The server that answers first, or None if none does. Default: ``load_config()``."""
    from discovery_client import engine

    config = load_config() if config is None else config
    try:
        return engine.discover_one(config)
    except OSError as error:
        _log(error)
        return None


def _log(trouble: OSError) -> None:
    from discovery_client.engine import NothingSelectedError

    # Interfaces that come and go are no failure.
    level = logging.WARNING if isinstance(trouble, NothingSelectedError) else logging.ERROR
    logger.log(level, "discovery failed: %s", trouble)


def __getattr__(name: str) -> object:
    """Loads ``network`` for programs that import the package only, as the stock package does."""
    if name == "network":
        # A statement, which tools that freeze a program see.
        import discovery_client.network.socket

        return discovery_client.network
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
