"""Plays a sound through whatever this machine has for that, one at a time."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from typing import TYPE_CHECKING

from drumwatch.core.errors import DrumwatchError

if TYPE_CHECKING:
    from pathlib import Path

# In the order in which they are tried: the desktop's own mixer first, then the bare card.
PLAYERS: dict[str, tuple[str, ...]] = {
    "pw-play": (),
    "paplay": (),
    "aplay": ("-q",),
    "afplay": (),
    "ffplay": ("-nodisp", "-autoexit", "-loglevel", "error"),
}


class CannotPlay(DrumwatchError):  # noqa: N818
    """There is no player, or it has refused; the reason says which."""


class Player:
    """Ends what still sounds when the next one is to be heard."""

    def __init__(self) -> None:
        self.name = next((name for name in PLAYERS if shutil.which(name)), "")
        self._playing: asyncio.subprocess.Process | None = None

    async def play(self, wav: Path) -> None:
        """Until the sound is over, or another one is asked for; raises CannotPlay with the player's own words."""
        if not self.name:
            raise CannotPlay(
                f"No player was found ({', '.join(PLAYERS)}): install one, or listen on the page of `drumwatch review`."
            )
        self.stop()
        command = [self.name, *PLAYERS[self.name], str(wav)]
        nothing, pipe = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE
        self._playing = mine = await asyncio.create_subprocess_exec(
            *command, stdin=nothing, stdout=nothing, stderr=pipe
        )
        _, told = await mine.communicate()
        if mine.returncode and mine is self._playing:
            words = told.decode(errors="replace").strip().splitlines()
            raise CannotPlay(
                f"{self.name} could not play it: {words[0] if words else f'code {mine.returncode}'}"
            )

    def stop(self) -> None:
        playing, self._playing = self._playing, None
        if playing and playing.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                playing.terminate()
