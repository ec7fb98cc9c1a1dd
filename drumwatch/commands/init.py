"""`drumwatch init`: asks a few questions and writes a configuration with comments."""

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
from drumwatch.core.os_reasons import reason

ACTIONS = {
    "move": "it goes into the library and leaves its old place; `drumwatch undo` brings it back",
    "copy": "the library gets a copy and the original is kept; on most disks both take space",
    "tag": "its tags say what it is, where you put it; the library is empty",
}
_DEFAULTS = {"folder": "~/Downloads", "library": "~/Music/Drum Library", "action": "move"}


def init(path: Path, *, yes: bool = False) -> None:
    """Ask, write the file, and print the next steps; an existing configuration is never overwritten."""
    if os.path.lexists(path):
        raise DrumwatchError(
            f"{path} is there already, and was not changed; change it by hand, or delete it first"
        )
    _write_new(path, filled(default_answers()) if yes else _ask())
    click.echo(f"Wrote {path}")
    click.echo("Next: `drumwatch run` starts watching; only files that arrive from then on are sorted.")
    click.echo("      `drumwatch sort FOLDER --dry-run` shows what would become of the sounds you have.")


def default_answers() -> dict[str, str]:
    """Return the default answers: the user's own folders for downloads and music, in whatever language."""
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
    """Return the example with the answers in it; raise a ConfigError if they do not go together."""
    text = example()
    for key, answer in answers.items():
        text = text.replace(f"\n{key} = {quoted(_DEFAULTS[key])}\n", f"\n{key} = {quoted(answer)}\n", 1)
    parse(text)
    return text


def with_live_tags(text: str) -> str:
    """Return the configuration with tags for Ableton Live."""
    return text.replace("\n[ableton]\ntags = false\n", "\n[ableton]\ntags = true\n", 1)


def example() -> str:
    """Return the text of `config.example.toml`."""
    return files("drumwatch.config").joinpath("example.toml").read_text(encoding="utf-8")


def _ask() -> str:
    """Ask until the answers go together, and return the configuration."""
    answers = default_answers()
    while True:
        answers = {
            "folder": _absolute(click.prompt("Where do your downloads arrive?", default=answers["folder"])),
            "library": _absolute(
                click.prompt("Where should your drum library live?", default=answers["library"])
            ),
            "action": _ask_action(answers["action"]),
        }
        try:
            text = filled(answers)
        except ConfigError as error:
            click.echo(f"That does not work yet:\n{error}", err=True)
        else:
            return with_live_tags(text) if answers["action"] != "tag" and _wants_live_tags() else text


def _ask_action(default: str) -> str:
    click.echo("What should happen to a sound that has been recognised?")
    for action, meaning in ACTIONS.items():
        click.echo(f"  {action:<4}  {meaning}")
    answer: str = click.prompt(
        "Move, copy or tag?", default=default, type=click.Choice(list(ACTIONS), case_sensitive=False)
    )
    return answer


def _wants_live_tags() -> bool:
    return click.confirm("Should Ableton Live 12 show the labels as tags in its browser?", default=False)


def _absolute(answer: str) -> str:
    """Make a relative path absolute, as the file will be read from another folder."""
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
            f"{path} could not be written, because {reason(error)}; name another place with --config"
        ) from None


def _write_or_remove(file: TextIO, path: Path, text: str) -> None:
    """Write the text; remove a half-written file, which would prevent the next attempt."""
    try:
        file.write(text)
        file.flush()
    except OSError:
        path.unlink()
        raise
