"""What a process that was killed leaves in the state folder is removed by the next start."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from drumwatch.journal import Journal
from drumwatch.pipeline import recover
from drumwatch.system import app_paths

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def ended() -> int:
    """The number of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


@pytest.mark.parametrize("folder", [".", "models"])
def test_what_a_killed_process_was_writing_is_removed_at_the_next_start(tmp_path: Path, ended, folder):
    (tmp_path / folder).mkdir(exist_ok=True)
    left = tmp_path / folder / f".said.json.{ended}"
    left.write_bytes(b"half of it")

    with Journal(tmp_path / "journal.db") as journal:
        recover(journal, state=tmp_path)

    assert not left.exists()


def test_what_a_running_process_is_writing_stays(tmp_path: Path):
    written = [tmp_path / f".said.json.{pid}" for pid in (os.getppid(), os.getpid())]
    others = [tmp_path / name for name in ("said.json", ".hidden", ".notes.txt")]
    for path in (*written, *others):
        path.write_bytes(b"x")

    app_paths.remove_unfinished(tmp_path)

    assert sorted(tmp_path.iterdir()) == sorted([*written, *others])
