"""What the journal remembers of archives: what became of each, and which of them are tried again."""

from pathlib import Path
from typing import Any

import pytest

from drumwatch.config import Config, parse
from drumwatch.config.holder import ConfigHolder
from drumwatch.core.records import Arrival, FileStamp, State
from drumwatch.intake import archive_readers
from drumwatch.intake.arrivals import Arrivals
from drumwatch.intake.ignore import is_archive_name
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import Filter, Journal, Plan
from drumwatch.packs.archive_outcomes import ArchiveOutcomes
from drumwatch.workers.protocol import ErrorKind, Failed

STAMP = FileStamp(1, 2, 3, 4)
PACK = Path("/in/Pack.zip")
REFUSED = Failed("Pack.zip was not unpacked: it is locked.", ErrorKind.ARCHIVE_REFUSED)


@pytest.fixture
def journal():
    with Journal(":memory:") as journal:
        yield journal


@pytest.fixture
def archive(tmp_path) -> Arrival:
    path = tmp_path / "Pack.zip"
    path.write_bytes(b"PK")
    stamp = stamp_of(path)
    assert stamp
    return Arrival(path, stamp, tmp_path)


def config(tmp_path: Path, *, watched: bool = False, **settings: Any) -> Config:
    text = f'library = "{tmp_path}/library"\n' + "".join(
        f"{key} = {value}\n" for key, value in settings.items()
    )
    return parse(text + (f'[[watch]]\nfolder = "{tmp_path}"\nexclude = ["library"]\n' if watched else ""))


def outcomes(journal: Journal, tmp_path: Path, *, dry_run: bool = False) -> ArchiveOutcomes:
    return ArchiveOutcomes(ConfigHolder(config(tmp_path)), journal, dry_run=dry_run)


def note(journal: Journal, sentence: str, *, wholly_read: bool = True, state="done"):
    batch = journal.batches.current(PACK.parent, "", 0.0)
    return journal.archives.note(batch, PACK, STAMP, sentence, 0.0, state=state, wholly_read=wholly_read)


def test_the_same_outcome_of_the_same_archive_is_one_entry(journal):
    first, second = (
        note(journal, "locked.", wholly_read=False, state="failed"),
        note(journal, "locked.", wholly_read=False, state="failed"),
    )

    assert first is not None
    assert second is None
    assert [entry.error for entry in journal.entries.find()] == ["locked."]


def test_the_archives_not_wholly_read_are_those_whose_last_outcome_says_so(journal):
    note(journal, "locked.", wholly_read=False, state="failed")
    before = [entry.error for entry in journal.archives.unread()]
    note(journal, "1 of 2 sounds filed.", wholly_read=False)
    between = [entry.reason for entry in journal.archives.unread()]
    note(journal, "2 of 2 sounds filed.")

    assert (before, between) == (["locked."], ["1 of 2 sounds filed."])
    assert journal.archives.unread() == []


def test_an_outcome_is_no_sound_of_today_and_nothing_to_undo(journal):
    note(journal, "2 of 2 sounds filed.")

    assert journal.entries.counts(-1.0) == {}
    assert list(journal.entries.find(Filter(undoable=True))) == []


def begin(journal: Journal, tmp_path: Path, **settings: Any) -> Arrivals:
    """As the daemon does it at its start."""
    arrivals = Arrivals(config(tmp_path, **settings), journal)
    arrivals.begin(0.0, 0.0)
    return arrivals


def test_a_refused_archive_is_known_until_more_can_be_read(journal, archive, tmp_path):
    begin(journal, tmp_path)
    outcomes(journal, tmp_path).refuse(archive, REFUSED, for_good=True)
    begin(journal, tmp_path)
    known = journal.seen.is_seen(archive.path, archive.stamp)

    begin(journal, tmp_path, archive_files=7)

    assert known
    assert not journal.seen.is_seen(archive.path, archive.stamp)


