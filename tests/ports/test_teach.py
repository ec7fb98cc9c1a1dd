"""A word on a sound that lies where it was, with a link to it or a tag in it: real files, a real journal, real workers."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
import sounds

from drumwatch.commands.correct import teacher
from drumwatch.config import Config, Watch
from drumwatch.filing.sounds import content_hash
from drumwatch.intake.rest import fingerprint
from drumwatch.journal import Journal
from drumwatch.records import Arrival, Verdict

HEARD = {"kick": 0.99, "snare": 0.01}
VERDICT = Verdict("kick", "kick", 0.99, HEARD, HEARD, "snare", "one-shot", 0.3)


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A folder whose sounds stay where they are, with what happens to them given by `action`."""
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    intake, library = tmp_path / "intake", tmp_path / "library"
    intake.mkdir()
    library.mkdir()

    def open_(action):
        watch = Watch(intake, library, action=action, max_wrong=1.0)
        config = Config(library, action=action, max_wrong=1.0, watches=(watch,), min_free=0)
        return config, Journal(tmp_path / "journal.db"), watch

    return open_


def filed(taught, watch):
    path = sounds.write(watch.folder / "a.wav", sounds.kick())
    arrival = Arrival(path, fingerprint(path), watch.folder)
    reply = {"verdict": asdict(VERDICT), "hash": content_hash(path)}
    return taught._pipeline.file(arrival, watch, reply).entries[0]


def test_a_link_is_made_anew_under_the_right_label_and_comes_back_when_that_is_undone(room):
    config, journal, watch = room("symlink")
    with journal, teacher(config, journal) as taught:
        entry = filed(taught, watch)
        said = taught.confirm(entry, "snare", "review")
        linked = (watch.library / "snare/a.wav").is_symlink()
        now = taught.unteach(said)

        assert (entry.destination, linked) == (watch.library / "kick/a.wav", True)
        assert [path.relative_to(watch.library).as_posix() for path in watch.library.rglob("*.wav")] == [
            "kick/a.wav"
        ]
        assert (now.label, now.destination, now.state) == ("kick", watch.library / "kick/a.wav", "done")
        assert journal.confirmed() == []


def test_a_tag_says_the_right_label_and_the_old_one_again_when_that_is_undone(room):
    config, journal, watch = room("tag")
    with journal, teacher(config, journal) as taught:
        entry = filed(taught, watch)
        tagged = content_hash(entry.source)
        said = taught.confirm(entry, "snare", "review")
        corrected = content_hash(entry.source)
        now = taught.unteach(said)

        assert len({tagged, corrected, entry.content_hash}) == 3
        assert content_hash(entry.source) == tagged
        assert (now.label, now.action, now.state) == ("kick", "tag", "done")


@pytest.mark.parametrize("action", ["move", "tag"])
def test_a_sound_in_a_folder_of_programs_gets_its_label_and_stays_as_it_is(action, room):
    config, journal, watch = room("leave")
    path = watch.folder / "site-packages/a.wav"
    path.parent.mkdir()
    with journal, teacher(config, journal) as taught:
        sounds.write(path, sounds.kick())
        before = content_hash(path)
        arrival = Arrival(path, fingerprint(path), path.parent)
        (entry,) = taught._pipeline.file(arrival, watch, {"verdict": asdict(VERDICT), "hash": before}).entries
    config = replace(config, action=action, watches=(replace(watch, action=action),))
    with Journal(watch.folder.parent / "journal.db") as journal, teacher(config, journal) as taught:
        said = taught.confirm(entry, "snare", "review")
        labels = [word.label for word in journal.confirmed()]
        taught.unteach(said)

        assert (said.action, said.state, labels) == ("leave", "done", ["snare"])
        assert f"snare: left where it is, as it lies in {path.parent}, a folder of programs" in said.reason
        assert content_hash(path) == before
        assert list(watch.library.iterdir()) == []
        assert journal.confirmed() == []


def test_a_sound_in_the_library_moves_to_its_label_wherever_the_library_lies(room):
    config, journal, watch = room("move")
    library = watch.library / "node_modules"
    library.mkdir()
    watch = replace(watch, library=library)
    config = replace(config, library=library, watches=(watch,))
    with journal, teacher(config, journal) as taught:
        entry = filed(taught, watch)
        said = taught.confirm(entry, "snare", "review")

        assert (entry.destination, said.destination) == (library / "kick/a.wav", library / "snare/a.wav")
