"""Which folder holds what, how purely, and what is proposed for `[labels]`."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from drumwatch.core.records import Verdict
from drumwatch.intake.pack_names import divides_a_library
from drumwatch.learning.adopting import adopted_sounds, wrong_folder_sentences
from drumwatch.learning.folder_purity import (
    MOST_WEIGHT,
    SoundInFolder,
    named_kind,
    propose,
    weight_of,
    wrong_places,
)

NUMBERS = count()


def heard(folder: str, many: int, label: str, kind: str = "", *, sure: float = 0.95) -> list[SoundInFolder]:
    """So many sounds of one label in a folder; the rest of the probability is the snare's."""
    probabilities = (
        {label: sure, "snare": 1 - sure} if label != "snare" else {"snare": sure, "kick": 1 - sure}
    )
    verdict = Verdict(label, kind or label, sure, probabilities, {kind or label: sure}, "", "one-shot", 0.2)
    names = [f"{next(NUMBERS)}.wav" for _ in range(many)]
    return [
        SoundInFolder(Path("/library", folder, name), tuple(folder.split("/")), name, verdict)
        for name in names
    ]


def test_a_folder_of_one_label_is_proposed_and_a_mixture_is_not():
    sounds = [
        *heard("Kicks", 97, "kick"),
        *heard("Kicks", 3, "percussion", "tom"),
        *heard("Misc", 10, "kick"),
        *heard("Misc", 10, "hat", "hat-closed"),
    ]

    found = propose(sounds)

    assert found.sentences() == ["Kicks: 100 sounds, 97 % kicks", "Misc: 20 sounds, a mixture: not used"]
    assert found.changes({}) == {"kick": "Kicks"}
    assert found.without_folder() == ["snare", "hat", "percussion", "other"]


def test_subfolders_of_one_kind_belong_to_their_folder_and_types_have_folders_of_their_own():
    sounds = [
        *heard("Drums/Kicks/808", 30, "kick"),
        *heard("Drums/Kicks/Acoustic", 30, "kick"),
        *heard("Drums/Hats/Closed", 30, "hat", "hat-closed"),
        *heard("Drums/Hats/Open", 30, "hat", "hat-open"),
    ]

    assert propose(sounds).changes({}) == {
        "kick": "Drums/Kicks",
        "hat": "Drums/Hats",
        "hat-closed": "Drums/Hats/Closed",
        "hat-open": "Drums/Hats/Open",
    }


def test_a_folder_that_only_holds_the_kicks_folder_is_not_the_folder_of_kicks():
    assert propose(heard("Drums/Kicks", 30, "kick")).changes({}) == {"kick": "Drums/Kicks"}


@pytest.mark.parametrize("pack", ["Vengeance", "Goldbaby Kicks", "Drums/Vengeance", "KICK ASS Vol 1"])
def test_folders_of_packs_by_maker_are_not_proposed_and_neither_is_what_is_in_them(pack):
    sounds = [
        *heard(f"{pack}/Kicks", 90, "kick"),
        *heard(f"{pack}/Snares", 90, "snare"),
        *heard("Hats", 30, "hat", "hat-open"),
    ]

    found = propose(sounds)

    assert found.changes({}) == {"hat": "Hats"}
    assert f"{pack}: 180 sounds, named like a pack: not used" in found.sentences()


def test_a_pack_inside_a_folder_of_kicks_belongs_to_the_kicks():
    found = propose([*heard("Kicks/Vengeance", 20, "kick"), *heard("Kicks", 20, "kick")])

    assert found.sentences() == ["Kicks: 40 sounds, 100 % kicks"]


def test_of_several_folders_of_one_label_the_largest_and_purest_gets_the_new_ones_and_the_others_are_named():
    sounds = [
        *heard("Old Kicks", 50, "kick"),
        *heard("Kicks", 60, "kick"),
        *heard("My Kicks", 62, "kick"),
        *heard("My Kicks", 14, "snare"),
    ]

    found = propose(sounds)

    assert found.changes({}) == {"kick": "Kicks"}
    assert found.sentences() == [
        "Kicks: 60 sounds, 100 % kicks",
        "My Kicks: 76 sounds, 82 % kicks; another folder gets the new ones",
        "Old Kicks: 50 sounds, 100 % kicks; another folder gets the new ones",
    ]


def test_a_folder_needs_fewer_right_sounds_where_its_name_says_what_they_are():
    sixty_five = [*heard("X", 65, "other", "fx"), *heard("X", 35, "snare")]
    by_name = [sound._replace(folders=("FX & Risers",)) for sound in sixty_five]
    without = [sound._replace(folders=("Misc",)) for sound in sixty_five]

    assert propose(by_name).changes({}) == {"fx": "FX & Risers"}
    assert propose(without).is_empty


def test_a_folder_named_after_a_label_stands_for_it_whatever_type_is_frequent():
    assert propose(heard("Percussion", 30, "percussion", "clap")).changes({}) == {"percussion": "Percussion"}
    assert propose(heard("Claps", 30, "percussion", "clap")).changes({}) == {"clap": "Claps"}


