"""The index of neighbors: who has a say about whom, and that it is the same in whatever order sounds come and go."""

from __future__ import annotations

import random

import pytest

from drumwatch.context.evidence import evidence_of, factor_of
from drumwatch.context.neighbors import Neighbors, NeighborSound, Place, neighbor_sound
from drumwatch.core.records import Verdict

KICK = (0.8, 0.05, 0.05, 0.05, 0.05)
SNARE = (0.05, 0.8, 0.05, 0.05, 0.05)
UNSURE = (0.3, 0.3, 0.1, 0.2, 0.1)


def sound(path: str, p=KICK, *, pack="Pack", digest="", confirmed="", with_name=None) -> NeighborSound:
    folder, _, name = path.rpartition("/")
    return NeighborSound(Place(pack, folder, name), p, with_name or p, digest, confirmed)


def index(*sounds: NeighborSound) -> Neighbors:
    found = Neighbors()
    for one in sounds:
        found.put(key_of(one), one)
    return found


def key_of(one: NeighborSound) -> str:
    return f"{one.place.pack}/{one.place.folder}/{one.place.name}"


def levels(neighbors: Neighbors, path: str) -> dict[str, tuple[int, str]]:
    return {one.level: (one.sounds, one.shared) for one in neighbors.evidence(f"Pack/{path}")}


def test_files_named_alike_in_a_folder_are_neighbors_by_their_stem():
    neighbors = index(sound("Drums/BD_01.wav"), sound("drums/bd_02.wav"), sound("Other/BD_03.wav"))

    assert levels(neighbors, "Drums/BD_01.wav")["stem"] == (1, "bd")
    assert "stem" not in levels(neighbors, "Other/BD_03.wav")


def test_other_stems_with_a_word_of_the_name_are_neighbors_in_the_whole_pack():
    neighbors = index(
        sound("A/acme bongo tight.wav"),
        sound("B/acme bongo loose.wav"),
        sound("C/acme roar.wav"),
        sound("D/acme wood.wav"),
    )

    assert levels(neighbors, "A/acme bongo tight.wav") == {"word": (1, "bongo")}
    assert levels(neighbors, "C/acme roar.wav") == {}  # "acme" is in all names: the vendor's


def test_all_other_files_of_a_folder_are_neighbors_those_named_by_numbers_each_for_itself():
    neighbors = index(*(sound(f"A/{number:03}.wav") for number in range(5)), sound("A/boom 1.wav"))

    assert levels(neighbors, "A/001.wav") == {"folder": (5, "A")}
    assert levels(neighbors, "A/boom 1.wav") == {"folder": (5, "A")}


def test_sounds_of_different_packs_are_never_neighbors():
    neighbors = index(sound("A/bd 1.wav"), sound("A/bd 2.wav", pack="Another"))

    assert neighbors.evidence("Pack/A/bd 1.wav") == ()


def test_a_stem_is_one_voice_for_the_others():
    many = index(*(sound(f"A/bd {number}.wav") for number in range(9)), sound("A/hat.wav", UNSURE))
    said = [3 * share for share in evidence_of(KICK)]  # nine of a kind count as three

    (folder,) = many.evidence("Pack/A/hat.wav")

    assert folder.factor == pytest.approx(factor_of("folder", said, 1))
    assert folder.likeliest == (9, 0, 0, 0, 0)


def test_mates_of_a_stem_speak_by_sound_alone_and_others_with_their_names():
    neighbors = index(
        sound("A/bd 1.wav", UNSURE, with_name=KICK),
        sound("A/bd 2.wav", UNSURE, with_name=KICK),
        sound("A/roar.wav", UNSURE),
    )

    (stem, _) = neighbors.evidence("Pack/A/bd 1.wav")
    (folder,) = neighbors.evidence("Pack/A/roar.wav")

    assert stem.factor == pytest.approx(factor_of("stem", evidence_of(UNSURE), 1))
    assert folder.factor[0] > 1.3


def test_copies_count_once_and_a_sound_is_no_neighbor_of_its_copy():
    neighbors = index(
        sound("A/bd 1.wav", digest="same"),
        sound("A/bd 2.wav", digest="same"),
        sound("A/bd 3.wav", digest="third"),
        sound("B/roar.wav", digest="same"),
        sound("B/wood.wav", digest="fourth"),
    )

    assert levels(neighbors, "A/bd 3.wav") == {"stem": (1, "bd")}
    assert levels(neighbors, "A/bd 1.wav") == {"stem": (1, "bd")}
    assert levels(neighbors, "B/wood.wav") == {"folder": (1, "B")}
    neighbors.put("copy", sound("B/bd copy.wav", digest="third"))
    assert "word" not in levels(neighbors, "A/bd 1.wav")  # the copy has spoken with its own stem


