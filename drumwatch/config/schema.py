"""The schema of the file: the keys of each table and their types. Tables are read key by key, so that each mistake is reported."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec
from msgspec import Struct

from drumwatch.config.key_lines import KeyPath
from drumwatch.config.problems import Problems, shortened
from drumwatch.config.settings import Ableton, Config, Watch
from drumwatch.config.templates import nearest
from drumwatch.config.value_types import (
    Count,
    Events,
    HookSeconds,
    NameLimit,
    Seconds,
    Shapes,
    Share,
    Table,
    Tempo,
    Texts,
    TypeExpression,
    Words,
    WrittenAs,
)
from drumwatch.core.records import ActionKind

SECTIONS: tuple[str, ...] = ("watch", "labels", "ableton", "rule", "hook")
_NOT_KEYS = (
    "watches",
    "labels",
    "rules",
    "hooks",
    "ableton",
    "notes",
)  # fields that are not one key of the file


def _table_of(record: type[Config | Watch | Ableton], name: str) -> type[Struct]:
    """Return the shape of the table whose keys are the fields of a record; a key that is not given is None."""
    keys: list[tuple[str, Any] | tuple[str, Any, None]] = []
    for field in fields(record):
        if field.name in _NOT_KEYS:
            continue
        kind = _written_type(field.type)
        is_required = field.default is MISSING and field.name != "library"  # which has a default of its own
        keys.append((field.name, kind) if is_required else (field.name, kind | None, None))
    return msgspec.defstruct(name, keys, frozen=True, kw_only=True, module=__name__)


def _written_type(annotation: object) -> TypeExpression:
    """Return the type in the file of a field that is annotated like this."""
    if annotation is Path:
        return str
    written = [meta.type for meta in getattr(annotation, "__metadata__", ()) if isinstance(meta, WrittenAs)]
    return written[0] if written else annotation


TopTable = _table_of(Config, "TopTable")
WatchTable = _table_of(Watch, "WatchTable")
AbletonTable = _table_of(Ableton, "AbletonTable")


class RuleTable(Struct, frozen=True, kw_only=True):
    """The keys of a `[[rule]]`."""

    name: str | None = None
    match: Table
    action: ActionKind | None = None
    to: str | None = None
    portable_names: bool | None = None
    name_limit: NameLimit | None = None
    max_per_folder: Count | None = None


class MatchTable(Struct, frozen=True, kw_only=True):
    """The keys of the match of a `[[rule]]`."""

    label: Words = ()
    type: Words = ()
    shape: Shapes = ()
    name: Words = ()
    pack: Words = ()
    folder: Words = ()
    format: Words = ()
    min_confidence: Share | None = None
    max_confidence: Share | None = None
    min_seconds: Seconds | None = None
    max_seconds: Seconds | None = None
    note: Words = ()
    min_bpm: Tempo | None = None
    max_bpm: Tempo | None = None


class HookTable(Struct, frozen=True, kw_only=True):
    """The keys of a `[[hook]]`."""

    name: str | None = None
    on: Events
    run: Texts
    time_limit: HookSeconds | None = None


_TABLES: dict[str, type[Struct]] = {
    "at the top, above the first [[watch]]": TopTable,
    "in a [[watch]]": WatchTable,
    "in [ableton]": AbletonTable,
    "in a [[rule]]": RuleTable,
    "in the match of a [[rule]]": MatchTable,
    "in a [[hook]]": HookTable,
}

S = TypeVar("S", bound=Struct)


def read_table(shape: type[S], table: Mapping[str, object], at: KeyPath, problems: Problems) -> S | None:
    """Return a table with checked types, and note a problem for each wrong key; None if a required key is missing or wrong."""
    keys = {field.name: field for field in msgspec.structs.fields(shape)}
    values: dict[str, object] = {}
    for key, value in table.items():
        if key not in keys:
            problems.add((*at, key), _unknown(key, shape))
            continue
        try:
            values[key] = convert(value, keys[key].type)
        except ValueError as error:
            problems.add((*at, key), f"{key} {error}")
    for name, field in keys.items():
        if field.required and name not in table:
            problems.add(at, f"{_title(at)} needs {name}")
    needed = {name for name, field in keys.items() if field.required}
    return shape(**values) if needed <= values.keys() else None


def tables_in(tables: Mapping[str, object], name: str, problems: Problems) -> list[tuple[KeyPath, Table]]:
    """Return the `[[name]]` tables, each with its key path."""
    found = tables.get(name, [])
    if isinstance(found, dict):
        problems.add((name,), f"[{name}] must be written [[{name}]], with two brackets: there may be several")
        return [((name,), found)]
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        problems.add((name,), f"{name} must be tables: begin each with [[{name}]]")
        return []
    return [((name, number), table) for number, table in enumerate(found)]


def convert(value: object, kind: object) -> object:
    """Return the value as this type; raises ValueError with a description of the type if it is another one."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        choices = _choices(kind)
        near = nearest(value, choices) if isinstance(value, str) else ""
        raise ValueError(f"must be {_description(kind)}; got {shown(value)}{near}") from None


def shown(value: object) -> str:
    """Return a value as the user may have written it, for a message."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    return shortened(f'"{value}"' if isinstance(value, str) else str(value))


def _unknown(key: str, shape: type[Struct]) -> str:
    for place, other in _TABLES.items():
        if other is not shape and key in other.__struct_fields__:
            return f"{key} does not belong here, but {place}"
    known = shape.__struct_fields__ + (SECTIONS if shape is TopTable else ())
    return f"{shortened(key)} is not a key I know{nearest(key, known)}"


def one_table_in(tables: Mapping[str, object], name: str, problems: Problems) -> Table:
    """Return the `[name]` table; an empty one if it is not there, or if it is no table, which is noted."""
    table = tables.get(name, {})
    if isinstance(table, dict):
        return table
    problems.add((name,), f"{name} must be a table: [{name}] and its keys below it; got {shown(table)}")
    return {}


def _title(at: KeyPath) -> str:
    return f"each [[{at[0]}]]" if at else "the file"


def _choices(kind: object) -> tuple[str, ...]:
    if get_origin(kind) is Literal:
        return get_args(kind)
    return tuple(choice for part in get_args(kind) for choice in _choices(part) if isinstance(choice, str))


def _description(kind: object) -> str:
    for part in (kind, *get_args(kind)):
        described = [meta.description for meta in getattr(part, "__metadata__", ()) if meta.description]
        if described:
            return str(described[0])
    if choices := _choices(kind):
        return f"one of {', '.join(choices)}"
    plain = {bool: "true or false", dict: "a table", str: "text in quotes"}
    return next(words for part, words in plain.items() if part in (kind, get_origin(kind), *get_args(kind)))
