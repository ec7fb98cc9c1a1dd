"""A kit is balanced, near together, without twins, and the same for the same seed; its files have names that a device takes."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest

from drumwatch.kits.choosing import Candidate, choose
from drumwatch.kits.devices import DEVICES, FOLDER
from drumwatch.kits.names import file_stems, folder_name
from drumwatch.kits.roles import ROLES, in_words, quotas, role_of

ROLE_LIST = list(ROLES)


def library(each=20, **counts):
    """So many sounds of each role, at random places."""
    rng = random.Random(7)
    found: list[Candidate] = []
    for role in ROLE_LIST:
        for _ in range(counts.get(role.replace(" ", "_"), each)):
            found.append(Candidate(len(found) + 1, role, (rng.gauss(0, 1), rng.gauss(0, 1), rng.gauss(0, 1))))
    return found


def roles_of(choice, sounds):
    role = {one.id: one.role for one in sounds}
    return [role[number] for number in choice.ids]


def spread(sounds):
    return sum(math.dist(one.place, other.place) for one in sounds for other in sounds)


def test_a_kit_of_sixteen_has_each_role_and_more_of_those_that_are_played_more():
    sounds = library()

    choice = choose(sounds, size=16, seed=1)

    assert Counter(roles_of(choice, sounds)) == {
        "kick": 3, "snare": 2, "clap": 2, "closed hat": 2, "open hat": 2, "percussion": 4, "other": 1,
    }  # fmt: skip
    assert not any(choice.missing.values())


@pytest.mark.parametrize("size", [1, 5, 8, 16, 33])
def test_the_size_is_kept_and_the_pads_are_in_the_order_of_the_roles(size):
    sounds = library(each=40)

    roles = roles_of(choose(sounds, size=size, seed=3), sounds)

    assert len(roles) == size
    assert roles == sorted(roles, key=ROLE_LIST.index)


def test_the_smallest_kits_have_what_a_beat_needs_first():
    assert {role for role, count in quotas(4).items() if count} == {"kick", "snare", "closed hat", "open hat"}


def test_a_seed_chooses_the_same_in_whatever_order_the_sounds_come_and_another_one_chooses_otherwise():
    sounds = library()
    mixed = random.Random(5).sample(sounds, len(sounds))

    assert choose(sounds, size=16, seed=4) == choose(mixed, size=16, seed=4)
    assert len({choose(sounds, size=16, seed=seed).ids for seed in range(10)}) > 1


def test_the_sounds_are_nearer_together_than_random_ones_of_the_same_roles():
    sounds = library(each=60)
    by_id = {one.id: one for one in sounds}
    choice = choose(sounds, size=16, seed=2)
    rng = random.Random(0)
    others = [rng.choice([one for one in sounds if one.role == by_id[number].role]) for number in choice.ids]

    assert spread([by_id[number] for number in choice.ids]) < 0.7 * spread(others)


def test_of_two_sounds_that_are_nearly_the_same_only_the_confirmed_one_is_chosen():
    twins = [
        Candidate(1, "kick", (0.0, 0.0), twins=frozenset({2})),
        Candidate(2, "kick", (0.0, 0.1), confirmed=True, twins=frozenset({1})),
        Candidate(3, "kick", (5.0, 5.0)),
    ]

    kits = [choose(twins, size=16, seed=seed).ids for seed in range(20)]

    assert all(set(ids) == {2, 3} for ids in kits)


def test_of_two_sounds_that_are_equally_near_the_confirmed_one_is_chosen():
    sounds = [
        Candidate(1, "kick", (0.0, 0.0)),
        Candidate(2, "snare", (1.0, 0.0)),
        Candidate(3, "snare", (1.0, 0.0), confirmed=True),
        Candidate(4, "snare", (9.0, 9.0)),
    ]

    assert all(set(choose(sounds, size=2, seed=seed).ids) == {1, 3} for seed in range(20))


def test_of_one_role_a_kit_has_different_sounds_and_types_while_there_are_near_ones():
    rims = [Candidate(n, "percussion", (n / 100, 0.0), "rim") for n in range(1, 9)]
    others = [
        Candidate(10, "percussion", (8.0, 0.0), "tom"),
        Candidate(11, "percussion", (-8.0, 0.0), "bell"),
        Candidate(12, "percussion", (0.0, 8.0), "shaker"),
    ]
    far = [Candidate(20 + n, "percussion", (60.0, float(n)), "tom") for n in range(4)]
    kicks = [Candidate(90 + n, "kick", (9.0 * n, 0.0)) for n in range(12)]

    varied = choose([*kicks, *rims, *others, *far], size=16, seed=0, wanted={90})
    only_rims = choose([*kicks, *rims, *far], size=16, seed=0, wanted={90})

    assert {10, 11, 12} < set(varied.ids)
    assert len({*varied.ids} & {one.id for one in rims}) == 1
    assert {*only_rims.ids} & {one.id for one in far} == set()


def test_wanted_sounds_are_in_the_kit_and_the_others_are_like_them():
    sounds = [
        *(Candidate(n, role, (0.0, n / 100)) for n, role in enumerate(ROLE_LIST, 1)),
        *(Candidate(100 + n, role, (9.0, n / 100)) for n, role in enumerate(ROLE_LIST * 3, 1)),
    ]

    choice = choose(sounds, size=8, seed=0, wanted={103, 110})

    assert {103, 110} <= set(choice.ids)
    assert min(choice.ids) > 100


def test_of_more_wanted_sounds_than_fit_the_kit_is_chosen():
    sounds = library()
    wanted = {one.id for one in sounds if one.id % 2}

    choice = choose(sounds, size=16, seed=0, wanted=wanted)

    assert len(choice.ids) == 16
    assert set(choice.ids) <= wanted


def test_if_only_kicks_are_chosen_the_kit_is_kicks():
    sounds = library()
    kicks = {one.id for one in sounds if one.role == "kick"}

    choice = choose(sounds, size=16, seed=0, wanted=kicks)

    assert len(choice.ids) == 16
    assert set(choice.ids) <= kicks


def test_what_the_kit_is_to_be_like_need_not_be_in_the_library():
    sounds = [Candidate(n, "kick", (float(n), 0.0)) for n in range(1, 20)]

    assert choose(sounds, size=1, seed=0, like=[(18.0, 0.0)]).ids[0] > 12


def test_what_the_library_lacks_is_counted_and_a_partner_stands_in():
    sounds = library(clap=0, kick=1, open_hat=0)

    choice = choose(sounds, size=16, seed=0)
    found = Counter(roles_of(choice, sounds))

    assert {role: count for role, count in choice.missing.items() if count} == {
        "kick": 2, "clap": 2, "open hat": 2,
    }  # fmt: skip
    assert (found["snare"], found["closed hat"], found["kick"]) == (4, 4, 1)
    assert in_words(choice.missing) == "2 kicks, 2 claps and 2 open hats"


def test_without_any_sound_everything_is_missing():
    assert choose([], size=4, seed=0).ids == ()


@pytest.mark.parametrize(
    ("kind", "label", "role"),
    [
        ("clap", "percussion", "clap"),
        ("hat-open", "hat", "open hat"),
        ("hat", "hat", "closed hat"),
        ("tom", "toms", "percussion"),
        ("cymbal", "other", "other"),
        ("Foley hits", "Foley hits", "other"),
        ("snare", "Snares", "snare"),
    ],
)
def test_each_sound_has_a_role_whatever_its_folder_is_called(kind, label, role):
    assert role_of(kind, label) == role


@pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)
def test_names_fit_the_device_differ_and_sort_like_the_pads(device):
    sounds = [
        ("kick", "Über.Kick #1 (long & dirty) with a name that goes on and on"),
        ("open hat", "Ωhh"),
        ("kick", ""),
    ] * 5

    stems = file_stems(sounds, device)

    assert len({stem.casefold() for stem in stems}) == len(stems)
    assert stems == sorted(stems)
    if device.longest_name:
        assert max(map(len, stems)) <= device.longest_name
    if device.ascii_only:
        assert all(stem.isascii() and "." not in stem and " " not in stem for stem in stems)


def test_a_name_keeps_what_the_sound_was_called():
    assert file_stems([("kick", "BD_07"), ("closed hat", "tss tight")], FOLDER) == [
        "01_kick_BD_07",
        "02_hat_tss tight",
    ]
    assert file_stems([("kick", "Kick 7")], FOLDER) == ["01_Kick 7"]
    assert file_stems([("kick", "BD.07")], DEVICES["mpc"]) == ["01_kick_BD_07"]


@pytest.mark.parametrize(
    ("name", "folder"),
    [("Dusty", "Dusty"), ("a/b", "a_b"), ("..", ""), ("", ""), ("  ", ""), ("CON", "CON_")],
)
def test_a_kit_s_name_is_the_name_of_a_folder_on_every_disk(name, folder):
    assert folder_name(name, FOLDER) == folder
