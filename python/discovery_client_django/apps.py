"""The Django app of the client."""

from django.apps import AppConfig
from django.core import checks


class DiscoveryClientDjangoConfig(AppConfig):
    """Has a command, and no models."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "discovery_client_django"
    verbose_name = "Django UDP Discovery Client"

    def ready(self) -> None:
        """Registers the check."""
        from discovery_client_django.checks import check_stock_distributions

        checks.register(check_stock_distributions)
