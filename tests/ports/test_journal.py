import contextlib
import sqlite3
from pathlib import Path

import pytest

from drumwatch.core.entry_detail import EntryDetail
from drumwatch.core.records import KINDS, FileStamp, Verdict
from drumwatch.journal import MIGRATIONS, Filter, Journal, JournalVersionError, Plan, Retry
from drumwatch.journal.conditions import LOCATION, RESULT_PATH

FOLDER = Path("/Downloads")
MARK = FileStamp(device=1, inode=2**64 - 1, size_bytes=100, mtime_ns=5)
VERDICT = Verdict(
    "kick",
    "kick",
    0.9,
    {"kick": 0.9, "other": 0.1},
    {"kick": 0.9, "bass": 0.1},
    "other",
    "one-shot",
    0.3,
    model="m1",
)


@pytest.fixture
def journal():
    with Journal(":memory:") as opened:
        yield opened


def plan(journal, name="kick.wav", now=10.0, **changes):
    batch = journal.batches.current(FOLDER, "", now)
    fields = {
        "rule": "default",
        "reason": "because",
        "label": "kick",
        "confidence": 0.9,
        "verdict": VERDICT,
        "stamp": MARK,
        "action": "move",
    }
    return journal.entries.plan(
        Plan(batch, FOLDER / name, FOLDER / "kick" / name, **{**fields, **changes}), now
    )


def test_an_entry_comes_back_as_it_was_planned(journal):
    entry = journal.entries.lookup(plan(journal, type="kick", content_hash="abc"))

    assert (entry.source, entry.destination, entry.action, entry.state) == (
        FOLDER / "kick.wav",
        FOLDER / "kick/kick.wav",
        "move",
        "planned",
    )
    assert (entry.verdict, entry.stamp, entry.model, entry.content_hash) == (VERDICT, MARK, "m1", "abc")


@pytest.mark.parametrize("kind", KINDS)
def test_sql_and_the_entry_agree_about_where_a_sound_is(journal, kind):
    entry_id = plan(journal, action=kind, state="done")
    (row,) = journal.entries._db.execute(f"SELECT {LOCATION}, {RESULT_PATH} FROM entry")

    entry = journal.entries.get(entry_id)

    assert (entry.location, entry.result_path) == tuple(Path(path) for path in row)


def test_a_name_that_is_not_utf8_comes_back(journal):
    entry_id = plan(journal, name="\udcff.wav")

    assert journal.entries.lookup(entry_id).source == FOLDER / "\udcff.wav"
    assert [entry.id for entry in journal.entries.find(Filter(path=FOLDER / "\udcff.wav"))] == [entry_id]


def test_finishing_keeps_what_is_not_said_anew(journal):
    entry_id = plan(journal)

    journal.entries.finish(entry_id, "done", destination=FOLDER / "kick/kick 2.wav")

    entry = journal.entries.lookup(entry_id)
    assert (entry.state, entry.destination.name, entry.reason) == ("done", "kick 2.wav", "because")


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Filter(), ["a", "b", "c"]),
        (Filter(since=20.0), ["b", "c"]),
        (Filter(label="snare"), ["b"]),
        (Filter(below=0.8), ["c"]),
        (Filter(states=("failed",)), ["b"]),
        (Filter(last=2), ["b", "c"]),
        (Filter(since=20.0, states=("planned", "failed"), below=0.95, last=1), ["c"]),
        (Filter(path=FOLDER / "kick/a"), ["a"]),
    ],
)
def test_filters_show_only_what_was_asked_for(journal, wanted, names):
    plan(journal, "a", now=10.0)
    plan(journal, "b", now=20.0, label="snare", state="failed")
    plan(journal, "c", now=30.0, confidence=0.5)

    assert [entry.source.name for entry in journal.entries.find(wanted)] == names


def test_files_of_one_pack_share_a_batch_until_it_has_been_quiet(journal):
    first = journal.batches.current(FOLDER, "Pack", 0.0)

    assert journal.batches.current(FOLDER, "Pack", 200.0) == first
    assert journal.batches.current(FOLDER, "Other", 200.0) != first
    assert journal.batches.current(FOLDER, "Pack", 400.0) == first
    assert journal.batches.current(FOLDER, "Pack", 1000.0) != first


def test_what_was_there_before_us_is_not_new(journal):
    journal.seen.note_baseline(FOLDER, [(FOLDER / "old.wav", MARK)], now=1.0)

    assert journal.seen.is_seen(FOLDER / "old.wav", MARK)
    assert journal.seen.is_seen(FOLDER / "renamed.wav", MARK)
    assert not journal.seen.is_seen(FOLDER / "new.wav", FileStamp(1, 7, 100, 5))
    assert not journal.seen.is_seen(FOLDER / "old.wav", FileStamp(1, 2**64 - 1, 100, 6))


def test_a_forgotten_path_is_new_again(journal):
    journal.seen.note(FOLDER / "kick.wav", MARK, "handled")
    journal.seen.forget(FOLDER / "kick.wav")

    assert not journal.seen.is_seen(FOLDER / "kick.wav", MARK)


def test_the_baseline_is_noted_once(journal):
    journal.seen.note_baseline(FOLDER, [], now=1.0)
    journal.seen.note_baseline(FOLDER, [], now=2.0)

    assert journal.seen.watched_since(FOLDER) == 1.0


