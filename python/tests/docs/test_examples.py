"""The documentation's Python runs, and its tables are the code's."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
DOCUMENTS = ["docs/python.md", "README.md"]

# The examples use the default port, which may be taken, and a server to find.
PREAMBLE = """
import functools, os, sys
import cooee
PORT = int(sys.argv[1])
for name in ("adiscover", "adiscover_one", "astream", "discover", "discover_one", "stream"):
    setattr(cooee, name, functools.partial(getattr(cooee, name), port=PORT))
answering = cooee.Responder(port=PORT, service_port=8123).start()
cooee.Responder = functools.partial(cooee.Responder, port=PORT)
os.environ["DISCOVERY_CLIENT_PORT"] = str(PORT)
os.environ["DISCOVERY_CLIENT_TIMEOUT"] = "1"
from django.conf import settings
settings.configure(DISCOVERY_PORT=PORT)
exec(compile(sys.stdin.read(), "example", "exec"))
"""


def examples() -> list[Any]:
    found = []
    for document in DOCUMENTS:
        text = (ROOT / document).read_text(encoding="utf-8")
        for match in re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            line = text[: match.start()].count("\n") + 1
            found.append(pytest.param(match.group(1), id=f"{document}:{line}"))
    return found


@pytest.mark.parametrize("example", examples())
def test_the_example_runs(example: str, free_port: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", PREAMBLE, str(free_port)],
        input=example,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ran.returncode == 0, ran.stderr
    if "server.url" in example or "server.port" in example:
        assert "8123" in ran.stdout


def test_there_are_examples() -> None:
    assert len(examples()) >= 7


def rows(document: str, header: str) -> list[list[str]]:
    """The rows of the table with this header."""
    lines = (ROOT / document).read_text(encoding="utf-8").splitlines()
    table = lines[lines.index(header) + 2 :]
    end = next(n for n, line in enumerate(table) if not line.startswith("|"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[:end]]


def test_the_table_of_settings() -> None:
    from django_udp_discovery.conf import SETTINGS

    written = rows("docs/python.md", "| setting | default | check | means | accepts |")
    assert written == [
        [f"`{s.name}`", f"`{s.default!r}`", f"`{s.check_id}`", s.means, s.wants] for s in SETTINGS
    ]


def test_the_table_of_refusals() -> None:
    """Every line is refused, and is one that the comparison with stock knows."""
    from discovery_client.network.socket import parse_response

    comparison = ROOT / "python/tests/discovery_client/test_against_stock.py"
    known = re.findall(r'^    "(.*)": lambda', comparison.read_text(encoding="utf-8"), re.MULTILINE)
    written = rows("docs/python.md", "| refused | example |")
    assert [what for what, _ in written] == known
    for _, example in written:
        text = re.sub(r"\\x(..)", lambda match: chr(int(match.group(1), 16)), example.strip("`"))
        response = text.encode("latin-1" if "\xff" in text else "utf-8")
        assert parse_response(response, b"SERVER_IP:") is None
    assert parse_response(b"SERVER_IP:10.0.0.1", b"SERVER_IP:") == ("10.0.0.1", 8000)


HAS = """
import importlib, json, sys
from django.conf import settings
settings.configure()
def has(name):
    module, _, attribute = name.rpartition(".")
    return hasattr(importlib.import_module(module), attribute)
json.dump([has(name) for name in json.load(sys.stdin)], sys.stdout)
"""


def test_the_table_of_names_that_are_gone(stock_python: str) -> None:
    """Each is the stock packages', and is not ours."""
    gone = [name.strip("`") for name, _ in rows("docs/python.md", "| gone | instead |")]
    for python, expected in ((stock_python, True), (sys.executable, False)):
        ran = subprocess.run(
            [python, "-c", HAS], input=json.dumps(gone), capture_output=True, text=True, timeout=30
        )
        assert ran.returncode == 0, ran.stderr
        assert json.loads(ran.stdout) == [expected] * len(gone)


def test_every_environment_variable_is_named() -> None:
    from discovery_client.config import _VARIABLES

    text = (ROOT / "docs/python.md").read_text(encoding="utf-8")
    for name, _ in _VARIABLES.values():
        assert f"_{name}`" in text
