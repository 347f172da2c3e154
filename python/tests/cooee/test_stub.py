"""The engine's documentation, which is in Rust, is in its stub too, where editors look for it."""

from __future__ import annotations

import ast
import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Union

from cooee import _core

STUB = Path(__file__).parents[2] / "cooee/_core.pyi"

Documented = Union[ast.ClassDef, ast.FunctionDef]


def documented(stub: str) -> str:
    """The stub with the documentation that the module has now."""
    lines = stub.splitlines()
    # From the end, so that the places before an edit stay what they are.
    for node, owner in reversed(list(public(ast.parse(stub)))):
        text = getattr(owner, node.name).__doc__
        if text:
            document(lines, node, inspect.cleandoc(text))
    return "\n".join(lines) + "\n"


def public(tree: ast.Module) -> Iterator[tuple[Documented, object]]:
    """Functions, classes, and what those have, in the order of the text, with their owners."""

    def named(body: list[ast.stmt]) -> list[Documented]:
        nodes = [node for node in body if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
        return [node for node in nodes if not node.name.startswith("_")]

    for node in named(tree.body):
        yield node, _core
        if isinstance(node, ast.ClassDef):
            # What only some systems have stands in a condition.
            for inner in node.body:
                body = inner.body if isinstance(inner, ast.If) else [inner]
                for member in named(body):
                    owner = getattr(_core, node.name)
                    if hasattr(owner, member.name):
                        yield member, owner


def document(lines: list[str], node: Documented, text: str) -> None:
    indent = " " * (node.col_offset + 4)
    quoted = [indent + line if line else "" for line in quoted_lines(text)]
    first = node.body[0]
    at = first.lineno - 1
    if ast.get_docstring(node, clean=False) is not None:
        lines[at : first.end_lineno] = quoted
    elif isinstance(node, ast.ClassDef):
        at = min(each.lineno for each in [first, *getattr(first, "decorator_list", [])]) - 1
        lines[at:at] = quoted
    else:
        # Three dots, on the line of the colon.
        lines[at : at + 1] = [lines[at][: first.col_offset].rstrip(), *quoted]


def quoted_lines(text: str) -> list[str]:
    raw = "r" if "\\" in text else ""
    lines = text.splitlines()
    if len(lines) == 1:
        return [f'{raw}"""{text}"""']
    return [f'{raw}"""{lines[0]}', *lines[1:], '"""']


def test_the_stub_has_the_documentation_of_the_module() -> None:
    """With COOEE_UPDATE=1 it is written anew."""
    text = STUB.read_text(encoding="utf-8")
    if os.environ.get("COOEE_UPDATE") == "1":
        STUB.write_text(documented(text), encoding="utf-8")
    else:
        assert documented(text) == text, "run it with COOEE_UPDATE=1"


def test_what_is_public_in_the_stub_is_documented() -> None:
    nodes = [node for node, _ in public(ast.parse(STUB.read_text(encoding="utf-8")))]
    assert len(nodes) > 70
    assert [node.name for node in nodes if not ast.get_docstring(node)] == []


def test_documentation_is_added_and_replaced() -> None:
    bare = """class Owner:
    @property
    def pid(self) -> int: ...
    def _hidden(self) -> int: ...

def interfaces() -> list[Interface]: ...
"""
    written = documented(bare)
    lines = written.splitlines()
    assert lines[:2] == ["class Owner:", '    """A process that has a port."""']
    assert lines[3:5] == ["    def pid(self) -> int:", '        """Its process number."""']
    assert "    def _hidden(self) -> int: ..." in lines
    assert lines[-1].startswith('    """The network interfaces of this host')
    assert documented(written.replace("process number", "number")) == written
