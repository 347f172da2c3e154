"""One wheel, on every Python that the machine has, with Django 4.2, 5.2, 6.0 and the newest."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Optional

import pytest

pytestmark = pytest.mark.pythons

EVERYTHING = Path(__file__).parent / "everything.py"
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
OURS = ("cooee", "discovery_client", "django_udp_discovery")
NEWEST = ""
# What each Django supports: https://docs.djangoproject.com/en/stable/faq/install/
PAIRS = [
    ("3.9", "4.2"),
    ("3.10", "5.2"),
    ("3.11", "4.2"),
    ("3.12", "5.2"),
    ("3.13", "5.2"),
    ("3.13", "6.0"),
    ("3.13", NEWEST),
]


def missing(why: str) -> None:
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)


def runs(python: str, version: str) -> bool:
    ask = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
    try:
        ran = subprocess.run([python, "-c", ask], capture_output=True, text=True, timeout=30)
    except OSError:
        return False
    return ran.returncode == 0 and ran.stdout.strip() == version


def of_pyenv(version: str) -> list[str]:
    if not shutil.which("pyenv"):
        return []
    listed = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True)
    root = subprocess.run(["pyenv", "root"], capture_output=True, text=True).stdout.strip()
    names = [name.strip() for name in listed.stdout.splitlines()]
    return [
        str(Path(root, "versions", name, "bin", "python"))
        for name in names
        if name == version or name.startswith(f"{version}.")
    ]


def find(version: str) -> Optional[str]:
    """A Python of this version: this one, one on the path, or one of pyenv's."""
    candidates = [sys.executable, f"python{version}", *of_pyenv(version)]
    return next((python for python in candidates if runs(python, version)), None)


@pytest.fixture(scope="session")
def wheel() -> str:
    path = os.environ.get("COOEE_WHEEL")
    if not path:
        missing("COOEE_WHEEL names no wheel; use cargo xtask python")
    return str(path)


@pytest.mark.parametrize(("version", "django"), PAIRS)
def test_the_wheel_works(version: str, django: str, wheel: str, tmp_path: Path) -> None:
    base = find(version)
    if base is None:
        # Not even CI has every Python.
        pytest.skip(f"this machine has no Python {version}")
    venv = tmp_path / "venv"
    python = str(venv / SCRIPTS / "python")
    subprocess.run([base, "-m", "venv", "--without-pip", str(venv)], check=True, timeout=60)
    installed = pip(python, "install", f"django=={django}.*" if django else "django")
    if installed.returncode != 0:
        missing(f"pip cannot install Django {django}: {installed.stderr.strip()[-300:]}")
    before = contents(venv)
    installed = pip(python, "install", "--no-index", wheel)
    assert installed.returncode == 0, installed.stderr
    ran = subprocess.run(
        [python, "-W", "error::RuntimeWarning", str(EVERYTHING)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    print(f"Python {told['python']}, Django {told['django']}")
    assert told["python"] == version
    assert told["django"].startswith(django)
    assert told["started"]
    assert "192.0.2.77" in told["discover_one"]
    assert told["discover"] == 1
    assert told["cooee"] == told["asyncio"] == ["http://192.0.2.77:8123/"]
    assert "Found 1 server(s):" in told["table"]
    assert "no issues" in told["check"]
    assert "started successfully" in told["service"]
    assert told["stopped"]
    assert told.get("child", 0) == 0
    versions = [
        subprocess.run([*command, "--version"], capture_output=True, text=True, timeout=60).stdout
        for command in ([str(venv / SCRIPTS / "cooee")], [python, "-m", "cooee"])
    ]
    assert versions == [f"cooee {told['version']}\n"] * 2
    checked = pip(python, "check")
    assert "No broken requirements" in checked.stdout, checked.stdout
    removed = pip(python, "uninstall", "--yes", "cooee")
    assert removed.returncode == 0, removed.stderr
    assert contents(venv) == before


def pip(python: str, verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    return subprocess.run(
        [*command, verb, *arguments], capture_output=True, text=True, timeout=300, check=False
    )


def contents(venv: Path) -> set[Path]:
    """The files and directories there, but for what Python compiles of other packages."""
    return {path for path in venv.rglob("*") if "__pycache__" not in path.parts or is_ours(path)}


def is_ours(path: Path) -> bool:
    return any(part.startswith(OURS) for part in path.parts)
