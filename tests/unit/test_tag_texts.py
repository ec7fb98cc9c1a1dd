"""What the tags inside a file say about a sound."""

from __future__ import annotations

import pytest

from drumwatch.core.records import Verdict
from drumwatch.filing.tags import keywords_text, tempo_text


def verdict(shape: str, tempo: float | None = None) -> Verdict:
    return Verdict("kick", "kick", 0.9, {}, {}, "", shape, 1.0, tempo)


@pytest.mark.parametrize(
    ("label", "shape", "text"),
    [
        ("kick", "one-shot", "kick; one-shot"),
        ("hat", "loop", "hi-hat; loop"),
        ("other", "loop", "loop"),
        ("my toms", "long", "my toms"),
        ("Drums/Toms", "long", "Drums Toms"),
    ],
)
def test_keywords_are_the_label_and_the_shape(label, shape, text):
    assert keywords_text(label, verdict(shape)) == text


def test_only_a_loop_has_a_tempo():
    assert tempo_text(verdict("loop", 119.6)) == "120"
    assert tempo_text(verdict("loop")) == tempo_text(verdict("one-shot", 120.0)) == tempo_text(None) == ""
