"""Format names, times and shares for people, and parse times; terminal escapes in file names are made visible."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drumwatch.core.records import Verdict

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def printable(text: str | Path) -> str:
    r"""Return text that is safe to print: control characters and invalid UTF-8 become visible, like `\x1b`.

    Every kind of space is printed as it is: names from the web have spaces that do not break.
    """
    text = str(text)
    if text.isprintable():  # true for nearly every name, and this is quick
        return text
    return "".join(char if _is_shown(char) else _visible(char) for char in text)


def _is_shown(char: str) -> bool:
    return char.isprintable() or char == "\u200d" or unicodedata.category(char) == "Zs"


def _visible(char: str) -> str:
    raw = char.encode("utf-8", "surrogateescape") if "\udc80" <= char <= "\udcff" else None
    return f"\\x{raw[0]:02x}" if raw else char.encode("unicode_escape").decode()


def share(value: float) -> str:
    """Return a share as text: "93 %" for 0.934; 100 % only for exactly 1."""
    return f"{min(99, round(value * 100)) if value < 1 else 100} %"


def describe_clash(verdict: Verdict) -> str:
    """Return what name or neighbors say and the sound contradicts: "named snare, sounds like kick"; empty if there is no such clash."""
    if not verdict.clash:
        return ""
    is_name = verdict.claimed == verdict.name_says
    said = f"named {verdict.claimed}" if is_name else f"{verdict.claimed} by its neighbors"
    return f"{said}, sounds like {verdict.clash}"


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
            f'"{printable(text)}" is not a time: say 2h, 30m, 3d, today, yesterday, 14:30 or 2026-11-24'
        ) from None


def parse_until(text: str, now: dt.datetime) -> float:
    """Return seconds since the epoch for a time to come: "30m", "2h" or "18:00", which is tomorrow if it is over for today.

    Raises ValueError with a sentence that names these forms.
    """
    if ahead := re.fullmatch(r"(\d{1,4})\s*([smhdw])", text.strip()):
        return now.timestamp() + int(ahead[1]) * UNITS[ahead[2]]
    if clock := re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text.strip()):
        until = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return (until if until > now else until + dt.timedelta(days=1)).timestamp()
    raise ValueError(f'"{printable(text)}" is not a time to come: say 30m, 2h or 18:00')


def iso(seconds: float) -> str:
    """Return local time in ISO 8601 with its offset, to the millisecond."""
    return dt.datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="milliseconds")


def short_time(seconds: float, now: float) -> str:
    """Return a time of today as "14:03:22", an earlier one as "23 Nov 14:03"."""
    then, today = dt.datetime.fromtimestamp(seconds).astimezone(), dt.datetime.fromtimestamp(now).astimezone()
    return f"{then:%H:%M:%S}" if then.date() == today.date() else f"{then:%d %b %H:%M}"
