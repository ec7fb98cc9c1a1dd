"""The review in a terminal: the same queue by keyboard, over ssh too."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Static

from drumwatch.core.errors import DrumwatchError
from drumwatch.core.formatting import printable
from drumwatch.journal import ViewQuery
from drumwatch.review.player import Player
from drumwatch.review.shortcuts import letters
from drumwatch.review.terminal_queue import Queue
from drumwatch.review.terminal_view import (
    HELP,
    TITLES,
    counted,
    evidence,
    offer,
    offer_on_projects,
    project_sheet,
    sheet,
    tabs,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.events import Key

    from drumwatch.core.records import Entry
    from drumwatch.journal import View
    from drumwatch.review.service import ReviewService
    from drumwatch.review.sound_previews import SoundPreviews

VIEWS = tuple(TITLES)
TAKEN = "amqu"  # letters that do something else
ON_SOUNDS = ("play", "accept", "accept_above", "put_back", "types")  # actions that mean nothing on a project
PAUSE = 0.15  # seconds: whoever runs through the queue asks for no reasons
LOOK_AGAIN = 5.0
NARROW = 100  # columns: with fewer, the queue has them all


class Terminal(App[None]):
    """Shows the queue, what was heard of the chosen sound and why, and carries out what is said by key."""

    CSS = """
    #tabs, #offer, #say { height: 1; padding: 0 1; }
    #tabs { background: $panel; }
    #offer { background: $panel; }
    #side { width: 46; padding: 0 1; border-left: solid $panel; }
    #search { display: none; height: 3; }
    #search.open { display: block; }
    .narrow #side { display: none; }
    .narrow.help #side { display: block; }
    """
    ENABLE_COMMAND_PALETTE = False
    TITLE = "drumwatch review"
    BINDINGS: ClassVar = [
        ("q", "quit", "Quit"),
        Binding("tab", "view(1)", "Next view", priority=True),  # else Textual moves the focus
        Binding("shift+tab", "view(-1)", "View before", priority=True),
        ("space", "play", "Play"),
        ("a", "accept", "Accept"),
        ("A", "accept_above", "Accept all above in the pack"),
        ("u", "undo", "Undo"),
        ("U", "put_back", "Put back"),
        ("m", "types", "Types"),
        ("slash", "search", "Search"),
        ("question_mark", "help", "Help"),
        ("escape", "leave", "Back"),
    ]

    def __init__(self, desk: ReviewService, sounds: SoundPreviews) -> None:
        super().__init__()
        self._desk = desk
        self._sounds = sounds
        self._player = Player()
        self._view: View = VIEWS[0]
        self._text = ""
        self._types = False
        self._said: list[list[int]] = []

    def compose(self) -> ComposeResult:
        yield Static(id="tabs", markup=False)
        yield Input(placeholder="Words in names, packs, labels; Enter searches, Esc leaves", id="search")
        with Horizontal():
            yield Queue(self._desk, id="queue")
            with VerticalScroll(id="side", can_focus=False):
                yield Static(id="sheet", markup=False)
                yield Static(id="evidence", markup=False)
        yield Static(id="offer", markup=False)
        yield Static(id="say", markup=False)

    def on_mount(self) -> None:
        self._fill()
        self._offer()
        self.query_one(Queue).focus()
        self.set_interval(LOOK_AGAIN, self._count)
        self._say("? tells every key.")

    def on_unmount(self) -> None:
        self._player.stop()

    def on_resize(self) -> None:
        self.screen.set_class(self.size.width < NARROW, "narrow")

    # Showing

    def _fill(self) -> None:
        self.query_one(Queue).fill(self._desk.numbers(self._wanted))
        self._count()
        self._show()

    @property
    def _wanted(self) -> ViewQuery:
        return ViewQuery(view=self._view, text=self._text)

    def _count(self) -> None:
        self.query_one("#tabs", Static).update(tabs(self._desk.counts(self._wanted), self._view, self._text))

    def _show(self) -> None:
        """The chosen sound beside the queue; its reasons follow when one stays on it."""
        self.screen.remove_class("help")
        queue = self.query_one(Queue)
        row, chosen = queue.current(), len(queue.chosen())
        on_projects = self._view == "projects"
        shown = project_sheet(row, queue.total) if on_projects else sheet(row, chosen, self._view)
        self.query_one("#sheet", Static).update(shown)
        self.query_one("#evidence", Static).update("")
        if on_projects:
            self.workers.cancel_group(self, "why")
        elif row:
            self.run_worker(self._explain(row), exclusive=True, group="why", exit_on_error=False)

    async def _explain(self, row: dict[str, Any]) -> None:
        await asyncio.sleep(PAUSE)
        entry = self._desk.entry(row["id"])
        try:
            found = await self._sounds.explained(entry) if entry else None
        except DrumwatchError as exc:
            self.query_one("#evidence", Static).update(printable(str(exc)))
        else:
            self.query_one("#evidence", Static).update(evidence(found) if found else "")

    def on_queue_moved(self) -> None:
        self._show()

    def _say(self, text: str) -> None:
        self.query_one("#say", Static).update(printable(text))

    # Labels

    def _offered(self) -> tuple[list[str], dict[str, str]]:
        """What can be said now, and the letter of each."""
        words = self._desk.types() if self._types else self._desk.labels()
        return words, letters(words, TAKEN)

    def _offer(self) -> None:
        words, keys = self._offered()
        on_projects = self._view == "projects"
        shown = offer_on_projects() if on_projects else offer(words, keys, numbered=not self._types)
        self.query_one("#offer", Static).update(shown)

    def on_key(self, event: Key) -> None:
        """A digit or letter that means a label now."""
        if isinstance(self.focused, Input) or not event.character:
            return
        if self._view == "projects" and event.is_printable:
            self._say("A project is left whole: there is nothing to say of it, and nothing to hear.")
            return
        words, keys = self._offered()
        label = next((word for word, key in keys.items() if key == event.character), "")
        if not self._types and event.character.isdecimal() and 0 < int(event.character) <= len(words):
            label = words[int(event.character) - 1]
        if label:
            event.stop()
            self._types = False
            self._offer()
            self._confirm(self._chosen(), label)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  as Textual calls it
        """A project is neither heard nor labelled."""
        return self._view != "projects" or action not in ON_SOUNDS

    def action_types(self) -> None:
        self._types = not self._types
        self._offer()

    # Saying

    def _chosen(self) -> list[Entry]:
        found = (self._desk.entry(number) for number in self.query_one(Queue).chosen())
        return [entry for entry in found if entry]

    def _confirm(self, entries: Sequence[Entry], label: str = "") -> None:
        if not entries:
            self._say("There is nothing chosen.")
            return
        done = self._carry_out(self._desk.confirm(entries, label))
        if done:
            self._said.append(done)
            self._say(f"{counted(len(done))} {f'→ {label}' if label else 'accepted'}. u takes it back.")
        self.query_one(Queue).advance()

    def _carry_out(self, results: Sequence[Any]) -> list[int]:
        """Shows what has become of each; returns the numbers of the entries that tell of it."""
        queue, done = self.query_one(Queue), []
        for one in results:
            if one.now is None:
                self._say(f"{one.was.source.name}: {one.error}")
                continue
            queue.replace(one.was.id, one.now.id)
            done.append(one.now.id)
        self._count()
        return done

    def action_accept(self) -> None:
        self._confirm(self._chosen())

    def action_accept_above(self) -> None:
        row = self.query_one(Queue).current()
        if row and (entry := self._desk.entry(row["id"])):
            self._confirm(self._desk.above(entry, self._wanted))

    def action_undo(self) -> None:
        if not self._said:
            self._say(
                "Nothing was said here that could be undone. U puts the chosen sound back where it was."
            )
            return
        self._take_back(self._said.pop())

    def action_put_back(self) -> None:
        self._take_back(self.query_one(Queue).chosen())

    def _take_back(self, numbers: Sequence[int]) -> None:
        entries = [entry for number in numbers if (entry := self._desk.entry(number))]
        done = self._carry_out(self._desk.take_back(entries))
        if done:
            self._say(f"{counted(len(done))} put back.")
            self.query_one(Queue).go_to(done[-1])
        self._show()

    # Moving about

    def action_view(self, step: int) -> None:
        self._view = VIEWS[(VIEWS.index(self._view) + step) % len(VIEWS)]
        self._fill()
        self._offer()

    def action_search(self) -> None:
        search = self.query_one("#search", Input)
        search.add_class("open")
        search.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self._text = event.value
        self._fill()
        self.action_leave()

    def action_leave(self) -> None:
        self.query_one("#search", Input).remove_class("open")
        self.query_one(Queue).focus()
        if self._types:
            self.action_types()

    def action_help(self) -> None:
        self.screen.add_class("help")
        self.query_one("#sheet", Static).update(HELP)
        self.query_one("#evidence", Static).update("")

    def action_play(self) -> None:
        row = self.query_one(Queue).current()
        if row and (entry := self._desk.entry(row["id"])):
            self.run_worker(self._play(entry), exclusive=True, group="play", exit_on_error=False)

    async def _play(self, entry: Entry) -> None:
        try:
            await self._player.play(await self._sounds.wav(entry))
        except DrumwatchError as exc:
            self._say(str(exc))
