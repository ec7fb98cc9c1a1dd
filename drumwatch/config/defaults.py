"""The configuration for commands that can do without one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch import config
from drumwatch.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def config_or_defaults(path: Path, *, library: Path | None = None) -> config.Config:
    """What the file says; where there is none, the defaults, for which `library` has to be given or is never used."""
    if path.exists():
        settings = config.read(path)
        return replace(settings, library=library) if library else settings
    return config.Config(library=library or default_library())


def default_library() -> Path:
    """What config.example.toml proposes."""
    return config.parse('library = "~/Music/Drum Library"').library


def config_for_sorting(path: Path, library: Path | None) -> config.Config:
    """Like the above, but without a file and without --to nobody knows where to."""
    if library is None and not path.exists():
        raise ConfigError(
            [
                f"There is no configuration at {path}: say where to sort with --to DIR, or make one with `drumwatch init`."
            ]
        )
    return config_or_defaults(path, library=library)
