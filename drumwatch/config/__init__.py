"""The user's settings: TOML text becomes a `Config`, or a ConfigError with every problem. A `Config` is always valid."""

from drumwatch.config.globs import excluded, like
from drumwatch.config.parse import parse, read
from drumwatch.config.protected import why_around_library, why_file_protected, why_no_library, why_protected
from drumwatch.config.rules import format_of
from drumwatch.config.settings import (
    Config,
    Match,
    Rule,
    Watch,
    folder_of,
    label_for,
    needs_note,
    require_watches,
    watch_around,
    watch_for,
)

__all__ = [
    "Config",
    "Match",
    "Rule",
    "Watch",
    "excluded",
    "folder_of",
    "format_of",
    "label_for",
    "like",
    "needs_note",
    "parse",
    "read",
    "require_watches",
    "watch_around",
    "watch_for",
    "why_around_library",
    "why_file_protected",
    "why_no_library",
    "why_protected",
]
