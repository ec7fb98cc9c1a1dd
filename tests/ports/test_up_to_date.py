"""Whether an earlier result is up to date: the file is in place, and the rules would still do the same."""

import os

import pytest

from drumwatch.core.records import Action, Entry
from drumwatch.filing.up_to_date import is_up_to_date
from drumwatch.intake.stability import stamp_of

MAKE = {
    "copy": lambda source, made: made.write_bytes(source.read_bytes()),
    "hardlink": lambda source, made: made.hardlink_to(source),
    "symlink": lambda source, made: made.symlink_to(source),
}


@pytest.fixture(params=MAKE)
def done(request, tmp_path):
    """An entry, and what it made."""
    source, made = tmp_path / "kick.wav", tmp_path / "Library/kick 2.wav"
    source.write_bytes(b"kick")
    made.parent.mkdir()
    MAKE[request.param](source, made)
    stamp = stamp_of(source)
    about = ("kick", "kick", 0.9, "default", "", "m", "hash", stamp)
    return Entry(1, 0.0, 1, "", source, made, request.param, "done", *about)


def wish(done, name="kick 2.wav", kind=""):
    return Action(kind or done.action, done.destination.with_name(name))


def test_a_sound_where_it_was_put_is_up_to_date(done):
    assert is_up_to_date(done, wish(done))


def test_a_name_that_had_to_take_a_number_is_up_to_date(done):
    assert is_up_to_date(done, wish(done, "kick.wav"))


@pytest.mark.parametrize("name", ["snare.wav", "kick 3.wav", "deeper/kick 2.wav"])
def test_under_another_name_it_is_not_up_to_date(done, name):
    assert not is_up_to_date(done, Action(done.action, done.destination.parent / name))


def test_another_action_is_still_to_be_done(done):
    assert not is_up_to_date(done, wish(done, kind="move"))


def test_what_was_removed_is_not_up_to_date(done):
    done.destination.unlink()

    assert not is_up_to_date(done, wish(done))


def test_another_file_in_its_place_is_not_it(done):
    done.destination.unlink()
    done.destination.write_bytes(b"another one")

    assert not is_up_to_date(done, wish(done))


def test_a_link_to_somewhere_else_is_not_it(done, tmp_path):
    done.destination.unlink()
    os.symlink(tmp_path / "snare.wav", done.destination)

    assert not is_up_to_date(done, wish(done))