def test_what_the_user_names_speaks_for_a_sound_and_its_copies():
    neighbors = index(sound("A/bd 1.wav", digest="a"), sound("A/bd 2.wav", digest="a"), sound("A/bd 3.wav"))
    before = neighbors.evidence("Pack/A/bd 3.wav")[0]

    neighbors.put("Pack/A/bd 2.wav", sound("A/bd 2.wav", digest="a", confirmed="snare"))

    after = neighbors.evidence("Pack/A/bd 3.wav")[0]
    assert before.factor[0] > 2 > after.factor[0]
    assert after.factor[1] > 2
    assert (after.sounds, after.confirmed) == (1, 1)


def test_a_sound_that_was_not_analyzed_yet_is_told_what_its_neighbors_say():
    neighbors = index(sound("A/bd 1.wav"), sound("A/bd 2.wav", digest="two"))

    found = neighbors.evidence_for("new", Place("Pack", "A", "bd 3.wav"))
    of_copy = neighbors.evidence_for("new", Place("Pack", "A", "bd 3.wav"), digest="two")

    assert [(one.level, one.sounds) for one in found] == [("stem", 2)]
    assert [(one.level, one.sounds) for one in of_copy] == [("stem", 1)]
    assert neighbors.evidence_for("new", Place("Nowhere", "A", "bd 3.wav")) == ()


def test_those_about_whom_a_sound_has_a_say_are_its_neighbors():
    neighbors = index(
        sound("A/bongo 1.wav"), sound("A/roar.wav"), sound("B/bongo low.wav"), sound("B/wood.wav")
    )

    found = neighbors.neighbors_of("Pack/A/bongo 1.wav", Place("Pack", "A", "bongo 1.wav"))

    assert found == {"Pack/A/roar.wav", "Pack/B/bongo low.wav"}


def drawn(seed: int) -> list[NeighborSound]:
    rng = random.Random(seed)
    names = ("bongo {}.wav", "bongo low {}.wav", "{}.wav", "roar {}.wav", "low roar {}.wav")
    return [
        sound(
            f"{rng.choice('AB')}/{rng.choice(names).format(number)}",
            rng.choice((KICK, SNARE, UNSURE)),
            digest=rng.choice(("", "", "x", "y", "z")),
            confirmed=rng.choice(("", "", "", "hat")),
        )
        for number in range(24)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_sounds_that_came_and_went_leave_no_trace(seed):
    sounds = drawn(seed)
    stay, go = sounds[:12], sounds[12:]
    straight, around = index(*stay), index(*stay)

    for one in go:
        around.put(key_of(one), one)
        for stays in stay:
            around.evidence(key_of(stays))
    for one in go:
        around.remove(key_of(one))

    assert len(around) == len(straight) == 12
    for one in stay:
        expected = straight.evidence(key_of(one))
        found = around.evidence(key_of(one))
        assert [(e.level, e.sounds, e.likeliest, e.confirmed) for e in found] == [
            (e.level, e.sounds, e.likeliest, e.confirmed) for e in expected
        ]
        for mine, other in zip(found, expected, strict=True):
            assert mine.factor == pytest.approx(other.factor)


def test_what_is_asked_again_has_changed_with_the_neighbors():
    neighbors = index(sound("A/roar.wav"), sound("A/wood.wav"))
    before = neighbors.evidence("Pack/A/roar.wav")

    neighbors.put("Pack/A/wood.wav", sound("A/wood.wav", SNARE))

    (folder,) = neighbors.evidence("Pack/A/roar.wav")
    assert folder != before[0]
    assert folder.likeliest == (0, 1, 0, 0, 0)


def test_an_index_that_lost_all_sounds_is_empty():
    sounds = drawn(3)
    neighbors = index(*sounds)

    for one in sounds:
        neighbors.remove(key_of(one))

    assert len(neighbors) == 0
    assert neighbors.evidence_for("new", Place("Pack", "A", "bongo 1.wav")) == ()


def verdict(
    name_says: str = "", by_sound: dict[str, float] | None = None, with_name: dict[str, float] | None = None
) -> Verdict:
    p = {"kick": 0.6, "snare": 0.4}
    return Verdict(
        label="kick",
        type="kick",
        confidence=0.6,
        probabilities=p,
        types=p,
        runner_up="snare",
        shape="one-shot",
        duration=1.0,
        name_says=name_says,
        by_sound=by_sound or {},
        with_name=with_name or {},
    )


def test_a_verdict_speaks_by_its_sound_and_not_by_its_own_neighbors():
    place = Place("Pack", "A", "1.wav")
    full = verdict(by_sound={"kick": 0.3, "snare": 0.7}, with_name={"kick": 0.5, "snare": 0.5})

    found = neighbor_sound(place, full, "digest")

    assert found is not None
    assert found.by_sound == (0.3, 0.7, 0.0, 0.0, 0.0)
    assert found.with_name == (0.5, 0.5, 0.0, 0.0, 0.0)


def test_a_verdict_of_an_earlier_version_speaks_only_where_no_name_took_part_or_the_user_has_named_it():
    place = Place("Pack", "A", "1.wav")

    assert neighbor_sound(place, verdict()).by_sound[:2] == (0.6, 0.4)
    assert neighbor_sound(place, verdict(name_says="kick")) is None
    assert neighbor_sound(place, verdict(name_says="kick"), confirmed="hat").confirmed == "hat"
