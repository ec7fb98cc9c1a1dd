"""`drumwatch review`: the page, in a process of its own, until Ctrl-C."""

from __future__ import annotations

import contextlib
import secrets
import signal
import socket
import webbrowser
from typing import TYPE_CHECKING

import click
import uvicorn

from drumwatch import places
from drumwatch.commands.correct import teacher
from drumwatch.commands.settings import config_or_defaults
from drumwatch.errors import UsageError
from drumwatch.journal import Journal
from drumwatch.recall import Recall
from drumwatch.review.app import Review, application
from drumwatch.review.atlas import Atlas
from drumwatch.review.desk import Desk
from drumwatch.review.sounds import Sounds
from drumwatch.workers import LocalWorkers

if TYPE_CHECKING:
    from pathlib import Path


def review(config_path: Path, *, open_it: bool, port: int) -> None:
    """Serve the page on 127.0.0.1; its address, token included, is the first line of stdout."""
    config = config_or_defaults(config_path)
    token = secrets.token_urlsafe(32)
    with (
        _socket(port) as listening,
        Journal(places.journal_file()) as journal,
        teacher(config, journal) as taught,
        LocalWorkers() as workers,
        Recall(places.heard_file()) as recall,
    ):
        port = listening.getsockname()[1]
        sounds = Sounds(workers, recall, places.cache_folder())
        page = Review(Desk(config, journal, taught), sounds, Atlas(sounds, places.cache_folder()))
        app = application(page, token=token, port=port)
        url = f"http://127.0.0.1:{port}/?token={token}"
        click.echo(url)
        if open_it:
            webbrowser.open(url)
        settings = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
        signal.signal(
            signal.SIGTERM, _end
        )  # uvicorn raises the signal again when it has closed: we close, too
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(settings).run(sockets=[listening])
        workers.shutdown(cancel_futures=True)


def _end(*_: object) -> None:
    raise KeyboardInterrupt


def _socket(port: int) -> socket.socket:
    """Listening before the address is told, so that nobody comes too early."""
    listening = socket.socket()
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as exc:
        listening.close()
        raise UsageError(f"Port {port} cannot be had ({exc.strerror}): choose another, or none.") from exc
    listening.listen()
    return listening
