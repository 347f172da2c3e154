"""The wheel and the source distribution: their tag, what is in them, and what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from email.message import Message
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = ["cooee", "discovery_client", "discovery_client_django", "django_udp_discovery"]


def run(*arguments: object) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)], capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one C library")
def test_the_wheel_is_for_every_linux_of_the_last_ten_years(wheel: Path) -> None:
    tags = wheel.stem.split("-")[-1].split(".")
    assert any(tag.startswith("manylinux_2_17_") for tag in tags), wheel.name
    shown = " ".join(run("auditwheel", "show", wheel).split())
    assert 'consistent with the following platform tag: "manylinux_2_17_' in shown


def test_the_wheel_is_for_every_python(wheel: Path) -> None:
    assert "-cp39-abi3-" in wheel.name


def test_an_index_would_accept_both(wheel: Path, sdist: Path) -> None:
    assert run("twine", "check", "--strict", wheel, sdist).count("PASSED") == 2


def test_the_wheel_has_the_packages_and_nothing_else(files: dict[str, bytes]) -> None:
    (information,) = {name.split("/")[0] for name in files if ".dist-info/" in name}
    assert {name.split("/")[0] for name in files} == {*PACKAGES, information}
    entries = files[f"{information}/entry_points.txt"].decode()
    assert "[console_scripts]\ncooee=cooee.__main__:main" in entries.replace(" = ", "=")
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"]:
        text = (ROOT / licence).read_bytes()
        assert files[f"{information}/licenses/{licence}"] == text


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_is_in_both_and_typed(
    package: str, files: dict[str, bytes], sources: dict[str, bytes]
) -> None:
    written = [
        path.relative_to(ROOT / "python").as_posix()
        for path in (ROOT / "python" / package).rglob("*")
        if path.suffix in {".py", ".pyi", ".typed"}
    ]
    assert f"{package}/py.typed" in written
    for name in written:
        text = (ROOT / "python" / name).read_bytes()
        assert files[name] == sources[f"python/{name}"] == text, name


def test_the_source_distribution_builds_with_the_locked_versions(
    sources: dict[str, bytes],
) -> None:
    assert sources["Cargo.lock"] == (ROOT / "Cargo.lock").read_bytes()
    # The workspace there has fewer members, so that cargo has entries to remove.
    assert b"locked" not in sources["pyproject.toml"]


def test_the_metadata_says_where_the_project_is(metadata: Message) -> None:
    urls = dict(url.split(", ", 1) for url in metadata.get_all("Project-URL"))
    assert {"Repository", "Documentation", "Changelog", "Issues"} <= urls.keys()
    (repository,) = re.findall(r'^repository = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.M)
    assert all(url.startswith(repository) for url in urls.values())
    assert metadata["Author"]
    assert metadata["License-Expression"] == "MIT OR Apache-2.0"


def test_the_classifiers_are_what_is_tested(metadata: Message) -> None:
    tested = (ROOT / "python/tests/pythons/test_pythons.py").read_text(encoding="utf-8")
    pairs = re.findall(r'^    \("([\d.]+)", "([\d.]+)"\),$', tested, re.M)
    classifiers = metadata.get_all("Classifier")

    def named(prefix: str) -> set[str]:
        versions = [name[len(prefix) :] for name in classifiers if name.startswith(prefix)]
        return {version for version in versions if re.fullmatch(r"\d+\.\d+", version)}

    assert named("Programming Language :: Python :: ") == {python for python, _ in pairs}
    assert named("Framework :: Django :: ") == {django for _, django in pairs}


def test_the_description_has_no_link_that_only_the_repository_can_follow(
    metadata: Message,
) -> None:
    targets = re.findall(r"\]\(([^)]*)\)", metadata.get_payload())
    assert len(targets) >= 3
    assert all(target.startswith("https://") for target in targets), targets
