"""What the tab key proposes in a shell: labels, models and batches; never fails, prints nothing, and creates no file."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from drumwatch.config.defaults import config_or_defaults
from drumwatch.core.errors import DrumwatchError
from drumwatch.core.formatting import printable, short_time
from drumwatch.core.records import LABEL_OF_TYPE, LABELS
from drumwatch.journal import Journal
from drumwatch.learning.labels import Vocabulary
from drumwatch.system import app_paths
from drumwatch.workers import model_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

BATCHES_SHOWN = 30  # the newest
DATE = len("2026-11-24")
READING_SECONDS = 0.5  # how long a lock of another program is waited for, as somebody waits for the shell


def labels(begun: str) -> list[CompletionItem]:
    """Return the labels that entries of the journal have: the five, and the user's own."""
    return _beginning(begun, ((label, "") for label in dict.fromkeys((*LABELS, *_confirmed()))))


def labels_or_files(begun: str, config_path: Path, *, label_may_come: bool) -> list[CompletionItem]:
    """Return what `correct` may be given next: labels and types once a file is named, and files."""
    known = _said_labels(config_path) if label_may_come and "/" not in begun else []
    return _beginning(begun, known) or [CompletionItem(begun, type="file")]


def models(begun: str, *, only_own: bool = False) -> list[CompletionItem]:
    """Return the ids of the models on this machine; with `only_own`, of those that were trained here."""
    found: list[tuple[str, str]] = []
    with contextlib.suppress(DrumwatchError, OSError):
        own = [(one.id, _made(str(one.card.get("made", "")))) for one in model_store.user_models()]
        found = own if only_own else [(model_store.SHIPPED, model_store.shipped().id), *own]
    return _beginning(begun, found)


def batches(begun: str, *, only_undoable: bool = False) -> list[CompletionItem]:
    """Return the numbers of the newest batches, each with its pack; with `only_undoable`, of those that have filed something."""
    rows: list[tuple[str, str]] = []
    with contextlib.suppress(DrumwatchError, OSError), contextlib.ExitStack() as stack:
        journal = _journal(stack)
        listed = (
            [one for one in journal.batches.listed() if one.filed or not only_undoable] if journal else []
        )
        for batch in reversed(listed[-BATCHES_SHOWN:]):
            name = printable(batch.pack) or "single files"
            rows.append((str(batch.id), f"{name}, {short_time(batch.started, time.time())}"))
    return _beginning(begun, rows)


def _said_labels(config_path: Path) -> list[tuple[str, str]]:
    """Return labels, types with the label that they belong to, and the user's own labels."""
    own: Iterable[str] = ()
    with contextlib.suppress(DrumwatchError, OSError), contextlib.ExitStack() as stack:
        if journal := _journal(stack):
            own = Vocabulary.of(config_or_defaults(config_path), journal).own
    types = [(kind, label) for kind, label in LABEL_OF_TYPE.items() if kind not in LABELS]
    return [*((label, "") for label in LABELS), *types, *((label, "your own") for label in own)]


def _confirmed() -> Iterator[str]:
    with contextlib.suppress(DrumwatchError, OSError), contextlib.ExitStack() as stack:
        if journal := _journal(stack):
            yield from sorted(journal.confirmations.labels() - {*LABEL_OF_TYPE})


def _journal(stack: contextlib.ExitStack) -> Journal | None:
    path = app_paths.state_path() / "journal.db"
    return stack.enter_context(Journal(path, lock_seconds=READING_SECONDS)) if path.is_file() else None


def _made(when: str) -> str:
    return f"made on {printable(when[:DATE])}" if when else ""


def _beginning(begun: str, found: Iterable[tuple[str, str]]) -> list[CompletionItem]:
    return [CompletionItem(value, help=about or None) for value, about in found if value.startswith(begun)]