def test_a_folder_with_few_sounds_and_one_that_cannot_be_in_the_configuration_are_not_proposed():
    found = propose([*heard("Snares", 3, "snare"), *heard("Kicks.", 30, "kick")])

    assert found.is_empty
    assert found.sentences() == [
        "Kicks.: 30 sounds, 100 % kicks; a folder of this name cannot be in the configuration",
        "Snares: 3 sounds: too few to tell, not used",
    ]


def test_a_folder_named_like_another_label_is_not_proposed_because_many_disks_take_it_for_that():
    assert propose(heard("Other", 30, "other", "fx")).changes({}) == {"other": "Other"}
    assert propose(heard("Other", 30, "kick")).changes({}) == {}


def test_what_the_configuration_says_already_is_no_change():
    sounds = [*heard("kick", 30, "kick"), *heard("Claps", 30, "percussion", "clap")]

    assert propose(sounds).changes({"clap": "Claps"}) == {}
    assert propose(sounds).changes({"kick": "Bass Drums", "clap": "snare"}) == {
        "kick": "kick",
        "clap": "Claps",
    }


def test_a_name_that_says_no_label_may_be_a_class_until_it_is_rejected():
    sounds = [*heard("Foley hits", 15, "other", "fx"), *heard("Foley hits", 15, "percussion", "rim")]

    assert propose(sounds).classes == {"Foley hits"}
    assert propose(sounds).changes({}) == {}  # its folder has its name
    assert propose(sounds, rejected={"Foley hits"}).is_empty


def test_a_deeper_class_needs_its_folder_in_the_configuration():
    sounds = [*heard("FX/Foley hits", 25, "other", "fx"), *heard("FX", 10, "other", "fx")]

    assert propose(sounds).changes({}) == {"fx": "FX", "Foley hits": "FX/Foley hits"}
    assert propose(sounds).sentences() == [
        "FX: 10 sounds, 100 % effects",
        "FX/Foley hits: 25 sounds, a class of your own",
    ]
    assert propose(sounds, rejected={"FX/Foley hits"}).sentences() == ["FX: 35 sounds, 100 % effects"]


def test_vague_names_and_names_of_packs_are_classes_only_if_the_user_says_so():
    sounds = [*heard("Misc", 30, "kick"), *heard("Misc", 30, "snare"), *heard("Boings", 30, "other", "fx")]

    assert propose(sounds).classes == frozenset()
    assert propose(sounds, classes={"Boings"}).classes == {"Boings"}


def test_what_surely_sounds_like_another_label_is_in_the_wrong_folder_and_does_not_count():
    sounds = [
        *heard("Kicks", 80, "kick"),
        *heard("Kicks", 14, "percussion", "tom"),
        *heard("Kicks", 2, "hat", "hat-open", sure=0.7),
    ]
    found = propose(sounds)
    wrong = list(wrong_places(sounds, found))

    adopted = adopted_sounds(sounds, found, wrong)

    assert wrong_folder_sentences(wrong) == ["14 sounds in Kicks sound like toms"]
    assert len(adopted) == 82
    assert {(one.label, one.pack) for one in adopted} == {("kick", "adopted Kicks")}


def test_a_sound_that_lies_in_folders_of_two_labels_counts_for_none():
    kicks, snares = heard("Kicks", 20, "kick"), heard("Snares", 20, "snare")
    snares[0] = snares[0]._replace(content_hash=kicks[0].content_hash)
    kicks[1] = kicks[1]._replace(content_hash=kicks[2].content_hash)

    sounds = [*kicks, *snares]

    assert len(adopted_sounds(sounds, propose(sounds), [])) == 18 + 19


def test_the_purer_a_folder_the_more_its_sounds_count_and_never_as_much_as_a_confirmation():
    pure = propose(heard("Kicks", 50, "kick")).reports[0]
    less = propose([*heard("Kicks", 40, "kick"), *heard("Kicks", 10, "snare")]).reports[0]

    assert 0 < weight_of(less) < weight_of(pure) == MOST_WEIGHT < 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Kicks", "kick"),
        ("Bass Drums", "kick"),
        ("Hats/Closed", "hat-closed"),
        ("Closed", ""),
        ("OH Hats", "hat-open"),
        ("Claps & Rims", "percussion"),
        ("Kicks & Snares", ""),
        ("Crashes", "cymbal"),
        ("Misc", ""),
    ],
)
def test_the_name_of_a_folder_says_a_label_or_a_type(name, kind):
    assert named_kind(tuple(name.split("/"))) == kind


@pytest.mark.parametrize(
    ("name", "divides"),
    [
        ("Kicks", True),
        ("My Hats", True),
        ("FX & Risers", True),
        ("808", True),
        ("Samples", True),
        ("Foley hits", True),
        ("Vengeance", False),
        ("Goldbaby Kicks", False),
    ],
)
def test_a_folder_divides_a_library_by_words_for_sounds_and_not_by_a_makers_name(name, divides):
    assert divides_a_library(name) is divides
