"""The texts of an ID3 tag as fields of a WAV's INFO list, under the names that its readers know.

ffmpeg and what is built on it show no ID3 tag of a WAV that has an INFO list, so a new list must hold what the ID3 tag shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

INFO_NAMES = {
    "TIT2": b"INAM",
    "TPE1": b"IART",
    "TALB": b"IPRD",
    "TCON": b"IGNR",
    "COMM": b"ICMT",
    "TCOP": b"ICOP",
    "TDRC": b"ICRD",
    "TYER": b"ICRD",
    "TRCK": b"ITRK",
    "TLAN": b"ILNG",
    "TSSE": b"ISFT",
    "TENC": b"ITCH",
}
# Frames that readers show under a name which no field of INFO has. Other text frames are shown under their own four letters
WITHOUT_FIELD = {
    *("TCOM", "TPE2", "TPE3", "TPOS", "TPUB", "TCMP", "TDRL", "TDEN", "TSOA", "TSOP", "TSOT"),
    *("TIT1", "TDAT", "TIME", "TXXX", "USLT"),
}
WRITTEN_ANYWAY = frozenset({"TCON", "TXXX:DRUMWATCH"})

Items = list[tuple[bytes, bytes]]  # name and text of each field


class Shown(NamedTuple):
    """What readers show of an ID3 tag: by the name in INFO, and by other names."""

    fields: dict[bytes, str]
    others: dict[str, str]


def shown_by_id3(tags: Any) -> Shown:  # noqa: ANN401  mutagen's tags
    """Return the texts that readers show of an ID3 tag or of none; the genre and our own field are left out."""
    fields: dict[bytes, str] = {}
    others: dict[str, str] = {}
    for key, frame in (tags or {}).items():
        name = frame.FrameID
        if key in WRITTEN_ANYWAY or not is_shown(name):
            continue
        found = getattr(frame, "text", None)  # lists of people have none
        texts = [str(text) for text in found] if isinstance(found, list) else [str(frame), ""]
        field = field_of(name, frame)
        if field is None or field in fields or len(texts) > 1:
            others[key] = "/".join(texts)
        elif texts and texts[0]:
            fields[field] = texts[0]
    return Shown(fields, others)


def is_shown(name: str) -> bool:
    """Return whether readers show the frame with this name as text."""
    return name.startswith("T") or name in {"COMM", "USLT"}


def field_of(name: str, frame: Any) -> bytes | None:  # noqa: ANN401  mutagen's frame
    """Return the field of INFO that readers show like this frame, or None if there is none."""
    if name in WITHOUT_FIELD or (name == "COMM" and frame.desc):
        return None
    return INFO_NAMES.get(name, name.encode("ascii"))


def as_items(fields: dict[bytes, str]) -> Items:
    """Return the texts as fields of INFO."""
    return [(name, text.encode() + b"\0") for name, text in fields.items()]


def has_texts(items: Sequence[tuple[bytes, bytes]]) -> bool:
    """Return whether a list says anything, so that readers show it instead of the ID3 tag."""
    return any(text.strip(b"\0") for _, text in items)


def shown_by_info(items: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the texts of a list by name without the genre; a name that is there twice gets a number."""
    found: dict[str, str] = {}
    for name, text in items:
        if name != INFO_NAMES["TCON"]:
            key = name.decode("latin-1")
            same = sum(other.split(" ")[0] == key for other in found)
            found[f"{key} {same + 1}" if same else key] = text.rstrip(b"\0").decode("utf-8", "replace")
    return found
