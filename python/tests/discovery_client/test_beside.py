"""A stock distribution in the files of this one is noticed, and the way out is named."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cooee
from cooee import _beside

IMPORT = [sys.executable, "-W", "always", "-c", "import cooee"]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A directory with a copy of our package, as in site-packages."""
    here = Path(cooee.__file__).parent
    shutil.copytree(here, tmp_path / "cooee")
    return tmp_path


def imported(directory: Path) -> str:
    ran = subprocess.run(IMPORT, cwd=directory, capture_output=True, text=True, check=True)
    return ran.stderr


def test_alone(installed: Path) -> None:
    (installed / "cooee-0.1.0.dist-info").mkdir()
    (installed / "django_udp_discovery_tools-1.0.dist-info").mkdir()
    assert imported(installed) == ""
    assert _beside.stock_distributions() == []


STOCK = pytest.mark.parametrize("name", ["django_udp_discovery", "django_udp_discovery_client"])


@STOCK
def test_beside_stock(installed: Path, name: str) -> None:
    (installed / f"{name}-1.0.0.dist-info").mkdir()
    said = imported(installed)
    assert "RuntimeWarning" in said
    assert f"pip uninstall {name.replace('_', '-')}'" in said
    assert "pip install --force-reinstall --no-deps FILE', where FILE is the wheel" in said


@STOCK
@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("file:///tmp/the%20wheels/cooee-0.1.0.whl", str(Path("/tmp/the wheels/cooee-0.1.0.whl"))),
        ("https://example.org/cooee-0.1.0.whl", "https://example.org/cooee-0.1.0.whl"),
    ],
)
def test_the_way_out_names_what_was_installed(
    installed: Path, name: str, url: str, source: str
) -> None:
    (installed / f"{name}-1.0.0.dist-info").mkdir()
    note = installed / "cooee-0.1.0.dist-info" / "direct_url.json"
    note.parent.mkdir()
    note.write_text(json.dumps({"url": url, "archive_info": {}}))
    assert f"pip install --force-reinstall --no-deps {source}'" in imported(installed)
    note.write_text("no JSON")
    assert "--no-deps FILE'" in imported(installed)
