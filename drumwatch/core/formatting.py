"""Format names, times and shares for people, and parse times; terminal escapes in file names are made visible."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.core.records import FOLDERS, REMOVE_FOLDERS

if TYPE_CHECKING:
    from drumwatch.core.records import Entry

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def printable(text: str | Path) -> str:
    r"""Return text that is safe to print: control characters and invalid UTF-8 become visible, like `\x1b`."""
    text = str(text)
    if text.isprintable():  # true for nearly every name, and this is quick
        return text
    return "".join(char if char.isprintable() or char == "\u200d" else _visible(char) for char in text)


def _visible(char: str) -> str:
    raw = char.encode("utf-8", "surrogateescape") if "\udc80" <= char <= "\udcff" else None
    return f"\\x{raw[0]:02x}" if raw else char.encode("unicode_escape").decode()


def share(value: float) -> str:
    """Return a share as text: "93 %" for 0.934; 100 % only for exactly 1."""
    return f"{min(99, round(value * 100)) if value < 1 else 100} %"


def count_of(number: int, noun: str) -> str:
    """Return a number with a noun: "2,312 files" for 2312 and "file", "1 file" for 1."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def home_short(path: Path | str) -> str:
    """Return a path as printable text, with ~ for the home folder."""
    text, home = str(path), str(Path.home())
    return printable("~" + text[len(home) :] if text.startswith(home + "/") else text)


def parse_since(text: str, now: dt.datetime) -> float:
    """Return seconds since the epoch for "2h", "30m", "3d", "today", "yesterday", "14:30", "2026-11-24" or "2026-11-24 14:30".

    Raises ValueError with a sentence that names these forms.
    """
    if ago := re.fullmatch(r"(\d+)\s*([smhdw])", text.strip()):
        return now.timestamp() - int(ago[1]) * UNITS[ago[2]]
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if text in ("today", "yesterday"):
        return (midnight - dt.timedelta(days=text == "yesterday")).timestamp()
    try:
        if clock := re.fullmatch(r"(\d{1,2}):(\d{2})", text):
            return midnight.replace(hour=int(clock[1]), minute=int(clock[2])).timestamp()
        return dt.datetime.fromisoformat(text).astimezone().timestamp()
    except ValueError:
        raise ValueError(
            f"{printable(text)!r} is not a time: say 2h, 30m, 3d, today, yesterday, 14:30 or 2026-11-24"
        ) from None


def iso(seconds: float) -> str:
    """Return local time in ISO 8601 with its offset, to the millisecond."""
    return dt.datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="milliseconds")


def short_time(seconds: float, now: float) -> str:
    """Return a time of today as "14:03:22", an earlier one as "23 Nov 14:03"."""
    then, today = dt.datetime.fromtimestamp(seconds).astimezone(), dt.datetime.fromtimestamp(now).astimezone()
    return f"{then:%H:%M:%S}" if then.date() == today.date() else f"{then:%d %b %H:%M}"


DONE = {"move": "→", "copy": "copied to", "hardlink": "linked to", "symlink": "linked to"}
PLANNED = {"move": "would go to", "copy": "would be copied to", "hardlink": "would be linked to"}
PLANNED |= {"symlink": PLANNED["hardlink"]}


def describe(entry: Entry) -> str:
    """Return what was done, or would be done, as text: "kick.wav → ~/Music/Drum Library/kick/kick.wav"."""
    if entry.action == REMOVE_FOLDERS:
        return _folders_removed(entry)
    name, planned = printable(entry.source.name), entry.state == "planned"
    if entry.undoes is not None:
        return f"{name} {'back' if entry.state == 'done' else 'not back'} in {home_short(entry.destination or entry.source)}"
    if entry.is_project:
        return f"{name} {'would be left' if planned else 'left'} whole in {home_short(entry.source.parent)}"
    if entry.state == "failed":
        return f"{name} stays in {home_short(entry.source.parent)}"
    if entry.action in ("leave", "tag") or entry.destination is None:
        verbs = ("would be tagged", "tagged") if entry.action == "tag" else ("would stay", "left")
        return f"{name} {verbs[not planned]} in {home_short(entry.source.parent)}"
    return f"{name} {(PLANNED if planned else DONE)[entry.action]} {home_short(entry.destination)}"


def _folders_removed(entry: Entry) -> str:
    """Return text such as "12 emptied folders of Dusty Vol 3 removed"."""
    count = len(json.loads(entry.detail.get(FOLDERS, "[]")))
    back = entry.undoes is not None
    done = "there again" if back else "removed"
    fate = {"done": done, "undone": done, "failed": "not there again" if back else "not removed"}
    what = f"{'' if back else 'emptied '}folder"
    if count == 1 and not entry.pack:
        named = f"{what} {home_short(entry.source)}"
    else:
        whose = f"of {printable(entry.pack)}" if entry.pack else f"in {home_short(entry.source)}"
        named = f"{count} {what}{'s' * (count != 1)} {whose}"
    return f"{named} {fate.get(entry.state, 'to be removed')}"


def as_sentence(entry: Entry) -> str:
    """Return one line for a log: the label with its confidence, what was done, and the reason unless it is the default rule."""
    verdict = f"{entry.label} {share(entry.confidence)}: " if entry.verdict else ""
    # The reason of a project begins with its name, which the line contains already
    reason = entry.reason.removeprefix(f"{entry.source.name} ") if entry.is_project else entry.reason
    why = entry.error or (reason if entry.action == "leave" or entry.rule != "default" else "")
    return f"{verdict}{describe(entry)}" + (f" ({printable(why)})" if why else "")
