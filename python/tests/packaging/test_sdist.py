"""The source distribution installs in a clean environment, and what it installs works."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.sdist

SCRIPTS = "Scripts" if os.name == "nt" else "bin"
# Cargo compiles all that the wheel needs.
COMPILES = 1200.0
TRY = """
import socket
import cooee, discovery_client
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
    probe.bind(("", 0))
    port = probe.getsockname()[1]
with cooee.Responder(port=port, service_port=8123):
    print(cooee.discover_one(port=port).port)
    config = discovery_client.load_config(discovery_port=port)
    print(discovery_client.discover_one(config).port)
"""


def run(*command: object, timeout: float = 60.0) -> str:
    ran = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=timeout
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def as_of_now(sdist: Path, directory: Path) -> Path:
    """A copy whose files are new.

    The real ones are of the same day in 2006 whatever is in them, and cargo would take what an
    earlier build left in the shared target directory for the build of these.
    """
    copy = directory / sdist.name
    with tarfile.open(sdist) as source, tarfile.open(copy, "w:gz") as target:
        for member in source.getmembers():
            member.mtime = time.time()
            target.addfile(member, source.extractfile(member) if member.isfile() else None)
    return copy


@pytest.fixture(scope="module")
def installed(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has the source distribution, and nothing else."""
    directory = tmp_path_factory.mktemp("sdist")
    venv = directory / "venv"
    run(sys.executable, "-m", "venv", venv)
    programs = venv / SCRIPTS
    # pip would take the wheel of an earlier file of the same name from its cache.
    pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-cache-dir"]
    run(programs / "python", *pip, as_of_now(sdist, directory), timeout=COMPILES)
    return programs


def test_a_server_is_started_and_found(installed: Path) -> None:
    assert run(installed / "python", "-W", "error", "-c", TRY).split() == ["8123", "8123"]


def test_the_command_works(installed: Path) -> None:
    for command in [[installed / "cooee"], [installed / "python", "-m", "cooee"]]:
        assert "found" in run(*command, "demo")


def test_nothing_is_missing_beside_it(installed: Path) -> None:
    assert "No broken requirements" in run(installed / "python", "-m", "pip", "check")
