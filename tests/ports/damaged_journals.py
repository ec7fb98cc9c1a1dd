"""A journal with something of everything, and ways to damage it."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.context.neighbors import Place
from drumwatch.core.entry_detail import EntryDetail
from drumwatch.core.records import FileStamp, Verdict
from drumwatch.journal import Confirmation, Filter, Journal, Plan, Retry
from drumwatch.journal.repair.pages import LEAF, Image

if TYPE_CHECKING:
    from collections.abc import Callable

    from drumwatch.core.records import Entry

PAGE = 4096
ENTRIES = 120
FOLDER = Path("/Downloads")
LONG = EntryDetail(patch="A" * 9000)  # a row that goes on on two pages of its own
VERDICT = Verdict(
    "kick",
    "kick",
    0.9,
    {"kick": 0.9, "other": 0.1},
    {"kick": 0.9, "bass": 0.1},
    "other",
    "one-shot",
    0.3,
    model="m1",
)


def stamp(number: int) -> FileStamp:
    return FileStamp(device=1, inode=2**63 + number, size_bytes=100 + number, mtime_ns=number)


def add_entries(journal: Journal, first: int, count: int) -> None:
    """Sounds that were filed, each known by its digest; the fifth of each five with a long detail, the seventh with a name of bytes."""
    for number in range(first, first + count):
        name = f"\udcff{number}.wav" if number % 7 == 0 else f"{number} ü.wav"
        batch = journal.batches.current(FOLDER, f"Pack {number // 10}", float(number))
        entry = journal.entries.plan(
            Plan(
                batch,
                FOLDER / name,
                Path("/Library/kick") / name,
                "move",
                "default",
                "because",
                label="kick",
                confidence=0.9,
                verdict=VERDICT,
                stamp=stamp(number),
                content_hash=f"{number:064}",
            ),
            float(number),
        )
        journal.entries.finish(entry, "done", detail=LONG if number % 5 == 0 else None)
        journal.confirmations.note_sound(entry, f"{number:064}")
        journal.places.note(entry, Place(str(FOLDER), str(FOLDER), name))
        journal.seen.note(FOLDER / name, stamp(number), "filed")


def undo_entry(journal: Journal, number: int, now: float) -> int:
    """What an undo writes."""
    entry = journal.entries.get(number)
    plan = Plan(
        entry.batch,
        entry.destination,
        entry.source,
        entry.action,
        entry.rule,
        "",
        label=entry.label,
        content_hash=entry.content_hash,
        undoes=number,
    )
    undo = journal.entries.plan(plan, now)
    journal.entries.finish(undo, "done")
    journal.entries.finish(number, "undone")
    return undo


def write_journal(path: Path) -> None:
    """Entries, undone ones, labels of the user, known files, folders that were made, and what waits."""
    with Journal(path) as journal, journal.transaction():
        journal.seen.note_baseline(
            FOLDER, [(FOLDER / f"old {n}.wav", stamp(n)) for n in range(50)], now=1000.0
        )
        add_entries(journal, 1, ENTRIES - 10)
        for number in range(1, 11):
            undo_entry(journal, number * 3, 5000.0 + number)
            entry = journal.entries.get(number * 3 + 1)
            journal.confirmations.add(
                Confirmation(
                    6000.0 + number,
                    entry.content_hash,
                    "snare",
                    "command",
                    entry.source,
                    "kick",
                    "",
                    entry.id,
                )
            )
        journal.folders.note_made([Path("/Library/kick")])
        journal.state.note_retry(Retry(FOLDER / "slow.wav", 2, 30.0, "still growing"))
        journal.state.set(mounted=["/Library"], last_lesson=3)


def write_with_log(path: Path, folder: Path) -> None:
    """The same, but the last eight entries are only in the log, as after a kill."""
    with Journal(folder / "open.db") as journal:
        write_journal(folder / "whole.db")
        journal._database.copy_from(folder / "whole.db")
        journal._database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for number in range(ENTRIES + 1, ENTRIES + 9):
            with journal.transaction():
                add_entries(journal, number, 1)
        shutil.copyfile(folder / "open.db", path)
        shutil.copyfile(folder / "open.db-wal", f"{path}-wal")


def entries_of(path: Path) -> dict[int, Entry]:
    with Journal(path) as journal:
        return {entry.id: entry for entry in journal.entries.find(Filter())}


# Damage


def rubbish(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def overwrite(path: Path, start: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(data)


def pages_of(path: Path, name: str) -> list[int]:
    """The pages of a table or an index, those that hold its rows last; without those on which a long row goes on."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        query = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype != 'overflow' ORDER BY pagetype != 'internal', pageno"
        return [page for (page,) in db.execute(query, (name,))]


def page_of_entry(path: Path, number: int) -> int:
    """The page that holds this entry."""
    image = Image(path.read_bytes())
    pages = (page for page in pages_of(path, "entry") if image.kind(page) == LEAF)
    return next(page for page in pages if number in {record.number for record in image.leaf(page).records})


def damage_page(path: Path, name: str, which: int, data: bytes) -> None:
    overwrite(path, (pages_of(path, name)[which] - 1) * PAGE, data)


def cut_in_half(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(size // 2)


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "something.txt").write_text("not ours")


def spoil_index(path: Path) -> None:
    """An index that lacks a row and is whole otherwise."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema = ON")
        sql = "CREATE INDEX entry_by_hash ON entry (content_hash)"
        db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'entry_by_hash'", (f"{sql} WHERE id > 5",))
        db.execute("PRAGMA writable_schema = RESET")
        db.execute("REINDEX entry_by_hash")
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'entry_by_hash'", (sql,))


def spoil_schema(path: Path) -> None:
    """A name in the schema that is no text: Python cannot even read what SQLite says of it."""
    start = path.read_bytes().index(b"entry_by_source")
    overwrite(path, start, b"\xa1" * 15)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "header overwritten": lambda path: overwrite(path, 0, rubbish(100)),
    "first page overwritten": lambda path: overwrite(path, 0, rubbish(PAGE)),
    "cut in half": cut_in_half,
    "page of zeros": lambda path: damage_page(path, "entry", 12, bytes(PAGE)),
    "page of rubbish": lambda path: damage_page(path, "entry", 12, rubbish(PAGE)),
    "page that leads to others": lambda path: damage_page(path, "entry", 0, bytes(PAGE)),
    "page of the known files": lambda path: damage_page(path, "seen", -1, rubbish(PAGE)),
    "rubbish in a page": lambda path: damage_page(path, "entry", 12, rubbish(700)),
    "page of an index": lambda path: damage_page(path, "entry_by_source", -1, rubbish(PAGE)),
    "index without a row": spoil_index,
    "name in the schema": spoil_schema,
    "not a database": lambda path: path.write_bytes(b"What is this?\n" * 999),
    "empty": lambda path: path.write_bytes(b""),
    "a folder": replace_by_folder,
}
