"""`drumwatch corrections`: exports and imports the user's labels by the hashes of the sounds, without audio or file names."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

import click

from drumwatch.core.errors import UsageError
from drumwatch.core.formatting import printable
from drumwatch.journal import Confirmation, Journal
from drumwatch.learning.labels import Vocabulary
from drumwatch.system import app_paths

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config import Config

HASH = re.compile(r"[0-9a-f]{64}")


def export() -> None:
    """Print one JSON object per sound: its hash and its label."""
    with Journal(app_paths.journal_file()) as journal:
        for one in journal.confirmations.all():
            click.echo(json.dumps({"sound": one.content_hash, "label": one.label, "said": one.model_label}))


def import_file(file: Path, config: Config) -> None:
    """Import the label of each sound that has none here; a file with a mistake is refused as a whole."""
    confirmations = _read(file, config)
    with Journal(app_paths.journal_file()) as journal, journal.transaction():
        known = {one.content_hash for one in journal.confirmations.all()}
        new = [one for one in confirmations if one.content_hash not in known]
        for confirmation in new:
            journal.confirmations.add(confirmation)
    click.echo(f"{len(new)} corrections imported, {len(confirmations) - len(new)} were known.", err=True)


def _read(file: Path, config: Config) -> list[Confirmation]:
    found, now, vocabulary = {}, time.time(), Vocabulary(config.labels)
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        try:
            record = json.loads(line)
            sound, label, judged = str(record["sound"]), str(record["label"]), str(record["said"])
        except (ValueError, KeyError, TypeError):
            raise UsageError(
                f"{file}, line {number}: this is not a correction; nothing was imported."
            ) from None
        if not HASH.fullmatch(sound):
            raise UsageError(
                f"{file}, line {number}: {printable(sound[:80])} is not the hash of a sound; nothing was imported."
            )
        if "/" in label and not vocabulary.resolve(label):  # a folder of several types, elsewhere
            label = label.rpartition("/")[2]
        checked = vocabulary.checked(label, new=True)
        found[sound] = Confirmation(now, sound, checked, "import", file.absolute(), judged, "")
    return list(found.values())
