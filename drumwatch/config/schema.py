"""The shape of the file: which keys there are, of which kind; each table is read key by key, so that each mistake is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from drumwatch.config.problems import Problems, shortened
from drumwatch.config.settings import (  # noqa: TC001  msgspec reads them at run time
    AfterUnpacking,
    Archives,
    Duplicates,
    Names,
    OnBattery,
    Poll,
    Projects,
)
from drumwatch.config.templates import nearest
from drumwatch.core.records import ActionKind  # noqa: TC001

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drumwatch.config.key_lines import KeyPath

Share = Annotated[float, Meta(ge=0, le=1, description="a number from 0 to 1")]
Seconds = Annotated[float, Meta(ge=0, description="a number of seconds, 0 or more")]
Length = Annotated[float, Meta(gt=0, description="a number of seconds, more than 0")]
Quiet = Annotated[float, Meta(ge=0.1, le=3600, description="a number of seconds from 0.1 to 3600")]
Rescan = Annotated[float, Meta(ge=1, le=86400, description="a number of seconds from 1 to 86400")]
Workers = Annotated[
    int, Meta(ge=0, le=256, description="a whole number from 0 (as many as fit this machine) to 256")
]
Load = Annotated[float, Meta(ge=0, le=100, description="a number from 0 (never mind) to 100")]
Part = Annotated[float, Meta(ge=0.05, le=1, description="a number from 0.05 to 1")]
Size = Annotated[str | int, Meta(description='a size such as "1 GB" or "500 MB"')]
Entries = Annotated[int, Meta(ge=1, le=10_000_000, description="a whole number, 1 or more")]
Count = Annotated[int, Meta(ge=0, le=100_000, description="a whole number, 0 or more")]
Words = Annotated[str | tuple[str, ...], Meta(description='text in quotes, or a list of texts: ["a", "b"]')]
Texts = Annotated[tuple[str, ...], Meta(description='a list of texts: ["a", "b"]')]
Shape = Literal["one-shot", "loop", "long"]
Shapes = Annotated[Shape | tuple[Shape, ...], Meta(description="one-shot, loop or long")]


class Overridable(Struct, frozen=True, kw_only=True):
    """What holds for every watch, and what a watch may have otherwise."""

    library: str | None = None
    action: ActionKind | None = None
    layout: str | None = None
    max_wrong: Share | None = None
    unsure: str | None = None
    names: Names | None = None
    leave_link: bool | None = None
    projects: Projects | None = None


class TopTable(Overridable, frozen=True, kw_only=True):
    quiet: Quiet = 2.0
    rescan: Rescan = 60.0
    workers: Workers = 0
    max_share: Part = 1.0
    disk_rate: Size = "50 MB"
    min_free: Size = "1 GB"
    duplicates: Duplicates = "keep"
    after_unpacking: AfterUnpacking = "keep"
    archive_files: Entries = 20_000
    archive_size: Size = "20 GB"
    archive_ratio: Entries = 200
    overwrite_tags: bool = False
    portable_names: bool = False
    keep_empty_folders: bool = False
    pause_while: Texts = ()
    on_battery: OnBattery = "go"
    max_load: Load = 0.0
    learn_after: Count = 20
    notify: bool = False


class WatchTable(Overridable, frozen=True, kw_only=True):
    folder: str
    recursive: bool = True
    max_seconds: Length = 20.0
    archives: Archives = "unpack"
    exclude: Texts = ()
    poll: Poll = "auto"


class RuleTable(Struct, frozen=True, kw_only=True):
    name: str | None = None
    match: dict[str, Any]
    action: ActionKind | None = None
    to: str | None = None


class MatchTable(Struct, frozen=True, kw_only=True):
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


SECTIONS: tuple[str, ...] = ("watch", "labels", "rule")
_HOMES: dict[str, type[Struct]] = {
    "at the top, above the first [[watch]]": TopTable,
    "in a [[watch]]": WatchTable,
    "in a [[rule]]": RuleTable,
    "in the match of a [[rule]]": MatchTable,
}

S = TypeVar("S", bound=Struct)


def read_table(shape: type[S], table: Mapping[str, object], at: KeyPath, problems: Problems) -> S | None:
    """The table as its shape wants it, with a problem for each key that is unknown or wrong; None where a needed one is."""
    fields = {field.name: field for field in msgspec.structs.fields(shape)}
    values: dict[str, object] = {}
    for key, value in table.items():
        if key not in fields:
            problems.add((*at, key), _unknown(key, shape))
            continue
        try:
            values[key] = convert(value, fields[key].type)
        except ValueError as error:
            problems.add((*at, key), f"{key} {error}")
    for name, field in fields.items():
        if field.required and name not in table:
            problems.add(at, f"{_title(at)} needs {name}")
    needed = {name for name, field in fields.items() if field.required}
    return shape(**values) if needed <= values.keys() else None


def tables_in(
    tables: Mapping[str, object], name: str, problems: Problems
) -> list[tuple[KeyPath, dict[str, Any]]]:
    """The `[[name]]` tables, each with where it stands."""
    found = tables.get(name, [])
    if isinstance(found, dict):
        problems.add((name,), f"[{name}] must be written [[{name}]], with two brackets: there may be several")
        return [((name,), found)]
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        problems.add((name,), f"{name} must be tables: begin each with [[{name}]]")
        return []
    return [((name, number), table) for number, table in enumerate(found)]


def convert(value: object, kind: Any) -> object:  # noqa: ANN401  a type expression has no type of its own
    """The value, if it is of the kind; else a ValueError that says what would be."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        choices = _choices(kind)
        near = nearest(value, choices) if isinstance(value, str) else ""
        raise ValueError(f"must be {_wanted(kind)}; got {shown(value)}{near}") from None


def shown(value: object) -> str:
    """A value as the user might have written it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    return shortened(f'"{value}"' if isinstance(value, str) else str(value))


def _unknown(key: str, shape: type[Struct]) -> str:
    for home, other in _HOMES.items():
        if other is not shape and key in other.__struct_fields__:
            return f"{key} does not belong here, but {home}"
    known = shape.__struct_fields__ + (SECTIONS if shape is TopTable else ())
    return f"{shortened(key)} is not a key I know{nearest(key, known)}"


def _title(at: KeyPath) -> str:
    return f"each [[{at[0]}]]" if at else "the file"


def _choices(kind: Any) -> tuple[str, ...]:  # noqa: ANN401
    if get_origin(kind) is Literal:
        return get_args(kind)
    return tuple(choice for part in get_args(kind) for choice in _choices(part) if isinstance(choice, str))


def _wanted(kind: Any) -> str:  # noqa: ANN401
    for part in (kind, *get_args(kind)):
        described = [meta.description for meta in getattr(part, "__metadata__", ()) if meta.description]
        if described:
            return str(described[0])
    if choices := _choices(kind):
        return f"one of {', '.join(choices)}"
    plain = {bool: "true or false", dict: "a table", str: "text in quotes"}
    return next(words for part, words in plain.items() if part in (kind, get_origin(kind), *get_args(kind)))
