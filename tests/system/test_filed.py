"""A sound arrives, is analyzed and filed; its bytes are unchanged."""

from __future__ import annotations

import os

import pytest
import sounds
from daemon_harness import sha256

from drumwatch.analysis.decode import digest


def test_a_sound_is_moved_byte_for_byte(harness):
    harness.start()
    before = sha256(harness.drop())

    (entry,) = harness.wait_for(1)

    assert (entry.action, entry.state, entry.label, entry.rule) == ("move", "done", "kick", "default")
    assert harness.tree() == ["library/kick/kick.wav"]
    assert sha256(harness.library / "kick/kick.wav") == before


def test_a_sound_is_copied_and_stays(harness):
    harness.configure(action="copy")
    harness.start()
    before = sha256(harness.drop())

    harness.wait_for(1)

    assert harness.tree() == ["intake/kick.wav", "library/kick/kick.wav"]
    assert {sha256(harness.intake / "kick.wav"), sha256(harness.library / "kick/kick.wav")} == {before}


def test_a_hard_link_is_one_sound_with_two_names(harness):
    harness.configure(action="hardlink")
    harness.start()
    before = sha256(harness.drop())

    harness.wait_for(1)

    assert (harness.intake / "kick.wav").samefile(harness.library / "kick/kick.wav")
    assert sha256(harness.intake / "kick.wav") == before


def test_a_symbolic_link_points_to_where_the_sound_is(harness):
    harness.configure(action="symlink")
    harness.start()
    before = sha256(harness.drop())

    harness.wait_for(1)

    link = harness.library / "kick/kick.wav"
    assert (link.is_symlink(), link.resolve()) == (True, (harness.intake / "kick.wav").resolve())
    assert sha256(link) == before


def test_a_tag_changes_no_sample_of_the_sound(harness):
    harness.configure(action="tag")
    harness.start()
    path = sounds.rich_wav(harness.intake / "kick.wav")
    analyzed, whole = digest(str(path)), sha256(path)

    (entry,) = harness.wait_for(1)

    assert (entry.action, entry.state) == ("tag", "done")
    assert harness.tree() == ["intake/kick.wav"]
    assert (digest(str(path)), sha256(path) == whole) == (analyzed, False)
    machine = f"v1;kick;p={entry.confidence:.2f};model={entry.model}"
    assert machine.encode("utf-16-le") in path.read_bytes()


def test_a_sound_that_was_tagged_is_not_tagged_again(harness):
    harness.configure(action="tag", rescan=1)
    harness.start()
    harness.drop("one.wav")
    harness.wait_for(1)

    harness.drop("two.wav", hz=50)

    assert [entry.source.name for entry in harness.wait_for(2)] == ["one.wav", "two.wav"]


def test_leave_only_remembers(harness):
    harness.configure(action="leave")
    harness.start()
    harness.drop()

    (entry,) = harness.wait_for(1)

    assert (entry.action, entry.state, entry.label) == ("leave", "done", "kick")
    assert harness.tree() == ["intake/kick.wav"]


def test_a_link_keeps_the_old_place_alive(harness):
    harness.configure(leave_link=True)
    harness.start()
    path = harness.drop()
    before = sha256(path)

    harness.wait_for(1)

    assert (path.is_symlink(), path.resolve()) == (True, (harness.library / "kick/kick.wav").resolve())
    assert sha256(path) == before


def test_a_pack_keeps_its_name_and_what_belongs_to_a_sound_travels_along(harness):
    harness.start()
    (harness.intake / "Dusty Vol 3").mkdir()
    (harness.intake / "Dusty Vol 3/kick.wav.asd").write_bytes(b"warp markers")
    (harness.intake / "Dusty Vol 3/kick.reapeaks").write_bytes(b"peaks")
    harness.drop("Dusty Vol 3/kick.wav")

    (entry,) = harness.wait_for(1)

    assert entry.pack == "Dusty Vol 3"
    assert harness.tree(harness.library) == [
        "library/kick/Dusty Vol 3/kick.reapeaks",
        "library/kick/Dusty Vol 3/kick.wav",
        "library/kick/Dusty Vol 3/kick.wav.asd",
    ]


def test_a_taken_name_gets_a_number_and_both_sounds_stay(harness):
    harness.start()
    first = sha256(harness.drop(hz=50))
    harness.wait_for(1)
    second = sha256(harness.drop(hz=60))

    harness.wait_for(2)

    assert harness.hashes() == {"kick.wav": first, "kick 2.wav": second}


def test_the_same_sound_again_is_found_by_its_content(harness):
    harness.start()
    harness.drop("kick.wav")
    harness.wait_for(1)
    harness.drop("kick.wav")

    entry = harness.wait_for(2)[-1]

    assert (entry.state, entry.action) == ("done", "leave")
    assert harness.tree() == ["intake/kick.wav", "library/kick/kick.wav"]


RULES = """
[[rule]]
name = "808s stay together"
match = { label = "kick", name = "*808*" }
to = "kick/808/{name}"

[[rule]]
name = "not these"
match = { name = "*demo*" }
action = "leave"

[labels]
kick = "Bass drums"
"""


def test_the_first_rule_that_fits_wins_and_labels_have_the_names_people_give_them(harness):
    harness.configure(RULES)
    harness.start()
    for name in ("fat 808.wav", "demo 808 demo.wav", "demo.wav", "plain.wav"):
        harness.drop(name, hz=40 + len(name))

    rules = {entry.source.name: entry.rule for entry in harness.wait_for(4)}

    assert rules == {
        "fat 808.wav": "808s stay together",
        "demo 808 demo.wav": "808s stay together",
        "demo.wav": "not these",
        "plain.wav": "default",
    }
    assert harness.tree() == [
        "intake/demo.wav",
        "library/Bass drums/plain.wav",
        "library/kick/808/demo 808 demo.wav",
        "library/kick/808/fat 808.wav",
    ]


@pytest.mark.parametrize(
    ("unsure", "tree"), [("leave", ["intake/kick.wav"]), ("_unsure", ["library/_unsure/kick.wav"])]
)
def test_doubt_leaves_a_sound_alone_or_puts_it_where_the_user_says(harness, unsure, tree):
    harness.configure(max_wrong=0, unsure=unsure)
    harness.start()
    harness.drop()

    (entry,) = harness.wait_for(1)

    assert (entry.rule, entry.state) == ("unsure", "done")
    assert harness.tree() == tree


def test_a_sound_moves_to_a_library_on_another_disk(harness, memory_disk):
    harness.library = memory_disk
    harness.configure()
    assert os.stat(harness.library).st_dev != os.stat(harness.intake).st_dev
    harness.start()
    before = sha256(harness.drop())

    harness.wait_for(1)

    assert (harness.tree(harness.intake), sha256(harness.library / "kick/kick.wav")) == ([], before)
