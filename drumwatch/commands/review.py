"""`drumwatch review`: serves the page, or runs in the terminal, until Ctrl-C or q."""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
import webbrowser
from typing import TYPE_CHECKING

import click

from drumwatch.commands.daily_backup import back_up_journal_if_due
from drumwatch.commands.run_hooks import begin_events
from drumwatch.config.defaults import config_or_defaults
from drumwatch.core.errors import UsageError
from drumwatch.core.os_reasons import reason
from drumwatch.review.page_kits import PageKits
from drumwatch.review.service import ReviewService
from drumwatch.review.sound_map import SoundMap
from drumwatch.review.sound_previews import SoundPreviews
from drumwatch.session import open_session
from drumwatch.system import app_paths

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.applications import Starlette


def review(config_path: Path, *, open_it: bool, port: int) -> None:
    """Serve the page on 127.0.0.1; the first line of stdout is its address, with a token for one use."""
    from drumwatch.review.app import Review, application  # noqa: PLC0415  the terminal needs no web server
    from drumwatch.review.auth import OneTimeTokens  # noqa: PLC0415

    tokens = OneTimeTokens()
    with _socket(port) as listening, _open_review(config_path) as (service, sounds, kits):
        port = listening.getsockname()[1]
        page = Review(service, sounds, SoundMap(sounds, app_paths.cache_folder()), kits)
        app = application(page, tokens=tokens, port=port)
        address = f"http://127.0.0.1:{port}/?token="
        click.echo(address + tokens.issue())
        if open_it:
            # The browser gets a token of its own, so that the printed one still works in another browser.
            webbrowser.open(address + tokens.issue())
        _serve(app, listening)


def in_terminal(config_path: Path) -> None:
    """Show the same queue in this terminal, until q."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("`drumwatch review --tty` needs a terminal: over ssh, ask for one with `ssh -t`.")
    from drumwatch.review.terminal import Terminal  # noqa: PLC0415  the page needs no terminal

    with _open_review(config_path) as (service, sounds, _):
        Terminal(service, sounds).run()


@contextlib.contextmanager
def _open_review(config_path: Path) -> Iterator[tuple[ReviewService, SoundPreviews, PageKits]]:
    """Give the review's service, previews and kits; the workers end at once afterwards."""
    back_up_journal_if_due()
    with open_session(config_or_defaults(config_path)) as session:
        begin_events(session.journal, session.config.hooks)  # which a daemon or another command runs
        session.apply_user_model()  # by which what waits is judged again
        service = ReviewService(
            session.config, session.journal, session.corrector, session.judge_again, session.root_notes
        )
        yield (
            service,
            SoundPreviews(
                session.workers,
                session.analysis_cache,
                app_paths.cache_folder(),
                neighbors=service.neighbors,
                now_called=service.now_called,
                similar=session.similar_sounds,
            ),
            PageKits(session.config, session.journal, session.analysis_cache, session.workers),
        )


def _serve(app: Starlette, listening: socket.socket) -> None:
    import uvicorn  # noqa: PLC0415

    settings = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    signal.signal(signal.SIGTERM, _end)  # uvicorn raises the signal again when it has closed: we close, too
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(settings).run(sockets=[listening])
    click.echo(
        "\nStopped." if sys.stderr.isatty() else "Stopped.", err=True
    )  # behind the ^C that a terminal shows


def _end(*_: object) -> None:
    raise KeyboardInterrupt


def _socket(port: int) -> socket.socket:
    """Listen before the address is printed, so that no request comes too early."""
    listening = socket.socket()
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as exc:
        listening.close()
        raise UsageError(
            f"Port {port} cannot be had, because {reason(exc)}: choose another, or none."
        ) from exc
    listening.listen()
    return listening
