"""`drumwatch init`: three questions, and a configuration that explains itself."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import TextIO

import click
import platformdirs

from drumwatch.config import parse
from drumwatch.config.to_toml import quoted
from drumwatch.core.errors import ConfigError, DrumwatchError

ACTIONS = {
    "move": "it goes into the library and leaves its old place; `drumwatch undo` brings it back",
    "copy": "the library gets a copy and the original stays; on most disks both take space",
    "tag": "it stays where it is and its tags say what it is; the library stays empty",
}
_DEFAULTS = {"folder": "~/Downloads", "library": "~/Music/Drum Library", "action": "move"}


def init(path: Path, *, yes: bool = False) -> None:
    """Ask, write, and say what comes next; a configuration that is there is never overwritten."""
    if os.path.lexists(path):
        raise DrumwatchError(
            f"{path} is there already and stays as it is; change it by hand, or delete it first"
        )
    _write_new(path, filled(usual_answers()) if yes else _ask())
    click.echo(f"Wrote {path}")
    click.echo("Next: `drumwatch run` starts watching; only files that arrive from then on are sorted.")
    click.echo("      `drumwatch sort FOLDER --dry-run` shows what would become of the sounds you have.")


def usual_answers() -> dict[str, str]:
    """This user's own folders for downloads and music, whatever the system's language calls them."""
    answers = {
        "folder": _with_tilde(platformdirs.user_downloads_path()),
        "library": _with_tilde(platformdirs.user_music_path() / "Drum Library"),
        "action": "move",
    }
    try:
        filled(answers)
    except ConfigError:  # some desktops call the home folder itself the place for downloads
        return _DEFAULTS
    return answers


def filled(answers: dict[str, str]) -> str:
    """The commented example with the answers in it; answers that do not go together are a ConfigError."""
    text = example()
    for key, answer in answers.items():
        text = text.replace(f"\n{key} = {quoted(_DEFAULTS[key])}\n", f"\n{key} = {quoted(answer)}\n", 1)
    parse(text)
    return text


def example() -> str:
    """The text of `config.example.toml`."""
    return files("drumwatch.config").joinpath("example.toml").read_text(encoding="utf-8")


def _ask() -> str:
    """The configuration by the user's answers, asked again until they go together."""
    answers = usual_answers()
    while True:
        answers = {
            "folder": _absolute(click.prompt("Where do your downloads arrive?", default=answers["folder"])),
            "library": _absolute(
                click.prompt("Where should your drum library live?", default=answers["library"])
            ),
            "action": _ask_for_the_action(answers["action"]),
        }
        try:
            return filled(answers)
        except ConfigError as error:
            click.echo(f"That does not work yet:\n{error}", err=True)


def _ask_for_the_action(default: str) -> str:
    click.echo("What should happen to a sound that has been recognised?")
    for action, meaning in ACTIONS.items():
        click.echo(f"  {action:<4}  {meaning}")
    answer: str = click.prompt(
        "Move, copy or tag?", default=default, type=click.Choice(list(ACTIONS), case_sensitive=False)
    )
    return answer


def _absolute(answer: str) -> str:
    """At a prompt, unlike in a file that lasts, a relative folder means something."""
    answer = answer.strip()
    return answer if answer.startswith("~") else str(Path(answer).absolute())


def _with_tilde(folder: Path) -> str:
    home = Path.home()
    return f"~/{folder.relative_to(home).as_posix()}" if folder.is_relative_to(home) else str(folder)


def _write_new(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            _write_or_remove(file, path, text)
    except OSError as error:
        raise DrumwatchError(
            f"{path} could not be written: {error.strerror}; name another place with --config"
        ) from None


def _write_or_remove(file: TextIO, path: Path, text: str) -> None:
    """On a full disk, half a configuration must not stand in the way of the next attempt."""
    try:
        file.write(text)
        file.flush()
    except OSError:
        path.unlink()
        raise
