"""The texts of the review in a terminal: lines, the panel of one sound with its explanation, and the bar of labels."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.text import Text

from drumwatch.core.formatting import printable, share, short_time
from drumwatch.review.rows import ARCHIVE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drumwatch.journal import View
    from drumwatch.review.rows import Row

COLOURS = {
    "kick": "#ff8266",
    "snare": "#f5bd52",
    "hat": "#53cfc1",
    "percussion": "#bb9bf2",
    "other": "#a3afbf",
}
OWN_LABEL = "#f095c8"
FAINT = "#aaa297"
BAR = 20  # characters
OTHER_KEYS = ("  a accept  u undo  m types  q quit", "  ? keys  q quit")  # after the labels, where they fit
DIGITS = 9  # labels with a digit as their key
EMPTY = {
    "unsure": "All done.\n\nSounds of which drumwatch is not sure wait here for you.",
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
    ' drumwatch sort --projects copy FOLDER. The project itself is left whole. With "sort" it is'
    " sorted like any other folder. An empty file .nodrumwatch leaves any folder whole."
)
ARCHIVE_ADVICE = (
    "It was left alone. It is tried again when it changes, with the next version of drumwatch, and when"
    " what it needs is installed."
)
HELP = Text.assemble(
    ("By keyboard\n", "bold"),
    "↑ ↓ Page Home End   choose\n",
    "Shift+↑ ↓, Ctrl+A   choose many, all\n",
    "Space               play on this machine\n",
    "1-5 or its letter   give it that label\n",
    "m                   finer types, and back\n",
    "a                   accept the label\n",
    "A                   accept above in pack\n",
    "*                   star, and take it away\n",
    "f                   show in its folder\n",
    "c                   copy its path\n",
    "g                   all that are named alike\n",
    "u                   undo your last label\n",
    "U                   put the chosen back\n",
    "Tab                 unsure, recent, clashes,\n",
    "                    what was left whole\n",
    "/                   search, Esc leaves it\n",
    "q                   quit",
)


def colour(label: str) -> str:
    """Return the colour of a label, as RGB text."""
    return COLOURS.get(label, OWN_LABEL)


def counted(number: int) -> str:
    """Return a number of sounds: 1 sound, 2 sounds."""
    return f"{number} sound{'s' * (number != 1)}"


def tabs(counts: Mapping[str, int], view: str, text: str, width: int) -> Text:
    """Return the line of views, with the number of entries in each, and the search; the title only if there is room for it."""
    names = (f" {title} {counts[name]:,}  " for name, title in TITLES.items())
    title = "drumwatch  "
    searched = f"  searched for: {printable(text)}" if text else ""
    fits = cell_len(title + "".join(names) + searched) <= width
    line = Text(title if fits else "", style="bold", no_wrap=True, overflow="ellipsis")
    for name, title in TITLES.items():
        line.append(f" {title} {counts[name]:,} ", "reverse" if name == view else FAINT)
        line.append(" ")
    return line.append(searched, FAINT)


def sound_line(row: Row, width: int, *, at_cursor: bool) -> Text:
    """Return the line of a sound: label, confidence, name, pack or folder."""
    label = row["confirmed"] or row["label"]
    state = "back" if row["state"] == "undone" else "✓" if row["confirmed"] else share(row["confidence"])
    text = Text("▌" if at_cursor else " ", no_wrap=True)
    text.append(f"{label[:11]:<11}{state:>5}  ", colour(label))
    text.append(row["name"])
    text.append(" ★" if row["starred"] else "", COLOURS["snare"])
    if row["clash"] and not row["confirmed"] and row["state"] != "undone":
        text.append(f"  {row['clash']}", COLOURS["kick"])
    text.append(f"  {row['pack'] or row['folder']}", FAINT)
    text.truncate(max(1, width), overflow="ellipsis")
    return text


def project_line(row: Row, width: int, *, at_cursor: bool) -> Text:
    """Return the line of a project: name, kind, number of sounds, folder."""
    text = Text("▌" if at_cursor else " ", no_wrap=True)
    facts = (row["what"], _inside(row), row["folder"])
    text.append(row["name"])
    text.append("".join(f"  {fact}" for fact in facts if fact), FAINT)
    text.truncate(max(1, width), overflow="ellipsis")
    return text


def project_panel(row: Row | None, count: int) -> Text:
    """Return the panel of a project: its kind and the reason, when it was left, and what the user can do."""
    if row is None:
        return Text(EMPTY["projects"])
    is_archive = row["kind"] == ARCHIVE
    left_whole = f"Left whole: {count} project{'s' * (count != 1)}"
    text = Text(f"{'Not wholly read' if is_archive else left_whole}\n\n", style="bold")
    text.append(f"{row['name']}\n")
    text.append(f"{row['path']}\n\n", f"not bold {FAINT}")
    shown = f", as {row['marker']} shows" if row["marker"] else ""
    facts = (f"{row['what']}{shown}", _inside(row), f"left whole {short_time(row['time'], time.time())}")
    text.append("".join(f"{fact}\n" for fact in facts if fact), "not bold")
    text.append(f"{row['reason']}.\n\n", f"not bold {FAINT}")
    return text.append(ARCHIVE_ADVICE if is_archive else ADVICE, "not bold")


def _inside(row: Row) -> str:
    return "" if row["sounds"] is None else f"{counted(row['sounds'])} in it"


def sound_panel(row: Row | None, chosen: int, view: str, *, compact: bool = False) -> Text:
    """Return the panel of a sound: its probabilities and what was done with it; `compact` is without empty lines."""
    if row is None:
        return Text(EMPTY[view])
    gap, after_chosen, after_name = ("", ": ", "  ") if compact else ("\n", "\n\n", "\n")
    text = Text(f"{counted(chosen)} chosen{after_chosen}" if chosen > 1 else "", style="bold")
    text.append(f"{row['name']}{after_name}", "bold")
    text.append(f"{row['folder']}\n{gap}", f"not bold {FAINT}")
    for label, probability in row["top"]:
        full = round(probability * BAR)
        text.append(f"{label:<11}", f"not bold {colour(label)}")
        text.append("█" * full, colour(label))
        text.append("░" * (BAR - full), FAINT)
        text.append(f" {share(probability):>5}\n")
    if row["clash"]:
        text.append(f"{gap}{row['clash'][:1].upper()}{row['clash'][1:]}.\n")
    kind = f"{row['type']}, " if row["type"] not in ("", row["label"]) else ""
    text.append(f"{gap}{kind}{row['shape']}, {row['seconds']:.2f} s\n", FAINT)
    return text.append(f"{row['reason']}{gap}", FAINT)


def evidence(explanation: Mapping[str, Any], *, compact: bool = False) -> Text:
    """Return the explanation of a sound's label: reasons and the most similar known sounds."""
    now, gap = explanation.get("now", ""), "" if compact else "\n"
    text = Text(f"{gap}{printable(now)}.\n" if now else "", style="bold")
    text.append(f"{gap}Why\n" if explanation["reasons"] else "")
    for reason, weight, *_ in explanation["reasons"]:
        text.append("+ " if weight > 0 else "- ", COLOURS["hat" if weight > 0 else "kick"])
        text.append(f"{printable(reason)}\n", "not bold")
    if explanation["nearest"]:
        text.append("\nMost like, of your sounds\n")
    for near in explanation["nearest"]:
        text.append(f"{near['type']}: {printable(near['sound'])}\n", "not bold")
    return text


def label_bar(labels: Sequence[str], keys: Mapping[str, str], width: int, *, numbered: bool) -> Text:
    """Return the bar of labels or types, each with its key, in as many lines as this width needs; other keys if they fit."""
    lines = [Text()]
    for at, label in enumerate(labels, start=1):
        word = Text(f" {at} " if numbered and at <= DIGITS else " ", FAINT)
        word.append(keys.get(label, ""), "not dim bold underline")
        word.append(f" {label} ", colour(label) if numbered else "default")
        if lines[-1] and lines[-1].cell_len + word.cell_len > width:
            lines.append(Text())
        lines[-1].append_text(word)
    others = next((one for one in OTHER_KEYS if lines[-1].cell_len + cell_len(one) <= width), "")
    lines[-1].append(others, FAINT)
    return Text("\n").join(lines)


def project_bar() -> Text:
    """Return the bar for projects, which have no label."""
    return Text("  Tab next view  / search  ? every key  q quit", FAINT)
