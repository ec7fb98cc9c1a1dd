"""A word on a sound that lies in somebody's work: the label is kept, and the work stays whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sounds
from project_trees import TREES

from drumwatch.commands.correct import teacher
from drumwatch.config import Config, Watch
from drumwatch.core.records import Arrival, Verdict
from drumwatch.filing.held_file import content_hash
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import Journal
from drumwatch.learning.undo import undo
from drumwatch.review.service import ReviewService
from drumwatch.workers.protocol import Analyzed

HEARD = {"kick": 0.6, "snare": 0.4}
VERDICT = Verdict("kick", "kick", 0.6, HEARD, HEARD, "snare", "one-shot", 0.3)


class Room:
    """A watched folder, a library, and a person who says what sounds are."""

    def __init__(self, root, **watch) -> None:
        self.intake, self.library = root / "intake", root / "library"
        for folder in (self.intake, self.library):
            folder.mkdir(exist_ok=True)
        self.watch = Watch(self.intake, self.library, max_wrong=0.001, **watch)
        self.config = Config(
            self.library, max_wrong=0.001, watches=(self.watch,), min_free=0, projects=self.watch.projects
        )
        self.journal = Journal(root / "journal.db")

    def unsure(self, taught, path, watch=None):
        """It stays where it is, to be looked at by a person."""
        watch = watch or self.watch
        arrival = Arrival(path, stamp_of(path), watch.folder)
        return taught._pipeline.file(arrival, watch, Analyzed(VERDICT, content_hash(path))).entries[0]

    def filed(self):
        return sorted(path.relative_to(self.library).as_posix() for path in self.library.rglob("*.wav"))


@pytest.fixture
def room(tmp_path, monkeypatch):
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    return Room(tmp_path)


def sound(path, hz=50):
    path.parent.mkdir(parents=True, exist_ok=True)
    return sounds.write(path, sounds.decaying_sine(hz))


def first_sound(root):
    return next(path for path in sorted(root.rglob("*.wav")))


@pytest.mark.parametrize("tree", ["ableton", "sfz", "git", "reaper_beside_its_sounds"])
@pytest.mark.parametrize("way", ["command", "review"])
def test_a_sound_in_a_project_stays_with_its_new_label(room, tree, way):
    path = first_sound(TREES[tree](room.intake))
    with room.journal as journal, teacher(room.config, journal) as taught:
        entry = room.unsure(taught, path)
        if way == "command":
            said = taught.confirm(entry, "snare", way)
        else:
            (answer,) = ReviewService(room.config, journal, taught).confirm([entry], "snare")
            said = answer.after

        assert (said.action, said.label, said.state) == ("leave", "snare", "done")
        assert said.reason.startswith("snare: left where it is, as it is part of ")
        assert said.reason.endswith(", which is left whole")
        assert journal.confirmations.label_of(entry.content_hash) == "snare"
        assert (path.exists(), room.filed()) == (True, [])


def test_a_label_given_in_a_project_can_be_taken_back(room):
    path = first_sound(TREES["ableton"](room.intake))
    with room.journal as journal, teacher(room.config, journal) as taught:
        said = taught.confirm(room.unsure(taught, path), "snare", "command")

        undone = undo(journal, said, lambda: taught.redo)

        assert (undone.word, undone.back) == ("snare", None)
        assert journal.confirmations.all() == []
        assert path.exists()


def test_a_sound_beside_a_project_goes_where_it_belongs(room):
    TREES["ableton"](room.intake)
    path = sound(room.intake / "single.wav")
    with room.journal as journal, teacher(room.config, journal) as taught:
        taught.confirm(room.unsure(taught, path), "snare", "command")

    assert room.filed() == ["snare/single.wav"]


@pytest.mark.parametrize(("projects", "stays"), [("sort", False), ("copy", True)])
def test_what_the_configuration_says_of_projects_holds_for_corrections(
    tmp_path, monkeypatch, projects, stays
):
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    room = Room(tmp_path, projects=projects)
    path = first_sound(TREES["ableton"](room.intake))
    with room.journal as journal, teacher(room.config, journal) as taught:
        taught.confirm(room.unsure(taught, path), "snare", "command")

    assert len(room.filed()) == 1
    assert path.exists() == stays


def test_a_sound_that_a_document_needs_is_copied(room):
    """A song beside a pack refers to one sound of it."""
    pack = room.intake / "Oak Kit"
    path = sound(pack / "a.wav")
    for number in range(5):
        sound(pack / f"{number}.wav", 60 + number)
    (room.intake / "list").mkdir()
    (room.intake / "list/mine.m3u").write_text("../Oak Kit/a.wav\n")
    with room.journal as journal, teacher(room.config, journal) as taught:
        said = taught.confirm(room.unsure(taught, path), "snare", "command")

    assert (said.action, path.exists()) == ("copy", True)
    assert [name.rpartition("/")[2] for name in room.filed()] == ["a.wav"]


def test_an_instrument_that_was_given_to_sort_stays_whole(room, tmp_path):
    """No watch is around it: it is looked at from the folder that was sorted."""
    root = TREES["sfz"](tmp_path / "given")
    path = first_sound(root)
    with room.journal as journal, teacher(room.config, journal) as taught:
        given = replace(room.watch, folder=tmp_path / "given")
        said = taught.confirm(room.unsure(taught, path, given), "snare", "command")

    assert (said.action, path.exists(), room.filed()) == ("leave", True, [])


def test_a_project_in_the_library_stays_whole_and_the_library_is_ours(room):
    song = TREES["ableton"](room.library / "mine")
    inside = first_sound(song)
    outside = sound(room.library / "kick/b.wav")
    (room.library / "pyproject.toml").write_text(
        "[project]\n"
    )  # it marks the library itself: that is no matter
    with room.journal as journal, teacher(room.config, journal) as taught:
        stays = taught.confirm(room.unsure(taught, inside), "snare", "command")
        taught.confirm(room.unsure(taught, outside), "snare", "command")

    assert (stays.action, inside.exists()) == ("leave", True)
    assert outside.exists() is False
    assert "snare/b.wav" in room.filed()


def test_a_tag_in_a_project_is_not_written_anew(tmp_path, monkeypatch):
    """It was tagged before its project's marker came."""
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    room = Room(tmp_path, action="tag")
    room.watch = replace(room.watch, max_wrong=1.0)
    path = sound(room.intake / "Song/Samples/a.wav")
    with room.journal as journal, teacher(room.config, journal) as taught:
        entry = room.unsure(taught, path)
        tagged = content_hash(path)
        (room.intake / "Song/Ableton Project Info").mkdir()
        said = taught.confirm(entry, "snare", "command")

    assert (entry.action, tagged != entry.content_hash) == ("tag", True)
    assert (said.action, content_hash(path)) == ("leave", tagged)
