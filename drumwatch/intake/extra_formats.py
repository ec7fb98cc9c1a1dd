"""Sounds that only the extra `formats` decodes, while it is not installed: counted, reported once, and not remembered as handled."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from drumwatch.core.records import EXTRA_FORMATS
from drumwatch.system.installation import command_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

EXTRA = "formats"
MOST_COUNTED = 10_000  # files of a watch: what is counted is kept in memory


def format_name(name: str) -> str:
    """Return the name by which people know the format of a file, by its ending; empty if it is none of the extra's.

    >>> format_name("kick.m4a")
    'M4A'
    """
    return EXTRA_FORMATS.get(os.path.splitext(name)[1].lower(), "")


def not_heard(counts: Mapping[str, int]) -> str:
    """Return how many files of which formats could not be heard, as in "3 M4A files and 1 WMA file could not be heard"; "" for none."""
    found = [
        (name, count) for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])) if count
    ]
    if not found:
        return ""
    parts = [f"{count:,} {name} file{'s' * (count != 1)}" for name, count in found]
    *first, last = parts
    listed = f"{', '.join(first)} and {last}" if first else last
    return f"{listed} could not be heard"


def advice(counts: Mapping[str, int]) -> str:
    """Return the same with the command that changes it; "" if there is no such file."""
    what = not_heard(counts)
    return what and f"{what}: {command_for(EXTRA)}"


class UnheardFiles:
    """The new files of each watch that need the extra. Each watch is reported once, when no other has come for `quiet` seconds."""

    def __init__(self, quiet: float, reported: Iterable[Path]) -> None:
        self._quiet = quiet
        self.reported = set(reported)  # watches
        self._files: dict[Path, dict[Path, str]] = {}
        self._due: dict[Path, float] = {}
        self._changed = False

    def note(self, path: Path, watch: Path, form: str, now: float) -> None:
        """Count a file of this format, once."""
        files = self._files.setdefault(watch, {})
        if path in files or len(files) >= MOST_COUNTED:
            return
        files[path] = form
        self._changed = True
        if watch not in self.reported:
            self._due[watch] = now + self._quiet

    def forget(self, path: Path) -> None:
        """Count a file no longer, because it is gone."""
        for files in self._files.values():
            self._changed |= files.pop(path, None) is not None

    def clear(self) -> None:
        """Forget all files and reports, because the extra is there."""
        self._changed |= any(self._files.values())
        self.reported.clear()
        self._files.clear()
        self._due.clear()

    def next_due(self) -> float | None:
        """Return when a watch has to be reported, or None."""
        return min(self._due.values(), default=None)

    def pop_reports(self, now: float) -> list[str]:
        """Return a sentence for each watch whose time has come; it is not reported again."""
        due = [watch for watch, time in self._due.items() if time <= now]
        for watch in due:
            del self._due[watch]
            self.reported.add(watch)
        return [sentence for watch in due if (sentence := advice(Counter(self._files[watch].values())))]

    def pop_changed(self) -> bool:
        """Return whether the counts have changed since the last call."""
        changed, self._changed = self._changed, False
        return changed

    def summary(self) -> str:
        """Return the sentence for all watches together; "" if no file needs the extra."""
        return advice(Counter(form for files in self._files.values() for form in files.values()))
