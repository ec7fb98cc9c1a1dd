"""From a document to the sounds that it refers to."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from drumwatch.intake.projects.formats import formats_for
from drumwatch.intake.projects.readers.common import NotThisFormat, SelfContained
from drumwatch.intake.projects.reading import Unreadable
from drumwatch.intake.projects.scanning import MOST_NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.intake.projects.formats import DocumentKind, Format


@dataclass(frozen=True, slots=True)
class References:
    """What a document says about other files. Without a kind it is none that we know, whatever its name says."""

    kind: DocumentKind | None = None
    called: str = ""  # "a Reaper song"
    names: tuple[str, ...] = ()  # as written, with "/" for "\\"; each once
    opaque: bool = False  # it may refer to more than could be read
    is_self_contained: bool = False  # it holds its sounds itself
    parts: tuple[Path, ...] = ()  # files that were read with it: where one changes, so may what it says


NONE = References()


def read_references(path: Path) -> References:
    """The sounds that a document names. It reads at most 32 MB of it, and a document that fails is opaque."""
    for row in formats_for(path.name):
        if (found := _read(row, path)) is not None:
            return found
    return NONE


def _read(row: Format, path: Path) -> References | None:
    names: dict[str, None] = {}
    is_opaque = is_self_contained = False
    try:
        for name in itertools.islice(row.read(path), 4 * MOST_NAMES):
            if written := _turned(name):
                names[written] = None
    except NotThisFormat:
        return None
    except SelfContained:
        is_self_contained = True
    except Unreadable:
        is_opaque = True
    except Exception:  # noqa: BLE001  a stranger's document may make a reader fail in any way
        is_opaque = True
    parts = _parts(row, path)
    return References(row.kind, row.called, tuple(names), is_opaque, is_self_contained, parts)


def _parts(row: Format, path: Path) -> tuple[Path, ...]:
    if row.parts is None:
        return ()
    try:
        return row.parts(path)
    except Exception:  # noqa: BLE001  as above
        return ()


def _turned(name: str) -> str:
    """A path as written, with the separators of this system; URLs without their escapes."""
    name = name.strip().strip("\0").replace("\\", "/")
    if name.casefold().startswith("file:"):
        name = "/" + unquote(name[5:]).lstrip("/")
    elif "://" in name[:16]:
        return ""  # on another machine
    elif "%" in name:
        unquoted = unquote(name, errors="replace")
        name = unquoted if "\ufffd" not in unquoted and name.count("%20") else name
    return name if 0 < len(name) <= 4096 and "\0" not in name else ""  # noqa: PLR2004  the longest path there is
