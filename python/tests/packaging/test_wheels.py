"""Each wheel holds a library for the system that its tag names, and asks no more of it.

Of the wheel that is tested, or of those for Linux in the directory ``COOEE_WHEELS``.
"""

from __future__ import annotations

import io
import os
import re
import sys
import zipfile
from pathlib import Path

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ELF is Linux's")

MACHINES = {"x86_64": "EM_X86_64", "aarch64": "EM_AARCH64"}
# The parts of glibc that every manylinux system has.
GLIBC = re.compile(r"lib(c|m|dl|pthread|rt|util)\.so\.\d|libgcc_s\.so\.1|ld-linux-[\w-]+\.so\.\d")


def wheels() -> list[Path]:
    directory = os.environ.get("COOEE_WHEELS")
    if directory:
        return sorted(Path(directory).glob("*linux*.whl"))
    wheel = os.environ.get("COOEE_WHEEL")
    return [Path(wheel)] if wheel else []


def library(wheel: Path) -> ELFFile:
    with zipfile.ZipFile(wheel) as archive:
        return ELFFile(io.BytesIO(archive.read("cooee/_core.abi3.so")))


def needed(library: ELFFile) -> set[str]:
    sections = library.iter_sections("SHT_DYNAMIC")
    dynamic = [section for section in sections if isinstance(section, DynamicSection)]
    return {tag.needed for section in dynamic for tag in section.iter_tags("DT_NEEDED")}


def defined(library: ELFFile) -> set[str]:
    sections = library.iter_sections("SHT_DYNSYM")
    symbols = [symbol for section in sections for symbol in section.iter_symbols()]
    return {symbol.name for symbol in symbols if symbol["st_shndx"] != "SHN_UNDEF"}


def glibc_versions(library: ELFFile) -> set[tuple[int, ...]]:
    sections = library.iter_sections("SHT_GNU_verneed")
    named = {
        version.name
        for section in sections
        if isinstance(section, GNUVerNeedSection)
        for _, versions in section.iter_versions()
        for version in versions
    }
    found = [re.fullmatch(r"GLIBC_([\d.]+)", name) for name in named]
    return {tuple(map(int, match.group(1).split("."))) for match in found if match}


def test_there_are_wheels() -> None:
    if not wheels():
        why = "neither COOEE_WHEEL nor COOEE_WHEELS names one; use cargo xtask python"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)


@pytest.mark.parametrize("wheel", wheels(), ids=lambda wheel: wheel.stem.split(".")[-1])
def test_the_library_is_for_what_the_tag_names(wheel: Path) -> None:
    tags = wheel.stem.split("-", 4)[-1].split(".")
    found = [
        re.fullmatch(r"(manylinux|musllinux)_(\d+)_(\d+)_(x86_64|aarch64)", tag) for tag in tags
    ]
    (match,) = [match for match in found if match]
    family, *oldest, machine = match.groups()
    file = library(wheel)
    assert file["e_machine"] == MACHINES[machine]
    assert not list(file.iter_segments("PT_INTERP")), "it is a program"
    if family == "musllinux":
        assert needed(file) <= {"libc.so", f"libc.musl-{machine}.so.1"}
        assert glibc_versions(file) == set()
    else:
        assert all(GLIBC.fullmatch(name) for name in needed(file)), needed(file)
        # With an unwinder of its own a thread that glibc ends would crash.
        assert "libgcc_s.so.1" in needed(file)
        assert not [name for name in defined(file) if name.startswith("_Unwind_")]
        assert max(glibc_versions(file)) <= tuple(map(int, oldest))
