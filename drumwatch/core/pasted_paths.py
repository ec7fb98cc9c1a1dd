"""Paths as people paste them: in quotes, as an address of a file manager, with spaces around them or escaped as in a shell."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

QUOTES = (("'", "'"), ('"', '"'), ("`", "`"), ("“", "”"), ("„", "“"), ("\u2018", "\u2019"), ("«", "»"))
NEAR = 0.6  # similarity from which another name is proposed
_ADDRESS = re.compile(r"(?P<kind>[a-z][a-z0-9+.-]+):(?://(?P<host>[^/]*))?(?P<path>/.*)?", re.DOTALL)
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\[^\\]+\\")
_ESCAPED = re.compile(r"\\([^A-Za-z0-9/])")


def meant_path(text: str, exists: Callable[[str], bool] = os.path.lexists) -> Path:
    """Return the path that a person means by a text; a text that is the path of something is taken as it is.

    Raises ValueError, with the end of a sentence about the text, if it can be no path of this system.
    """
    if "\0" in text:
        raise ValueError("has a NUL character in it, which no path can have: type it instead of pasting it")
    plain = unquoted(text)
    composed, decomposed = (unicodedata.normalize(form, plain) for form in ("NFC", "NFD"))
    for candidate in (text, plain, _ESCAPED.sub(r"\1", plain), composed, decomposed):
        if candidate and exists(os.path.expanduser(candidate)):
            return Path(candidate)
    if os.name != "nt" and _WINDOWS.match(plain):
        raise ValueError("is a path of Windows: give the path that this system has for it")
    address = _ADDRESS.fullmatch(plain)
    if address and (address["host"] is not None or address["kind"] == "file"):
        return _path_in(address)
    if not plain:
        raise ValueError("is empty: name a file or a folder")
    return Path(plain)


def unquoted(text: str) -> str:
    """Return the text without spaces and quotes around it."""
    plain = text.strip()
    for left, right in QUOTES:
        if len(plain) > 1 and plain[0] == left and plain[-1] == right:
            return plain[1:-1].strip()
    return plain


def similar_path(path: Path) -> str:
    """Return what a path that leads nowhere was probably meant to be, for a message; empty if nothing there is similar.

    A name that looks the same is shown in quotes, with the difference in words.
    """
    from difflib import get_close_matches  # noqa: PLC0415  only a mistake needs it

    missing = path
    while missing != missing.parent and not os.path.lexists(missing.parent):
        missing = missing.parent
    try:
        names = [name for name in os.listdir(missing.parent) if name != missing.name]
    except OSError:
        return ""
    by_look = {name.strip().casefold(): name for name in names}
    near = get_close_matches(missing.name.strip().casefold(), by_look, n=1, cutoff=NEAR)
    if not near:
        return ""
    found = by_look[near[0]]
    meant = missing.with_name(found) / path.relative_to(missing)
    end = f'"{found}"' + (", with a space at its end" if found != found.rstrip() else "")
    return (
        end
        if found.strip() == missing.name.strip()
        else str(meant if os.path.lexists(meant) else missing.with_name(found))
    )


def _path_in(address: re.Match[str]) -> Path:
    from urllib.parse import unquote_to_bytes  # noqa: PLC0415  only a pasted address needs it

    kind, host = address["kind"], address["host"] or ""
    if kind in ("http", "https", "ftp"):
        raise ValueError("is an address on the web: download it first, and give the path of the download")
    if kind != "file" or host not in ("", "localhost"):
        raise ValueError(
            "is an address of another computer: connect to it, and give the path that it has here"
        )
    return Path(os.fsdecode(unquote_to_bytes(address["path"] or "/")))
