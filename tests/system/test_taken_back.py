"""Undo puts things back, and the daemon, running or not, leaves them there."""

from __future__ import annotations

import time

import pytest
import sounds
from studio import sha256

from drumwatch.hearing.decode import digest


def test_what_was_undone_while_the_daemon_runs_stays_undone(studio):
    studio.configure(rescan=1)
    studio.start()
    before = sha256(studio.drop())
    (entry,) = studio.wait_for(1)

    said = studio.say("undo", str(entry.id))
    time.sleep(1.5)  # over the next look around

    assert "1 undone." in said.stderr
    assert studio.tree() == ["intake/kick.wav"]
    assert sha256(studio.intake / "kick.wav") == before
    assert [(entry.state, entry.undoes) for entry in studio.entries()] == [
        ("undone", None),
        ("done", entry.id),
    ]


def test_what_was_undone_stays_undone_over_a_restart(studio):
    studio.start()
    studio.drop()
    studio.wait_for(1)
    studio.stop()
    studio.say("undo", "--last", "1")

    studio.say("run", "--once")

    assert studio.tree() == ["intake/kick.wav"]


@pytest.mark.parametrize("action", ["copy", "hardlink", "symlink"])
def test_a_copy_or_link_is_taken_out_of_the_library_again(studio, action):
    studio.configure(action=action)
    studio.say("run", "--once")
    before = sha256(studio.drop())
    studio.say("run", "--once")

    studio.say("undo", "--last", "1")

    assert (studio.tree(), sha256(studio.intake / "kick.wav")) == (["intake/kick.wav"], before)


def test_tags_are_taken_back_with_the_file_as_it_was(studio):
    studio.configure(action="tag")
    studio.say("run", "--once")
    path = sounds.rich_wav(studio.intake / "kick.wav")
    heard = digest(str(path))
    studio.say("run", "--once")
    assert b"K\0i\0c\0k" in path.read_bytes()

    studio.say("undo", "--last", "1")

    assert b"K\0i\0c\0k" not in path.read_bytes()
    assert digest(str(path)) == heard


def test_a_link_left_behind_gives_its_place_back(studio):
    studio.configure(leave_link=True)
    studio.say("run", "--once")
    before = sha256(studio.drop())
    studio.say("run", "--once")

    studio.say("undo", "--last", "1")

    assert (studio.tree(), studio.hashes()) == (["intake/kick.wav"], {"kick.wav": before})


def test_undo_takes_a_batch_the_last_ones_or_all_since(studio):
    studio.say("run", "--once")
    for name in ("Pack A/1.wav", "Pack A/2.wav", "Pack B/3.wav", "Pack B/4.wav", "5.wav"):
        studio.drop(name, hz=45 + int(name[-5]))
    studio.say("run", "--once")
    batch = next(entry.batch for entry in studio.entries() if entry.pack == "Pack A")

    assert "2 undone" in studio.say("undo", "--batch", str(batch)).stderr
    assert studio.tree(studio.intake) == ["intake/Pack A/1.wav", "intake/Pack A/2.wav"]
    assert "1 would be undone" in studio.say("undo", "--last", "1", "--dry-run").stderr
    assert len(studio.tree(studio.intake)) == 2
    assert "1 undone" in studio.say("undo", "--last", "1").stderr
    assert "2 undone" in studio.say("undo", "--since", "1h").stderr
    assert studio.tree(studio.library) == []
    assert len(studio.tree(studio.intake)) == 5


def test_what_changed_since_is_left_alone_and_the_reason_is_said(studio):
    studio.say("run", "--once")
    studio.drop()
    studio.say("run", "--once")
    edited = studio.library / "kick/kick.wav"
    sounds.write(edited, sounds.decaying_sine(50))

    said = studio.say("undo", "--last", "1", code=1)

    assert "1 stays: " in said.stderr
    assert "0 undone, 1 could not be." in said.stderr
    assert studio.tree() == ["library/kick/kick.wav"]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [([], "Undo what?"), (["1", "--last", "1"], "Undo what?"), (["77"], "there is no entry 77")],
)
def test_an_undo_that_means_nothing_is_a_wrong_usage(studio, asked, answer):
    assert answer in studio.say("undo", *asked, code=2).stderr
