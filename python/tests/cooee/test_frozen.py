"""Tools that freeze a program read its import statements: each module in use must be in one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

BINDINGS = Path(__file__).parents[3] / "crates/cooee-py/src"
# In a process of its own, since the finder's own imports are many.
FIND = """
import modulefinder, sys, warnings
warnings.simplefilter("ignore")
finder = modulefinder.ModuleFinder()
finder.run_script(sys.argv[1])
print(*finder.modules)
"""


def seen(program: str, directory: Path) -> set[str]:
    """The modules that a freezer would take along."""
    script = directory / "program.py"
    script.write_text(program)
    command = [sys.executable, "-W", "ignore", "-c", FIND, str(script)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.split())


def test_what_is_reached_by_attribute_only(tmp_path: Path) -> None:
    modules = seen("import discovery_client", tmp_path)
    network = ["network", "network.interfaces", "network.socket", "network.utils"]
    assert {f"discovery_client.{name}" for name in [*network, "engine"]} <= modules
    assert {"cooee", "cooee._core", "cooee._asyncio"} <= modules


def test_what_the_engine_imports(tmp_path: Path) -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in BINDINGS.glob("*.rs"))
    imported = set(re.findall(r'\.import\((?:py, )?"([\w.]+)"', text))
    imported |= set(re.findall(r"import_exception!\(([\w.]+),", text))
    assert {"cooee", "cooee._errors", "cooee._found"} <= imported
    assert {*imported, "logging"} <= seen("import cooee", tmp_path)


@pytest.mark.parametrize("name", ["network", "nothing"])
def test_attributes_of_the_client(name: str) -> None:
    program = f"import discovery_client; print(discovery_client.{name}.socket.__name__)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    if name == "nothing":
        assert "has no attribute 'nothing'" in ran.stderr
    else:
        assert ran.stdout == "discovery_client.network.socket\n"
