"""The stock server's own tests, unmodified, against our package."""

import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

STOCK = "django-udp-discovery==1.0.0"
TESTS = 21

SETTINGS = """
SECRET_KEY = "for tests"
INSTALLED_APPS = ["django_udp_discovery", "stock"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
USE_TZ = True
"""


@pytest.fixture(scope="session")
def stock_tests(pytestconfig: pytest.Config) -> str:
    """The test module out of the source distribution, which pip fetches once."""
    kept = Path(pytestconfig.cache.mkdir("stock"))
    archive = kept / "django_udp_discovery-1.0.0.tar.gz"
    if not archive.exists():
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary"]
        fetch += ["django-udp-discovery", "--dest", str(kept), STOCK]
        ran = subprocess.run(fetch, capture_output=True, text=True, timeout=300)
        if ran.returncode != 0:
            why = f"pip cannot fetch {STOCK}: {ran.stderr.strip()[-300:]}"
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)
    with tarfile.open(archive) as sdist:
        (member,) = [m for m in sdist if m.name.endswith("/django_udp_discovery/tests.py")]
        text = sdist.extractfile(member)
        assert text is not None
        return text.read().decode()


def test_the_stock_tests_pass(stock_tests: str, tmp_path: Path) -> None:
    (tmp_path / "stock_settings.py").write_text(SETTINGS)
    (tmp_path / "stock").mkdir()
    (tmp_path / "stock" / "__init__.py").touch()
    (tmp_path / "stock" / "tests.py").write_text(stock_tests)
    ran = subprocess.run(
        [sys.executable, "-m", "django", "test", "stock", "-v", "2"],
        cwd=tmp_path,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "stock_settings", "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert re.search(rf"^Ran {TESTS} tests.*\n\nOK$", ran.stderr, re.MULTILINE), ran.stderr
