"""The command ``manage.py discover_servers``: add the package to ``INSTALLED_APPS``."""

# The version that the stock package gives itself.
__version__ = "0.0.0"
