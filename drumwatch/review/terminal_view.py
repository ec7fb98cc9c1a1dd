"""How the review reads in a terminal: lines, the sheet of one sound, its evidence, what can be said."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rich.text import Text

from drumwatch.core.formatting import printable, share, short_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drumwatch.journal import View

COLOURS = {
    "kick": "#ff8266",
    "snare": "#f5bd52",
    "hat": "#53cfc1",
    "percussion": "#bb9bf2",
    "other": "#a3afbf",
}
OWN = "#f095c8"  # the user's own labels
FAINT = "#aaa297"
BAR = 20  # characters
EMPTY = {
    "unsure": "All settled.\n\nWhat drumwatch is not sure of waits here for your ear.",
    "recent": "Nothing sorted yet.\n\nDrop sounds into a watched folder, or run drumwatch sort FOLDER.",
    "clashes": "No clashes.\n\nA sound named snare that sounds like a clap would be here.",
    "projects": "Nothing was left whole.\n\nSongs, sampled instruments and code in a watched folder would be here.",
}
TITLES: dict[View, str] = {
    "unsure": "Unsure",
    "recent": "Recent",
    "clashes": "Clashes",
    "projects": "Left whole",
}
ADVICE = (
    'To have its sounds in the library, too: projects = "copy" in the [[watch]], or, once,'
    ' drumwatch sort --projects copy FOLDER. The project itself stays as it is. With "sort" it is'
    " sorted like any other folder. An empty file .nodrumwatch leaves any folder whole."
)
HELP = Text.assemble(
    ("By keyboard\n\n", "bold"),
    "↑ ↓ Page Home End   choose\n",
    "Shift+↑ ↓, Ctrl+A   choose many, all\n",
    "Space               play on this machine\n",
    "1-5 or its letter   say what it is\n",
    "m                   finer types, and back\n",
    "a                   accept the label\n",
    "A                   accept above in pack\n",
    "u                   undo what was said last\n",
    "U                   put the chosen back\n",
    "Tab                 unsure, recent, clashes,\n",
    "                    what was left whole\n",
    "/                   search, Esc leaves it\n",
    "q                   quit\n",
)


def colour(label: str) -> str:
    return COLOURS.get(label, OWN)


def counted(number: int) -> str:
    return f"{number} sound{'s' * (number != 1)}"


def tabs(counts: Mapping[str, int], view: str, text: str) -> Text:
    """The views with how much is in each, and what was searched for."""
    line = Text("drumwatch  ", style="bold")
    for name, title in TITLES.items():
        line.append(f" {title} {counts[name]:,} ", "reverse" if name == view else FAINT)
        line.append(" ")
    return line.append(f"  searched for: {printable(text)}" if text else "", FAINT)


def line(row: Mapping[str, Any], width: int, *, under: bool) -> Text:
    """One sound: what it is, how sure, its name, where it came from."""
    label = row["confirmed"] or row["label"]
    state = "back" if row["state"] == "undone" else "✓" if row["confirmed"] else share(row["confidence"])
    text = Text("▌" if under else " ", no_wrap=True)
    text.append(f"{label[:11]:<11}{state:>5}  ", colour(label))
    text.append(row["name"])
    text.append(f"  {row['pack'] or row['folder']}", FAINT)
    text.truncate(max(1, width), overflow="ellipsis")
    return text


def project_line(row: Mapping[str, Any], width: int, *, under: bool) -> Text:
    """One project: its name, what it is, how many sounds are in it, where it lies."""
    text = Text("▌" if under else " ", no_wrap=True)
    told = (row["what"], _inside(row), row["folder"])
    text.append(row["name"])
    text.append("".join(f"  {words}" for words in told if words), FAINT)
    text.truncate(max(1, width), overflow="ellipsis")
    return text


def project_sheet(row: Mapping[str, Any] | None, count: int) -> Text:
    """The chosen project: what it is and why, when it was left, and what one can do."""
    if row is None:
        return Text(EMPTY["projects"])
    text = Text(f"Left whole: {count} project{'s' * (count != 1)}\n\n", style="bold")
    text.append(f"{row['name']}\n")
    text.append(f"{row['path']}\n\n", f"not bold {FAINT}")
    shown = f", as {row['marker']} shows" if row["marker"] else ""
    facts = (f"{row['what']}{shown}", _inside(row), f"left {short_time(row['time'], time.time())}")
    text.append("".join(f"{fact}\n" for fact in facts if fact), "not bold")
    text.append(f"{row['reason']}.\n\n", f"not bold {FAINT}")
    return text.append(ADVICE, "not bold")


def _inside(row: Mapping[str, Any]) -> str:
    return "" if row["sounds"] is None else f"{counted(row['sounds'])} in it"


def sheet(row: Mapping[str, Any] | None, chosen: int, view: str) -> Text:
    """The chosen sound: what was heard and what was done about it."""
    if row is None:
        return Text(EMPTY[view])
    text = Text(f"{counted(chosen)} chosen\n\n" if chosen > 1 else "", style="bold")
    text.append(f"{row['name']}\n", "bold")
    text.append(f"{row['folder']}\n\n", FAINT)
    for label, chance in row["top"]:
        full = round(chance * BAR)
        text.append(f"{label:<11}", colour(label))
        text.append("█" * full, colour(label))
        text.append("░" * (BAR - full), FAINT)
        text.append(f" {share(chance):>5}\n")
    if row["clash"]:
        text.append(f"\nNamed {row['nameSays']}, sounds like {row['clash']}.\n")
    kind = f"{row['type']}, " if row["type"] not in ("", row["label"]) else ""
    text.append(f"\n{kind}{row['shape']}, {row['seconds']:.2f} s\n", FAINT)
    text.append(f"{row['reason']}\n", FAINT)
    return text


def evidence(found: Mapping[str, Any]) -> Text:
    """Why, and what it resembles."""
    text = Text("\nWhy\n" if found["reasons"] else "", style="bold")
    for words, weight in found["reasons"]:
        text.append("+ " if weight > 0 else "- ", COLOURS["hat" if weight > 0 else "kick"])
        text.append(f"{printable(words)}\n", "not bold")
    if found["nearest"]:
        text.append("\nMost like\n")
    for near in found["nearest"]:
        text.append(f"{near['type']}: {printable(near['sound'])}\n", "not bold")
    return text


def offer(words: Sequence[str], keys: Mapping[str, str], *, numbered: bool) -> Text:
    """The labels or types that a key says."""
    text = Text(no_wrap=True, overflow="ellipsis")
    for at, word in enumerate(words, start=1):
        text.append(f" {at} " if numbered and at <= 9 else " ", FAINT)  # noqa: PLR2004  there are nine such keys
        text.append(keys.get(word, ""), "bold underline")
        text.append(f" {word} ", colour(word) if numbered else "")
    return text.append("  a accept  u undo  m types  q quit", FAINT)


def offer_on_projects() -> Text:
    """There is nothing to say of a project."""
    return Text("  Tab next view  / search  ? every key  q quit", FAINT)
