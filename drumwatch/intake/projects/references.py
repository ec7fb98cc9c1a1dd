"""Read the references to sounds in a document."""

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
    """The references of a document to other files; `kind` is None for a file of no known format."""

    kind: DocumentKind | None = None
    display_name: str = ""  # "a Reaper song"
    names: tuple[str, ...] = ()  # as written in the document, with "/" for "\\"; each once
    opaque: bool = False  # it may have more references than could be read
    is_self_contained: bool = False  # it contains its sounds
    parts: tuple[Path, ...] = ()  # files that were read with it; if one changes, the references may change


NONE = References()


def read_references(path: Path) -> References:
    """Return the references of a document; at most 32 MB are read, and a document that cannot be read is opaque."""
    for row in formats_for(path.name):
        if (found := _read(row, path)) is not None:
            return found
    return NONE


def _read(row: Format, path: Path) -> References | None:
    names: dict[str, None] = {}
    is_opaque = is_self_contained = False
    try:
        for name in itertools.islice(row.read(path), 4 * MOST_NAMES):
            if written := _normalized(name):
                names[written] = None
    except NotThisFormat:
        return None
    except SelfContained:
        is_self_contained = True
    except Unreadable:
        is_opaque = True
    except Exception:  # noqa: BLE001  an untrusted document may make a reader fail in any way
        is_opaque = True
    parts = _parts(row, path)
    return References(row.kind, row.display_name, tuple(names), is_opaque, is_self_contained, parts)


def _parts(row: Format, path: Path) -> tuple[Path, ...]:
    if row.parts is None:
        return ()
    try:
        return row.parts(path)
    except Exception:  # noqa: BLE001  as above
        return ()


def _normalized(name: str) -> str:
    """Return the path with "/" as separator and without URL escapes; empty for an address on another machine."""
    name = name.strip().strip("\0").replace("\\", "/")
    if name.casefold().startswith("file:"):
        name = "/" + unquote(name[5:]).lstrip("/")
    elif "://" in name[:16]:
        return ""  # an address on another machine
    elif "%" in name:
        unquoted = unquote(name, errors="replace")
        name = unquoted if "\ufffd" not in unquoted and name.count("%20") else name
    return name if 0 < len(name) <= 4096 and "\0" not in name else ""  # noqa: PLR2004  the longest path there is
