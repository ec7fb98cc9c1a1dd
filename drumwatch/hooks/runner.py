"""Run the hooks for an event, one after the other, and say what became of them; a hook that fails is told of once."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING

from drumwatch.core.formatting import count_of, printable
from drumwatch.hooks import program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from drumwatch.config.settings import Hook
    from drumwatch.config.value_types import Event
    from drumwatch.hooks.events import HookCall

    Tell = Callable[[int, str], object]

MOST_LINES = 20  # of the output of one run that are told
HANGS_IN_A_ROW = 3  # then a hook is left out, else it would hold up all that follows


class HookRunner:
    """Runs hooks in the calling thread; `tell` gets a level of logging and a line."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._told: dict[Hook, str] = {}
        self._hangs: Counter[Hook] = Counter()

    def settings_changed(self) -> None:
        """Try every hook again, also those that were left out."""
        self._told.clear()
        self._hangs.clear()

    def run(
        self, hooks: Iterable[Hook], call: HookCall, stopping: Callable[[], bool] = lambda: False
    ) -> None:
        """Run each hook that wants this event."""
        for hook in hooks:
            if stopping():
                return
            if call.event in hook.on and self._hangs[hook] < HANGS_IN_A_ROW:
                ran = program.run(
                    call.arguments(hook), call.as_json(), seconds=hook.time_limit, stopping=stopping
                )
                self._report(hook, call, ran)

    def _report(self, hook: Hook, call: HookCall, ran: program.Ran) -> None:
        self._hangs[hook] = self._hangs[hook] + 1 if ran.timed_out else 0
        name = f'hook "{printable(hook.name)}"'
        for line in output_lines(ran.output):
            self._tell(logging.INFO, f"{name}: {line}")
        if not ran.problem:
            if self._told.pop(hook, ""):
                self._tell(logging.INFO, f"The {name} works again.")
            return
        about = printable(call.fields["name"])
        sentence = f"The {name} {ran.problem} ({call.event}: {about})."
        if ran.stopped:
            self._tell(logging.INFO, sentence)
            return
        self._tell(logging.DEBUG if hook in self._told else logging.WARNING, sentence)
        self._told[hook] = ran.problem
        if self._hangs[hook] == HANGS_IN_A_ROW:
            self._tell(
                logging.WARNING,
                f"The {name} took too long {HANGS_IN_A_ROW} times in a row: it is not run any more until the configuration"
                " is read again, or drumwatch is started again.",
            )


def wanted_events(hooks: Iterable[Hook]) -> frozenset[Event]:
    """Return the events for which any of these hooks is run."""
    return frozenset(event for hook in hooks for event in hook.on)


def output_lines(output: str) -> list[str]:
    """Return the first lines of an output as a log may have them, and how many more there are."""
    lines = [printable(line.rstrip()) for line in output.splitlines() if line.strip()]
    more = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], *([f"… and {count_of(more, 'more line')}"] if more > 0 else [])]
