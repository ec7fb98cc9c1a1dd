"""The tags that file managers show: ours beside those of the user, in the two forms."""

from __future__ import annotations

import plistlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumwatch.filing.file_tags import as_list, as_property_list, exchanged, from_list, from_property_list

words = st.sampled_from(["Kick", "Snare", "mine", "Important\n6", "ü"])


def test_ours_comes_behind_those_of_the_user():
    assert exchanged(["mine"], "", "Kick") == ["mine", "Kick"]


def test_a_tag_that_is_there_in_any_case_or_colour_is_not_added_again():
    assert exchanged(["kick"], "", "Kick") == ["kick"]
    assert exchanged(["Kick\n6"], "", "Kick") == ["Kick\n6"]


def test_a_correction_takes_the_place_of_what_we_had_said():
    assert exchanged(["a", "Kick", "b"], "Kick", "Snare") == ["a", "Snare", "b"]


@given(st.lists(words, unique=True), st.sampled_from(["", "Kick"]), st.sampled_from(["Snare", "Hat"]))
def test_taking_back_gives_the_tags_from_before(before, gone, new):
    if new in before:
        return
    after = exchanged(before, gone, new)

    removed = gone if gone in before else ""
    assert exchanged(after, new, removed) == before


def test_both_forms_are_read_as_they_were_written():
    tags = ["mine\n6", "Kick\n0"]

    assert from_property_list(as_property_list(["mine\n6", "Kick"])) == tags
    assert plistlib.loads(as_property_list(["Kick"])) == ["Kick\n0"]
    assert from_list(as_list(["mine", "Kick"])) == ["mine", "Kick"]
    assert (from_list(b""), from_property_list(b"")) == ([], [])


@pytest.mark.parametrize(
    "value", [b"no list", plistlib.dumps({"a": 1}, fmt=plistlib.FMT_BINARY)], ids=["text", "table"]
)
def test_what_is_no_list_of_names_is_refused(value):
    with pytest.raises((ValueError, plistlib.InvalidFileException)):
        from_property_list(value)
