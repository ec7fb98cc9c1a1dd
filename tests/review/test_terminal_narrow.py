"""The review in a terminal of 80 columns and 24 lines: all of it is there, and nothing is cut off or jumps."""

from __future__ import annotations

import pytest
from test_terminal import BACKTAB, DOWN, ESCAPE, SHIFT_DOWN, TAB, Terminal

from drumwatch.core.records import LABELS, TYPES

KINDS = [kind for kinds in TYPES.values() for kind in kinds if kind not in LABELS]


@pytest.fixture(scope="module")
def tty(page, tmp_path_factory):
    terminal = Terminal(page, tmp_path_factory.mktemp("bin"), wide=80, high=24)
    yield terminal
    terminal.process.close(force=True)


@pytest.fixture
def terminal(tty, page):
    """On the first unsure sound, as at the beginning."""
    tty.press(TAB, BACKTAB)
    tty.wait_for("▌kick … one.wav", "Unsure 3")
    yield tty
    page.tidy()


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines()) if words in line)


def test_the_sound_is_explained_below_the_queue(terminal):
    text = terminal.wait_for("▌kick … one.wav", "kick … ███ … %", "Why", "+ ")

    assert line_of(text, "▌kick") < line_of(text, "███")
    assert "Left whole 2" in text.splitlines()[0]


def test_every_label_and_every_type_is_on_the_bar_which_keeps_its_height(terminal):
    labels = terminal.wait_for("1 k kick", "5 o other")
    terminal.press("m")
    types = terminal.wait_for("h hat-closed", "x fx")
    terminal.press("m")
    terminal.wait_for("1 k kick")

    assert all(kind in types for kind in KINDS)
    assert line_of(labels, "1 k kick") == line_of(types, "h hat-closed")


def test_a_long_message_is_shown_to_its_end(terminal):
    terminal.press("u")

    terminal.wait_for("No label was given here", "it was.")


def test_a_clash_is_said_on_its_line(terminal):
    terminal.press(TAB, TAB)
    terminal.wait_for("▌kick … Snare 01.wav  named snare, sounds like kick")
    terminal.press(BACKTAB, BACKTAB)


def test_the_help_shows_every_key_on_one_screen(terminal):
    terminal.press("?")
    terminal.wait_for(
        "By keyboard", "star, and take it away", "show in its folder", "copy its path", "q … quit"
    )
    terminal.press(ESCAPE)
    terminal.wait_for("▌kick … one.wav")
    terminal.press("?")
    terminal.wait_for("By keyboard")
    terminal.press(DOWN)
    terminal.wait_for("▌kick … two.wav")


def test_chosen_sounds_are_starred_and_lose_their_stars_by_the_same_key(terminal, page):
    terminal.press(SHIFT_DOWN, "*")
    terminal.wait_for("2 sounds starred.", "one.wav ★", "two.wav ★")
    starred = [row["name"] for row in page.rows(view="unsure", starred="1")]
    terminal.press("*")
    terminal.wait_for("2 sounds without a star now.")

    assert starred == ["one.wav", "two.wav"]
    assert page.rows(view="unsure", starred="1") == []
    assert "★" not in terminal.text()


def test_the_terminal_is_asked_to_copy_the_path(terminal):
    terminal.press("c")

    terminal.wait_for("The terminal was asked to copy", "intake/one.wav")
