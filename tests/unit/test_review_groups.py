from __future__ import annotations

from drumwatch.context.name_stems import stem_of
from drumwatch.context.neighbors import Place
from drumwatch.review.groups import groups_of


def waiting(*sounds: tuple[str, str, float]) -> dict[int, tuple[Place, str, float]]:
    """Sounds that wait, by number from 1: folder, name, confidence."""
    return {
        number: (Place("pack", folder, name), " ".join(stem_of(name)), confidence)
        for number, (folder, name, confidence) in enumerate(sounds, start=1)
    }


def test_those_named_alike_in_one_folder_are_a_group_with_three_to_hear():
    ghosts = [("Snares", f"ghost_0{n}.wav", 0.4 + n / 100) for n in range(1, 6)]
    known = waiting(*ghosts, ("Snares", "rim.wav", 0.5), ("Other", "ghost_09.wav", 0.5))

    (group,) = groups_of([7, 6, 5, 4, 3, 2, 1], known)

    assert group.sentence == "5 unsure, all named ghost_*: hear three, say once"
    assert group.ids == (5, 4, 3, 2, 1)
    assert group.hear == (5, 3, 1)


def test_the_largest_group_comes_first_and_few_sounds_are_none():
    known = waiting(
        *[("a", f"tick {n}.wav", 0.5) for n in range(4)],
        *[("a", f"boom {n}.wav", 0.5) for n in range(5)],
        *[("a", f"zap {n}.wav", 0.5) for n in range(3)],
    )

    assert [group.name for group in groups_of(list(known), known)] == ["boom *", "tick *"]


def test_numbers_alone_are_no_name_and_what_is_not_shown_is_in_no_group():
    known = waiting(
        *[("a", f"{n:03}.wav", 0.5) for n in range(6)], *[("a", f"hum {n}.wav", 0.5) for n in range(6)]
    )

    assert groups_of([1, 2, 3, 4, 5, 6, 7, 8, 9], known) == []


def test_names_that_begin_otherwise_are_shown_by_their_stem():
    known = waiting(*[("a", f"{n} thud.wav", 0.5) for n in range(1, 5)])

    assert groups_of(list(known), known)[0].name == "thud*"
