"""The stub is that of the module, and the package is typed throughout."""

from __future__ import annotations

import ast
import inspect
import pydoc
import re
import subprocess
import sys
from importlib.metadata import files
from pathlib import Path

import pytest

import cooee
from cooee import _core

CONFIGURATION = Path(__file__).parents[3] / "pyproject.toml"


def run(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stub_is_that_of_the_module():
    # A tuple that has an attribute cannot be a base beside another: no stub need say so.
    run("mypy.stubtest", "cooee", "--ignore-disjoint-bases")


@pytest.mark.parametrize("name", ["discover", "Responder"])
def test_every_parameter_is_documented(name):
    of = getattr(cooee, name)
    documented = re.findall(r"^(\w+): ", inspect.getdoc(of), re.MULTILINE)
    assert documented == list(inspect.signature(of).parameters)


def knows(built, name: str) -> bool:
    """Whether the engine has a setting of this name: nothing accepts this value."""
    try:
        built(**{name: object()})
    except (TypeError, ValueError) as error:
        return not re.search("no (such )?argument", str(error))
    raise AssertionError(f"{name} accepts anything")


@pytest.mark.parametrize(
    ("function", "built"),
    [("discover", _core._built_discovery), ("Responder", _core._built_responder)],
)
def test_what_the_engine_accepts_is_in_the_signature(function, built):
    """The names are in the engine's source, where it matches them, one a line."""
    bindings = CONFIGURATION.parent / "crates/cooee-py/src"
    source = "".join(file.read_text(encoding="utf-8") for file in bindings.rglob("*.rs"))
    names = set(re.findall(r'^ +"(\w+)" =>', source, re.MULTILINE))
    assert not knows(built, "nothing")
    # What begins with an underscore is between our own packages.
    accepted = {name for name in names if name[0] != "_" and knows(built, name)}
    assert accepted == set(inspect.signature(getattr(cooee, function)).parameters)


DOCUMENTED = {
    "discover": (cooee.discover, _core._built_discovery),
    "discover_one": (cooee.discover_one, _core._built_discovery),
    "stream": (cooee.stream, _core._built_discovery),
    "Responder": (cooee.Responder, _core._built_responder),
}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_documented_defaults_are_the_engines(name):
    call, built = DOCUMENTED[name]
    parameters = inspect.signature(call).parameters
    assert len(parameters) > 8
    for parameter in parameters.values():
        assert parameter.kind is parameter.KEYWORD_ONLY
        given = {parameter.name: parameter.default}
        assert built(**given) == built(), f"{given} is not the default"


@pytest.mark.parametrize(
    ("built", "setting"),
    [
        (_core._built_discovery, {"port": 9998}),
        (_core._built_discovery, {"timeout": 5.0}),
        (_core._built_discovery, {"wait": "quick"}),
        (_core._built_discovery, {"prefix": "OTHER:"}),
        (_core._built_responder, {"rate_limit": None}),
        (_core._built_responder, {"message": "OTHER"}),
        (_core._built_responder, {"prefix": "OTHER:"}),
        (_core._built_responder, {"stand_by": True}),
    ],
)
def test_other_settings_differ_from_the_defaults(built, setting):
    assert built(**setting) != built()


def annotations(node: ast.ClassDef | ast.FunctionDef) -> dict[str, str]:
    """What a class of settings, or a function of keywords, takes."""
    if isinstance(node, ast.FunctionDef):
        taken = [(each.arg, each.annotation) for each in node.args.kwonlyargs]
    else:
        fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
        taken = [(ast.unparse(each.target), each.annotation) for each in fields]
    return {name: ast.unparse(annotation) for name, annotation in taken}


def test_the_asyncio_twins_take_what_their_twins_take():
    package = Path(cooee.__file__).parent
    nodes = {
        node.name: annotations(node)
        for file in ["_asyncio.py", "_core.pyi"]
        for node in ast.walk(ast.parse((package / file).read_text()))
        if isinstance(node, (ast.ClassDef, ast.FunctionDef))
    }
    first = {**nodes["_BrowserSettings"], **nodes["_FirstSettings"]}
    assert first == nodes["discover_one"]
    assert {**first, **nodes["_Settings"]} == nodes["discover"] == nodes["stream"]


@pytest.mark.parametrize(
    ("asynchronous", "twin"),
    [
        ("adiscover", "discover"),
        ("adiscover_one", "discover_one"),
        ("astream", "stream"),
        ("AsyncServers", "stream"),
    ],
)
def test_the_asyncio_twins_show_what_they_take(asynchronous, twin):
    of = getattr(cooee, asynchronous)
    shown = inspect.signature(of).parameters
    assert shown == inspect.signature(getattr(cooee, twin)).parameters
    assert "timeout=None" in pydoc.render_doc(of, renderer=pydoc.plaintext)


@pytest.mark.parametrize("package", ["cooee", "discovery_client"])
def test_the_package_passes_mypy_strictly(package):
    run("mypy", "--config-file", str(CONFIGURATION), "--strict", "--package", package)


@pytest.mark.parametrize("package", ["discovery_client_django", "django_udp_discovery"])
def test_so_does_a_package_for_django_but_for_what_django_does_not_type(package):
    untyped = ["--disable-error-code", "import-untyped", "--allow-subclassing-any"]
    strictly = ["mypy", "--config-file", str(CONFIGURATION), "--strict", *untyped]
    run(*strictly, "--package", package)


@pytest.mark.parametrize("name", ["py.typed", "_core.pyi"])
def test_what_type_checkers_need_is_installed(name):
    installed = files("cooee")
    assert installed is not None
    assert f"cooee/{name}" in map(str, installed)


def test_everything_public_is_there_and_documented():
    for name in cooee.__all__:
        public = getattr(cooee, name)
        if not name.startswith("__"):
            assert public.__doc__, name
            assert public.__module__ == "cooee" or callable(public), name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = cooee.nothing
