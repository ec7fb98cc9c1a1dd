"""The `[[rule]]` tables: the conditions of each rule and its action."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from drumwatch.config.folder_relations import absolute
from drumwatch.config.labels import TYPES, label_folders, unknown_kind
from drumwatch.config.schema import MatchTable, RuleTable, read_table, shown
from drumwatch.config.settings import Match, Rule
from drumwatch.config.templates import checked_name_limit, checked_template
from drumwatch.core.records import FILING
from drumwatch.core.root_notes import spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from drumwatch.config.key_lines import KeyPath
    from drumwatch.config.problems import Problems
    from drumwatch.config.value_types import Table

RESERVED_NAMES = ("default", "unsure", "too long")  # the journal uses them for what happens without a rule
_SAME_FORMAT = {"aiff": "aif", "aifc": "aif", "wave": "wav", "oga": "ogg"}


def read_rules(
    tables: list[tuple[KeyPath, Table]], labels: Mapping[str, str], home: Path, problems: Problems
) -> tuple[Rule, ...]:
    """Return the rules in their order; one with a problem may be missing, and its problem is noted."""
    rules = []
    for number, (at, table) in enumerate(tables, start=1):
        read = read_table(RuleTable, table, at, problems)
        if read is None:
            continue
        match = read_match(read.match, (*at, "match"), labels, home, problems)
        if read.name in RESERVED_NAMES:
            problems.add(
                (*at, "name"), f'a rule cannot be called "{read.name}": the journal uses that word itself'
            )
        if read.to is not None:
            problems.checked((*at, "to"), checked_template, read.to)
            if read.action not in (None, *FILING):
                problems.add(
                    (*at, "to"), f'to says where to file, but action = "{read.action}" files nothing'
                )
        if read.name_limit is not None:
            problems.checked((*at, "name_limit"), checked_name_limit, str(read.name_limit))
        rules.append(
            Rule(
                read.name or f"rule {number}",
                match,
                read.action,
                read.to,
                read.portable_names,
                read.name_limit,
                read.max_per_folder,
            )
        )
    return tuple(rules)


def read_match(table: Table, at: KeyPath, labels: Mapping[str, str], home: Path, problems: Problems) -> Match:
    """Return the conditions of one rule, and note a problem for each that is wrong."""
    if not table:
        problems.add(
            at, 'match is empty, so the rule would take every file: say so with match = { name = "*" }'
        )
    read = read_table(MatchTable, table, at, problems) or MatchTable()
    for key, sentence in _contradictions(read, labels):
        problems.add((*at, key), sentence)
    folders = [
        problems.checked((*at, "folder"), partial(absolute, home=home), text)
        for text in as_tuple(read.folder)
    ]
    return Match(
        label=as_tuple(read.label),
        type=as_tuple(read.type),
        shape=as_tuple(read.shape),
        name=as_tuple(read.name),
        pack=as_tuple(read.pack),
        folder=tuple(folder for folder in folders if folder),
        format=tuple(format_of(text) for text in as_tuple(read.format)),
        min_confidence=read.min_confidence,
        max_confidence=read.max_confidence,
        min_seconds=read.min_seconds,
        max_seconds=read.max_seconds,
        note=tuple(spelled(text) for text in as_tuple(read.note)),
        min_bpm=read.min_bpm,
        max_bpm=read.max_bpm,
    )


def as_tuple(given: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return a single text as a list of one."""
    return (given,) if isinstance(given, str) else given


def format_of(extension: str) -> str:
    """Return the format of an extension in one spelling: `.AIFF` is aif."""
    plain = extension.lower().removeprefix("*").removeprefix(".")
    return _SAME_FORMAT.get(plain, plain)


def _contradictions(read: MatchTable, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    known = label_folders(labels)
    yield from (
        ("label", unknown_kind(label, known, "label")) for label in as_tuple(read.label) if label not in known
    )
    yield from (
        ("type", unknown_kind(kind, TYPES, "type")) for kind in as_tuple(read.type) if kind not in TYPES
    )
    yield from (
        ("note", f'note must be a note such as "F#" or "Bb", without an octave; got {shown(note)}')
        for note in as_tuple(read.note)
        if not spelled(note)
    )
    for unit in ("confidence", "seconds", "bpm"):
        low, high = getattr(read, f"min_{unit}"), getattr(read, f"max_{unit}")
        if low is not None and high is not None and low > high:
            yield f"min_{unit}", f"min_{unit} = {low:g} is more than max_{unit} = {high:g}: no file is both"
