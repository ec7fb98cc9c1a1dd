"""Promises of the repository itself: what the daemon loads, what is packaged, and where versions are written."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import click
import pytest

import drumwatch
from drumwatch.cli import cli
from drumwatch.core.records import SOUND_SUFFIXES

ROOT = Path(__file__).parents[2]
HEAVY = {
    "av",
    "numpy",
    "scipy",
    "librosa",
    "numba",
    "soundfile",
    "soxr",
    "sklearn",
    "joblib",
    "mutagen",
    "rich",
    "asyncio",
    "_hashlib",
}
HEAVY_FOR_A_WORKER = {"av", "librosa", "numba", "sklearn", "joblib", "matplotlib", "torch", "rich", "asyncio"}


def loaded_by(program: str, *arguments: str) -> set[str]:
    """The modules that a fresh interpreter has loaded at the end of this program."""
    reported = f"{program}\nimport sys\nprint(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", reported, *arguments], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(ran.stdout.split())


def files_in_the_repository() -> list[Path]:
    """What git keeps; everything where there is no git, as in an unpacked source archive."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]
    rooms = ("drumwatch", "tests", "training", "benchmarks", "docs")
    return [path for room in rooms for path in (ROOT / room).rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "program", ["import drumwatch.cli", "import drumwatch.daemon.loop", "import drumwatch.commands.run"]
)
def test_the_daemon_never_loads_what_analysis_needs(program):
    assert loaded_by(program) & HEAVY == set()


def test_analyzing_a_sound_loads_nothing_that_takes_seconds_to_start(tmp_path):
    hear = (
        "import sys\nsys.path.insert(0, 'tests')\nimport sounds\nfrom pathlib import Path\n"
        "from drumwatch.analysis.worker import answer\n"
        "path = sounds.write(Path(sys.argv[1]), sounds.kick())\n"
        "from drumwatch.workers.protocol import Analyze\n"
        "answer(Analyze(str(path), max_seconds=20, with_hash=True, use_names=True, with_reasons=True))"
    )

    loaded = loaded_by(hear, str(tmp_path / "kick.wav"))

    assert "drumwatch.analysis.analyze" in loaded
    assert loaded & HEAVY_FOR_A_WORKER == set()


def test_help_costs_next_to_nothing():
    loaded = loaded_by(
        "import sys\nfrom drumwatch.cli import cli\ncli(['run', '--help'], standalone_mode=False)"
    )

    assert loaded & (HEAVY | {"drumwatch.daemon", "watchdog", "sqlite3"}) == set()


def test_classify_by_sound_loads_neither_the_journal_nor_filing():
    loaded = loaded_by("import drumwatch.cli, drumwatch.commands.classify")

    assert "drumwatch.workers.pool" in loaded
    for_filing = {"drumwatch.session", "drumwatch.journal", "drumwatch.pipeline", "sqlite3"}
    assert loaded & (HEAVY | for_filing) == set()


def commands() -> list[tuple[str, click.Command]]:
    return sorted(cli.commands.items())


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_every_command_has_help_and_its_place_in_the_readme(name, command):
    assert command.help
    assert f"| `drumwatch {name}" in (ROOT / "README.md").read_text("utf-8")
    for option in (parameter for parameter in command.params if isinstance(parameter, click.Option)):
        assert option.help, f"{name} {option.opts}"
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        assert inner.help


def test_nothing_here_reads_or_writes_pickles():
    word = re.compile(
        r"\b(import pickle|from pickle|pickle\.loads?|joblib\.(load|dump)|allow_pickle\s*=\s*True|shelve|marshal)\b"
    )
    for path in files_in_the_repository():
        if path.suffix == ".py" and path != Path(__file__):
            assert not word.search(path.read_text("utf-8")), path


def test_no_sound_lies_in_the_repository():
    assert [path for path in files_in_the_repository() if path.suffix.lower() in SOUND_SUFFIXES] == []


def test_the_version_is_written_in_one_place():
    assert re.fullmatch(r"\d+\.\d+\.\d+", drumwatch.__version__)
    pyproject = (ROOT / "pyproject.toml").read_text("utf-8")
    assert 'path = "drumwatch/__init__.py"' in pyproject
    written = [
        path
        for path in (ROOT / "drumwatch").rglob("*.py")
        if f'"{drumwatch.__version__}"' in path.read_text("utf-8")
    ]
    assert written == [ROOT / "drumwatch/__init__.py"]


def test_the_import_contracts_hold():
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_the_wheel_carries_all_that_the_program_reads(tmp_path):
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )

    packed = set(zipfile.ZipFile(tmp_path / built.stdout.split()[-1]).namelist())

    kept = {
        path.relative_to(ROOT).as_posix()
        for path in files_in_the_repository()
        if (ROOT / "drumwatch") in path.parents
    }
    assert kept <= packed
    assert {
        "drumwatch/analysis/model/shipped/model.npz",
        "drumwatch/config/example.toml",
        "drumwatch/py.typed",
    } <= packed


def test_the_model_is_the_one_that_its_card_describes():
    folder = ROOT / "drumwatch/analysis/model/shipped"
    card = json.loads((folder / "model.json").read_text("utf-8"))

    assert hashlib.sha256((folder / "model.npz").read_bytes()).hexdigest() == card["sha256"]
    assert card["id"] in (ROOT / "docs/model.md").read_text("utf-8")


def test_the_newest_release_in_the_changelog_is_this_version_with_its_date_and_tag():
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    headings = re.findall(r"^## (.*)$", changes, flags=re.MULTILINE)

    assert headings[0] == "Unreleased"
    assert re.fullmatch(rf"{re.escape(drumwatch.__version__)} - \d{{4}}-\d\d-\d\d", headings[1])
    assert f"`v{drumwatch.__version__}`" in changes
