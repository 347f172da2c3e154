"""The command, as Python starts it. That it is cargo's is tested by cargo's own tests of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import cooee
from cooee import _core

SCRIPT = Path(sysconfig.get_path("scripts"), "cooee.exe" if os.name == "nt" else "cooee")
WAYS = {"script": [str(SCRIPT)], "module": [sys.executable, "-m", "cooee"]}
PATIENCE = 20.0


@pytest.fixture(params=WAYS)
def command(request: pytest.FixtureRequest) -> list[str]:
    return WAYS[request.param]


def run(words: list[object], **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        stdin=subprocess.DEVNULL,
        **options,
    )


def test_it_finds_a_server(command: list[str], free_port: int) -> None:
    with cooee.Responder(port=free_port, service_port=8123):
        words = [*command, "find", "--port", free_port, "--one", "--format", "url"]
        ran = run(words)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("http://")
    assert ran.stdout.endswith(":8123/\n")


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--version"], 0),
        ([], 2),
        (["fnid"], 2),
        (["find", "--port", "99999"], 2),
        (["find", "--interface", "nope0"], 2),
    ],
)
def test_it_ends_with_the_commands_status(
    command: list[str], words: list[str], status: int
) -> None:
    assert run([*command, *words]).returncode == status


def test_its_name_is_cooee_however_it_is_started(command: list[str]) -> None:
    assert run([*command, "--version"]).stdout == f"cooee {cooee.__version__}\n"
    assert "Usage: cooee find [OPTIONS]\n" in run([*command, "find", "--help"]).stdout
    assert "Usage: cooee [OPTIONS] <COMMAND>\n" in run(command).stderr


def started(command: list[str], port: int, **options: object) -> subprocess.Popen[str]:
    """`serve`, once it answers."""
    process = subprocess.Popen(
        [*command, "serve", "--port", str(port)],
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    assert process.stderr is not None
    said = process.stderr.readline()
    while said and "answering on" not in said:
        said = process.stderr.readline()
    assert said, "it ended"
    return process


@pytest.mark.skipif(os.name == "nt", reason="signals are a Unix thing")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_good_order(command: list[str], number: int, free_port: int) -> None:
    with started(command, free_port) as serve:
        serve.send_signal(number)
        _, said = serve.communicate(timeout=PATIENCE)
    assert serve.returncode == 0
    assert "answered 0, refused 0" in said
    assert "Traceback" not in said


@pytest.mark.skipif(os.name == "nt", reason="signals are a Unix thing")
def test_an_ignored_signal_stays_ignored(command: list[str], free_port: int) -> None:
    ignoring = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *command]
    with started(ignoring, free_port) as serve:
        serve.send_signal(signal.SIGINT)
        assert cooee.discover_one(port=free_port) is not None
        serve.terminate()
        serve.communicate(timeout=PATIENCE)
    assert serve.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="descriptors are a Unix thing")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_standard_streams_may_be_closed(command: list[str], closed: str, free_port: int) -> None:
    with cooee.Responder(port=free_port):
        words = [*command, "find", "--port", free_port, "--one"]
        ran = run(["sh", "-c", f'exec "$@" {closed}', "sh", *words])
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""


def test_it_runs_where_the_engine_was_used_before(
    free_port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    with cooee.Responder(port=free_port):
        assert _core._command(["find", "--port", str(free_port), "--one", "-v"]) == 0
    assert str(free_port) not in capfd.readouterr().err, "the log is the program's"


def test_importing_the_package_does_not_import_what_the_command_needs() -> None:
    program = "import sys; old = set(sys.modules); import cooee; print(*set(sys.modules) - old)"
    ran = run([sys.executable, "-c", program])
    loaded = set(ran.stdout.split())
    allowed = {"__future__", "atexit", "errno"}
    assert {name for name in loaded if not name.startswith("cooee")} <= allowed
    assert loaded >= {"cooee", "cooee._core"}
    assert "cooee.__main__" not in loaded
