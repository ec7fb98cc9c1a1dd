"""A sound lands, is heard, and ends where it belongs; its bytes are what they were."""

from __future__ import annotations

import os

import pytest
import sounds
from studio import sha256

from drumwatch.hearing.decode import digest


def test_a_sound_is_moved_byte_for_byte(studio):
    studio.start()
    before = sha256(studio.drop())

    (entry,) = studio.wait_for(1)

    assert (entry.action, entry.state, entry.label, entry.rule) == ("move", "done", "kick", "default")
    assert studio.tree() == ["library/kick/kick.wav"]
    assert sha256(studio.library / "kick/kick.wav") == before


def test_a_sound_is_copied_and_stays(studio):
    studio.configure(action="copy")
    studio.start()
    before = sha256(studio.drop())

    studio.wait_for(1)

    assert studio.tree() == ["intake/kick.wav", "library/kick/kick.wav"]
    assert {sha256(studio.intake / "kick.wav"), sha256(studio.library / "kick/kick.wav")} == {before}


def test_a_hard_link_is_one_sound_with_two_names(studio):
    studio.configure(action="hardlink")
    studio.start()
    before = sha256(studio.drop())

    studio.wait_for(1)

    assert (studio.intake / "kick.wav").samefile(studio.library / "kick/kick.wav")
    assert sha256(studio.intake / "kick.wav") == before


def test_a_symbolic_link_points_to_where_the_sound_is(studio):
    studio.configure(action="symlink")
    studio.start()
    before = sha256(studio.drop())

    studio.wait_for(1)

    link = studio.library / "kick/kick.wav"
    assert (link.is_symlink(), link.resolve()) == (True, (studio.intake / "kick.wav").resolve())
    assert sha256(link) == before


def test_a_tag_changes_no_sample_of_the_sound(studio):
    studio.configure(action="tag")
    studio.start()
    path = sounds.rich_wav(studio.intake / "kick.wav")
    heard, whole = digest(str(path)), sha256(path)

    (entry,) = studio.wait_for(1)

    assert (entry.action, entry.state) == ("tag", "done")
    assert studio.tree() == ["intake/kick.wav"]
    assert (digest(str(path)), sha256(path) == whole) == (heard, False)
    machine = f"v1;kick;p={entry.confidence:.2f};model={entry.model}"
    assert machine.encode("utf-16-le") in path.read_bytes()


def test_a_sound_that_was_tagged_is_not_tagged_again(studio):
    studio.configure(action="tag", rescan=1)
    studio.start()
    studio.drop("one.wav")
    studio.wait_for(1)

    studio.drop("two.wav", hz=50)

    assert [entry.source.name for entry in studio.wait_for(2)] == ["one.wav", "two.wav"]


def test_leave_only_remembers(studio):
    studio.configure(action="leave")
    studio.start()
    studio.drop()

    (entry,) = studio.wait_for(1)

    assert (entry.action, entry.state, entry.label) == ("leave", "done", "kick")
    assert studio.tree() == ["intake/kick.wav"]


def test_a_link_keeps_the_old_place_alive(studio):
    studio.configure(leave_link=True)
    studio.start()
    path = studio.drop()
    before = sha256(path)

    studio.wait_for(1)

    assert (path.is_symlink(), path.resolve()) == (True, (studio.library / "kick/kick.wav").resolve())
    assert sha256(path) == before


def test_a_pack_keeps_its_name_and_what_belongs_to_a_sound_travels_along(studio):
    studio.start()
    (studio.intake / "Dusty Vol 3").mkdir()
    (studio.intake / "Dusty Vol 3/kick.wav.asd").write_bytes(b"warp markers")
    (studio.intake / "Dusty Vol 3/kick.reapeaks").write_bytes(b"peaks")
    studio.drop("Dusty Vol 3/kick.wav")

    (entry,) = studio.wait_for(1)

    assert entry.pack == "Dusty Vol 3"
    assert studio.tree(studio.library) == [
        "library/kick/Dusty Vol 3/kick.reapeaks",
        "library/kick/Dusty Vol 3/kick.wav",
        "library/kick/Dusty Vol 3/kick.wav.asd",
    ]


def test_a_taken_name_gets_a_number_and_both_sounds_stay(studio):
    studio.start()
    first = sha256(studio.drop(hz=50))
    studio.wait_for(1)
    second = sha256(studio.drop(hz=60))

    studio.wait_for(2)

    assert studio.hashes() == {"kick.wav": first, "kick 2.wav": second}


def test_the_same_sound_again_is_found_by_its_content(studio):
    studio.start()
    studio.drop("kick.wav")
    studio.wait_for(1)
    studio.drop("kick.wav")

    entry = studio.wait_for(2)[-1]

    assert (entry.state, entry.action) == ("done", "leave")
    assert studio.tree() == ["intake/kick.wav", "library/kick/kick.wav"]


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


def test_the_first_rule_that_fits_wins_and_labels_have_the_names_people_give_them(studio):
    studio.configure(RULES)
    studio.start()
    for name in ("fat 808.wav", "demo 808 demo.wav", "demo.wav", "plain.wav"):
        studio.drop(name, hz=40 + len(name))

    rules = {entry.source.name: entry.rule for entry in studio.wait_for(4)}

    assert rules == {
        "fat 808.wav": "808s stay together",
        "demo 808 demo.wav": "808s stay together",
        "demo.wav": "not these",
        "plain.wav": "default",
    }
    assert studio.tree() == [
        "intake/demo.wav",
        "library/Bass drums/plain.wav",
        "library/kick/808/demo 808 demo.wav",
        "library/kick/808/fat 808.wav",
    ]


@pytest.mark.parametrize(
    ("unsure", "tree"), [("leave", ["intake/kick.wav"]), ("_unsure", ["library/_unsure/kick.wav"])]
)
def test_doubt_leaves_a_sound_alone_or_puts_it_where_the_user_says(studio, unsure, tree):
    studio.configure(max_wrong=0, unsure=unsure)
    studio.start()
    studio.drop()

    (entry,) = studio.wait_for(1)

    assert (entry.rule, entry.state) == ("unsure", "done")
    assert studio.tree() == tree


def test_a_sound_moves_to_a_library_on_another_disk(studio, memory_disk):
    studio.library = memory_disk
    studio.configure()
    assert os.stat(studio.library).st_dev != os.stat(studio.intake).st_dev
    studio.start()
    before = sha256(studio.drop())

    studio.wait_for(1)

    assert (studio.tree(studio.intake), sha256(studio.library / "kick/kick.wav")) == ([], before)
