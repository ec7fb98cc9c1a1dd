"""`drumwatch run`: runs the daemon in the foreground."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import TYPE_CHECKING

from drumwatch import __version__
from drumwatch.core.errors import UsageError
from drumwatch.core.formatting import printable
from drumwatch.daemon.loop import Daemon
from drumwatch.daemon.status import IN_SUMMARY
from drumwatch.sorting.plain_bar import ProgressBar
from drumwatch.system import app_paths, launchd_log, macos_calls
from drumwatch.system.consent import CONSENT
from drumwatch.system.json_log import JsonLines
from drumwatch.system.priority import lower_priority

if TYPE_CHECKING:
    from pathlib import Path

# The prefixes by which systemd's journal knows the priority of a line (sd-daemon(3))
PRIORITIES = {
    logging.DEBUG: "<7>",
    logging.INFO: "<6>",
    logging.WARNING: "<4>",
    logging.ERROR: "<3>",
    logging.CRITICAL: "<2>",
}


def run(config_path: Path, *, dry_run: bool, once: bool, everything: bool, verbose: bool = False) -> int:
    """Watch until the process is told to stop; returns the exit code.

    With `verbose`, or where the log goes to no terminal, each file of a pack has a line; else the pack has one.
    """
    if everything and not once:
        raise UsageError(
            "--everything goes with --once: use `drumwatch run --once --everything`, or `drumwatch sort FOLDER` for one folder."
        )
    lower_priority()
    macos_calls.never_fetch_files()
    if not once:  # else the user is there, and waits for the end
        CONSENT.do_not_wait()
    _log_to_stderr(verbose=verbose or not sys.stderr.isatty())
    logging.getLogger("drumwatch.workers").setLevel(logging.DEBUG)  # for the log file
    if not dry_run:
        logging.getLogger().addHandler(JsonLines(app_paths.log_folder()))
    daemon = Daemon(config_path, dry_run=dry_run, once=once, everything=everything)
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop_signal, lambda number, _: _stop(daemon, signal.Signals(number)))
    signal.signal(signal.SIGHUP, lambda *_: daemon.reload())
    logging.getLogger("drumwatch").info(
        "drumwatch %s%s", __version__, ", dry run: nothing is touched" if dry_run else ""
    )
    daemon.run()
    return 0


def _stop(daemon: Daemon, number: signal.Signals) -> None:
    """Let the daemon stop, which it does after what it is doing; a person who presses Ctrl-C is answered at once."""
    if number is signal.SIGINT and sys.stderr.isatty():
        ProgressBar().announce("Stopping after the files that are being filed.")
    daemon.stop("Ctrl-C" if number is signal.SIGINT else number.name)


def _log_to_stderr(*, verbose: bool) -> None:
    by_launchd = launchd_log.is_written_to()
    handler = launchd_log.LimitedLog(sys.stderr) if by_launchd else logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.INFO)
    if not verbose:
        handler.addFilter(lambda record: not getattr(record, IN_SUMMARY, False))
    handler.setFormatter(_Line(for_systemd="JOURNAL_STREAM" in os.environ, with_date=by_launchd))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


class _Line(logging.Formatter):
    """Formats a message as one line, without control characters."""

    def __init__(self, *, for_systemd: bool, with_date: bool = False) -> None:
        super().__init__(datefmt="%Y-%m-%d %H:%M:%S" if with_date else "%H:%M:%S")
        self._for_systemd = for_systemd

    def format(self, record: logging.LogRecord) -> str:
        text = "\n".join(printable(part) for part in super().format(record).splitlines())
        return (
            f"{PRIORITIES.get(record.levelno, '')}{text}"
            if self._for_systemd
            else f"{self.formatTime(record, self.datefmt)} {text}"
        )
