"""Reading a TOML text as a `Config`: first the types of the values, then their meaning, with all problems in one error."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from drumwatch.config.conflicts import conflicts, unwatched
from drumwatch.config.folder_relations import absolute, is_something_else
from drumwatch.config.hooks import read_hooks
from drumwatch.config.labels import read_labels
from drumwatch.config.protected import protection_check, why_no_library
from drumwatch.config.rules import read_rules
from drumwatch.config.schema import (
    SECTIONS,
    AbletonTable,
    TopTable,
    WatchTable,
    one_table_in,
    read_table,
    tables_in,
)
from drumwatch.config.settings import LEAVE, Ableton, Config, Watch, folder_of, folder_settings
from drumwatch.config.templates import checked_folder_name, checked_name_limit, checked_template
from drumwatch.config.toml_syntax import load
from drumwatch.core.errors import ConfigError
from drumwatch.core.os_reasons import reason
from drumwatch.core.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from msgspec import Struct

    from drumwatch.config.key_lines import KeyPath
    from drumwatch.config.problems import Problems
    from drumwatch.config.value_types import Table

DEFAULT_LIBRARY = "~/Music/Drum Library"
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
_POWERS = ("", "k", "m", "g", "t")


def read(path: Path) -> Config:
    """Return the configuration in a file; raises ConfigError for everything that is wrong with it."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError([f"{path}: there is no such file; `drumwatch init` writes one"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read, because {reason(error)}"]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{path}:{line}: is not UTF-8 text: save it as UTF-8"]) from None
    return parse(text, file=str(path))


def parse(text: str, *, home: Path | None = None, file: str = "config.toml") -> Config:
    """Return the configuration in a text; raises ConfigError with every problem in it.

    It reads the disk only to follow links between folders and to note folders that do not exist yet.
    """
    home = home or Path(os.path.expanduser("~"))
    tables, problems = load(text, file)
    labels = read_labels(tables.get("labels", {}), problems)
    rules = read_rules(tables_in(tables, "rule", problems), labels, home, problems)
    config = _top(
        {key: value for key, value in tables.items() if key not in SECTIONS}, labels, home, problems
    )
    watches = _watches(
        tables_in(tables, "watch", problems), config, home, problems, implied="context" not in tables
    )
    for at, sentence in conflicts(watches, rules):
        problems.add((*at, "folder"), sentence)
    ableton = _ableton(tables, problems)
    hooks = read_hooks(tables_in(tables, "hook", problems), home, problems)
    problems.raise_if_any()
    config = replace(config, watches=tuple(watches.values()), rules=rules, hooks=hooks, ableton=ableton)
    return replace(config, notes=tuple(_notes(config)))


