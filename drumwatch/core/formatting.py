"""Format names, times and shares for people, and read times from them; no terminal escape in a file name reaches a screen."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def printable(text: str | Path) -> str:
    r"""Return text that is safe to show: control characters and bytes that are no UTF-8 become visible, like `\x1b`."""
    text = str(text)
    if text.isprintable():  # nearly every name is, and a library has a hundred thousand
        return text
    return "".join(char if char.isprintable() or char == "\u200d" else _visible(char) for char in text)


def _visible(char: str) -> str:
    raw = char.encode("utf-8", "surrogateescape") if "\udc80" <= char <= "\udcff" else None
    return f"\\x{raw[0]:02x}" if raw else char.encode("unicode_escape").decode()


def share(value: float) -> str:
    """Return a share in percent: 0.934 → "93 %"; never rounded up to certainty."""
    return f"{min(99, round(value * 100)) if value < 1 else 100} %"


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun: 2312, "file" → "2,312 files"; 1, "file" → "1 file"."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def home_short(path: Path | str) -> str:
    """Return a path as people write it: printable, with ~ for the home folder."""
    text, home = str(path), str(Path.home())
    return printable("~" + text[len(home) :] if text.startswith(home + "/") else text)


def parse_since(text: str, now: dt.datetime) -> float:
    """Return the seconds since the epoch of "2h", "30m", "3d", "today", "yesterday", "14:30", "2026-11-24" or "2026-11-24 14:30".

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
            f"{printable(text)!r} is not a time I understand: say 2h, 30m, 3d, today, yesterday, 14:30 or 2026-11-24"
        ) from None


def iso(seconds: float) -> str:
    """Return the local time with its offset, to the millisecond."""
    return dt.datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="milliseconds")


def short_time(seconds: float, now: float) -> str:
    """Return a short local time: 14:03:22 for today, 23 Nov 14:03 before."""
    then, today = dt.datetime.fromtimestamp(seconds).astimezone(), dt.datetime.fromtimestamp(now).astimezone()
    return f"{then:%H:%M:%S}" if then.date() == today.date() else f"{then:%d %b %H:%M}"
