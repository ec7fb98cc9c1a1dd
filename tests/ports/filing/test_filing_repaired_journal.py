"""After the repair of a damaged journal, what it still knows is undone exactly, and no sound is touched by what it has lost."""

from __future__ import annotations

import random

import pytest
from folder_trees import all_files
from pipeline_harness import PipelineHarness

from drumwatch.journal.integrity import examine
from drumwatch.journal.repair import repair_journal

PAGE = 4096
SOUNDS = 24


@pytest.fixture
def filed(tmp_path):
    """Sounds that were filed one by one, and a journal that is closed."""
    harness = PipelineHarness(tmp_path)
    for number in range(SOUNDS):
        harness.file(harness.arrive(f"kick {number}.wav", f"boom {number}".encode()))
    harness.journal.close()
    yield harness
    harness.close()


def contents(harness):
    return sorted(path.read_bytes() for path in (*all_files(harness.intake), *all_files(harness.library)))


@pytest.mark.parametrize("seed", range(4))
def test_what_a_repaired_journal_knows_is_undone_and_no_sound_is_lost(filed, seed):
    before, path = contents(filed), filed.state / "journal.db"
    damage, data = random.Random(seed), bytearray(path.read_bytes())
    for _ in range(6):
        start = damage.randrange(len(data) // PAGE) * PAGE
        data[start : start + PAGE] = damage.randbytes(PAGE)
    path.write_bytes(data)

    repaired = repair_journal(path, filed.state / "daemon.lock", 1_700_000_000.0)
    filed.start()
    for entry in filed.entries(undoable=True)[::-1]:
        filed.undo(entry)

    assert examine(path).sound
    assert contents(filed) == before
    assert len(all_files(filed.intake)) == repaired.entries
