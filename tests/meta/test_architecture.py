"""docs/architecture.md agrees with the import contracts and with the code."""

from __future__ import annotations

import ast
import re
import tomllib
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/architecture.md").read_text("utf-8")
ROW = re.compile(r"^\| (\d+) \| `(\w+)` \| (.*) \|$", flags=re.MULTILINE)
STATION = re.compile(r"^(\d+)\. `([\w/]+\.py)` `(\w+)`: .+$", flags=re.MULTILINE)
MOST_STATIONS = 12


def layers_of_the_contract() -> list[list[str]]:
    """Top layer first, the packages of each layer in the order of the contract."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (layers,) = [contract["layers"] for contract in contracts if contract.get("containers") == ["drumwatch"]]
    return [layer.split(" | ") for layer in layers]


def layers_of(text: str) -> list[list[str]]:
    """The same, as the table of the document has it."""
    rows = ROW.findall(text)
    return [[name for _, name, _ in layer] for _, layer in groupby(rows, key=lambda row: row[0])]


def defined_in(file: Path) -> set[str]:
    """Functions, methods and classes."""
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def missing_stations(text: str) -> list[str]:
    return [
        f"{file} {name}"
        for _, file, name in STATION.findall(text)
        if not (ROOT / file).is_file() or name not in defined_in(ROOT / file)
    ]


def test_the_layers_in_the_document_are_those_of_the_contract():
    assert layers_of(TEXT) == layers_of_the_contract()


def test_every_package_has_a_line_that_says_what_it_is_for():
    packages = {path.parent.name for path in (ROOT / "drumwatch").glob("*/__init__.py")}
    lines = {name: purpose for _, name, purpose in ROW.findall(TEXT)}

    assert packages <= lines.keys()
    assert [name for name, purpose in lines.items() if len(purpose.split()) < 5] == []


def test_every_station_of_a_sound_is_a_function_that_exists_in_a_file_of_its_own():
    stations = STATION.findall(TEXT)

    assert [int(number) for number, _, _ in stations] == list(range(1, len(stations) + 1))
    assert 8 <= len(stations) <= MOST_STATIONS
    assert len({file for _, file, _ in stations}) == len(stations)
    assert missing_stations(TEXT) == []


def test_a_station_that_is_gone_and_a_package_without_a_row_are_found():
    text = TEXT.replace("`pop_stable`", "`pop_gone`").replace("| 13 | `sandbox` |", "| 13 | `elsewhere` |")

    assert missing_stations(text) == ["drumwatch/intake/debounce.py pop_gone"]
    assert layers_of(text) != layers_of_the_contract()
