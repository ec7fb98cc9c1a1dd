"""The review as a terminal program, which also works over ssh."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Static

from drumwatch.core.errors import DrumwatchError
from drumwatch.core.formatting import printable
from drumwatch.journal import ViewQuery
from drumwatch.review.file_manager import show_in_folder
from drumwatch.review.player import Player
from drumwatch.review.shortcuts import letters
from drumwatch.review.terminal_queue import Queue
from drumwatch.review.terminal_view import (
    HELP,
    TITLES,
    counted,
    evidence,
    label_bar,
    project_bar,
    project_panel,
    sound_panel,
    tabs,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.events import Key

    from drumwatch.core.records import Entry
    from drumwatch.journal import View
    from drumwatch.review.groups import StemGroup
    from drumwatch.review.rows import Row
    from drumwatch.review.service import ReviewResult, ReviewService
    from drumwatch.review.sound_previews import SoundPreviews

VIEWS = tuple(TITLES)
RESERVED = "acfgmqu"  # letters of other actions
ON_SOUNDS = (
    "play",
    "star",
    "accept",
    "accept_above",
    "put_back",
    "types",
    "group",
)  # actions that a project does not have
PAUSE = 0.15  # seconds on a sound before its explanation is computed
REFRESH = 5.0  # seconds between two counts
NARROW = 100  # columns: with fewer, the sound is explained below the queue
LOW = 20  # lines: with fewer, a narrow window has room for the queue only
PADDING = 2  # columns beside a bar


class Terminal(App[None]):
    """Shows the queue and an explanation of the chosen sound, and acts on each key."""

    CSS = """
    #tabs, #message { height: 1; padding: 0 1; }
    #labels { padding: 0 1; }
    #tabs { background: $panel; }
    #labels { background: $panel; }
    #side { width: 46; padding: 0 1; border-left: solid $panel; }
    #search { display: none; height: 3; }
    #search.open { display: block; }
    .narrow #body { layout: vertical; }
    .narrow #queue { height: 1fr; }
    .narrow #side { width: 100%; height: 12; border-left: none; border-top: solid $panel; }
    .narrow #message { height: 2; }
    .narrow.low #side { display: none; }
    .narrow.help #queue { height: 0; }
    .narrow.help #side { display: block; height: 1fr; }
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
        ("asterisk", "star", "Star"),
        ("f", "show_in_folder", "Show in folder"),
        ("c", "copy_path", "Copy path"),
        ("g", "group", "All that are named alike"),
        ("slash", "search", "Search"),
        ("question_mark", "help", "Help"),
        ("escape", "leave", "Back"),
    ]

    def __init__(self, service: ReviewService, previews: SoundPreviews) -> None:
        super().__init__()
        self._service = service
        self._previews = previews
        self._player = Player()
        self._view: View = VIEWS[0]
        self._text = ""
        self._types = False
        self._undoable: list[list[int]] = []
        self._group: StemGroup | None = None  # of which all sounds get the next label

    def compose(self) -> ComposeResult:
        """Yield the widgets: tabs, search, queue, side pane, labels and messages."""
        yield Static(id="tabs", markup=False)
        yield Input(placeholder="Words in names, packs, labels; Enter searches, Esc leaves", id="search")
        with Horizontal(id="body"):
            yield Queue(self._service, id="queue")
            with VerticalScroll(id="side", can_focus=False):
                yield Static(id="sheet", markup=False)
                yield Static(id="evidence", markup=False)
        yield Static(id="labels", markup=False)
        yield Static(id="message", markup=False)

    def on_mount(self) -> None:
        """Fill the queue, and count again every few seconds."""
        self._fill()
        self._show_labels()
        self.query_one(Queue).focus()
        self.set_interval(REFRESH, self._show_counts)
        self._show_message("? shows every key.")

    def on_unmount(self) -> None:
        """Stop the player."""
        self._player.stop()

    @property
    def _narrow(self) -> bool:
        return self.size.width < NARROW

    def on_resize(self) -> None:
        """Put the side pane below the queue in a narrow window, and fit the bars to the width."""
        self.screen.set_class(self._narrow, "narrow")
        self.screen.set_class(self.size.height < LOW, "low")
        self._show_counts()
        self._show_labels()
        self._show()

    # Showing

    def _fill(self) -> None:
        self.query_one(Queue).fill(self._service.ids(self._query))
        self._show_counts()
        self._show()

    @property
    def _query(self) -> ViewQuery:
        return ViewQuery(view=self._view, text=self._text)

    def _show_counts(self) -> None:
        self.query_one("#tabs", Static).update(
            tabs(self._service.counts(self._query), self._view, self._text, self.size.width - PADDING)
        )

    def _show(self) -> None:
        """Show the chosen sound beside the queue, and its explanation after a pause."""
        self.screen.remove_class("help")
        queue = self.query_one(Queue)
        row, chosen = queue.current(), len(queue.chosen())
        on_projects = self._view == "projects"
        shown = (
            project_panel(row, queue.total)
            if on_projects
            else sound_panel(row, chosen, self._view, compact=self._narrow)
        )
        self.query_one("#sheet", Static).update(shown)
        self.query_one("#evidence", Static).update("")
        if on_projects:
            self.workers.cancel_group(self, "why")
        elif row:
            self.run_worker(self._explain(row), exclusive=True, group="why", exit_on_error=False)

    async def _explain(self, row: Row) -> None:
        """Show the explanation of a sound, unless another one is chosen during the pause."""
        await asyncio.sleep(PAUSE)
        entry = self._service.entry(row["id"])
        try:
            explanation = await self._previews.explanation(entry) if entry else None
        except DrumwatchError as exc:
            self.query_one("#evidence", Static).update(printable(str(exc)))
        else:
            self.query_one("#evidence", Static).update(
                evidence(explanation, compact=self._narrow) if explanation else ""
            )

    def on_queue_moved(self) -> None:
        """Show the sound to which the cursor moved."""
        self._show()

    def _show_message(self, text: str) -> None:
        self.query_one("#message", Static).update(printable(text))

    # Labels

    def _offered(self, *, types: bool) -> tuple[list[str], dict[str, str]]:
        """Return the labels or the types that can be given, and the letter of each."""
        labels = self._service.types() if types else self._service.labels()
        return labels, letters(labels, RESERVED)

    def _show_labels(self) -> None:
        """Show the bar, which is as high with labels as with types."""
        width = max(1, self.size.width - PADDING)
        bars = {
            types: label_bar(*self._offered(types=types), width, numbered=not types)
            for types in (False, True)
        }
        bar = self.query_one("#labels", Static)
        bar.styles.height = max(len(one.split()) for one in bars.values())
        bar.update(project_bar() if self._view == "projects" else bars[self._types])

    def on_key(self, event: Key) -> None:
        """Give the chosen sounds the label of a digit or letter."""
        if isinstance(self.focused, Input) or not event.character:
            return
        if self._view == "projects" and event.is_printable:
            self._show_message("A project is left whole: it has no label, and no sound of its own to play.")
            return
        labels, keys = self._offered(types=self._types)
        label = next((one for one, key in keys.items() if key == event.character), "")
        if not self._types and event.character.isdecimal() and 0 < int(event.character) <= len(labels):
            label = labels[int(event.character) - 1]
        if label:
            event.stop()
            self._types = False
            self._show_labels()
            self._confirm(self._chosen(), label)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  as Textual calls it
        """Disable playing and labelling for projects."""
        return self._view != "projects" or action not in ON_SOUNDS

    def action_types(self) -> None:
        """Switch between labels and types."""
        self._types = not self._types
        self._show_labels()

    # Acting

    def action_group(self) -> None:
        """Choose all sounds that are named like the one at the cursor, else the largest group, for the next label."""
        groups, row = self._service.groups(self._query), self.query_one(Queue).current()
        if not groups or row is None:
            self._show_message("No sounds that wait are named alike.")
            return
        group = next((one for one in groups if row["id"] in one.ids), groups[0])
        self.query_one(Queue).go_to(group.hear[0])
        self._group = group
        self._show_message(f"{group.sentence}. The next label is for all of them; Esc leaves them.")

    def _chosen(self) -> list[Entry]:
        ids = self._group.ids if self._group else self.query_one(Queue).chosen()
        entries = (self._service.entry(entry_id) for entry_id in ids)
        return [entry for entry in entries if entry]

    def _confirm(self, entries: Sequence[Entry], label: str = "") -> None:
        if not entries:
            self._show_message("No sound is chosen.")
            return
        self._group = None
        done = self._show_results(self._service.confirm(entries, label))
        if done:
            self._undoable.append(done)
            self._show_message(
                f"{counted(len(done))} {f'→ {label}' if label else 'accepted'}. u takes it back."
            )
        self.query_one(Queue).advance()

    def _show_results(self, results: Sequence[ReviewResult]) -> list[int]:
        """Show the result of each sound, and return the ids of the new entries."""
        queue, done = self.query_one(Queue), []
        for result in results:
            if result.after is None:
                self._show_message(f"{result.before.source.name}: {result.error}")
                continue
            queue.replace(result.before.id, result.after.id)
            done.append(result.after.id)
        self._show_counts()
        return done

    def action_accept(self) -> None:
        """Approve the labels of the chosen sounds."""
        self._confirm(self._chosen())

    def action_accept_above(self) -> None:
        """Approve the labels of all unconfirmed sounds above in the pack."""
        row = self.query_one(Queue).current()
        if row and (entry := self._service.entry(row["id"])):
            self._confirm(self._service.unconfirmed_above(entry, self._query))

    def action_undo(self) -> None:
        """Undo the last labels that were given here."""
        if not self._undoable:
            self._show_message(
                "No label was given here that could be undone. U puts the chosen sound back where it was."
            )
            return
        self._undo(self._undoable.pop())

    def action_put_back(self) -> None:
        """Undo what was done with the chosen sounds."""
        self._undo(self.query_one(Queue).chosen())

    def _undo(self, ids: Sequence[int]) -> None:
        entries = [entry for entry_id in ids if (entry := self._service.entry(entry_id))]
        done = self._show_results(self._service.undo(entries))
        if done:
            self._show_message(f"{counted(len(done))} put back.")
            self.query_one(Queue).go_to(done[-1])
        self._show()

    # The file

    def action_star(self) -> None:
        """Star the chosen sounds, or take their stars away if the one at the cursor has one."""
        queue = self.query_one(Queue)
        if (row := queue.current()) is None:
            self._show_message("No sound is chosen.")
            return
        starred = not row["starred"]
        done = self._service.star(self._chosen(), starred=starred)
        queue.read_again(done)
        self._show_message(f"{counted(len(done))} {'starred' if starred else 'without a star now'}.")

    def action_show_in_folder(self) -> None:
        """Show the sound or project at the cursor in the file manager of this machine."""
        if entry := self._at_cursor():
            self._show_message(f"Asking the file manager for {entry.location.name}…")
            self.run_worker(self._show_in_folder(entry), exclusive=True, group="folder", exit_on_error=False)

    async def _show_in_folder(self, entry: Entry) -> None:
        try:
            await asyncio.to_thread(show_in_folder, entry.location)
        except DrumwatchError as exc:
            self._show_message(str(exc))
        else:
            self._show_message(f"Shown in its folder: {entry.location.name}")

    def action_copy_path(self) -> None:
        """Copy the path of the sound or project at the cursor to the clipboard of the terminal."""
        if entry := self._at_cursor():
            self.copy_to_clipboard(printable(entry.location))
            self._show_message(f"The terminal was asked to copy {entry.location}")

    def _at_cursor(self) -> Entry | None:
        row = self.query_one(Queue).current()
        return self._service.entry(row["id"]) if row else None

    # Navigation

    def action_view(self, step: int) -> None:
        """Go to the next view, or to the one before."""
        self._group = None
        self._view = VIEWS[(VIEWS.index(self._view) + step) % len(VIEWS)]
        self._fill()
        self._show_labels()

    def action_search(self) -> None:
        """Open the search."""
        search = self.query_one("#search", Input)
        search.add_class("open")
        search.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search for the submitted text."""
        self._text = event.value
        self._fill()
        self.action_leave()

    def action_leave(self) -> None:
        """Leave the search, the help and the types."""
        if self.screen.has_class("help"):
            self._show()
        self.query_one("#search", Input).remove_class("open")
        self.query_one(Queue).focus()
        if self._group:
            self._group = None
            self._show_message("")
        if self._types:
            self.action_types()

    def action_help(self) -> None:
        """Show all keys."""
        self.screen.add_class("help")
        self.query_one("#sheet", Static).update(HELP)
        self.query_one("#evidence", Static).update("")

    def action_play(self) -> None:
        """Play the chosen sound."""
        row = self.query_one(Queue).current()
        if row and (entry := self._service.entry(row["id"])):
            self.run_worker(self._play(entry), exclusive=True, group="play", exit_on_error=False)

    async def _play(self, entry: Entry) -> None:
        try:
            await self._player.play(await self._previews.wav(entry))
        except DrumwatchError as exc:
            self._show_message(str(exc))
