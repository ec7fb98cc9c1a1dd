"""Folder trees as literals, and a runner that plans, does, undoes and recovers one action as the pipeline would."""

from __future__ import annotations

import io
import json
import os
import time
import wave
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from drumwatch.core.entry_detail import NO_DETAIL, EntryDetail
from drumwatch.core.errors import ActionFailed, CannotUndo
from drumwatch.core.records import Action, Entry, FileStamp
from drumwatch.filing.actions.handler import ActionRun
from drumwatch.filing.execute import carry_out
from drumwatch.filing.file_transfer import Transfer
from drumwatch.filing.held_file import content_hash
from drumwatch.filing.recovery import settle_half_done
from drumwatch.filing.tags import Tagger, machine_text
from drumwatch.filing.undo import reverse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from drumwatch.filing.results import ActionResult, Recovered


@dataclass(frozen=True)
class Link:
    """A symlink in a tree."""

    target: Path


def make_files(root: Path, tree: Mapping[str, Any]) -> None:
    root.mkdir(exist_ok=True)
    for name, content in tree.items():
        if isinstance(content, Link):
            (root / name).symlink_to(content.target)
        elif isinstance(content, bytes):
            (root / name).write_bytes(content)
        else:
            make_files(root / name, content)


def read_files(root: Path) -> dict[str, Any]:
    return {path.name: _read(path) for path in sorted(root.iterdir())}


def _read(path: Path) -> Any:
    if path.is_symlink():
        return Link(path.readlink())
    return read_files(path) if path.is_dir() else path.read_bytes()


def all_files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]


def a_wav(samples: bytes = b"\x01\x02\x03\x04" * 50) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(samples)
    return file.getvalue()


CONVERTED = a_wav(b"\x09\x08" * 30)  # what a worker has made of a sound, for the action convert


def stamp_of(path: Path) -> FileStamp:
    now = os.lstat(path)
    return FileStamp(now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns)


def write_tags(path: Path, temp: Path, label: str, machine: str, _: bool) -> dict[str, str]:  # noqa: FBT001  WriteTags' form
    """A tagger of the standard library: one LIST chunk at the end of a WAV."""
    assert temp.read_bytes() == path.read_bytes()
    content = b"INFOIGNR" + f"{label};{machine}".encode()
    content += bytes(len(content) % 2)
    whole = temp.read_bytes() + b"LIST" + len(content).to_bytes(4, "little") + content
    temp.write_bytes(whole[:4] + (len(whole) - 8).to_bytes(4, "little") + whole[8:])
    return {"genre": label}


class ActionRunner:
    """Runs one action at a time like the pipeline, without SQLite."""

    def __init__(self, library: Path, backups: Path) -> None:
        self.library = library
        self.backups = backups
        self.number = 0
        self.transfer = Transfer()
        self.entry: Entry
        self.original: Entry
        self.on_planned: Callable[[], object] = lambda: None
        self.write: Callable[..., dict[str, str]] = write_tags
        self.prove: Callable[..., object] = lambda *_: None

    def plan(self, kind: Any, source: Path, destination: Path | None = None) -> None:
        self.number += 1
        place = self.library / destination if destination else None
        self.entry = Entry(
            id=self.number, time=time.time(), batch=1, pack="", source=source, destination=place, action=kind, state="planned",
            label="kick", type="kick", confidence=0.93, rule="default", reason="", model="m1",
            content_hash=content_hash(source), stamp=stamp_of(source),
        )  # fmt: skip

    def act(self, **wishes: Any) -> ActionResult:
        """Carry out what was planned; the entry is done or failed afterwards, unless the power goes."""
        entry = self.entry
        assert entry.stamp
        try:
            run = ActionRun(
                Action(entry.action, entry.destination, **wishes),  # type: ignore[arg-type]
                entry.source,
                entry.stamp,
                entry.content_hash,
                entry_id=entry.id,
                library=self.library,
                planned=self._planned,
                transfer=self.transfer,
                tagger=Tagger(self.write, self.prove, "kick", machine_text("kick", 0.93, "m1"), self.backups),
                content=CONVERTED if entry.action == "convert" else b"",
            )
            outcome = carry_out(run)
        except ActionFailed:
            self.entry = replace(self.entry, state="failed")
            raise
        self.entry = replace(
            self.entry, state="done", destination=outcome.path, detail=_through_json(outcome.detail)
        )
        return outcome

    def do(self, kind: Any, source: Path, destination: Path | None = None, **wishes: Any) -> ActionResult:
        self.plan(kind, source, destination)
        return self.act(**wishes)

    def undo(self) -> ActionResult:
        """Take the done entry back; the entry is the undo's own afterwards."""
        original = self.original = self.entry
        self.number += 1
        self.entry = replace(
            original, id=self.number, time=time.time(), source=original.destination or original.source, destination=original.source,
            state="planned", stamp=None, undoes=original.id, detail=NO_DETAIL,
        )  # fmt: skip
        try:
            outcome = reverse(original, undo_id=self.number, planned=self._planned, transfer=self.transfer)
        except CannotUndo:
            self.entry = original
            raise
        self.entry = replace(self.entry, state="done")
        return outcome

    def recover(self) -> Recovered:
        found = settle_half_done(self.entry, backups=self.backups)
        self.entry = replace(self.entry, state=found.state, destination=found.path)
        return found

    def _planned(self, destination: Path, detail: EntryDetail) -> None:
        self.entry = replace(self.entry, destination=destination, detail=_through_json(detail))
        self.on_planned()


def _through_json(detail: EntryDetail) -> EntryDetail:
    """As the journal keeps it."""
    return EntryDetail.from_stored(json.loads(json.dumps(detail.stored())))
