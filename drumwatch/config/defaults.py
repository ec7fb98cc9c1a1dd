"""The configuration of commands that do not need a configuration file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch import config
from drumwatch.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def config_or_defaults(path: Path, *, library: Path | None = None) -> config.Config:
    """Return the configuration in the file, or the defaults if there is no file; a given `library` replaces the one in it."""
    if path.exists():
        settings = config.read(path)
        return replace(settings, library=library) if library else settings
    return config.Config(library=library or default_library())


def default_library() -> Path:
    """Return the library that config.example.toml proposes."""
    return config.parse('library = "~/Music/Drum Library"').library


def config_for_sorting(path: Path, library: Path | None) -> config.Config:
    """Return the configuration for `sort`; raises ConfigError if there is neither a file nor a library."""
    if library is None and not path.exists():
        raise ConfigError(
            [
                f"There is no configuration at {path}: say where to sort with --to DIR, or make one with `drumwatch init`."
            ]
        )
    return config_or_defaults(path, library=library)
