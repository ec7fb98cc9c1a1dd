"""Finds the root notes of sounds that are in the journal, and adds them to their entries: no sound waits for that to be filed."""

from __future__ import annotations

from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING

from drumwatch.config import watch_around
from drumwatch.core.root_notes import BY_NAME, BY_SOUND, is_unknown, note_in_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from drumwatch.config.holder import ConfigHolder
    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal
    from drumwatch.workers.analysis_cache import AnalysisCache
    from drumwatch.workers.note_finder import NoteFinder


class RootNotes:
    """Looks for notes by request, first in the name that a sound came with, then in its sound."""

    def __init__(
        self, config: ConfigHolder, journal: Journal, finder: NoteFinder, cache: AnalysisCache
    ) -> None:
        self._config = config
        self._journal = journal
        self._finder = finder
        self._cache = cache

    def unknown(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the entries of sounds that can ring and for whose notes nobody has looked."""
        return [entry for entry in entries if entry.verdict and is_unknown(entry.verdict)]

    def ask(self, entry: Entry) -> Future[str | None]:
        """Return the future of the note by sound: empty if there is none, None if notes cannot be found."""
        if self._in_name(entry.source):
            named: Future[str | None] = Future()
            named.set_result("")  # the name is read when the note is stored
            return named
        return self._finder.find(str(entry.location))

    def store(self, entry: Entry, asked: Future[str | None]) -> bool:
        """Add a note to the entries of its sound, and to the analysis cache; return False if it cannot be found."""
        if named := self._in_name(entry.source):
            self._journal.entries.add_note(entry, named, BY_NAME)
            return True
        try:
            note = asked.result()
        except CancelledError:
            return False
        if note is None:
            return False
        self._cache.add_note(entry.content_hash, note)
        self._journal.entries.add_note(entry, note, BY_SOUND if note else "")
        return True

    def find_all(self, entries: Iterable[Entry]) -> None:
        """Find and store the notes of these sounds that nobody has looked for, and wait for that."""
        for entry, asked in [(entry, self.ask(entry)) for entry in self.unknown(entries)]:
            self.store(entry, asked)

    def _in_name(self, source: Path) -> str:
        """Return the note in the name that a sound came with, if names count there."""
        config = self._config.current
        settings = watch_around(config, source) or config
        return note_in_name(source.name) if settings.names == "hint" else ""
