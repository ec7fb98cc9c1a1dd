"""`drumwatch hook test`: runs each hook of the configuration once, now, and shows what it does."""

from __future__ import annotations

import shlex
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from drumwatch import config as configuration
from drumwatch.core.errors import EX_SOME_FAILED, UsageError
from drumwatch.core.formatting import home_short, printable
from drumwatch.core.records import Entry
from drumwatch.hooks import program
from drumwatch.hooks.events import call_for_entry, call_for_pack, event_of
from drumwatch.hooks.runner import output_lines
from drumwatch.journal import Filter, Journal
from drumwatch.system import app_paths

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config import Config
    from drumwatch.config.settings import Hook
    from drumwatch.config.value_types import Event
    from drumwatch.hooks.events import HookCall

LOOKED_AT = 2_000  # of the newest entries, for one to test a hook with


def try_hooks(config_path: Path, event: Event | None = None) -> int:
    """Run every hook for each of its events, or for one event; returns the exit code, 1 where one failed.

    The program gets the newest sound or pack of that kind from the journal, or an invented one if there is none yet.
    """
    config = configuration.read(config_path)
    wanted = [(hook, each) for hook in config.hooks for each in hook.on if event is None or each == event]
    if not config.hooks:
        raise UsageError(
            f"There is no [[hook]] in {home_short(config_path)}: docs/configuration.md shows how to write one."
        )
    if not wanted:
        raise UsageError(f'No hook is run for "{event}".')
    with Journal.copy_in_memory(app_paths.journal_file()) as journal:
        results = [_test(hook, _call(each, journal, config)) for hook, each in wanted]
    return 0 if all(results) else EX_SOME_FAILED


def _test(hook: Hook, call: HookCall) -> bool:
    """Run one hook and print how it went; return whether it went well."""
    call = replace(call, record={**call.record, "test": True})
    arguments = call.arguments(hook)
    click.echo(f"{printable(hook.name)} ({call.event}): {printable(shlex.join(arguments))}")
    ran = program.run(arguments, call.as_json(), seconds=hook.time_limit)
    for line in output_lines(ran.output):
        click.echo(f"  {line}")
    if ran.problem:
        click.echo(f"The hook {ran.problem} ({ran.seconds:.1f} s).", err=True)
    else:
        click.echo(f"  went well ({ran.seconds:.1f} s)")
    return not ran.problem


def _call(event: Event, journal: Journal, config: Config) -> HookCall:
    if event == "pack":
        packs = [batch for batch in journal.batches.listed() if batch.pack and batch.filed]
        if packs:
            last = packs[-1]
            return call_for_pack(last.id, last.origin, journal.entries.find(Filter(batch=last.id)))
        return call_for_pack(0, config.library, [_example(config, "pack")])
    for entry in journal.entries.newest("entry.verdict IS NOT NULL", limit=LOOKED_AT):
        is_correction = bool(journal.confirmations.label_given_by(entry.id))
        if event_of(entry, is_correction=is_correction) == event:
            return call_for_entry(event, entry)
    return call_for_entry(event, _example(config, event))


def _example(config: Config, event: Event) -> Entry:
    """Return an invented entry, for hooks that are tested before anything was filed."""
    source = (config.watches[0].folder if config.watches else config.library.parent) / "Example kick.wav"
    stays = event == "unsure"
    return Entry(
        id=0,
        time=time.time(),
        batch=0,
        pack="Example Pack" if event == "pack" else "",
        source=source,
        destination=None if stays else config.library / "kick" / source.name,
        action="leave" if stays else "move",
        state="done",
        label="kick",
        type="kick",
        confidence=0.97,
        rule="unsure" if stays else "default",
        reason="invented, to test a hook",
        model="",
        content_hash="",
        stamp=None,
    )
