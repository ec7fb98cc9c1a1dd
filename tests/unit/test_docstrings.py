"""Every public function has a docstring with its promise; in the analysis also with shapes and units."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[2] / "drumwatch"
FOLDERS = (
    "analysis",
    "containers",
    "core",
    "filing",
    "hooks",
    "intake",
    "journal",
    "kits",
    "learning",
    "sandbox",
    "service",
    "system",
)
SIGNALS = {"y", "sr"}  # parameters that mean samples and their rate
ARRAYS = ("NDArray", "ndarray")
SHAPE_OR_UNIT = re.compile(r"\bshapes?\b|\bin (Hz|dB|seconds|milliseconds|bytes|pixels)\b|, Hz\b")

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Definition(NamedTuple):
    name: str
    node: Documented
    aliases: frozenset[str]  # names that stand for arrays in annotations of its module

    @property
    def docstring(self) -> str:
        return ast.get_docstring(self.node) or ""


def definitions_in(path: Path) -> Iterator[Definition]:
    """The public classes, functions and methods of one module."""
    module = ast.parse(path.read_text("utf-8"))
    aliases = array_aliases(module)
    name = path.relative_to(PACKAGE).as_posix()
    for node in public(module):
        yield Definition(f"{name}: {node.name}", node, aliases)
        for method in public(node) if isinstance(node, ast.ClassDef) else ():
            yield Definition(f"{name}: {node.name}.{method.name}", method, aliases)


def public(parent: ast.Module | ast.ClassDef) -> list[Documented]:
    return [node for node in parent.body if isinstance(node, Documented) and not node.name.startswith("_")]


def array_aliases(module: ast.Module) -> frozenset[str]:
    """As in `Floats = NDArray[np.float32]`, wherever in the module that stands."""
    return frozenset(
        target.id
        for node in ast.walk(module)
        if isinstance(node, ast.Assign) and mentions(node.value, frozenset(ARRAYS))
        for target in node.targets
        if isinstance(target, ast.Name)
    )


def mentions(annotation: ast.expr | None, names: frozenset[str]) -> bool:
    return annotation is not None and any(
        isinstance(part, ast.Name) and part.id in names for part in ast.walk(annotation)
    )


def concerns_signals(definition: Definition) -> bool:
    """Whether it takes samples or their rate, or returns an array."""
    node = definition.node
    if isinstance(node, ast.ClassDef):
        return False
    parameters = {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
    return bool(parameters & SIGNALS) or mentions(node.returns, definition.aliases | set(ARRAYS))


def modules_in(folder: str) -> list[Path]:
    return sorted((PACKAGE / folder).rglob("*.py"))


DEFINITIONS = {
    folder: [definition for path in modules_in(folder) for definition in definitions_in(path)]
    for folder in FOLDERS
}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_public_definition_begins_with_a_whole_sentence(folder):
    without = [
        definition.name
        for definition in DEFINITIONS[folder]
        if not definition.docstring.split("\n\n")[0].endswith(".")
    ]

    assert DEFINITIONS[folder], "the folder was renamed: name it in FOLDERS"
    assert without == []


def test_whoever_takes_samples_or_returns_an_array_names_shapes_or_units():
    concerned = [
        definition for folder in FOLDERS for definition in DEFINITIONS[folder] if concerns_signals(definition)
    ]

    assert concerned
    assert [one.name for one in concerned if not SHAPE_OR_UNIT.search(one.docstring)] == []
