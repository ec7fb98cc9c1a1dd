"""docs/safety.md names a test for each promise, and each of these tests is there."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
SAFETY = (TESTS.parent / "docs/safety.md").read_text(encoding="utf-8")
BEARER = re.compile(r"^- `([\w/]+\.py)`: (.*)$", re.MULTILINE)


def test_every_test_that_holds_a_promise_exists():
    named = [(file, name) for file, names in BEARER.findall(SAFETY) for name in re.findall(r"`(\w+)`", names)]

    missing = [
        f"{file}: {name}"
        for file, name in named
        if not re.search(rf"^(def {name}\(|{name} = )", (TESTS / file).read_text("utf-8"), re.MULTILINE)
    ]

    assert len(named) > 40
    assert missing == []


def test_every_promise_is_held_by_a_test():
    promises = SAFETY.partition("## What is not promised")[0].split("\n**")[1:]

    assert [promise for promise in promises if not BEARER.search(promise)] == []
