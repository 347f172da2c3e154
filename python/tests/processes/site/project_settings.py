"""A Django project whose discovery port comes from the environment."""

import os

SECRET_KEY = "for tests"
DEBUG = True
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "project_urls"
USE_TZ = True
INSTALLED_APPS = ["django_udp_discovery", "project_app.ProjectConfig"]
DISCOVERY_PORT = int(os.environ["TEST_DISCOVERY_PORT"])