@pytest.mark.parametrize("what", ["version", "reader"])
def test_a_new_version_and_a_new_reader_try_it_again(journal, archive, tmp_path, monkeypatch, what):
    begin(journal, tmp_path)
    outcomes(journal, tmp_path).refuse(archive, REFUSED, for_good=True)

    if what == "version":
        monkeypatch.setattr("drumwatch.__version__", "99.0")
    else:
        there = archive_readers._is_installed()
        monkeypatch.setattr(archive_readers, "_is_installed", lambda: not there)
    begin(journal, tmp_path)

    assert not journal.seen.is_seen(archive.path, archive.stamp)


def test_a_running_daemon_notices_a_new_reader_with_a_full_scan_and_looks_rarely(
    journal, archive, tmp_path, monkeypatch
):
    arrivals = begin(journal, tmp_path)
    outcomes(journal, tmp_path).refuse(archive, REFUSED, for_good=True)
    monkeypatch.setattr("drumwatch.__version__", "99.0")

    arrivals.rescan(60.0, 0.0, full=True)
    soon = journal.seen.is_seen(archive.path, archive.stamp)
    arrivals.rescan(700.0, 0.0, full=False)
    partly = journal.seen.is_seen(archive.path, archive.stamp)
    arrivals.rescan(700.0, 0.0, full=True)

    assert (soon, partly, journal.seen.is_seen(archive.path, archive.stamp)) == (True, True, False)


def test_an_archive_without_sounds_is_handled_for_good(journal, archive, tmp_path):
    begin(journal, tmp_path)
    conclusion = outcomes(journal, tmp_path).without_sounds(archive)

    begin(journal, tmp_path, archive_files=7)

    assert (conclusion.sentence, conclusion.is_good) == ("Pack.zip has no sound in it.", True)
    assert journal.seen.is_seen(archive.path, archive.stamp)


def test_a_refusal_that_may_pass_and_a_dry_run_remember_nothing(journal, archive, tmp_path):
    outcomes(journal, tmp_path).refuse(archive, REFUSED, for_good=False)
    outcomes(journal, tmp_path, dry_run=True).refuse(archive, REFUSED, for_good=True)

    assert not journal.seen.is_seen(archive.path, archive.stamp)


@pytest.mark.parametrize(("since", "old"), [(1e12, True), (1.0, False)], ids=["before", "after"])
def test_a_rar_that_an_earlier_version_did_not_look_at_is_old_if_it_was_there_before(
    journal, tmp_path, since, old
):
    (tmp_path / "Kit.rar").write_bytes(b"Rar!")
    journal.seen.note_baseline(tmp_path, (), since)
    config_of_watch = config(tmp_path, watched=True)

    Arrivals(config_of_watch, journal).begin(0.0, 0.0)

    stamp = stamp_of(tmp_path / "Kit.rar")
    assert stamp
    assert journal.seen.is_seen(tmp_path / "Kit.rar", stamp) == old


def test_what_an_earlier_version_handled_without_a_word_is_tried_once_more(journal):
    paths = {
        name: Path("/in") / name for name in ("told.zip", "refused.zip", "silent.zip", "some.zip", "a.wav")
    }
    for number, path in enumerate(paths.values()):
        reason = "failed" if path.name == "refused.zip" else "handled"
        journal.seen.note(path, FileStamp(1, 10 + number, 3, 4), reason)
    batch = journal.batches.current(Path("/in"), "", 0.0)
    states: tuple[tuple[str, State], ...] = (
        ("told.zip", "done"),
        ("some.zip", "done"),
        ("some.zip", "failed"),
    )
    for name, state in states:
        inner = paths[name] / f"{state}.wav"
        journal.entries.plan(Plan(batch, inner, None, "leave", "default", "", state=state), 0.0)

    journal.archives.forget_untold(is_archive_name)

    left = {name for name, path in paths.items() if journal.seen.reason(path, FileStamp(1, 0, 3, 4))}
    assert left == {"told.zip", "some.zip", "a.wav"}
