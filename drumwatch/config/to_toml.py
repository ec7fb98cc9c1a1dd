"""Writing a `Config` as TOML, with every setting of each watch."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.config.schema import AbletonTable, HookTable, TopTable, WatchTable
from drumwatch.config.settings import SHARED_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from msgspec import Struct

    from drumwatch.config.settings import Ableton, Config, Hook, Match, Rule, Watch
    from drumwatch.config.value_types import Table


def as_toml(config: Config) -> str:
    """Return a text that parses to the same configuration."""
    plain = as_plain(config)
    watches, labels, rules = plain.pop("watch"), plain.pop("labels"), plain.pop("rule")
    ableton, hooks = plain.pop("ableton"), plain.pop("hook")
    tables = [_assignments(plain)]
    tables += ["[[watch]]\n" + _assignments(watch) for watch in watches]
    tables += ["[labels]\n" + _assignments(labels)] if labels else []
    tables += ["[ableton]\n" + _assignments(ableton)]
    tables += ["[[rule]]\n" + _assignments(rule) for rule in rules]
    tables += ["[[hook]]\n" + _assignments(hook) for hook in hooks]
    return "\n\n".join(tables) + "\n"


def as_plain(config: Config) -> Table:
    """Return the configuration as plain tables, with the keys of the file."""
    shared, own = SHARED_KEYS, _own_keys(TopTable)
    return {
        "library": _plain(config.library),
        **_values(config, (*shared, *own)),
        "watch": [_values(watch, (*_own_keys(WatchTable), *shared)) for watch in config.watches],
        "labels": dict(config.labels),
        "ableton": _values(config.ableton, AbletonTable.__struct_fields__),
        "rule": [{**_given(rule), "match": _given(rule.match)} for rule in config.rules],
        "hook": [_values(hook, HookTable.__struct_fields__) for hook in config.hooks],
    }


def quoted(text: str) -> str:
    """Return a TOML string; its escapes are those of JSON and one more."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _own_keys(table: type[Struct]) -> list[str]:
    """Return the keys of a table that are not shared by the top level and the watches."""
    return [name for name in table.__struct_fields__ if name not in SHARED_KEYS]


def _values(record: Config | Watch | Ableton | Rule | Match | Hook, names: Iterable[str]) -> Table:
    return {name: _plain(getattr(record, name)) for name in names}


def _given(record: Rule | Match) -> Table:
    values = _values(record, (field.name for field in fields(record)))
    return {name: value for name, value in values.items() if value not in (None, [])}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(member) for member in value]
    return str(value) if isinstance(value, Path) else value


def _assignments(table: Table) -> str:
    return "\n".join(f"{key_as_toml(key)} = {_value(value)}" for key, value in table.items())


def key_as_toml(name: str) -> str:
    """Return the name of a key, in quotes if it needs them."""
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else quoted(name)


def _value(value: object) -> str:
    if isinstance(value, dict):
        return (
            "{ " + ", ".join(f"{key_as_toml(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
        )
    if isinstance(value, list):
        return "[" + ", ".join(_value(inner) for inner in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else repr(value)
