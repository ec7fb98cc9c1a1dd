"""The `[[hook]]` tables: which program is run after which event."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from drumwatch.config.schema import HookTable, read_table
from drumwatch.config.settings import Hook
from drumwatch.config.templates import FIELD, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.config.key_lines import KeyPath
    from drumwatch.config.problems import Problems
    from drumwatch.config.value_types import Table

HOOK_FIELDS: tuple[str, ...] = ("path", "source", "name", "label", "type", "pack", "event")


def read_hooks(tables: list[tuple[KeyPath, Table]], home: Path, problems: Problems) -> tuple[Hook, ...]:
    """Return the hooks in their order; one with a problem may be missing, and its problem is noted."""
    return tuple(hook for at, table in tables for hook in _hook(table, at, home, problems))


def _hook(table: Table, at: KeyPath, home: Path, problems: Problems) -> Iterator[Hook]:
    read = read_table(HookTable, table, at, problems)
    if read is None:
        return
    events = (read.on,) if isinstance(read.on, str) else read.on
    if not events:
        problems.add((*at, "on"), "on is empty, so the hook would never run: name an event, such as filed")
    if not read.run:
        problems.add((*at, "run"), 'run is empty: name a program, as in run = ["notify-send", "{name}"]')
        return
    program = problems.checked((*at, "run", 0), partial(_program, home=home), read.run[0])
    arguments = [
        problems.checked((*at, "run", number), _argument, text)
        for number, text in enumerate(read.run[1:], start=1)
    ]
    if program is None or None in arguments:
        return
    given = {"time_limit": read.time_limit} if read.time_limit is not None else {}
    run = (program, *(text for text in arguments if text is not None))
    yield Hook(tuple(dict.fromkeys(events)), run, read.name or os.path.basename(program), **given)


def _program(text: str, home: Path) -> str:
    """Return the program; raises ValueError unless it is an absolute path, one that begins with `~/`, or a bare name."""
    _no_null(text)
    if FIELD.search(text):
        raise ValueError("must be one program: fields such as {path} belong to its arguments")
    if text.startswith("~/"):
        return str(home / text[2:])
    if not text or text in (".", "..") or ("/" in text and not os.path.isabs(text)):
        raise ValueError("must be the name of a program, or its whole path from / or ~/")
    if any(char.isspace() for char in text) and "/" not in text:
        raise ValueError(
            'must be the program alone: each argument is a text of its own, as in ["cp", "{path}"]'
        )
    return text


def _argument(text: str) -> str:
    _no_null(text)
    for name in FIELD.findall(text):
        if name.isidentifier() and name not in HOOK_FIELDS:
            all_of_them = f"; there are {' '.join(f'{{{field}}}' for field in HOOK_FIELDS)}"
            raise ValueError(f"has no field {{{name}}}{nearest(name, HOOK_FIELDS, '{{{}}}') or all_of_them}")
    return text


def _no_null(text: str) -> None:
    if "\0" in text:
        raise ValueError("has a null character in it, which no program can be given")
