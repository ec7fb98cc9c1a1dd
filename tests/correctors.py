"""A corrector on a journal of the test's own."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from drumwatch.session import SessionOptions, open_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.config import Config
    from drumwatch.journal import Journal
    from drumwatch.learning.corrections import Corrector


@contextlib.contextmanager
def open_corrector(config: Config, journal: Journal) -> Iterator[Corrector]:
    """Give the corrector that the commands use, with this journal."""
    with open_session(config, SessionOptions(journal=journal)) as session:
        yield session.corrector
