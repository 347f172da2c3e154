"""A Django project whose discovery port comes from the environment."""

import os
from pathlib import Path

SECRET_KEY = "for tests"
DEBUG = True
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "project_urls"
USE_TZ = True
INSTALLED_APPS = [
    "django_udp_discovery",
    "project_app.ProjectConfig",
    *os.environ.get("TEST_APPS", "").split(),
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(__file__).parent / "db.sqlite3",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DISCOVERY_PORT = int(os.environ.get("TEST_DISCOVERY_PORT", "9999"))
DISCOVERY_MESSAGE = os.environ.get("TEST_MESSAGE", "DISCOVER_SERVER")
Q_CLUSTER = {"name": "tests", "workers": 1, "timeout": 60, "retry": 90, "orm": "default"}
