"""The queue in the terminal: any number of sounds, of which only the lines in sight are looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from drumwatch.review.terminal_view import line, project_line

if TYPE_CHECKING:
    from drumwatch.review.service import ReviewService

KEPT = 2000  # rows looked up and not forgotten


class Queue(ScrollView, can_focus=True):
    """One line is the cursor; with Shift the choice stretches from the anchor."""

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
        """Another sound is chosen."""

    def __init__(self, desk: ReviewService, *, id: str) -> None:  # noqa: A002  as Textual calls it
        super().__init__(id=id)
        self._desk = desk
        self._numbers: list[int] = []
        self._rows: dict[int, dict[str, Any]] = {}
        self._cursor = self._anchor = 0

    def fill(self, numbers: list[int]) -> None:
        self._numbers = numbers
        self._rows.clear()
        self._cursor = self._anchor = 0
        self.virtual_size = Size(1, len(numbers))  # lines are as wide as the window
        self.scroll_to(0, 0, animate=False)
        self.refresh()

    @property
    def total(self) -> int:
        return len(self._numbers)

    def current(self) -> dict[str, Any] | None:
        return self._row(self._numbers[self._cursor]) if self._numbers else None

    def chosen(self) -> list[int]:
        low, high = sorted((self._cursor, self._anchor))
        return self._numbers[low : high + 1]

    def replace(self, old: int, new: int) -> None:
        """The sound stays on its line, with what has become of it."""
        self._rows.pop(old, None)
        self._rows.pop(new, None)
        self._numbers = [new if number == old else number for number in self._numbers]
        self.refresh()

    def go_to(self, number: int) -> None:
        if number in self._numbers:
            self._choose(self._numbers.index(number))

    def advance(self) -> None:
        self._choose(max(self._cursor, self._anchor) + 1)

    def action_move(self, step: int, stretch: bool = False) -> None:  # noqa: FBT001, FBT002  a binding's text
        self._choose(self._cursor + step, stretch=stretch)

    def action_page(self, step: int) -> None:
        self._choose(self._cursor + step * max(1, self.size.height - 1))

    def action_end(self, step: int) -> None:
        self._choose(step * len(self._numbers))

    def action_all(self) -> None:
        self._anchor = 0
        self._choose(len(self._numbers), stretch=True)

    def _choose(self, at: int, *, stretch: bool = False) -> None:
        self._cursor = max(0, min(len(self._numbers) - 1, at))
        if not stretch:
            self._anchor = self._cursor
        self.scroll_to_region(Region(0, self._cursor, 1, 1), animate=False)
        self.refresh()
        self.post_message(self.Moved())

    def _row(self, number: int) -> dict[str, Any] | None:
        if number not in self._rows:
            entry = self._desk.entry(number)
            if entry is None:
                return None
            if len(self._rows) > KEPT:
                self._rows.clear()
            self._rows[number] = self._desk.row(entry)
        return self._rows[number]

    def render_line(self, y: int) -> Strip:
        at, width = y + self.scroll_offset.y, self.size.width
        row = self._row(self._numbers[at]) if at < len(self._numbers) else None
        if row is None:
            return Strip.blank(width)
        low, high = sorted((self._cursor, self._anchor))
        ground = Style(bgcolor="#43301f" if low <= at <= high else None, bold=at == self._cursor)
        text = (project_line if "path" in row else line)(row, width, under=at == self._cursor)
        segments = list(Segment.apply_style(text.render(self.app.console), ground))
        return Strip(segments).adjust_cell_length(width, ground)
