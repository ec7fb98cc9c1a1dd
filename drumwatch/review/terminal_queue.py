"""The queue in the terminal: a list of any length, of which only the visible rows are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from drumwatch.review.terminal_view import project_line, sound_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drumwatch.review.rows import Row
    from drumwatch.review.service import ReviewService

MAX_CACHED = 2000  # rows


class Queue(ScrollView, can_focus=True):
    """A list with a cursor; with Shift, all lines from the anchor to the cursor are chosen."""

    BINDINGS: ClassVar = [
        ("down", "move(1)"),
        ("up", "move(-1)"),
        ("shift+down", "move(1, True)"),
        ("shift+up", "move(-1, True)"),
        ("pagedown", "page(1)"),
        ("pageup", "page(-1)"),
        ("home", "end(-1)"),
        ("end", "end(1)"),
        ("ctrl+a", "all"),
    ]

    class Moved(Message):
        """The cursor moved to another sound."""

    def __init__(self, service: ReviewService, *, id: str) -> None:  # noqa: A002  as Textual calls it
        super().__init__(id=id)
        self._service = service
        self._ids: list[int] = []
        self._rows: dict[int, Row] = {}
        self._cursor = self._anchor = 0

    def fill(self, ids: list[int]) -> None:
        """Show the entries with these ids, with the cursor on the first."""
        self._ids = ids
        self._rows.clear()
        self._cursor = self._anchor = 0
        self.virtual_size = Size(1, len(ids))  # lines are as wide as the window
        self.scroll_to(0, 0, animate=False)
        self.refresh()

    @property
    def total(self) -> int:
        """The number of lines."""
        return len(self._ids)

    def current(self) -> Row | None:
        """Return the row at the cursor, or None in an empty list."""
        return self._row(self._ids[self._cursor]) if self._ids else None

    def chosen(self) -> list[int]:
        """Return the ids of the chosen lines."""
        low, high = sorted((self._cursor, self._anchor))
        return self._ids[low : high + 1]

    def replace(self, old: int, new: int) -> None:
        """Show a new entry on the line of an old one."""
        self._rows.pop(old, None)
        self._rows.pop(new, None)
        self._ids = [new if entry_id == old else entry_id for entry_id in self._ids]
        self.refresh()

    def read_again(self, ids: Iterable[int]) -> None:
        """Show these entries as the journal has them now."""
        for entry_id in ids:
            self._rows.pop(entry_id, None)
        self.refresh()

    def go_to(self, entry_id: int) -> None:
        """Move the cursor to this entry, if it is in the list."""
        if entry_id in self._ids:
            self._choose(self._ids.index(entry_id))

    def advance(self) -> None:
        """Move the cursor below the chosen lines."""
        self._choose(max(self._cursor, self._anchor) + 1)

    def action_move(self, step: int, extend: bool = False) -> None:  # noqa: FBT001, FBT002  a binding's text
        """Move the cursor by some lines; `extend` keeps the anchor."""
        self._choose(self._cursor + step, extend=extend)

    def action_page(self, step: int) -> None:
        """Move the cursor by pages."""
        self._choose(self._cursor + step * max(1, self.size.height - 1))

    def action_end(self, step: int) -> None:
        """Move the cursor to the first or last line."""
        self._choose(step * len(self._ids))

    def action_all(self) -> None:
        """Choose all lines."""
        self._anchor = 0
        self._choose(len(self._ids), extend=True)

    def _choose(self, at: int, *, extend: bool = False) -> None:
        self._cursor = max(0, min(len(self._ids) - 1, at))
        if not extend:
            self._anchor = self._cursor
        self.scroll_to_region(Region(0, self._cursor, 1, 1), animate=False)
        self.refresh()
        self.post_message(self.Moved())

    def _row(self, entry_id: int) -> Row | None:
        if entry_id not in self._rows:
            entry = self._service.entry(entry_id)
            if entry is None:
                return None
            if len(self._rows) > MAX_CACHED:
                self._rows.clear()
            self._rows[entry_id] = self._service.row(entry)
        return self._rows[entry_id]

    def render_line(self, y: int) -> Strip:
        """Return one visible line, as Textual draws it."""
        at, width = y + self.scroll_offset.y, self.size.width
        row = self._row(self._ids[at]) if at < len(self._ids) else None
        if row is None:
            return Strip.blank(width)
        low, high = sorted((self._cursor, self._anchor))
        background = Style(bgcolor="#43301f" if low <= at <= high else None, bold=at == self._cursor)
        text = (project_line if "marker" in row else sound_line)(row, width, at_cursor=at == self._cursor)
        segments = list(Segment.apply_style(text.render(self.app.console), background))
        return Strip(segments).adjust_cell_length(width, background)
