"""Before `sort` moves much: whether it has to ask, the question, and what keeps every original where it is."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple

import click

from drumwatch.config import watch_for
from drumwatch.core.errors import UsageError
from drumwatch.core.formatting import count_of
from drumwatch.intake.arrivals import is_archive
from drumwatch.intake.ignore import is_ignored_name, is_wanted
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


class Found(NamedTuple):
    """What `sort` was given, by names only."""

    total: int  # sounds and archives
    movable: int  # files of any kind that might be moved
    packs: int  # that they are in, at least

    @property
    def may_be_much(self) -> bool:
        """Whether it takes a plan to know that little would be moved."""
        return self.movable > MANY_FILES or self.packs > MANY_PACKS


def find(given: Sequence[Path], config: Config) -> Found:
    """Count files and packs by walking once; no file is opened, and an archive counts as one that moves only if it is put away."""
    whole = {path: is_a_pack(path) for path in given if path.is_dir()}
    by_name = frozenset(given)
    packs: set[Path] = set()
    total = movable = 0
    for root, path in audio_files_in(given, lambda name: not is_ignored_name(name)):
        wanted = is_wanted(path.name) or path in by_name
        total += wanted
        if is_archive(path.name) and config.after_unpacking == "keep":
            continue
        movable += 1
        if wanted and (pack := path if is_archive(path.name) else folder_of_pack(path, root, whole)):
            packs.add(pack)
    return Found(total, movable, len(packs))


def may_move(
    given: Sequence[Path], config: Config, *, action: ActionKind | None, library: Path | None
) -> bool:
    """Whether anything might leave its place: by the action in force, by a rule, or because an archive is put away."""
    roots = {path if path.is_dir() else path.parent for path in given}
    return (
        config.after_unpacking != "keep"
        or any(rule.action == "move" for rule in config.rules)
        or any(watch_for(config, root, action=action, library=library).action == "move" for root in roots)
    )


def keeping_originals(config: Config, action: ActionKind) -> Config:
    """The same, with nothing that moves: rules that move do this instead, and archives stay where they are."""
    rules = (replace(rule, action=action) if rule.action == "move" else rule for rule in config.rules)
    return replace(config, rules=tuple(rules), after_unpacking="keep")


def confirm(plan: Plan) -> Answer:
    """Show the plan and ask; where nobody can answer it is a UsageError."""
    plan.show(err=True)
    if not _somebody_answers():
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
    """Why nothing is moved where nobody can be asked, and what to say instead."""
    files = count_of(plan.moves, "file")
    much = (
        f", more than {MANY_FILES}" if plan.moves > MANY_FILES else f" out of {count_of(plan.packs, 'pack')}"
    )
    return f"{files} would be moved{much}: say --yes to move them, or --action copy to keep the originals."


def _somebody_answers() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def _answer_of(said: str) -> Answer:
    """A word or the beginning of one."""
    plain = said.strip().lower()
    found = next((answer for answer in ANSWERS if plain and answer.startswith(plain)), None)
    if found is None:
        raise click.BadParameter("please answer m, c or n")
    return found
