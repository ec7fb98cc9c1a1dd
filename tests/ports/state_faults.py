"""What may befall the state folder, each as a function that does it to a folder with a journal in it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Fault(NamedTuple):
    """A fault, what is said about it, and what is to be done."""

    befall: Callable[[Path], contextlib.AbstractContextManager[None]]
    said: str
    remedy: str

    def __str__(self) -> str:
        return self.befall.__name__.replace("_", " ")


@contextlib.contextmanager
def header_overwritten(state: Path) -> Iterator[None]:
    with (state / "journal.db").open("r+b") as file:
        file.write(b"\xde\xad\xbe\xef" * 256)
    yield


@contextlib.contextmanager
def file_cut_in_half(state: Path) -> Iterator[None]:
    journal = state / "journal.db"
    journal.write_bytes(journal.read_bytes()[: journal.stat().st_size // 2])
    yield


@contextlib.contextmanager
def rubbish_in_its_place(state: Path) -> Iterator[None]:
    (state / "journal.db").write_bytes(bytes(range(256)) * 300)
    yield


@contextlib.contextmanager
def database_of_another_program(state: Path) -> Iterator[None]:
    (state / "journal.db").unlink()
    with contextlib.closing(sqlite3.connect(state / "journal.db")) as db:
        db.execute("CREATE TABLE pictures (name TEXT)")
        db.execute("PRAGMA user_version = 5")
    yield


@contextlib.contextmanager
def folder_in_its_place(state: Path) -> Iterator[None]:
    (state / "journal.db").unlink()
    (state / "journal.db").mkdir()
    yield


@contextlib.contextmanager
def file_in_place_of_the_state_folder(state: Path) -> Iterator[None]:
    shutil.rmtree(state)
    state.write_text("state")
    yield


@contextlib.contextmanager
def locked_by_another_program(state: Path) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(state / "journal.db", isolation_level=None)) as db:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("BEGIN EXCLUSIVE")
        db.execute("INSERT INTO status (key, value) VALUES ('viewer', '1')")
        yield
        db.execute("ROLLBACK")


DAMAGED = ("is damaged", "`drumwatch journal check` says how far, and `drumwatch journal repair` recovers")
FAULTS = (
    Fault(header_overwritten, *DAMAGED),
    Fault(file_cut_in_half, *DAMAGED),
    Fault(rubbish_in_its_place, *DAMAGED),
    Fault(database_of_another_program, *DAMAGED),
    Fault(
        folder_in_its_place,
        "cannot be used, because something else is in its place",
        "move the folder {state}/journal.db away",
    ),
    Fault(
        file_in_place_of_the_state_folder,
        "cannot be used, because something else is in its place",
        "move the file {state} away",
    ),
    Fault(locked_by_another_program, "Another program keeps the journal", "close that program"),
)
