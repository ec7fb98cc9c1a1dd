"""Every kind of action that is declared for all packages has a handler, and the other way round."""

from pathlib import Path
from typing import get_args

import pytest

from drumwatch.core.records import CONVERT, FILING, KINDS, REMOVE_FOLDERS, ActionKind, Entry
from drumwatch.filing.actions.registry import HANDLERS

SOURCE, DESTINATION = Path("/Downloads/kick.wav"), Path("/Library/kick/kick.wav")


def an_entry(kind, state="done", destination=DESTINATION):
    return Entry(
        id=1, time=0.0, batch=1, pack="", source=SOURCE, destination=destination, action=kind, state=state, label="kick", type="kick",
        confidence=0.9, rule="default", reason="", model="", content_hash="", stamp=None,
    )  # fmt: skip


def test_each_declared_kind_has_one_handler():
    assert set(HANDLERS) == set(KINDS) == {*get_args(ActionKind), REMOVE_FOLDERS, CONVERT}
    assert all(handler.kind == kind for kind, handler in HANDLERS.items())


@pytest.mark.parametrize("kind", get_args(ActionKind))
def test_a_kind_that_a_configuration_may_name_has_all_its_words(kind):
    words = HANDLERS[kind].words

    assert all((words.planned, words.done, words.decided))
    assert bool(words.counted) == (kind != "leave")


@pytest.mark.parametrize("kind", FILING)
def test_only_kinds_that_file_can_be_up_to_date(kind):
    never = HANDLERS["leave"].is_in_place

    assert HANDLERS[kind].is_in_place is not never
    assert HANDLERS["tag"].is_in_place is never


@pytest.mark.parametrize(
    ("kind", "location", "result_path"),
    [
        ("move", DESTINATION, DESTINATION),
        ("copy", DESTINATION, DESTINATION),
        ("hardlink", DESTINATION, DESTINATION),
        ("symlink", SOURCE, DESTINATION),
        ("tag", SOURCE, SOURCE),
        ("leave", SOURCE, SOURCE),
    ],
)
def test_the_sound_is_where_its_bytes_were_put(kind, location, result_path):
    entry = an_entry(kind)

    assert (entry.location, entry.result_path) == (location, result_path)


@pytest.mark.parametrize("state", ["planned", "failed", "undone"])
def test_the_sound_is_at_its_source_unless_the_action_is_done(state):
    assert an_entry("move", state).location == SOURCE


def test_a_move_without_a_known_destination_leaves_the_sound_at_its_source():
    assert an_entry("move", destination=None).location == SOURCE
