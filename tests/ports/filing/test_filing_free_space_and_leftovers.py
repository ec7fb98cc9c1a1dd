"""Disk space that stays free, and temporary files that a failing disk did not let us remove."""

from __future__ import annotations

import errno

import pytest
from faulty_disk import FaultyDisk
from folder_trees import a_wav, read_files
from pipeline_harness import PipelineHarness

KICK = a_wav()
MORE_THAN_THERE_IS = "min_free = 1000000000000000"
COPY, TAG = 'action = "copy"', 'action = "tag"'


@pytest.fixture
def faulty_disk(monkeypatch):
    """Unlike the one for the action runner, it does not count writes of the journal."""
    return FaultyDisk(monkeypatch)


@pytest.fixture
def harness(tmp_path):
    harness = PipelineHarness(tmp_path)
    yield harness
    harness.close()


@pytest.fixture
def harness_with_two_disks(tmp_path, other_disk):
    harness = PipelineHarness(tmp_path, other_disk / "Library")
    yield harness
    harness.close()


@pytest.mark.parametrize("action", [COPY, TAG], ids=str)
def test_nothing_is_written_where_space_is_scarce(harness, action):
    harness.start(f"{MORE_THAN_THERE_IS}\n{action}")
    kick = harness.arrive("kick.wav", KICK)

    (filed,) = harness.file(kick)

    assert "would have less than 1000 TB left (min_free): kick.wav is still in" in filed.again
    assert read_files(harness.intake) == {"kick.wav": KICK}
    assert read_files(harness.library) == {}


def test_a_move_to_another_disk_needs_space_there(harness_with_two_disks):
    harness = harness_with_two_disks
    harness.start(MORE_THAN_THERE_IS)
    kick = harness.arrive("kick.wav", KICK)

    (filed,) = harness.file(kick)

    assert f"The disk of {harness.library / 'kick'} would have less than" in filed.again
    assert (read_files(harness.intake), read_files(harness.library)) == ({"kick.wav": KICK}, {})


def test_a_rename_needs_no_space(harness):
    harness.start(MORE_THAN_THERE_IS)
    kick = harness.arrive("kick.wav", KICK)

    harness.file(kick)

    assert read_files(harness.library) == {"kick": {"kick.wav": KICK}}


def test_the_lack_of_space_is_reported_once_and_ends_with_it(harness):
    harness.start(f"{MORE_THAN_THERE_IS}\n{COPY}")
    kick = harness.arrive("kick.wav", KICK)

    first, again = harness.file(kick), harness.file(kick)
    harness.start(f"min_free = 0\n{COPY}")
    at_last = harness.file(kick)

    assert [len(filed.entries) for (filed,) in (first, again)] == [1, 0]
    assert at_last[0].entries[0].state == "done"
    assert read_files(harness.library) == {"kick": {"kick.wav": KICK}}


@pytest.mark.parametrize("action", [COPY, TAG], ids=str)
def test_what_a_failing_disk_kept_is_removed_at_the_next_start(harness, faulty_disk, action):
    harness.start(f"min_free = 0\n{action}")
    kick = harness.arrive("kick.wav", KICK)
    faulty_disk.restore()
    harness.file(kick)  # to know the calls
    log = faulty_disk.log
    # The call with which there is a file: the one after a clone (APFS), which is made as a whole
    first_write = log.index("clone") + 2 if "clone" in log else log.index("copy_bytes") + 1
    snare = harness.arrive("snare.wav", a_wav(b"\x05\x06" * 100))
    made = 1 if action == COPY else 0  # the folder of kicks is there this time
    faulty_disk.fail_at(first_write - made, errno.EROFS, for_good=True)
    harness.file(snare)
    left = harness.temps()
    faulty_disk.restore()

    harness.start()

    assert len(left) == 1
    assert harness.temps() == []
    assert harness.journal.state.leftovers() == []
    assert (harness.intake / "snare.wav").read_bytes() == a_wav(b"\x05\x06" * 100)


def test_a_leftover_on_a_disk_that_is_away_waits_for_it(harness):
    harness.journal.state.note_leftovers([harness.library / "kick/.drumwatch-1-aa.tmp"])
    harness.start()
    away = harness.journal.state.leftovers()
    (harness.library / "kick").mkdir()
    (harness.library / "kick/.drumwatch-1-aa.tmp").touch()

    harness.start()

    assert away == [harness.library / "kick/.drumwatch-1-aa.tmp"]
    assert (harness.temps(), harness.journal.state.leftovers()) == ([], [])