def size_in_bytes(text: str) -> int:
    """Return the size in bytes: `1 GB` is 1000 MB, `1 GiB` is 1024 MiB, and a number without unit is bytes."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError('must be a size such as "1 GB" or "500 MB"')
    number, power, binary = found.groups()
    return int(float(number) * (1024 if binary else 1000) ** _POWERS.index(power.lower()))


def _top(table: Table, labels: Mapping[str, str], home: Path, problems: Problems) -> Config:
    """Return the settings at the top level; one that is wrong has its default, and its problem is noted."""
    values = _checked(read_table(TopTable, table, (), problems), (), _checks(labels, home), problems)
    _check_programs(values.get("pause_while", ()), problems)
    return Config(
        **{"library": absolute(DEFAULT_LIBRARY, home), **_implied(values), **values},
        labels=MappingProxyType(labels),
    )


def _ableton(tables: Mapping[str, object], problems: Problems) -> Ableton:
    """Return the settings of `[ableton]`."""
    table = one_table_in(tables, "ableton", problems)
    return Ableton(
        **_checked(read_table(AbletonTable, table, ("ableton",), problems), ("ableton",), {}, problems)
    )


def _watches(
    tables: list[tuple[KeyPath, Table]], config: Config, home: Path, problems: Problems, *, implied: bool
) -> dict[KeyPath, Watch]:
    checks = _checks(config.labels, home)
    watches = {
        at: _watch(table, at, config, home, problems, checks=checks, implied=implied) for at, table in tables
    }
    return {at: watch for at, watch in watches.items() if watch is not None}


def _watch(
    table: Table,
    at: KeyPath,
    config: Config,
    home: Path,
    problems: Problems,
    *,
    checks: Mapping[str, Callable[[str], object]],
    implied: bool,
) -> Watch | None:
    """Return one watch, completed by the settings of the top level, or None if its folder is wrong.

    `implied`: the top level does not set `context`, so that it follows from `names`.
    """
    read = read_table(WatchTable, table, at, problems)
    if read is None:
        return None
    values = _checked(read, at, checks, problems)
    folder = values.get("folder")
    if folder is None:
        return None
    patterns = [
        problems.checked((*at, "exclude", n), partial(_below_watch, folder=folder, home=home), pattern)
        for n, pattern in enumerate(values.pop("exclude", ()))
    ]
    exclude = tuple(pattern for pattern in patterns if pattern)
    shared = {"library": config.library, **folder_settings(config), **(_implied(values) if implied else {})}
    return Watch(**{**shared, **values, "exclude": exclude})


def _checks(labels: Mapping[str, str], home: Path) -> dict[str, Callable[[str], object]]:
    """Return the function that checks and reads the text of a key, for the keys that need more than a type."""
    return {
        "folder": partial(_folder, home=home, why_not=protection_check(home, do="watch")),
        "library": partial(_library, home=home),
        "layout": checked_template,
        "unsure": partial(_unsure, labels=labels),
        "name_limit": checked_name_limit,
        "disk_rate": size_in_bytes,
        "min_free": size_in_bytes,
        "archive_size": size_in_bytes,
    }


def _checked(
    read: Struct | None, at: KeyPath, checks: Mapping[str, Callable[[str], object]], problems: Problems
) -> Table:
    """Return the settings that are given in a table and are valid, by name."""
    given = msgspec.structs.asdict(read) if read else {}
    for name, value in given.items():
        if value is not None and name in checks:
            given[name] = problems.checked((*at, name), checks[name], str(value))
    return {name: value for name, value in given.items() if value is not None}


def _implied(values: Table) -> Table:
    """Return the settings that follow from others: who ignores names does not ask them who is a neighbor either."""
    return {"context": values["names"] != "ignore"} if "names" in values else {}


def _library(text: str, home: Path) -> Path:
    return _folder(text, home, partial(why_no_library, home=home))


def _folder(text: str, home: Path, why_not: Callable[[Path], str]) -> Path:
    folder = absolute(text, home)
    if sentence := why_not(folder):
        raise ValueError(sentence)
    if is_something_else(folder):
        raise ValueError("is a file, not a folder")
    return folder


def _check_programs(names: tuple[str, ...], problems: Problems) -> None:
    """Note a problem for each name without a letter, which would match every program."""
    for number, name in enumerate(names):
        if not any(char.isalnum() for char in name):
            problems.add(("pause_while", number), "pause_while needs names of programs")


def _unsure(text: str, labels: Mapping[str, str]) -> str:
    if text == LEAVE:
        return text
    checked_folder_name(text)
    if text.casefold() in {folder_of(label, labels).casefold() for label in LABELS}:
        raise ValueError("is a label's own folder: unsure files need another one, or leave")
    return text


def _below_watch(pattern: str, folder: Path, home: Path) -> str:
    """Return a pattern as it is, and an absolute path relative to the watch."""
    if not pattern.strip("/. "):
        raise ValueError("would leave out everything")
    if not pattern.startswith(("/", "~")):
        return pattern.removeprefix("./").rstrip("/")
    path = absolute(pattern, home)
    if not path.is_relative_to(folder) or path == folder:
        raise ValueError(f"lies not inside {folder}")
    return path.relative_to(folder).as_posix()


def _notes(config: Config) -> Iterator[str]:
    for watch in config.watches:
        if not os.path.isdir(watch.folder):
            yield f"{watch.folder} is not there yet: it is watched as soon as it is"
    alone = set(unwatched([folder for rule in config.rules for folder in rule.match.folder], config.watches))
    for rule in config.rules:
        for folder in rule.match.folder:
            if folder in alone:
                yield f'rule "{rule.name}": {folder} is not watched, so only `drumwatch sort` can meet it'
