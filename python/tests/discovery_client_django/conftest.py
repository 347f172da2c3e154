"""Configures Django, if the tests of the other app have not."""

import django
from django.conf import settings

if not settings.configured:
    settings.configure(
        SECRET_KEY="for tests",
        INSTALLED_APPS=["django_udp_discovery", "discovery_client_django"],
        USE_TZ=True,
    )
    django.setup()
