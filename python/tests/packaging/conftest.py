"""The wheel and the source distribution that were built, as ``cargo xtask python`` names them."""

from __future__ import annotations

import os
import tarfile
import zipfile
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

import pytest


def built(variable: str) -> Path:
    path = os.environ.get(variable)
    if not path:
        why = f"{variable} names no file; use cargo xtask python"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)
    return Path(str(path))


@pytest.fixture(scope="session")
def wheel() -> Path:
    return built("COOEE_WHEEL")


@pytest.fixture(scope="session")
def sdist() -> Path:
    return built("COOEE_SDIST")


@pytest.fixture(scope="session")
def files(wheel: Path) -> dict[str, bytes]:
    """What the wheel consists of."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="session")
def sources(sdist: Path) -> dict[str, bytes]:
    """What the source distribution consists of, without its outermost directory."""
    with tarfile.open(sdist) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        read = {member.name: archive.extractfile(member) for member in members}
        return {name.split("/", 1)[1]: file.read() for name, file in read.items() if file}


@pytest.fixture(scope="session")
def metadata(files: dict[str, bytes]) -> Message:
    (name,) = [name for name in files if name.endswith(".dist-info/METADATA")]
    return HeaderParser().parsestr(files[name].decode())
