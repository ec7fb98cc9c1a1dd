"""The progress bar where stderr is no terminal: lines are printed, and nothing else is shown."""

from __future__ import annotations

import contextlib
import os

import click

STDERR = 2


class ProgressBar:
    """A progress bar that shows nothing."""

    def step(self) -> None:
        """Count one file that is done."""

    def more(self, count: int) -> None:
        """Raise the total, as this many more files were found in an archive."""

    def echo(self, line: str, *, err: bool = False) -> None:
        """Print a line; where a bar is shown on the same terminal, above the bar."""
        click.echo(line, err=err)

    def announce(self, text: str) -> None:
        """Show a line at once, beside the bar where there is one; a signal handler may call this."""
        with contextlib.suppress(OSError):
            start = "\n" if os.isatty(STDERR) else ""  # a terminal shows ^C and stays on that line
            os.write(STDERR, f"{start}{text}\n".encode())  # a stream may be in use where the signal came
