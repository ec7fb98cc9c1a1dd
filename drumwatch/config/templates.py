"""Layouts such as `{label}/{pack}/{name}`, and the checks of what they may contain."""

from __future__ import annotations

import re

FIELDS: tuple[str, ...] = (
    "label",
    "type",
    "pack",
    "name",
    "confidence",
    "year",
    "original_folder",
    "note",
    "bpm",
)
FROM_VERDICT: tuple[str, ...] = ("label", "type", "confidence", "note", "bpm")

SHORTEST_LIMIT = 12  # bytes: the 8.3 of old samplers

FIELD = re.compile(r"\{([^{}]*)\}")
_DRIVE = re.compile(r"^[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def checked_template(text: str) -> str:
    """Return the layout; raises ValueError unless it gives every file its own path inside the library."""
    check_path(text.removesuffix("/") or "{name}")
    if not text.endswith("{name}"):
        folders = text.partition("{name}")[0].rstrip("/") or "{label}"
        raise ValueError(f'must end with {{name}}, the file itself, as in "{folders}/{{name}}"')
    if text.count("{name}") > 1:
        raise ValueError("has {name} more than once")
    for name in FIELD.findall(text):
        if name not in FIELDS:
            all_of_them = f"; there are {' '.join(f'{{{field}}}' for field in FIELDS)}"
            raise ValueError(f"has no field {{{name}}}{nearest(name, FIELDS, '{{{}}}') or all_of_them}")
    if set(FIELD.sub("", text)) & set("{}"):
        raise ValueError("has a brace without its partner")
    return text


def check_path(text: str) -> None:
    """Raise ValueError unless a path is relative, and has no `..`, no hidden part and no separator of another system."""
    if text.startswith(("/", "~")) or _DRIVE.match(text):
        raise ValueError("must be inside the library: leave out the beginning")
    if "\\" in text:
        raise ValueError("must have / between folders, not \\")
    if _CONTROL.search(text):
        raise ValueError("has a control character in it")
    for part in text.split("/"):
        if not part:
            raise ValueError("has an empty part between two /" if text else "is empty")
        if part in (".", ".."):
            raise ValueError(f'has a part that is "{part}"')
        if part.startswith("."):
            raise ValueError(f'has a part that begins with a dot, "{part}": it would be hidden')


def checked_folder_name(text: str) -> str:
    """Return the name; raises ValueError unless it can be one folder in the library."""
    if "/" in text or "\\" in text:
        raise ValueError("must be one folder's name, without / or \\")
    if "{" in text or "}" in text:
        raise ValueError("must be a plain name, without { or }")
    check_path(text)
    if text != text.strip() or text.endswith("."):
        raise ValueError("must not begin or end with a space, or end with a dot")
    return text


def checked_folder_path(text: str) -> str:
    """Return the path; raises ValueError unless it can be a folder in the library, or one inside another there: Drums/Kicks."""
    if "\\" in text:
        raise ValueError("must have / between folders, not \\")
    if "{" in text or "}" in text:
        raise ValueError("must be a plain name, without { or }")
    check_path(text)
    for part in text.split("/"):
        checked_folder_name(part)
    return text


def checked_name_limit(text: str) -> int:
    """Return the limit of a name; raises ValueError if it leaves no room for a name with its ending and a number."""
    limit = int(text)
    if 0 < limit < SHORTEST_LIMIT:
        raise ValueError(
            f"is too short for a name with its ending and a number: say {SHORTEST_LIMIT} or more"
        )
    return limit


def nearest(text: str, known: tuple[str, ...], shown: str = "{}") -> str:
    """Return `; did you mean max_wrong?` with the most similar known name, or an empty string if none is similar."""
    from difflib import get_close_matches  # noqa: PLC0415  only a mistake needs it

    near = get_close_matches(text.casefold(), known, n=1, cutoff=0.6)
    if near and _looks_like(text, near[0]):
        return f"; it has a space in it, or a character that looks like another: type {shown.format(near[0])} anew"
    return f"; did you mean {shown.format(near[0])}?" if near else ""


def _looks_like(text: str, known: str) -> bool:
    """Return whether a text looks the same as a known name, so that naming that one would only repeat what was typed."""
    seen = [letter for letter in text if letter.isprintable() and not letter.isspace()]
    return len(seen) == len(known) and all(
        letter == other or not letter.isascii() for letter, other in zip(seen, known, strict=True)
    )
