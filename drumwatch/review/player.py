"""Playing one sound at a time, with a player program that is installed on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from typing import TYPE_CHECKING

from drumwatch.core.errors import DrumwatchError

if TYPE_CHECKING:
    from pathlib import Path

# In the order in which they are tried: first through the sound server of the desktop, then directly through ALSA.
PLAYERS: dict[str, tuple[str, ...]] = {
    "pw-play": (),
    "paplay": (),
    "aplay": ("-q",),
    "afplay": (),
    "ffplay": ("-nodisp", "-autoexit", "-loglevel", "error"),
}


class PlayerError(DrumwatchError):
    """No player is installed, or it could not play the sound; the message says which."""


class Player:
    """Plays sounds; a new one stops the one before."""

    def __init__(self) -> None:
        self.name = next((name for name in PLAYERS if shutil.which(name)), "")
        self._playing: asyncio.subprocess.Process | None = None

    async def play(self, wav: Path) -> None:
        """Play a sound to its end, or until the next one; raises PlayerError with the player's own message."""
        if not self.name:
            raise PlayerError(
                f"No player was found ({', '.join(PLAYERS)}): install one, or listen on the page of `drumwatch review`."
            )
        self.stop()
        command = [self.name, *PLAYERS[self.name], str(wav)]
        nothing, pipe = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE
        self._playing = process = await asyncio.create_subprocess_exec(
            *command, stdin=nothing, stdout=nothing, stderr=pipe
        )
        _, stderr = await process.communicate()
        if process.returncode and process is self._playing:
            lines = stderr.decode(errors="replace").strip().splitlines()
            raise PlayerError(
                f"{self.name} could not play it: {lines[0] if lines else f'code {process.returncode}'}"
            )

    def stop(self) -> None:
        """Stop the sound that is playing, if there is one."""
        playing, self._playing = self._playing, None
        if playing and playing.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                playing.terminate()
