"""Undo of a sound that came in an archive: what was unpacked with it goes too, as it is still in the archive."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from faulty_disk import PowerCut
from folder_trees import a_wav, all_files
from pipeline_harness import PipelineHarness, answer, arrival

from drumwatch.core.records import Origin
from drumwatch.filing.held_file import content_hash
from drumwatch.pipeline import FilingRequest

if TYPE_CHECKING:
    from pathlib import Path

    from faulty_disk import FaultyDisk

    from drumwatch.core.records import Entry

SOUND, ANALYSIS = a_wav(b"ab" * 60), b"analysis of a sample"
MOST_CALLS = 100


@pytest.fixture(params=["on one disk", "across"])
def harness(tmp_path: Path, other_disk: Path, request: pytest.FixtureRequest) -> PipelineHarness:
    root = tmp_path / "root"
    root.mkdir()
    harness = PipelineHarness(root, other_disk / "Library" if request.param == "across" else None)
    harness.start('min_free = 0\naction = "move"\n')
    return harness


def unpacked_and_filed(harness: PipelineHarness) -> Entry:
    """A sound with its analysis beside it, out of an archive."""
    archive = harness.arrive("Pack.zip", b"an archive")
    folder = harness.state / "unpacked/Pack.zip"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kick.wav").write_bytes(SOUND)
    (folder / "kick.wav.asd").write_bytes(ANALYSIS)
    origin = Origin(archive, content_hash(archive), (folder / "kick.wav").relative_to(folder))
    came = replace(arrival(folder / "kick.wav", harness.intake), origin=origin)
    request = FilingRequest(came, harness.config.watches[0], answer(folder / "kick.wav"))
    (entry,) = harness.pipeline.file_together([request])[0].entries
    return entry


def test_a_companion_that_was_unpacked_goes_with_its_sound(harness):
    entry = unpacked_and_filed(harness)
    assert len(all_files(harness.library)) == 2

    harness.undo(entry)

    assert list(harness.library.iterdir()) == []


def test_a_companion_that_was_changed_since_it_was_unpacked_stays(harness):
    entry = unpacked_and_filed(harness)
    companion = entry.destination.with_name("kick.wav.asd")
    companion.write_bytes(b"another analysis")

    harness.undo(entry)

    assert all_files(harness.library) == [companion]
    assert companion.read_bytes() == b"another analysis"


def test_no_power_cut_during_the_undo_leaves_a_companion(harness, faulty_disk: FaultyDisk):
    for call in range(1, MOST_CALLS):
        entry = unpacked_and_filed(harness)
        faulty_disk.cut_after(call)
        with contextlib.suppress(PowerCut):
            harness.undo(entry)
        calls = faulty_disk.restore()
        harness.start()
        if harness.journal.entries.get(entry.id).state == "done":
            harness.undo(entry)
        assert list(harness.library.iterdir()) == [], call
        if calls < call:
            return
    pytest.fail("the undo has more calls than were tried")
