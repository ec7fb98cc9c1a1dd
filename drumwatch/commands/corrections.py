"""`drumwatch corrections`: what the user has said, as a file for another machine. Names no file, holds no sound."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

import click

from drumwatch.core.errors import UsageError
from drumwatch.journal import Confirmation, Journal
from drumwatch.learning.labels import Vocabulary
from drumwatch.system import app_paths

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config import Config

HASH = re.compile(r"[0-9a-f]{64}")


def export() -> None:
    """One JSON object per line: the sound's hash and its label."""
    with Journal(app_paths.journal_file()) as journal:
        for word in journal.confirmations.all():
            click.echo(
                json.dumps({"sound": word.content_hash, "label": word.label, "said": word.model_label})
            )


def take_in(file: Path, config: Config) -> None:
    """Every sound of which nothing was said here gets its label; a file that cannot be read whole is refused whole."""
    words = _read(file, config)
    with Journal(app_paths.journal_file()) as journal, journal.transaction():
        known = {word.content_hash for word in journal.confirmations.all()}
        new = [word for word in words if word.content_hash not in known]
        for word in new:
            journal.confirmations.add(word)
    click.echo(f"{len(new)} corrections taken in, {len(words) - len(new)} were known.", err=True)


def _read(file: Path, config: Config) -> list[Confirmation]:
    words, now, vocabulary = {}, time.time(), Vocabulary(config.labels)
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        try:
            told = json.loads(line)
            sound, label, said = str(told["sound"]), str(told["label"]), str(told["said"])
        except (ValueError, KeyError, TypeError):
            raise UsageError(f"{file}, line {number}: this is no correction; nothing was taken in.") from None
        if not HASH.fullmatch(sound):
            raise UsageError(
                f"{file}, line {number}: {sound[:80]!r} is no sound's hash; nothing was taken in."
            )
        meant = vocabulary.checked(label, new=True)
        words[sound] = Confirmation(now, sound, meant, "import", file.absolute(), said, "")
    return list(words.values())
