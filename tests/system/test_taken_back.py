"""Undo puts things back, and the daemon, running or not, leaves them there."""

from __future__ import annotations

import time

import pytest
import sounds
from daemon_harness import sha256

from drumwatch.analysis.decode import digest


def test_what_was_undone_while_the_daemon_runs_stays_undone(harness):
    harness.configure(rescan=1)
    harness.start()
    before = sha256(harness.drop())
    (entry,) = harness.wait_for(1)

    result = harness.run("undo", str(entry.id))
    time.sleep(1.5)  # over the next look around

    assert "1 undone." in result.stderr
    assert harness.tree() == ["intake/kick.wav"]
    assert sha256(harness.intake / "kick.wav") == before
    assert [(entry.state, entry.undoes) for entry in harness.entries()] == [
        ("undone", None),
        ("done", entry.id),
    ]


def test_what_was_undone_stays_undone_over_a_restart(harness):
    harness.start()
    harness.drop()
    harness.wait_for(1)
    harness.stop()
    harness.run("undo", "--last", "1")

    harness.run("run", "--once")

    assert harness.tree() == ["intake/kick.wav"]


@pytest.mark.parametrize("action", ["copy", "hardlink", "symlink"])
def test_a_copy_or_link_is_taken_out_of_the_library_again(harness, action):
    harness.configure(action=action)
    before = sha256(harness.drop())
    harness.sort()
    assert [entry.action for entry in harness.entries()] == [action]

    harness.run("undo", "--last", "1")

    assert (harness.tree(), sha256(harness.intake / "kick.wav")) == (["intake/kick.wav"], before)


def test_tags_are_taken_back_with_the_file_as_it_was(harness):
    harness.configure(action="tag")
    path = sounds.rich_wav(harness.intake / "kick.wav")
    analyzed = digest(str(path))
    harness.sort()
    assert b"K\0i\0c\0k" in path.read_bytes()

    harness.run("undo", "--last", "1")

    assert b"K\0i\0c\0k" not in path.read_bytes()
    assert digest(str(path)) == analyzed


def test_a_link_left_behind_gives_its_place_back(harness):
    harness.configure(leave_link=True)
    before = sha256(harness.drop())
    harness.sort()
    assert (harness.intake / "kick.wav").is_symlink()

    harness.run("undo", "--last", "1")

    assert (harness.tree(), harness.hashes()) == (["intake/kick.wav"], {"kick.wav": before})


def test_undo_takes_a_batch_the_last_ones_or_all_since(harness):
    for name in ("Pack A/1.wav", "Pack A/2.wav", "Pack B/3.wav", "Pack B/4.wav", "5.wav"):
        harness.drop(name, hz=45 + int(name[-5]))
    harness.sort()
    batch = next(entry.batch for entry in harness.entries() if entry.pack == "Pack A")

    assert "2 undone" in harness.run("undo", "--batch", str(batch)).stderr
    assert harness.tree(harness.intake) == ["intake/Pack A/1.wav", "intake/Pack A/2.wav"]
    assert "1 would be undone" in harness.run("undo", "--last", "1", "--dry-run").stderr
    assert len(harness.tree(harness.intake)) == 2
    assert "1 undone" in harness.run("undo", "--last", "1").stderr
    assert "2 undone" in harness.run("undo", "--since", "1h").stderr
    assert harness.tree(harness.library) == []
    assert len(harness.tree(harness.intake)) == 5


def test_what_changed_since_is_left_alone_and_the_reason_is_given(harness):
    harness.drop()
    harness.sort()
    edited = harness.library / "kick/kick.wav"
    sounds.write(edited, sounds.decaying_sine(50))

    result = harness.run("undo", "--last", "1", code=1)

    assert "1 was not undone: " in result.stderr
    assert "0 undone, 1 could not be." in result.stderr
    assert harness.tree() == ["library/kick/kick.wav"]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [([], "Undo what?"), (["1", "--last", "1"], "Undo what?"), (["77"], "there is no entry 77")],
)
def test_an_undo_that_means_nothing_is_a_wrong_usage(harness, asked, answer):
    assert answer in harness.run("undo", *asked, code=2).stderr
