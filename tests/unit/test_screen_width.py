"""Text on a terminal: lines break between words, and a command stays whole."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from drumwatch.core.screen_width import fit, for_stream, wrapped

if TYPE_CHECKING:
    import pytest


class Screen(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


SENTENCE = "systemd cannot be reached from this session: `drumwatch run --once --everything` runs without it"


def test_a_line_breaks_between_words():
    assert wrapped("one two three four", 9) == ["one two", "three", "four"]


def test_a_command_that_may_be_copied_is_not_broken():
    assert "`drumwatch run --once --everything`" in wrapped(SENTENCE, 60)[-1]


def test_later_lines_are_indented():
    assert wrapped("one two three", 9, indent="  ") == ["one two", "  three"]


def test_only_a_terminal_gets_line_breaks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "40")

    assert for_stream(SENTENCE, io.StringIO()) == SENTENCE
    assert for_stream(SENTENCE, Screen()).count("\n") == 3


@given(st.text(), st.integers(2, 120))
def test_what_is_cut_fits(text, width):
    assert cell_len(fit(text, width)) <= width


@given(st.lists(st.text("ab`c", min_size=1), min_size=1), st.integers(1, 120))
def test_no_word_is_lost_by_breaking(words, width):
    text = " ".join(words)

    assert " ".join(wrapped(text, width)).split() == text.split()
