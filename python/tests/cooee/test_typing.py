"""The stub is that of the module, and the package is typed throughout."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import files
from pathlib import Path

import pytest

import cooee

CONFIGURATION = Path(__file__).parents[3] / "pyproject.toml"


def run(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stub_is_that_of_the_module():
    # A tuple that has an attribute cannot be a base beside another: no stub need say so.
    run("mypy.stubtest", "cooee", "--ignore-disjoint-bases")


def test_the_package_passes_mypy_strictly():
    run("mypy", "--config-file", str(CONFIGURATION), "--strict", "--package", "cooee")


@pytest.mark.parametrize("name", ["py.typed", "_core.pyi"])
def test_what_type_checkers_need_is_installed(name):
    installed = files("cooee")
    assert installed is not None
    assert f"cooee/{name}" in map(str, installed)


def test_everything_public_is_there_and_documented():
    for name in cooee.__all__:
        public = getattr(cooee, name)
        if not name.startswith("__"):
            assert public.__doc__, name
            assert public.__module__ == "cooee" or callable(public), name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = cooee.nothing
