"""Asks the user before `sort` moves much, and can keep every original in its place instead."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple

import click

from drumwatch.config import watch_for
from drumwatch.core.errors import UsageError
from drumwatch.core.formatting import count_of
from drumwatch.intake.arrivals import is_archive
from drumwatch.intake.ignore import is_ignored_name, is_wanted, needs_extra
from drumwatch.intake.pack_names import is_a_pack
from drumwatch.sorting.planner import folder_of_pack
from drumwatch.sorting.preview import MANY_FILES, MANY_PACKS
from drumwatch.sorting.walk import audio_files_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drumwatch.config import Config
    from drumwatch.core.records import ActionKind
    from drumwatch.sorting.preview import Plan

Answer = Literal["move", "copy", "nothing", "stopped"]
ANSWERS: tuple[Answer, ...] = ("move", "copy", "nothing")


class FoundFiles(NamedTuple):
    """The files that `sort` was given, counted by their names only."""

    total: int  # sounds and archives
    movable: int  # files of any kind that might be moved
    packs: int  # the least number of packs that they are in

    @property
    def may_be_much(self) -> bool:
        """Whether so much might be moved that a plan has to show how much it is."""
        return self.movable > MANY_FILES or self.packs > MANY_PACKS


def find(given: Sequence[Path], config: Config) -> FoundFiles:
    """Count files and packs in one walk that opens no file; an archive counts as movable only if it is put away after unpacking."""
    is_pack = {path: is_a_pack(path) for path in given if path.is_dir()}
    by_name = frozenset(given)
    packs: set[Path] = set()
    total = movable = 0
    for root, path in audio_files_in(given, lambda name: not is_ignored_name(name)):
        wanted = is_wanted(path.name) or needs_extra(path.name) or path in by_name
        total += wanted
        if is_archive(path.name) and config.after_unpacking == "keep":
            continue
        movable += 1
        if wanted and (pack := path if is_archive(path.name) else folder_of_pack(path, root, is_pack)):
            packs.add(pack)
    return FoundFiles(total, movable, len(packs))


def may_move(
    given: Sequence[Path], config: Config, *, action: ActionKind | None, library: Path | None
) -> bool:
    """Whether a file might leave its place: by the action, by a rule, or because an archive is put away."""
    roots = {path if path.is_dir() else path.parent for path in given}
    return (
        config.after_unpacking != "keep"
        or any(rule.action == "move" for rule in config.rules)
        or any(watch_for(config, root, action=action, library=library).action == "move" for root in roots)
    )


def keeping_originals(config: Config, action: ActionKind) -> Config:
    """Return the configuration without moves: rules that move do `action` instead, and archives stay in their places."""
    rules = (replace(rule, action=action) if rule.action == "move" else rule for rule in config.rules)
    return replace(config, rules=tuple(rules), after_unpacking="keep")


def confirm(plan: Plan) -> Answer:
    """Show the plan and ask what to do; raise a UsageError where no terminal is there to ask."""
    plan.show(err=True)
    if not _can_ask():
        raise UsageError(refusal(plan))
    question = f"Move {plan.to_move} into {plan.libraries}? [m]ove, [c]opy instead, [n]othing"
    try:
        answer: Answer = click.prompt(
            question, default="nothing", show_default=False, value_proc=_answer_of, err=True
        )
    except click.Abort:  # Ctrl-C, or the end of the input
        click.echo(err=True)
        return "stopped"
    return answer


def refusal(plan: Plan) -> str:
    """The message that nothing is moved because nobody can be asked, with the option to use instead."""
    files = count_of(plan.moves, "file")
    limit = (
        f", more than {MANY_FILES}" if plan.moves > MANY_FILES else f" out of {count_of(plan.packs, 'pack')}"
    )
    return f"{files} would be moved{limit}: say --yes to move them, or --action copy to keep the originals."


def _can_ask() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def _answer_of(text: str) -> Answer:
    """Read an answer, which may be abbreviated."""
    plain = text.strip().lower()
    found = next((answer for answer in ANSWERS if plain and answer.startswith(plain)), None)
    if found is None:
        raise click.BadParameter("please answer m, c or n")
    return found
