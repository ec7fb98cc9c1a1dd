"""`drumwatch init`: asks a few questions and writes a configuration with comments."""

from __future__ import annotations

import os
import shlex
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
import platformdirs

from drumwatch.config import parse
from drumwatch.config.given_paths import did_you_mean
from drumwatch.config.to_toml import quoted
from drumwatch.core.errors import ConfigError, DrumwatchError
from drumwatch.core.formatting import home_short, printable
from drumwatch.core.os_reasons import reason
from drumwatch.core.pasted_paths import meant_path
from drumwatch.core.records import FILING

if TYPE_CHECKING:
    from drumwatch.config import Config

ACTIONS = {
    "move": "it goes into the library and leaves its old place; `drumwatch undo` brings it back",
    "copy": "the library gets a copy and the original is kept; on most disks both take space",
    "tag": "its tags say what it is, where you put it; the library is empty",
}
_DEFAULTS = {"folder": "~/Downloads", "library": "~/Music/Drum Library", "action": "move"}


def init(path: Path, *, yes: bool = False) -> Path | None:
    """Ask, write the file, and print the next steps; an existing configuration is never overwritten.

    Returns the library if it has folders already, and the user wants them to be heard now.
    """
    if os.path.lexists(path):
        raise DrumwatchError(
            f"{path} is there already, and was not changed; change it by hand, or delete it first"
        )
    text = filled(default_answers()) if yes else _ask()
    _write_new(path, text)
    click.echo(f"Wrote {path}")
    click.echo("Next: `drumwatch run` starts watching; only files that arrive from then on are sorted.")
    click.echo("      `drumwatch sort FOLDER --dry-run` shows what would become of the sounds you have.")
    return _to_adopt(parse(text), yes=yes)


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
            "folder": _ask_folder(answers["folder"]),
            "library": _ask_path("Where should your drum library live?", answers["library"]),
            "action": _ask_action(answers["action"]),
        }
        try:
            text = filled(answers)
        except ConfigError as error:
            click.echo(f"That does not work yet:\n{error}", err=True)
        else:
            return with_live_tags(text) if answers["action"] != "tag" and _wants_live_tags() else text


def _to_adopt(config: Config, *, yes: bool) -> Path | None:
    """Offer to hear a library that has folders already; return it if that is wanted now."""
    if config.action not in FILING or not _has_folders(config.library):
        return None
    library = home_short(config.library)
    click.echo(
        f"{library} has folders already. `drumwatch adopt {shlex.quote(library)}` hears what is in them, and"
    )
    click.echo("      proposes to file into them from then on; nothing in there is moved.")
    try:
        wanted = not yes and click.confirm(
            "Hear them now? Ctrl-C stops it, and keeps what was heard", default=True
        )
    except click.Abort:  # the configuration is written, and nothing else was asked for
        click.echo()
        return None
    return config.library if wanted else None


def _has_folders(library: Path) -> bool:
    try:
        with os.scandir(library) as entries:
            return any(entry.is_dir() and entry.name[0] not in "._" for entry in entries)
    except OSError:
        return False


def _ask_folder(default: str) -> str:
    """Ask where downloads arrive, again where there is no such folder, unless the user says that it comes later."""
    while True:
        answer = _ask_path("Where do your downloads arrive?", default)
        folder = Path(answer).expanduser()
        if os.path.lexists(folder) or answer == default:
            return answer
        click.echo(f"There is no folder {home_short(folder)}.{did_you_mean(folder)}")
        if click.confirm("Is it right all the same, because the folder comes later?", default=False):
            return answer


def _ask_path(question: str, default: str) -> str:
    answer: str = click.prompt(question, default=default, value_proc=_absolute)
    return answer


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
    """Return the path that is meant; a relative one is made absolute, as the file will be read from another folder."""
    try:
        path = meant_path(answer)
    except ValueError as exc:
        raise click.BadParameter(f'"{printable(answer)}" {exc}.') from None
    return str(path) if str(path).startswith("~") else str(path.absolute())


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
