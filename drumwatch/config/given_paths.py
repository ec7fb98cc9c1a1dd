"""The files and folders that are given to a command: made absolute, and refused if drumwatch must not sort them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch import config
from drumwatch.config import watch_for, why_around_library, why_file_protected, why_no_library, why_protected
from drumwatch.core.errors import ConfigError, UsageError
from drumwatch.core.formatting import home_short
from drumwatch.core.pasted_paths import similar_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from drumwatch.config import Config


def absolute(path: Path) -> Path:
    """Return the absolute path; links are resolved only in a path with `..`, which may follow a link."""
    try:
        path = path if os.path.lexists(path) else path.expanduser()
    except RuntimeError:
        raise UsageError(
            f"{path} names a user whom this machine does not know: write the whole path."
        ) from None
    return Path(os.path.realpath(path)) if ".." in path.parts else path.absolute()


def did_you_mean(path: Path) -> str:
    """Return a question, with a space before it, that names what a path that leads nowhere was probably meant to be; else nothing."""
    meant = similar_path(path)
    return f" Did you mean {home_short(meant)}?" if meant else ""


def refuse_protected(paths: Iterable[Path], *, do: str = "name") -> None:
    """Raise UsageError with a sentence for each path that must not be sorted; a single file is judged by its folder."""
    _refuse(_sentences(paths, do))


def refuse_protected_folders(paths: Iterable[Path], *, do: str = "name") -> None:
    """Raise UsageError for each such folder, for a command that only reads and may read any single file."""
    refuse_protected((path for path in paths if os.path.isdir(path)), do=do)


def refuse_around_library(paths: Iterable[Path], libraries: Sequence[Path], *, do: str = "name") -> None:
    """Raise UsageError with a sentence for each folder that contains a library."""
    _refuse(
        _sentence(path, why_around_library(path, libraries, do=do)) for path in paths if os.path.isdir(path)
    )


def refuse_as_library(folder: Path, option: str) -> None:
    """Raise UsageError if this folder, given with that option, cannot be a library."""
    if why := why_no_library(folder):
        raise UsageError(f"{option} {_sentence(folder, why)}")


def libraries(settings: Config, used: Iterable[Path] = ()) -> tuple[Path, ...]:
    """Return the configured libraries that exist, and those that will be used."""
    known = (settings.library, *(watch.library for watch in settings.watches))
    return tuple(dict.fromkeys([*used, *(library for library in known if os.path.isdir(library))]))


def libraries_for_sorting(settings: Config, paths: Iterable[Path], to: Path | None) -> tuple[Path, ...]:
    """Return the configured libraries that exist, and those that these paths would be sorted into."""
    return libraries(settings, [to] if to else [watch_for(settings, path).library for path in paths])


def libraries_if_configured(config_path: Path) -> tuple[Path, ...]:
    """Return the configured libraries that exist; none if the configuration cannot be read."""
    try:
        return libraries(config.read(config_path))
    except ConfigError:
        return ()


def _sentences(paths: Iterable[Path], do: str) -> Iterator[str]:
    known: dict[Path, str] = {}  # by folder, because a thousand files of one folder may be given
    for path in paths:
        if os.path.isdir(path):
            yield _sentence(path, why_protected(path, do=do))
        elif path.is_symlink():
            yield _sentence(path, why_file_protected(path, do=do))
        else:
            if path.parent not in known:
                known[path.parent] = why_file_protected(path, do=do)
            yield _sentence(path, known[path.parent])


def _sentence(path: Path, why: str) -> str:
    if not why:
        return ""
    target = os.path.realpath(path)
    leads = f" (which leads to {home_short(target)})" if target != str(path.absolute()) else ""
    return f"{home_short(path)}{leads} {why}."


def _refuse(sentences: Iterable[str]) -> None:
    if given := [sentence for sentence in sentences if sentence]:
        raise UsageError("\n".join(given))
