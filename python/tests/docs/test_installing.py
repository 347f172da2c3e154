"""No document says to install the package by name: until a release, no index has it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# A name alone, and neither a path nor a file.
BY_NAME = re.compile(
    r"\b(?:pip3?|uv|pipx|poetry)\s(?:tool )?(?:install|add)\b[^`'\n]*?\scooee(?![-\w./])"
)


def files() -> list[Path]:
    patterns = ["*.md", "*.py", "*.rs", "*.toml", "*.snap"]
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_no_text_installs_the_package_by_its_name() -> None:
    texts = [file for file in files() if file.exists()]
    assert len(texts) > 100
    found = [
        f"{file.relative_to(ROOT)}: {match.group()}"
        for file in texts
        if file != Path(__file__).resolve()
        for match in BY_NAME.finditer(file.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "by_name"),
    [
        ("pip install cooee", True),
        ("run 'pip install --force-reinstall --no-deps cooee'", True),
        ("uv add cooee", True),
        ("pip install .", False),
        ("pip install cooee-0.1.0-cp39-abi3-manylinux_2_17_x86_64.whl", False),
        ("pip install target/python-wheels/cooee-*.whl", False),
        ("pip install ./cooee", False),
        ("pip uninstall cooee", False),
    ],
)
def test_a_name_is_told_from_a_file(text: str, by_name: bool) -> None:
    assert bool(BY_NAME.search(text)) is by_name
