"""What no sentence for a person may hold: the text or class of an exception, or a value as Python writes it down."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_OF_PYTHON = re.compile(
    r"Errno|Traceback|\b[A-Z]\w*(?:Error|Exception|Warning)\b|\bb['\"]|<class|object at 0x|\\x[0-9a-f]{2}"
)


def check_plain(sentence: str) -> None:
    """Raise AssertionError unless the sentence is one for people."""
    assert sentence
    assert _OF_PYTHON.search(sentence) is None, sentence


@contextlib.contextmanager
def plainly_refused(*kinds: type[Exception]) -> Iterator[None]:
    """Accept these errors from the block if their sentences are for people."""
    try:
        yield
    except kinds as refusal:
        check_plain(str(refusal))
