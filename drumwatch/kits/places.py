"""Where a kit goes: a new folder in the library's folder for kits, or in a folder that the user names."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drumwatch.config import watch_around
from drumwatch.core.errors import UsageError
from drumwatch.core.formatting import home_short, printable
from drumwatch.core.records import KITS
from drumwatch.kits.names import folder_name

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config import Config
    from drumwatch.kits.devices import Device


@dataclass(frozen=True, slots=True)
class KitPlace:
    """The new folder of a kit, and the existing folder around it, below which folders are made."""

    library: Path  # that the sounds come from
    base: Path
    folder: Path
    min_free: int = 0  # bytes that stay free on its disk


def place_for(name: str, config: Config, device: Device, to: Path | None) -> KitPlace:
    """Return where a kit of this name goes; where there is something of that name, the name gets a number.

    Raises UsageError if the name cannot be one, or the folder is none for kits.
    """
    wanted = folder_name(name, device)
    if not wanted:
        raise UsageError(
            f'"{printable(name)}" cannot be the name of a folder: give the kit a name with letters or digits.'
        )
    if to is None:
        base, parent, min_free = config.library, config.library / KITS, config.min_free
        if not base.is_dir():
            raise UsageError(
                f"The library {home_short(base)} is not there: connect its disk, or sort something first."
            )
    else:
        base, parent, min_free = _given(to, config), _resolved(to), 0
    return KitPlace(config.library, base, parent / _free(parent, wanted), min_free)


def _given(to: Path, config: Config) -> Path:
    """Return the folder that exists of a folder that was given: itself, or the one around it."""
    folder = _resolved(to)
    for library in {config.library, *(watch.library for watch in config.watches)}:
        inside = _resolved(library)
        if folder.is_relative_to(inside / KITS) and inside.is_dir():
            return inside
        if folder.is_relative_to(inside):
            raise UsageError(
                f"{home_short(to)} is in the library, among what was sorted: leave out --to, and the kit goes to {KITS} there."
            )
    if watch_around(config, to.absolute()) or watch_around(config, folder):
        raise UsageError(
            f"{home_short(to)} is in a watched folder, from where the kit would be sorted again: choose another one."
        )
    for place in (folder, folder.parent):
        if place.is_dir():
            return place
    raise UsageError(
        f"Neither {home_short(to)} nor the folder around it is there: connect the disk, or make the folder first."
    )


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # links that lead in a circle
        return path.absolute()


def _free(parent: Path, name: str) -> str:
    """Return the name, or "NAME 2" and so on if there is something of that name."""
    names = itertools.chain([name], (f"{name} {number}" for number in itertools.count(2)))
    return next(one for one in names if not os.path.lexists(parent / one))