def test_a_retry_survives_a_restart(tmp_path):
    with Journal(tmp_path / "journal.db") as journal:
        journal.state.note_retry(Retry(FOLDER / "slow.wav", 2, 30.0, "still growing"))

    with Journal(tmp_path / "journal.db") as journal:
        assert journal.state.retries() == [Retry(FOLDER / "slow.wav", 2, 30.0, "still growing")]


def test_a_failed_transaction_leaves_nothing(journal):
    with pytest.raises(RuntimeError), journal.transaction():
        plan(journal)
        raise RuntimeError

    assert list(journal.entries.find()) == []


def test_the_journal_of_a_newer_version_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "journal.db"
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    before = path.read_bytes()

    with pytest.raises(JournalVersionError, match=r"written by a newer drumwatch"):
        Journal(path)

    assert path.read_bytes()[100:] == before[100:]


def tables(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return sorted(db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall(), key=str)


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_a_journal_of_an_earlier_version_becomes_like_a_new_one(version, tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "old.db")) as db:
        for step in MIGRATIONS[:version]:
            step(db)
        db.execute(f"PRAGMA user_version = {version}")
        db.commit()

    Journal(tmp_path / "old.db").close()
    Journal(tmp_path / "new.db").close()

    assert tables(tmp_path / "old.db") == tables(tmp_path / "new.db")


def test_only_the_user_can_read_the_journal(tmp_path):
    with Journal(tmp_path / "journal.db"):
        assert (tmp_path / "journal.db").stat().st_mode & 0o077 == 0


def test_the_latest_entry_about_a_file_is_about_that_very_file(journal):
    plan(journal)
    entry_id = plan(journal)

    assert journal.entries.latest_about(FOLDER / "kick.wav", MARK).id == entry_id
    assert journal.entries.latest_about(FOLDER / "snare.wav", MARK) is None
    assert journal.entries.latest_about(FOLDER / "kick.wav", FileStamp(1, 2, 100, 5)) is None


def test_a_failure_that_is_reported_already_is_dropped_with_what_was_noted_of_its_sound():
    with Journal(":memory:") as journal:
        batch = journal.batches.new(Path("/in"), "", now=0.0)
        file_stamp = FileStamp(1, 2, 3, 4)
        plan = Plan(batch, Path("/in/a.wav"), None, "move", "default", "", stamp=file_stamp, error="no disk")
        first, second = (journal.entries.plan(plan._replace(state="failed"), now=0.0) for _ in range(2))
        journal.confirmations.note_sound(second, "digest")

        assert journal.entries.drop_repeated_failure(first) is not None
        assert journal.entries.drop_repeated_failure(second) is None
        assert [entry.id for entry in journal.entries.find()] == [first]


def note(journal, name="Song Project", sounds=14, now=10.0):
    batch = journal.batches.current(FOLDER, "", now)
    reason = f"{name} is an Ableton Live project (Ableton Project Info): left whole, {sounds} sounds in it"
    return journal.projects.note(batch, FOLDER / name, reason, EntryDetail(sounds=sounds), now)


def left_whole(journal) -> list[str]:
    return [entry.source.name for entry in journal.projects.left_whole()]


def test_a_project_has_an_entry_that_does_nothing(journal):
    entry = note(journal)

    assert (entry.rule, entry.action, entry.state, entry.label) == ("project", "leave", "done", "")
    assert (entry.source, entry.destination, entry.verdict, entry.stamp) == (
        FOLDER / "Song Project",
        None,
        None,
        None,
    )
    assert (entry.detail, entry.is_project) == (EntryDetail(sounds=14), True)
    assert list(journal.entries.find(Filter(undoable=True))) == []


def test_a_project_is_reported_once_over_restarts_and_again_when_there_is_news(tmp_path):
    reported = []
    for sounds in (14, 14, 15):
        with Journal(tmp_path / "journal.db") as journal:
            reported.append(note(journal, sounds=sounds) is not None)

    with Journal(tmp_path / "journal.db") as journal:
        assert reported == [True, False, True]
        assert [entry.detail.sounds for entry in journal.projects.left_whole()] == [15]


def test_a_project_that_does_not_count_any_more_is_reported_again(journal):
    note(journal, sounds=13)
    journal.entries.finish(note(journal).id, "undone")
    before = left_whole(journal)

    assert note(journal) is not None
    assert (before, left_whole(journal)) == ([], ["Song Project"])


def test_projects_left_whole_are_listed_newest_first_each_by_its_last_entry(journal):
    note(journal, "Song Project")
    note(journal, "Oak Kit")
    note(journal, "Song Project", sounds=15)

    assert left_whole(journal) == ["Song Project", "Oak Kit"]


def test_a_sound_that_a_rule_called_project_leaves_is_no_project(journal):
    plan(journal, rule="project", state="done")

    assert left_whole(journal) == []


def test_a_project_is_no_sound_in_any_count(journal):
    plan(journal, state="done")
    note(journal)
    note(journal, sounds=15)
    journal.entries.finish(note(journal, "Oak Kit").id, "undone")

    (batch,) = journal.batches.listed()
    assert (batch.filed, batch.left, batch.failed, batch.undone, batch.projects) == (1, 0, 0, 0, 1)
    assert journal.entries.counts(0.0) == {"kick": 1}


def test_a_batch_of_nothing_but_projects_that_do_not_count_any_more_is_not_shown(journal):
    journal.entries.finish(note(journal).id, "undone")

    assert list(journal.batches.listed()) == []
