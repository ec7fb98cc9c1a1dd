"""The plan that `sort` shows before it moves much, line by line."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rich.cells import cell_len

from drumwatch.config import Watch
from drumwatch.core.records import Entry
from drumwatch.sorting.analyzer import Left
from drumwatch.sorting.planner import LEFT_WHOLE
from drumwatch.sorting.preview import MANY_FILES, Plan
from drumwatch.sorting.sorter import Done, LeftWhole

LIBRARY = Path("/music/Library")
SOUND = Entry(
    id=0,
    time=0.0,
    batch=1,
    pack="Oak Kit",
    source=Path("/old/Oak Kit/1.wav"),
    destination=LIBRARY / "kick/1.wav",
    action="move",
    state="planned",
    label="kick",
    type="kick",
    confidence=0.9,
    rule="default",
    reason="",
    model="",
    content_hash="",
    stamp=None,
)
CASE: Any = SimpleNamespace(
    watch=Watch(Path("/old"), LIBRARY), closes=None, arrival=SimpleNamespace(path=Path("/old"))
)


def sound(**fields: Any) -> Done:
    """One sound that would be moved, unless the fields say otherwise."""
    return Done(CASE, [replace(SOUND, **fields)], None)


def plan_of(*seen: Done) -> Plan:
    plan = Plan()
    for done in seen:
        plan.add(done)
    return plan


def test_one_of_each_is_written_in_the_singular():
    plan = plan_of(sound())

    assert list(plan.lines()) == [
        "1 file would be moved out of 1 folder into /music/Library:",
        "  1  kick",
        "From 1 pack:",
        "  1  Oak Kit",
    ]
    assert plan.to_move == "1 file of 1 pack"


def test_the_fullest_packs_are_shown_and_the_others_are_one_row():
    plan = plan_of(*(sound(batch=n, pack=f"Pack {n:02}") for n in range(52) for _ in range(n + 1)))

    lines = list(plan.lines())

    at = lines.index("From 52 packs:")
    assert lines[at + 1 : at + 3] == ["   52  Pack 51", "   51  Pack 50"]
    assert lines[at + 10 :] == ["  946  … and 43 more packs"]
    assert lines[0].startswith("1,378 files would be moved ")


def test_what_stays_is_reported_with_the_reason():
    left = Done(CASE, [], Left("in the library already"))
    reasons = [
        sound(action="leave", rule="unsure"),
        sound(action="leave", rule="unsure"),
        sound(action="leave", rule="too long"),
        sound(action="leave", rule="not for me"),
        sound(state="failed", action="leave", rule="cannot be heard", label=""),
        sound(state="failed", action="leave", source=Path("/old/a.zip"), label=""),
        left,
    ]

    assert list(plan_of(*reasons).lines()) == [
        "Nothing would be moved or copied.",
        "Not filed:",
        "  2  unsure",
        "  1  left alone: longer than 20 s",
        "  1  left alone: not for me",
        "  1  could not be heard",
        "  1  cannot be unpacked",
        "  1  in the library already",
    ]


def test_each_action_has_its_own_number_and_only_moves_count_as_much():
    plan = plan_of(
        *[sound(action="copy")] * 300, *[sound(action="hardlink")] * 2, sound(action="tag", destination=None)
    )

    assert next(plan.lines()) == "300 files would be copied, 2 linked, 1 tagged into /music/Library:"
    assert not plan.is_much


def test_two_hundred_files_of_one_pack_are_not_much_and_one_more_file_or_pack_is():
    few = [sound()] * MANY_FILES

    assert [
        plan_of(*few).is_much,
        plan_of(*few, sound()).is_much,
        plan_of(sound(), sound(batch=2, pack="Elm Kit")).is_much,
        plan_of(sound(), sound(batch=2, pack="")).is_much,
    ] == [False, True, True, False]


def test_no_line_is_wider_than_the_screen_and_no_name_reaches_it_raw():
    names = ("long " * 40, "鼓" * 90, "\x1b[31mred")
    plan = plan_of(*(sound(batch=n, pack=name) for n, name in enumerate(names)))

    for width in (80, 120):
        lines = list(plan.lines(width))
        assert max(cell_len(line) for line in lines) <= width
        assert any("鼓" in line and line.endswith("…") for line in lines)
        assert "\x1b" not in "".join(lines)


def test_a_hundred_thousand_files_take_no_more_memory_than_their_packs_and_folders():
    seen = [
        sound(batch=n, pack=f"Pack {n}", source=Path(f"/old/Pack {n}/{k}/kick.wav"))
        for n in range(200)
        for k in range(5)
    ]
    tracemalloc.start()
    plan = plan_of(*seen * 100)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert plan.to_move == "100,000 files of 200 packs"
    assert kept < 500_000  # bytes


def whole(name: str, sounds: int) -> Done:
    """A sound of a project, with which the project is met."""
    return Done(CASE, [], Left(LEFT_WHOLE), [LeftWhole(Path("/old", name), "a git checkout", sounds)])


def test_projects_are_named_with_their_sounds_and_their_files_are_counted_nowhere_else():
    plan = plan_of(sound(), whole("game", 1), whole("app", 41), Done(CASE, [], Left(LEFT_WHOLE)))

    assert list(plan.lines())[-3:] == [
        "Left whole:",
        "  app (a git checkout, 41 sounds)",
        "  game (a git checkout, 1 sound)",
    ]
    assert "Not filed:" not in list(plan.lines())


def test_the_fullest_projects_are_named_and_the_others_are_one_line():
    five = plan_of(*(whole(f"p{n}", n) for n in range(1, 6)))
    many = plan_of(*(whole(f"p{n}", n) for n in range(1, 21)))

    assert list(five.lines())[-5:] == [
        *(f"  p{n} (a git checkout, {n} sounds)" for n in (5, 4, 3, 2)),
        "  p1 (a git checkout, 1 sound)",
    ]
    assert list(many.lines())[-5:] == [
        *(f"  p{n} (a git checkout, {n} sounds)" for n in (20, 19, 18, 17)),
        "  … and 16 more, with 136 sounds",
    ]


def test_the_line_of_a_project_fits_the_screen_and_shows_no_raw_name():
    lines = list(plan_of(whole("\x1b[31m" + "鼓" * 90, 3)).lines(80))

    assert max(cell_len(line) for line in lines) <= 80
    assert "\x1b" not in "".join(lines)
