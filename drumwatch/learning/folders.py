"""The folder as teacher: a filed sound that the user has dragged into another label's folder is a word of theirs."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config import folder_of
from drumwatch.filing.sounds import content_hash
from drumwatch.intake.rest import fingerprint
from drumwatch.journal import Confirmed, Filter, Plan
from drumwatch.learning.teach import where
from drumwatch.records import LABEL_OF_TYPE, LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drumwatch.config import Config
    from drumwatch.journal import Journal
    from drumwatch.records import Entry

BY_YOU = "moved by you"


class Moved(NamedTuple):
    """A sound that is not where the journal has it, and where it was found."""

    entry: Entry
    path: Path
    label: str  # of the folder that it is in now


def learn_from_folders(
    journal: Journal, config: Config, *, clock: Callable[[], float] = time.time
) -> list[Entry]:
    """Corrects the journal where the user has moved filed sounds; returns an entry for each, which can be undone.

    Another label's folder is a confirmed label. A rename within a label teaches nothing, and neither does what is gone.
    """
    with journal.acting():
        missing = [journal.get(number) for number, path in journal.placed() if not path.exists()]
        moved = list(_found_again(missing, journal, config)) if missing else []
        with journal.transaction():
            return [_write_down(one, journal, clock()) for one in moved]


def _found_again(missing: list[Entry], journal: Journal, config: Config) -> Iterator[Moved]:
    """Each missing sound at its new place, known by its bytes; one that lies in two places is nobody's word."""
    wanted = {entry.content_hash: entry for entry in missing}
    sizes = {entry.fingerprint.size_bytes for entry in missing if entry.fingerprint}
    found: dict[str, list[Moved]] = {}
    for library in sorted({config.library, *(watch.library for watch in config.watches)}):
        for path, label in _labelled_files(library, config):
            mark = fingerprint(path)
            if mark is None or mark.size_bytes not in sizes or _is_known(path, journal):
                continue
            bytes_hash = content_hash(path)
            if entry := wanted.get(bytes_hash):
                found.setdefault(bytes_hash, []).append(Moved(entry, path, label))
    yield from (places[0] for places in found.values() if len(places) == 1)


def _labelled_files(library: Path, config: Config) -> Iterator[tuple[Path, str]]:
    """Every file below a folder that means a label, and that label."""
    labels = [*LABELS, *LABEL_OF_TYPE, *config.labels.values()]
    by_folder = {folder_of(label, config.labels): label for label in reversed(labels)}
    for name, label in by_folder.items():
        for folder, _, files in os.walk(library / name):
            yield from ((Path(folder) / file, label) for file in files)


def _is_known(path: Path, journal: Journal) -> bool:
    """Something that drumwatch itself has put there."""
    known = journal.entries(Filter(path=path, states=("done",)))
    return any(where(entry) == path and entry.undoes is None for entry in known)


def _write_down(moved: Moved, journal: Journal, now: float) -> Entry:
    entry, path, label = moved
    old = where(entry)
    teaches = label != entry.label or entry.rule == "unsure"
    why = f"you put it into {label}" if teaches else "you gave it another place in the same label"
    plan = Plan(
        entry.batch,
        old,
        path,
        "move",
        BY_YOU,
        why,
        label=label,
        type=entry.type,
        confidence=1.0 if teaches else entry.confidence,
        verdict=entry.verdict,
        content_hash=entry.content_hash,
        fingerprint=fingerprint(path),
        state="done",
    )
    number = journal.plan(plan, now)
    if teaches:
        said = entry.verdict.label if entry.verdict else ""
        journal.confirm(Confirmed(now, entry.content_hash, label, "folder", path, said, entry.pack, number))
    return journal.get(number)
