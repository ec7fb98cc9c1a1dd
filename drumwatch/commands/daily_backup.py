"""The daily backup of the journal, as the commands make it that change what stands in it."""

from __future__ import annotations

import time

import click

from drumwatch.core.formatting import printable
from drumwatch.journal.backup import back_up_if_due
from drumwatch.system import app_paths


def back_up_journal_if_due() -> None:
    """Copy the journal if there is no copy of this day; what is wrong is printed, and keeps nobody from going on."""
    if problem := back_up_if_due(app_paths.journal_file(), time.time()):
        click.echo(printable(problem), err=True)
