"""Runs one program with this package and with the stock package, and compares."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, NamedTuple

import pytest

PROBES = Path(__file__).parent / "probes"


class Both(NamedTuple):
    """What a probe printed, as JSON."""

    ours: Any
    stock: Any


def run_probe(python: str, name: str, given: str = "") -> Any:
    """What the probe prints, in an environment without settings of ours."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DISCOVERY_CLIENT_")}
    ran = subprocess.run(
        [python, str(PROBES / f"{name}.py")],
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=str(PROBES),
        env=environment,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture(scope="session")
def both(stock_python: str) -> Callable[..., Both]:
    """Runs a probe with both packages."""

    def run(name: str, given: str = "") -> Both:
        return Both(run_probe(sys.executable, name, given), run_probe(stock_python, name, given))

    return run
