"""Python files in the folder in which a command is started: none of them is ever run."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
import sounds
from daemon_harness import ROOT

from drumwatch.service.manager import run_command

if TYPE_CHECKING:
    from pathlib import Path

NAMES = (
    "json", "queue", "random", "struct", "socket", "selectors", "base64", "hashlib", "zipfile", "logging", "signal", "threading",
    "numpy", "soundfile", "msgspec", "mutagen", "sklearn", "landlock", "pyseccomp", "sitecustomize", "usercustomize", "drumwatch",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of downloads with a sound, an archive, and a trap for every module that a process may import."""
    folder = tmp_path / "Downloads of a stranger"
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r})\n")
    sounds.write(folder / "kick.wav", sounds.kick())
    with zipfile.ZipFile(folder / "Pack.zip", "w") as archive:
        archive.write(folder / "kick.wav", "Pack/kick.wav")
    return folder


def start(harness, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder, as the installed script does: the folder itself is not on the path of the first process."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "drumwatch", *arguments],
        env=harness.environment, cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [
        ("classify", "kick.wav"),
        ("why", "kick.wav"),
        ("doctor",),
        ("sort", "--yes", "--projects", "sort", "kick.wav"),
        ("sort", "--yes", "--projects", "sort", "--action", "tag", "kick.wav"),
        ("sort", "--yes", "--projects", "sort", "Pack.zip"),
    ],
)
def test_no_process_runs_code_from_the_current_folder(harness, folder, tmp_path, command):
    ran = start(harness, folder, *command)

    assert not (tmp_path / "ran").exists(), (tmp_path / "ran").read_text()
    assert ran.returncode in {0, 1}, ran.stderr  # 1: doctor has something to say
    assert "Traceback" not in ran.stderr


def test_the_service_runs_no_code_from_the_folder_it_is_started_in(harness, folder, tmp_path):
    ran = subprocess.run(
        [*run_command(), "--once"],
        env=harness.environment,
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert not (tmp_path / "ran").exists()


def test_a_worker_runs_nothing_from_a_path_that_names_the_current_folder(harness, folder, tmp_path):
    """An empty entry in PYTHONPATH means the current folder; the workers start in another one."""
    environment = {**harness.environment, "PYTHONPATH": f"{ROOT}"}
    ran = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, folder / "kick.wav"],
        env=environment, cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert ran.stdout.split() == ["kick"], ran.stderr
    assert not (tmp_path / "ran").exists()


PROGRAM = """
import os, sys
from drumwatch.workers.jobs import answer
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import Analyze
os.environ["PYTHONPATH"] += os.pathsep
with LocalWorkers(limit=1) as workers:
    print(workers.submit(answer, Analyze(sys.argv[1])).result(30).verdict.label)
"""
