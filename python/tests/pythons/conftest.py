"""The marker of these tests."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "pythons: makes a virtual environment for each Python")
