"""What hooks are run for: an entry of the journal, or a pack that is complete, with what the program gets to know. Pure."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drumwatch.config.templates import FIELD
from drumwatch.core.entry_json import as_record
from drumwatch.core.records import FILING, MOVED_BY_USER

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from drumwatch.config.settings import Hook
    from drumwatch.config.value_types import Event
    from drumwatch.core.records import Entry


@dataclass(frozen=True, slots=True)
class HookCall:
    """One event, as a program is told of it."""

    event: Event
    fields: Mapping[str, str]  # for `{path}` and others in the arguments
    record: Mapping[str, object] = field(default_factory=dict)  # for the standard input

    def arguments(self, hook: Hook) -> list[str]:
        """Return the program and its arguments with the fields filled in; each stays one argument, whatever is in a name."""
        program, *rest = hook.run
        return [program, *(FIELD.sub(self._field, text) for text in rest)]

    def as_json(self) -> bytes:
        r"""Return the line for the standard input; bytes of names that are not UTF-8 are `\udcXX` escapes."""
        return json.dumps(self.record).encode("ascii") + b"\n"

    def _field(self, found: re.Match[str]) -> str:
        return self.fields.get(found[1], found[0])


def event_of(entry: Entry, *, is_correction: bool) -> Event | None:
    """Return which event an entry is; None for one that no hook is run for.

    Undoing is no event, nor is what an undo has made again, what the user has moved, or a file that came with its pack.
    """
    if entry.state != "done" or entry.undoes is not None or entry.verdict is None:
        return None
    if entry.detail.stands_for is not None:
        return None
    if is_correction:
        return "corrected"
    if entry.rule == "unsure":
        return "unsure"
    is_filed = entry.action in (*FILING, "tag") and entry.rule != MOVED_BY_USER
    return "filed" if is_filed else None


def call_for_entry(event: Event, entry: Entry) -> HookCall:
    """Return the call about one sound, with the entry as `drumwatch log --json` shows it."""
    path = entry.result_path
    fields = {
        "path": str(path),
        "source": str(entry.source),
        "name": path.name,
        "label": entry.label,
        "type": entry.type,
        "pack": entry.pack,
        "event": event,
    }
    return HookCall(event, fields, {"event": event, "path": str(path), **as_record(entry)})


def call_for_pack(batch: int, origin: Path, entries: Iterable[Entry]) -> HookCall:
    """Return the call about a pack of which everything has its place; its path is the folder in the library that all of it is in."""
    labels: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    pack, folder = "", ""
    for entry in entries:
        pack = entry.pack
        event = event_of(entry, is_correction=False)
        if event == "filed":
            labels[entry.label] += 1
            parent = str(entry.result_path.parent)
            folder = os.path.commonpath([folder, parent]) if folder else parent
        counts["filed"] += event == "filed"
        counts["unsure"] += event == "unsure"
        counts["failed"] += entry.state == "failed"
    path = folder or str(origin)
    fields = {
        "path": path,
        "source": str(origin),
        "name": pack,
        "label": "",
        "type": "",
        "pack": pack,
        "event": "pack",
    }
    numbers = {kind: counts[kind] for kind in ("filed", "unsure", "failed")}
    record = {"event": "pack", "path": path, "pack": pack, "batch": batch, "source": str(origin)}
    return HookCall("pack", fields, {**record, **numbers, "labels": dict(labels)})
