"""Makes a Django server discoverable: it answers discovery probes on the local network.

Add ``"django_udp_discovery"`` to ``INSTALLED_APPS``. The settings are described in ``conf``.
"""

from django_udp_discovery.listener import (
    Status,
    is_running,
    start_udp_service,
    status,
    stop_udp_service,
)
from django_udp_discovery.utility import (
    format_duration,
    get_server_ip,
    is_port_error,
    is_port_in_use,
    validate_port,
)

# The version of the stock package whose names and settings these are.
__version__: str = "1.0.0"
default_app_config: str = "django_udp_discovery.apps.UdpDiscoveryConfig"

__all__ = [
    "Status",
    "format_duration",
    "get_server_ip",
    "is_port_error",
    "is_port_in_use",
    "is_running",
    "start_udp_service",
    "status",
    "stop_udp_service",
    "validate_port",
]
