"""A correction of a sound in somebody's project: the label is kept, and the project stays whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sounds
from correctors import open_corrector
from project_trees import TREES

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


class CorrectionHarness:
    """A watched folder, a library and a journal, for corrections by a user."""

    def __init__(self, root, **watch) -> None:
        self.intake, self.library = root / "intake", root / "library"
        for folder in (self.intake, self.library):
            folder.mkdir(exist_ok=True)
        self.watch = Watch(self.intake, self.library, max_wrong=0.001, **watch)
        self.config = Config(
            self.library, max_wrong=0.001, watches=(self.watch,), min_free=0, projects=self.watch.projects
        )
        self.journal = Journal(root / "journal.db")

    def unsure(self, corrector, path, watch=None):
        """It stays where it is, to be looked at by a person."""
        watch = watch or self.watch
        arrival = Arrival(path, stamp_of(path), watch.folder)
        return corrector._pipeline.file(arrival, watch, Analyzed(VERDICT, content_hash(path))).entries[0]

    def filed(self):
        return sorted(path.relative_to(self.library).as_posix() for path in self.library.rglob("*.wav"))


@pytest.fixture
def harness(tmp_path, monkeypatch):
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    return CorrectionHarness(tmp_path)


def sound(path, hz=50):
    path.parent.mkdir(parents=True, exist_ok=True)
    return sounds.write(path, sounds.decaying_sine(hz))


def first_sound(root):
    return next(path for path in sorted(root.rglob("*.wav")))


@pytest.mark.parametrize("tree", ["ableton", "sfz", "git", "reaper_beside_its_sounds"])
@pytest.mark.parametrize("way", ["command", "review"])
def test_a_sound_in_a_project_stays_with_its_new_label(harness, tree, way):
    path = first_sound(TREES[tree](harness.intake))
    with harness.journal as journal, open_corrector(harness.config, journal) as corrector:
        entry = harness.unsure(corrector, path)
        if way == "command":
            correction = corrector.confirm(entry, "snare", way)
        else:
            (answer,) = ReviewService(harness.config, journal, corrector).confirm([entry], "snare")
            correction = answer.after

        assert (correction.action, correction.label, correction.state) == ("leave", "snare", "done")
        assert correction.reason.startswith("snare: left alone, as it is part of ")
        assert correction.reason.endswith(", which is left whole")
        assert journal.confirmations.label_of(entry.content_hash) == "snare"
        assert (path.exists(), harness.filed()) == (True, [])


def test_a_label_given_in_a_project_can_be_taken_back(harness):
    path = first_sound(TREES["ableton"](harness.intake))
    with harness.journal as journal, open_corrector(harness.config, journal) as corrector:
        correction = corrector.confirm(harness.unsure(corrector, path), "snare", "command")

        undone = undo(journal, correction, lambda: corrector.redo)

        assert (undone.withdrawn_label, undone.reverse) == ("snare", None)
        assert journal.confirmations.all() == []
        assert path.exists()


def test_a_sound_beside_a_project_goes_where_it_belongs(harness):
    TREES["ableton"](harness.intake)
    path = sound(harness.intake / "single.wav")
    with harness.journal as journal, open_corrector(harness.config, journal) as corrector:
        corrector.confirm(harness.unsure(corrector, path), "snare", "command")

    assert harness.filed() == ["snare/single.wav"]


@pytest.mark.parametrize(("projects", "stays"), [("sort", False), ("copy", True)])
def test_what_the_configuration_says_of_projects_holds_for_corrections(
    tmp_path, monkeypatch, projects, stays
):
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    harness = CorrectionHarness(tmp_path, projects=projects)
    path = first_sound(TREES["ableton"](harness.intake))
    with harness.journal as journal, open_corrector(harness.config, journal) as corrector:
        corrector.confirm(harness.unsure(corrector, path), "snare", "command")

    assert len(harness.filed()) == 1
    assert path.exists() == stays


def test_a_sound_that_a_document_needs_is_copied(harness):
    """A song beside a pack refers to one sound of it."""
    pack = harness.intake / "Oak Kit"
    path = sound(pack / "a.wav")
    for number in range(5):
        sound(pack / f"{number}.wav", 60 + number)
    (harness.intake / "list").mkdir()
    (harness.intake / "list/mine.m3u").write_text("../Oak Kit/a.wav\n")
    with harness.journal as journal, open_corrector(harness.config, journal) as corrector:
        correction = corrector.confirm(harness.unsure(corrector, path), "snare", "command")

    assert (correction.action, path.exists()) == ("copy", True)
    assert [name.rpartition("/")[2] for name in harness.filed()] == ["a.wav"]


def test_an_instrument_that_was_given_to_sort_stays_whole(harness, tmp_path):
    """No watch is around it: it is looked at from the folder that was sorted."""
    root = TREES["sfz"](tmp_path / "given")
    path = first_sound(root)
    with harness.journal as journal, open_corrector(harness.config, journal) as corrector:
        given = replace(harness.watch, folder=tmp_path / "given")
        correction = corrector.confirm(harness.unsure(corrector, path, given), "snare", "command")

    assert (correction.action, path.exists(), harness.filed()) == ("leave", True, [])


def test_a_project_in_the_library_stays_whole_and_the_library_is_ours(harness):
    song = TREES["ableton"](harness.library / "mine")
    inside = first_sound(song)
    outside = sound(harness.library / "kick/b.wav")
    (harness.library / "pyproject.toml").write_text(
        "[project]\n"
    )  # a marker of the library itself has no effect
    with harness.journal as journal, open_corrector(harness.config, journal) as corrector:
        stays = corrector.confirm(harness.unsure(corrector, inside), "snare", "command")
        corrector.confirm(harness.unsure(corrector, outside), "snare", "command")

    assert (stays.action, inside.exists()) == ("leave", True)
    assert outside.exists() is False
    assert "snare/b.wav" in harness.filed()


def test_a_tag_in_a_project_is_not_written_anew(tmp_path, monkeypatch):
    """It was tagged before its project's marker came."""
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    harness = CorrectionHarness(tmp_path, action="tag")
    harness.watch = replace(harness.watch, max_wrong=1.0)
    path = sound(harness.intake / "Song/Samples/a.wav")
    with harness.journal as journal, open_corrector(harness.config, journal) as corrector:
        entry = harness.unsure(corrector, path)
        tagged = content_hash(path)
        (harness.intake / "Song/Ableton Project Info").mkdir()
        correction = corrector.confirm(entry, "snare", "command")

    assert (entry.action, tagged != entry.content_hash) == ("tag", True)
    assert (correction.action, content_hash(path)) == ("leave", tagged)
