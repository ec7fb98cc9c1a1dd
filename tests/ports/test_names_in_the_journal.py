"""The journal keeps what an archive calls a file, also over a restart."""

from __future__ import annotations

from pathlib import Path

from drumwatch.commands import why
from drumwatch.core.records import FileStamp
from drumwatch.journal import Journal, Plan, Unpacked
from drumwatch.pipeline import origin_of

RAW = "Gro\udce1e?.wav"  # a byte that is no UTF-8, and a letter that exFAT refuses


def an_unpacked(folder: Path, names: dict[str, str]) -> Unpacked:
    return Unpacked(folder, Path("/in/Pack.zip"), "ab", Path("/in"), "Pack", 1, names)


def test_an_unpacked_archive_keeps_its_names_over_a_restart(tmp_path):
    unpacked = an_unpacked(tmp_path / "Pack.zip", {"Große_.wav": RAW})
    with Journal(tmp_path / "journal.db") as journal:
        journal.batches.note_unpacked(unpacked)

    with Journal(tmp_path / "journal.db") as journal:
        assert journal.batches.unpacked() == [unpacked]
        journal.batches.drop_unpacked(unpacked.folder)
        journal.batches.note_unpacked(unpacked._replace(names={}))
        assert journal.batches.unpacked()[0].names == {}


def test_the_entry_of_an_unpacked_sound_has_its_raw_name(tmp_path):
    unpacked = an_unpacked(tmp_path / "Pack.zip", {"Große_.wav": RAW})
    path = unpacked.folder / "Große_.wav"
    with Journal(":memory:") as journal:
        batch = journal.batches.new(Path("/in/Pack.zip"), "Pack", 0.0)
        plan = Plan(batch, path, Path("/lib/Große_.wav"), "move", "default", "", stamp=FileStamp(1, 2, 3, 4))
        entry = journal.entries.plan(plan, 0.0)
        origin = origin_of(path, [unpacked])
        assert origin
        journal.batches.name_origin(entry, origin)

        found = journal.entries.get(entry)

    assert found.source == Path("/in/Pack.zip/Große_.wav")
    assert found.detail.archive_name == RAW
    (line,) = why._history([found])
    assert r'called "Gro\xe1e?.wav" in the archive' in line


def test_a_name_that_is_the_archive_s_own_is_not_noted_twice(tmp_path):
    unpacked = an_unpacked(tmp_path / "Pack.zip", {})

    origin = origin_of(unpacked.folder / "kick.wav", [unpacked])

    assert origin
    assert origin.name == ""
