"""Which label a name means, however it is written."""

from __future__ import annotations

import pytest

from drumwatch.core.errors import UsageError
from drumwatch.learning.labels import VERY_NEAR, UnknownLabel, Vocabulary

FOLDERS = {"kick": "Drums Low", "tom": "Toms", "clap": "snare"}
KNOWN = Vocabulary(FOLDERS, ["blips", "Kick", "Zap"])


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("kick", "kick"),
        ("Kick", "kick"),
        ("KICKS", "kick"),
        ("Hats", "hat"),
        ("percussion", "percussion"),
        ("Clap", "clap"),
        ("claps", "clap"),
        ("Hat closed", "hat-closed"),
        ("hat_open", "hat-open"),
        ("drums low", "kick"),
        ("toms", "Toms"),
        ("tom", "tom"),
        ("blips", "blips"),
        ("BLIPS", "blips"),
        ("zap", "Zap"),
        ("blip", None),
        ("kik", None),
    ],
)
def test_a_name_means_a_label_in_any_case_and_in_the_plural(word, label):
    assert KNOWN.resolve(word) == label


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("kik", "kick"),
        ("Snair", "snare"),
        ("perc", "percussion"),
        ("tomms", "Toms"),
        ("blip", "blips"),
        ("qqq", ""),
    ],
)
def test_the_known_label_that_is_most_like_an_unknown_one_is_proposed(word, near):
    with pytest.raises(UnknownLabel) as refused:
        KNOWN.checked(word)

    assert refused.value.suggestion == near
    assert refused.value.exit_code == UsageError.exit_code


def test_where_nothing_is_near_the_labels_are_listed():
    with pytest.raises(UnknownLabel, match="there are kick, snare, hat, percussion, other"):
        Vocabulary({}).checked("qqq")


def test_a_new_label_is_taken_where_new_ones_are_allowed():
    assert KNOWN.checked("stabs", new=True) == "stabs"


def test_a_known_label_is_never_a_new_one():
    assert KNOWN.checked("Kick", new=True) == "kick"


@pytest.mark.parametrize("word", ["../away", "a/b", "", ".hidden", "x" * 41, "a\nb"])
def test_what_can_be_no_folder_can_be_no_label_new_or_not(word):
    for new in (True, False):
        with pytest.raises(UsageError, match="cannot be a label"):
            KNOWN.checked(word, new=new)


@pytest.mark.parametrize("word", ["stabs", "hits", "stick", "click", "bass drum"])
def test_a_label_of_the_users_own_is_not_taken_for_a_typing_error(word):
    assert KNOWN.suggestion(word, VERY_NEAR) == ""


def test_an_earlier_typing_error_is_not_proposed_instead_of_a_known_label():
    known = Vocabulary({}, ["snaer"])

    assert known.suggestion("snear") == "snare"
    assert known.suggestion("snaerr") == "snaer"
