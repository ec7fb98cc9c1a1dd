"""What `sort` asks before it moves many files: when it asks, what it prints for programs, and which answers leave the originals."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import click
import pytest
from project_trees import put

from drumwatch.config import Config, Watch, parse
from drumwatch.core.errors import UsageError
from drumwatch.core.records import Entry
from drumwatch.sorting import confirm
from drumwatch.sorting.confirm import find, keeping_originals, may_move, refusal
from drumwatch.sorting.preview import MANY_FILES, Plan
from drumwatch.sorting.sorter import Done

if TYPE_CHECKING:
    from pathlib import Path

KEEP, TRASH = 'after_unpacking = "keep"', 'after_unpacking = "trash"'
MOVING_RULE = '[[rule]]\naction = "move"\nmatch = {label = "kick"}\n'


def config_of(folder: Path, *lines: str, watched: str = "") -> Config:
    watch = f'[[watch]]\nfolder = "{folder}/watched"\n{watched}\n'
    top = [line for line in lines if line != MOVING_RULE]
    rules = [line for line in lines if line == MOVING_RULE]
    return parse("\n".join([f'library = "{folder}/Library"', *top, watch, *rules]))


def fill(folder: Path, count: int, ending: str = ".wav") -> Path:
    for number in range(count):
        put(folder / f"{number}{ending}", b"x")
    return folder


# --- how much there is ---


def test_sounds_and_archives_are_counted_and_whatever_else_might_be_moved(tmp_path):
    fill(tmp_path / "old/Oak Kit", 3)
    put(tmp_path / "old/Oak Kit/Licence.txt", "yours")
    put(tmp_path / "old/Oak Kit/.hidden.wav", b"x")
    put(tmp_path / "old/Elm Kit.zip", b"x")

    found = find([tmp_path / "old"], config_of(tmp_path, TRASH))

    assert (found.total, found.movable, found.packs) == (4, 5, 2)


def test_an_archive_that_stays_when_it_is_unpacked_is_none_that_moves(tmp_path):
    put(tmp_path / "old/Elm Kit.zip", b"x")
    put(tmp_path / "old/Oak Kit.zip", b"x")

    found = find([tmp_path / "old"], config_of(tmp_path, KEEP))

    assert (found.total, found.movable, found.packs) == (2, 0, 0)


def test_a_file_that_is_given_by_name_counts_whatever_its_name(tmp_path):
    odd, hidden = put(tmp_path / "old/kick", b"x"), put(tmp_path / "old/.kick.wav", b"x")

    found = find([odd, hidden], config_of(tmp_path))

    assert (found.total, found.movable, found.packs) == (2, 2, 0)


def test_documents_alone_are_no_pack(tmp_path):
    fill(tmp_path / "old/letters", 3, ".txt")

    found = find([tmp_path / "old"], config_of(tmp_path))

    assert (found.total, found.packs) == (0, 0)


@pytest.mark.parametrize(("files", "is_much"), [(MANY_FILES, False), (MANY_FILES + 1, True)])
def test_more_than_two_hundred_files_may_be_much(tmp_path, files, is_much):
    fill(tmp_path / "old/Oak Kit", files)

    assert find([tmp_path / "old"], config_of(tmp_path)).may_be_much is is_much


def test_more_than_one_pack_may_be_much(tmp_path):
    fill(tmp_path / "old/Oak Kit", 1)
    assert not find([tmp_path / "old"], config_of(tmp_path)).may_be_much

    fill(tmp_path / "old/Elm Kit", 1)
    assert find([tmp_path / "old"], config_of(tmp_path)).may_be_much


# --- whether anything moves at all ---


@pytest.mark.parametrize(
    ("lines", "watched", "action", "moves"),
    [
        ([KEEP], "", None, True),
        ([KEEP], "", "copy", False),
        ([KEEP, 'action = "copy"'], "", None, False),
        ([KEEP, 'action = "copy"'], "", "move", True),
        ([KEEP, 'action = "copy"'], 'action = "move"', None, True),
        ([KEEP], 'action = "copy"', None, False),
        (['action = "copy"', TRASH], "", None, True),
        ([KEEP, 'action = "copy"', MOVING_RULE], "", None, True),
    ],
)
def test_something_moves_by_the_action_by_a_rule_or_because_an_archive_is_put_away(
    tmp_path, lines, watched, action, moves
):
    given = [put(tmp_path / "watched/Oak Kit/1.wav", b"x"), tmp_path / "watched/Oak Kit"]

    for path in given:
        config = config_of(tmp_path, *lines, watched=watched)
        assert may_move([path], config, action=action, library=None) is moves


def test_who_copies_instead_keeps_every_original(tmp_path):
    config = config_of(tmp_path, TRASH, MOVING_RULE)
    linking = replace(config.rules[0], action="hardlink")
    config = replace(config, rules=(*config.rules, linking))

    kept = keeping_originals(config, "copy")

    assert [rule.action for rule in kept.rules] == ["copy", "hardlink"]
    assert kept.after_unpacking == "keep"
    assert not may_move([tmp_path / "old"], kept, action="copy", library=None)


# --- the question ---


def plan_of(tmp_path: Path, files: int, packs: int) -> Plan:
    watch = Watch(tmp_path / "old", tmp_path / "Library")
    case = SimpleNamespace(watch=watch, closes=None, arrival=SimpleNamespace(path=watch.folder))
    plan = Plan()
    for number in range(files):
        batch = number % packs
        entry = Entry(
            id=0,
            time=0.0,
            batch=batch,
            pack=f"Kit {batch}",
            source=watch.folder / f"Kit {batch}/{number}.wav",
            destination=watch.library / f"kick/{number}.wav",
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
        plan.add(Done(case, [entry], None))  # type: ignore[arg-type]
    return plan


@pytest.mark.parametrize(
    ("files", "packs", "result"),
    [
        (4, 2, "4 files would be moved out of 2 packs: "),
        (MANY_FILES, 2, "200 files would be moved out of 2 packs: "),
        (MANY_FILES + 1, 1, "201 files would be moved, more than 200: "),
    ],
)
def test_the_refusal_says_how_much_it_is_and_what_to_say_instead(tmp_path, files, packs, result):
    reported = refusal(plan_of(tmp_path, files, packs))

    assert reported == f"{result}say --yes to move them, or --action copy to keep the originals."


@pytest.mark.parametrize("missing", ["stdin", "stderr"])
def test_where_nobody_can_answer_the_plan_is_shown_and_nothing_is_asked(
    tmp_path, monkeypatch, capsys, missing
):
    somebody = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr(
        confirm, "sys", SimpleNamespace(**{"stdin": somebody, "stderr": somebody, missing: None})
    )

    with pytest.raises(UsageError, match="4 files would be moved out of 2 packs"):
        confirm.confirm(plan_of(tmp_path, 4, 2))

    assert "Kit 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("result", "answer"),
    [("m", "move"), ("Move", "move"), (" c ", "copy"), ("COPY", "copy"), ("n", "nothing"), ("no", "nothing")],
)
def test_an_answer_is_a_word_or_its_beginning(result, answer):
    assert confirm._answer_of(result) == answer


@pytest.mark.parametrize("result", ["", " ", "y", "yes", "moved", "x"])
def test_any_other_answer_is_asked_again(result):
    with pytest.raises(click.BadParameter, match="please answer m, c or n"):
        confirm._answer_of(result)
