"""Ableton Live's browser shows our labels: keywords beside those of the user, taken out again by undo."""

from __future__ import annotations

import contextlib
import math
import os
from concurrent.futures import Future
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, ClassVar

import pipeline_harness
import pytest
from folder_trees import a_wav, read_files
from live_folders import item, keywords, live_file, live_path, put_live_file
from pipeline_harness import VERDICT, PipelineHarness

from drumwatch.config.holder import ConfigHolder
from drumwatch.config.settings import Ableton
from drumwatch.core.root_notes import NOTES
from drumwatch.daemon.live_tags import LiveTags
from drumwatch.filing import disk, folder_info
from drumwatch.filing.live_keywords import keywords as wanted
from drumwatch.learning.folder_corrections import FolderCorrections
from drumwatch.pipeline import recover
from drumwatch.pipeline.live_tags import LiveTagger
from drumwatch.pipeline.root_notes import RootNotes
from drumwatch.workers.analysis_cache import AnalysisCache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OURS = ("Drums|Kick", "Type|One Shot")


class Library(PipelineHarness):
    """A pipeline whose sounds get tags."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.tagger.begin()

    @property
    def tagger(self) -> LiveTagger:
        return LiveTagger(self.journal)

    def filed(self, *names: str, action: str = "move") -> list:
        self.start(f'min_free = 0\naction = "{action}"')
        paths = [self.arrive(name, a_wav(name.encode() * 8)) for name in names]
        return [result.entries[0] for result in self.file(*paths)]

    def write(self) -> list[str]:
        return self.tagger.write(self.tagger.pending(), self.config.labels).problems


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path)
    yield made
    made.close()


def test_filed_sounds_get_their_keywords_in_one_file_for_the_folder(library):
    library.filed("a.wav", "b & c.wav")

    assert library.write() == []

    kick = library.library / "kick"
    assert (keywords(kick, "a.wav"), keywords(kick, "b & c.wav")) == (OURS, OURS)
    assert library.tagger.pending() == []


def test_sounds_from_before_are_not_touched_until_they_are_asked_for(library):
    library.tagger.end()
    library.filed("old.wav")
    library.tagger.begin()
    library.filed("new.wav")

    library.write()
    assert (keywords(library.library / "kick", "old.wav"), keywords(library.library / "kick", "new.wav")) == (
        (),
        OURS,
    )

    library.tagger.write(library.tagger.untagged(), {})
    assert keywords(library.library / "kick", "old.wav") == OURS


@pytest.mark.parametrize("action", ["move", "copy", "hardlink", "symlink"])
def test_undo_takes_out_exactly_ours(library, action):
    user = item("a.wav", ["Genres|Techno"], colors=["2"])
    put_live_file(library.library / "kick", item("other.wav", ["Mine|1"]), user)
    (entry,) = library.filed("a.wav", action=action)
    library.write()
    assert keywords(library.library / "kick", "a.wav") == ("Genres|Techno", *OURS)

    library.undo(library.journal.entries.get(entry.id))

    others = live_file(item("other.wav", ["Mine|1"]))
    left = live_path(library.library / "kick").read_bytes()
    assert left == (others if action == "move" else live_file(item("other.wav", ["Mine|1"]), user))
    assert keywords(library.intake, "a.wav") == (("Genres|Techno",) if action == "move" else ())


@pytest.mark.parametrize("newest_first", [True, False])
def test_undo_of_all_leaves_no_trace(library, newest_first):
    before = read_files(library.intake), read_files(library.library)
    entries = library.filed("a.wav", "b.wav", "c.wav")
    library.write()

    for entry in sorted(entries, key=lambda one: one.id, reverse=newest_first):
        library.undo(library.journal.entries.get(entry.id))

    assert read_files(library.library) == before[1]
    assert sorted(read_files(library.intake)) == ["a.wav", "b.wav", "c.wav"]


def test_what_the_user_hid_is_not_added_and_what_he_added_stays(library):
    put_live_file(library.library / "kick", item("a.wav", ["Drums|Kick"], hidden=["Type|One Shot"]))
    (entry,) = library.filed("a.wav")

    library.write()
    assert keywords(library.library / "kick", "a.wav") == ("Drums|Kick",)

    library.undo(library.journal.entries.get(entry.id))
    assert keywords(library.intake, "a.wav") == ("Drums|Kick",)


def test_a_correction_moves_the_tags_along_and_its_undo_brings_them_back(library):
    (first,) = library.filed("a.wav")
    library.write()
    before = read_files(library.library)

    second = library.correct(library.journal.entries.get(first.id), "snare")
    library.write()

    assert keywords(library.library / "snare", "a.wav") == ("Type|One Shot", "Drums|Snare")
    assert not live_path(library.library / "kick").exists()
    library.undo(library.journal.entries.get(second.id))
    assert read_files(library.library) == before
    library.undo(library.journal.entries.get(first.id))
    assert read_files(library.library) == {}


def test_a_sound_that_the_user_has_dragged_takes_its_tags_along(library):
    library.filed("a.wav")
    library.write()
    (library.library / "snare").mkdir()
    os.rename(library.library / "kick/a.wav", library.library / "snare/a.wav")
    FolderCorrections().learn(library.journal, library.config)

    library.write()

    assert keywords(library.library / "snare", "a.wav") == ("Type|One Shot", "Drums|Snare")
    assert keywords(library.library / "kick", "a.wav") == ()


def test_remove_takes_all_of_ours_and_nothing_comes_back_by_itself(library):
    put_live_file(library.library / "kick", item("a.wav", ["Genres|Techno"]))
    before = live_path(library.library / "kick").read_bytes()
    library.filed("a.wav", "b.wav")
    library.write()

    outcome = library.tagger.remove(library.tagger.tagged())

    assert (outcome.sounds, outcome.problems) == (2, [])
    assert live_path(library.library / "kick").read_bytes() == before
    assert library.tagger.pending() == []
    assert library.tagger.tagged() == []


def test_remove_after_a_correction_leaves_nothing_of_either_label(library):
    (first,) = library.filed("a.wav")
    library.write()
    library.correct(library.journal.entries.get(first.id), "snare")
    library.write()

    library.tagger.remove(library.tagger.tagged())

    assert list(read_files(library.library)["snare"]) == ["a.wav"]


def test_a_file_that_is_not_understood_is_left_alone_told_and_tried_again(library):
    path = put_live_file(library.library / "kick", item("x.wav", ["Mine|1"]))
    good = path.read_bytes()
    path.write_bytes(good[:-30])
    library.filed("a.wav")

    (problem,) = library.write()
    assert str(path) in problem
    assert "cut off" in problem
    assert path.read_bytes() == good[:-30]

    path.write_bytes(good)
    assert library.write() == []
    assert keywords(library.library / "kick", "a.wav") == OURS


def test_a_name_that_cannot_stand_in_the_file_gets_none(library):
    library.filed("a\x01b.wav", "c.wav")

    assert library.write() == []

    assert keywords(library.library / "kick", "c.wav") == OURS
    assert library.tagger.pending() == []


def test_tags_wait_while_live_runs_and_a_bad_file_is_told_once(library, caplog):
    running = ["Ableton Live"]
    library.filed("a.wav")
    config = replace(library.config, ableton=Ableton(tags=True))
    session = SimpleNamespace(journal=library.journal, config=config, dry_run=False)
    tags = LiveTags(session, lambda _: running[0])  # type: ignore[arg-type]
    caplog.set_level("INFO")

    tags.write_due(1.0)
    tags.write_due(2.0)
    assert [record.message for record in caplog.records] == [
        "Ableton Live is running: 1 sound gets its tags when it has ended."
    ]
    assert tags.next_due() == 31.0
    assert keywords(library.library / "kick", "a.wav") == ()

    running[0] = ""
    path = put_live_file(library.library / "kick", item("x.wav"))
    path.write_bytes(b"<cut")
    for now in (31.0, 61.0, 91.0):
        tags.write_due(now)
    assert ["cut off" in record.message for record in caplog.records[1:]] == [True]

    path.unlink()
    tags.write_due(121.0)
    assert keywords(library.library / "kick", "a.wav") == OURS
    assert tags.next_due() is None


def noted_session(library, answers: dict[str, str | None]) -> SimpleNamespace:
    """What the daemon's tagging needs of a session; notes are by the sounds' names, and come when they are asked for."""

    class Finder:
        asked: ClassVar[list[str]] = []

        def find(self, path: str) -> Future[str | None]:
            name = os.path.basename(path)
            self.asked.append(name)
            future: Future[str | None] = Future()
            future.set_result(answers[name])
            return future

    config = replace(library.config, ableton=Ableton(tags=True, keys=True))
    cache = AnalysisCache(library.state / "heard.db")
    finder = Finder()
    notes = RootNotes(ConfigHolder(config), library.journal, finder, cache)  # type: ignore[arg-type]
    return SimpleNamespace(
        journal=library.journal, config=config, dry_run=False, root_notes=notes, finder=finder, cache=cache
    )


def test_with_keys_a_root_note_is_found_after_filing_and_is_a_keyword(library, monkeypatch):
    monkeypatch.setattr(pipeline_harness, "VERDICT", replace(VERDICT, duration=1.2))
    library.filed("deep.wav", "808_Bb.wav", "none.wav", "later.wav")
    session = noted_session(library, {"deep.wav": "F#", "none.wav": "", "later.wav": None})

    LiveTags(session, lambda _: "").write_due(math.inf)  # type: ignore[arg-type]
    session.cache.close()

    kick = library.library / "kick"
    assert {
        name: keywords(kick, name)[2:] for name in ("deep.wav", "808_Bb.wav", "none.wav", "later.wav")
    } == {
        "deep.wav": ("Key|F\u266f",),
        "808_Bb.wav": ("Key|A\u266f",),
        "none.wav": (),
        "later.wav": (),
    }
    assert "808_Bb.wav" not in session.finder.asked
    assert {
        entry.source.name: (entry.verdict.note, entry.verdict.note_from) for entry in library.entries()
    } == {
        "deep.wav": ("F#", "sound"),
        "808_Bb.wav": ("A#", "name"),
        "none.wav": ("", ""),
        "later.wav": (None, ""),
    }


def test_tags_wait_for_notes_that_are_being_found_and_the_daemon_goes_on(library, monkeypatch):
    monkeypatch.setattr(pipeline_harness, "VERDICT", replace(VERDICT, duration=1.2))
    library.filed("deep.wav")
    session = noted_session(library, {})
    to_come: Future[str | None] = Future()
    session.finder.find = lambda _: to_come
    tags = LiveTags(session, lambda _: "")  # type: ignore[arg-type]

    tags.write_due(1.0)
    waited = tags.waits_for_notes, tags.next_due(), keywords(library.library / "kick", "deep.wav")
    to_come.set_result("E")
    tags.write_due(1.5)
    too_early = keywords(library.library / "kick", "deep.wav")
    tags.write_due(2.0)
    session.cache.close()

    assert (waited, too_early) == ((True, 2.0, ()), ())
    assert keywords(library.library / "kick", "deep.wav") == (*OURS, "Key|E")
    assert (tags.waits_for_notes, tags.next_due()) == (False, None)


def test_without_keys_no_note_is_asked_for_or_written(library, monkeypatch):
    monkeypatch.setattr(pipeline_harness, "VERDICT", replace(VERDICT, duration=1.2, note="F#"))
    library.filed("deep.wav")
    session = noted_session(library, {})
    session.config = replace(session.config, ableton=Ableton(tags=True))

    LiveTags(session, lambda _: "").write_due(math.inf)  # type: ignore[arg-type]
    session.cache.close()

    assert (session.finder.asked, keywords(library.library / "kick", "deep.wav")) == ([], OURS)


@pytest.mark.parametrize("note", NOTES)
def test_each_note_is_spelled_as_live_spells_it(note):
    verdict = replace(VERDICT, note=note)

    found = wanted("kick", "kick", 0.97, verdict, {}, keys=True)

    assert found == (*OURS, f"Key|{note.replace('#', chr(0x266F))}")


@pytest.mark.parametrize("call", range(1, 12))
def test_no_power_cut_costs_what_others_have_written(library, monkeypatch, call):
    class PowerCut(BaseException):
        pass

    put_live_file(library.library / "kick", item("x.wav", ["Mine|1"]))
    library.filed("a.wav", "b.wav")
    calls = 0

    def cut(real):
        def watched(*args, **named):
            nonlocal calls
            calls += 1
            if calls == call:
                raise PowerCut
            return real(*args, **named)

        return watched

    with monkeypatch.context() as patch:
        for name in disk.CHANGES:
            patch.setattr(disk, name, cut(getattr(disk, name)))
        with contextlib.suppress(PowerCut):
            library.write()

    library.start()
    recover(library.journal, state=library.state)
    library.write()

    kick = library.library / "kick"
    assert (keywords(kick, "x.wav"), keywords(kick, "a.wav"), keywords(kick, "b.wav")) == (
        ("Mine|1",),
        OURS,
        OURS,
    )
    assert os.listdir(kick / folder_info.FOLDER) == [folder_info.FILE]


@pytest.mark.parametrize(
    ("label", "kind", "share", "labels", "expected"),
    [
        ("hat", "hat-closed", 0.95, {}, "Drums|Hihat|Closed Hihat"),
        ("hat", "hat-closed", 0.6, {}, "Drums|Hihat"),
        ("percussion", "clap", 0.95, {}, "Drums|Clap"),
        ("snare", "clap", 0.95, {"clap": "snare"}, "Drums|Clap"),
        ("toms", "tom", 0.5, {"tom": "toms"}, "Drums|Tom"),
        ("other", "fx", 0.99, {}, None),
        ("other", "cymbal", 0.99, {}, "Drums|Cymbal"),
        ("my own", "my own", 1.0, {}, None),
    ],
)
def test_a_keyword_comes_from_the_type_where_that_is_sure_else_from_the_label(
    label, kind, share, labels, expected
):
    verdict = replace(VERDICT, types={kind: share}, shape="loop")

    assert wanted(label, kind, 0.97, verdict, labels) == (
        (expected, "Type|Loop") if expected else ("Type|Loop",)
    )
