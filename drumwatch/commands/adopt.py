"""`drumwatch adopt`: hears a library that the user has sorted, and files into its folders from then on."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drumwatch import config as configuration
from drumwatch.commands.daily_backup import back_up_journal_if_due
from drumwatch.config.edit import as_lines, with_labels
from drumwatch.config.given_paths import absolute, refuse_as_library, refuse_protected
from drumwatch.config.replace_file import read_text, replace_text
from drumwatch.core.errors import ConfigError, UsageError
from drumwatch.core.formatting import count_of, home_short, iso, printable
from drumwatch.learning.adopting import adopted_sounds, forget, record, wrong_folder_sentences
from drumwatch.learning.folder_purity import propose, wrong_places
from drumwatch.learning.retrain import describe_figures, figures_of, store_result
from drumwatch.learning.training_request import training_request
from drumwatch.session import SessionOptions, open_session
from drumwatch.sorting.library_sounds import hear, library_files
from drumwatch.sorting.progress import progress_bar
from drumwatch.sorting.stop_request import stopped_by_ctrl_c
from drumwatch.system import macos_calls
from drumwatch.workers import model_store
from drumwatch.workers.jobs import answer, expect
from drumwatch.workers.protocol import Trained

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drumwatch.config import Config, Watch
    from drumwatch.journal import AdoptedSound
    from drumwatch.learning.folder_purity import Proposal, SoundInFolder, WrongPlace
    from drumwatch.learning.retrain import OwnClass
    from drumwatch.session import Session
    from drumwatch.sorting.library_sounds import Heard, LibraryFiles
    from drumwatch.workers.protocol import Answer, Train

INTERRUPTED = 130
SURVEY_SECONDS = 300.0  # for a library of any size; nobody waits for anything else


@dataclass(frozen=True, slots=True)
class ConfigEdit:
    """The change of the configuration file: its text before and after, and the configuration that it means then."""

    path: Path
    before: bytes
    text: str
    config: Config
    changes: dict[str, str]
    library: str | None  # None: it is the configured one already


@dataclass(frozen=True, slots=True)
class Adoption:
    """What would be adopted, and the answer of the comparison, which holds the model, if there was one."""

    proposal: Proposal
    wrong: tuple[WrongPlace, ...]
    sounds: tuple[AdoptedSound, ...]
    edit: ConfigEdit
    can_file: bool = True  # the library can be written to
    compared: Answer | None = None


def adopt(
    library: Path, config_path: Path, *, dry_run: bool = False, yes: bool = False, classes: Sequence[str] = ()
) -> int:
    """Hear the library, print what each folder holds, ask, and let the configuration name its folders. Returns the exit code."""
    macos_calls.never_fetch_files()
    library = _checked_library(library)
    config = configuration.read(config_path)
    _edit(
        config_path, config, library, {}
    )  # what speaks against this library is said before an hour of listening
    with open_session(config, SessionOptions(dry_run=dry_run)) as session:
        found = _hear(library, session)
        if found is None:
            return INTERRUPTED
        adoption = _compare(found.sounds, classes, session, config_path, library)
        _show(adoption, found, library, session.config)
        if adoption.proposal.is_empty:
            click.echo(
                "No folder holds sounds of one kind only, so there is nothing to adopt. Nothing was changed."
            )
            return 0
        if dry_run:
            click.echo("Nothing was changed.")
            return 0
        if not yes and not _is_wanted(adoption, library):
            click.echo("Nothing was changed.")
            return 0
        _carry_out(adoption, library, session)
    return 0


def forget_library(library: Path, config_path: Path) -> int:
    """Let the sounds of a library no longer count as confirmed; the configuration stays as it is."""
    library = absolute(library)
    back_up_journal_if_due()
    with open_session(configuration.read(config_path)) as session:
        count = forget(session.journal, library)
    click.echo(
        f"{count_of(count, 'sound')} of {home_short(library)} no longer count{'s' * (count == 1)}: the next training is without them"
        " (`drumwatch train` trains now). The configuration is not changed."
    )
    return 0


def _checked_library(library: Path) -> Path:
    library = absolute(library)
    if not library.is_dir():
        raise UsageError(f"There is no folder {printable(library)}.")
    refuse_protected([library])
    refuse_as_library(library, "LIBRARY")
    return library


# Listening


def _hear(library: Path, session: Session) -> Heard | None:
    """Analyze the whole library; None if Ctrl-C has stopped it. Says what was left out."""
    watch = _as_watch(library, session.config)
    survey = session.projects.survey(watch)
    if not survey.complete:
        raise UsageError(
            f"{home_short(library)} is so large that it could not be searched for projects in time:"
            " run the command again, which goes on from there, or adopt one of its folders."
        )
    files = library_files(watch, survey)
    with (
        progress_bar("hearing", len(files.sounds)) as bar,
        stopped_by_ctrl_c(bar.announce) as stopping,
    ):
        heard = hear(
            files.sounds, watch, session.workers, session.analysis_cache, stopping=stopping, step=bar.step
        )
    if heard.stopped:
        done = len(heard.sounds) + heard.failed
        click.echo(
            f"Stopped after {done:,} of {count_of(len(files.sounds), 'sound')}. Nothing was changed."
            " What was heard is kept: the same command goes on from here.",
            err=True,
        )
        return None
    for sentence in _left_out(files, heard):
        click.echo(sentence, err=True)
    session.workers.shutdown()  # training needs their memory
    return heard


def _as_watch(library: Path, config: Config) -> Watch:
    """Return the settings by which the library is read: like a folder of the top level, with all projects left whole."""
    return replace(configuration.watch_for(replace(config, watches=()), library), projects="leave")


def _left_out(files: LibraryFiles, heard: Heard) -> list[str]:
    kinds = (
        (files.in_projects, "part of somebody's work, such as a song: not heard"),
        (files.in_packs, "in a pack that is kept whole: not heard"),
        (heard.failed, "could not be heard"),
    )
    return [f"{count_of(count, 'sound')} {why}." for count, why in kinds if count]


# What follows from it


def _compare(
    sounds: Sequence[SoundInFolder],
    classes: Sequence[str],
    session: Session,
    config_path: Path,
    library: Path,
) -> Adoption:
    """Return what is to be adopted: classes of the user's own only if a model that is trained with them tells them apart."""
    named = {name.strip("/") for name in classes}
    if unknown := named - {
        "/".join(sound.folders[:n]) for sound in sounds for n in range(1, len(sound.folders) + 1)
    }:
        raise UsageError(
            f"There is no folder with sounds named {printable(min(unknown))} in {home_short(library)}."
        )
    rejected: set[str] = set()
    while True:
        proposal = propose(sounds, classes=named, rejected=rejected)
        edit = _edit(config_path, session.config, library, proposal.changes(session.config.labels))
        adoption = _adoption(sounds, proposal, edit, can_file=os.access(library, os.W_OK))
        if not adoption.proposal.classes:
            return adoption
        click.echo("Comparing the classes of your own with all other sounds …", err=True)
        compared = session.retrain_workers.submit(answer, _request(adoption, session)).result()
        own = figures_of(expect(compared, Trained).card).own
        failed = {
            name: own.get(name) for name in adoption.proposal.classes if not _is_told_apart(own.get(name))
        }
        if not failed:
            return replace(adoption, compared=compared)
        for name, figures in sorted(failed.items()):
            click.echo(_rejection(name, figures), err=True)
        rejected |= {
            one.folder for one in adoption.proposal.reports if one.use == "class" and one.kind in failed
        }


def _adoption(
    sounds: Sequence[SoundInFolder], proposal: Proposal, edit: ConfigEdit, *, can_file: bool
) -> Adoption:
    wrong = tuple(wrong_places(sounds, proposal))
    sounds_by_folder = tuple(adopted_sounds(sounds, proposal, wrong))
    return Adoption(proposal, wrong, sounds_by_folder, edit, can_file=can_file)


def _is_told_apart(figures: OwnClass | None) -> bool:
    return figures is not None and figures.is_told_apart


def _rejection(name: str, figures: OwnClass | None) -> str:
    if figures is None:
        return f"{printable(name)} is no class of your own: too few different sounds are in it."
    return (
        f"{printable(name)} is no class of your own: of its {count_of(figures.sounds, 'sound')},"
        f" {figures.recognized} could be told apart, and {figures.taken_for_it} others were taken for it."
    )


def _request(adoption: Adoption, session: Session) -> Train:
    return training_request(
        session.journal,
        session.analysis_cache,
        adoption.edit.config.labels,
        model_store.in_force(),
        iso(time.time()),
        adopted=adoption.sounds,
    )


def _edit(path: Path, config: Config, library: Path, changes: Mapping[str, str]) -> ConfigEdit:
    """Return the change of the configuration; raises UsageError with what speaks against it."""
    if not config.layout.startswith("{label}/"):
        raise UsageError(
            f'layout = "{printable(config.layout)}" does not begin with {{label}}/, so sounds would not come into your folders:'
            ' change it first, for instance to "{label}/{pack}/{name}".'
        )
    text, before = read_text(path)
    is_new = library != config.library
    written = _with_tilde(library) if is_new else None
    changed = with_labels(text, changes, written)
    try:
        after = configuration.parse(changed, file=str(path))
    except ConfigError as error:
        raise UsageError(
            f"The configuration would not hold with the library {home_short(library)}:\n{error}\nNothing was changed."
        ) from None
    return ConfigEdit(path, before, changed, after, dict(changes), written)


def _with_tilde(folder: Path) -> str:
    home = Path.home()
    return f"~/{folder.relative_to(home).as_posix()}" if folder.is_relative_to(home) else str(folder)


# Showing and asking


def _show(adoption: Adoption, found: Heard, library: Path, config: Config) -> None:
    click.echo(f"{home_short(library)}: {count_of(len(found.sounds), 'sound')}")
    for sentence in adoption.proposal.sentences():
        click.echo(f"  {printable(sentence)}")
    if sentences := wrong_folder_sentences(adoption.wrong):
        click.echo("By ear and name in the wrong folder, for the review; nothing is done with them:")
        for sentence in sentences:
            click.echo(f"  {printable(sentence)}")
    if not adoption.proposal.is_empty:
        _show_change(adoption, library, config)


def _show_change(adoption: Adoption, library: Path, config: Config) -> None:
    """Print what would be in the configuration."""
    if not adoption.can_file:
        click.echo(
            f"{home_short(library)} can only be read, so nothing can be filed there: the configuration would not be changed."
        )
        return
    if without := adoption.proposal.without_folder():
        click.echo(
            f"No folder is for {', '.join(without)}: one of that name is made when such a sound comes."
        )
    if adoption.edit.library is not None:
        click.echo(f"The library would be {home_short(library)}; now it is {home_short(config.library)}.")
    if lines := as_lines(adoption.edit.changes, adoption.edit.library):
        click.echo(f"In {home_short(adoption.edit.path)}:")
        for line in lines:
            click.echo(f"  {printable(line)}")
    others = Counter(watch.library for watch in config.watches if watch.library != config.library)
    for other in others:
        click.echo(f"A watch has a library of its own, {home_short(other)}, which is not changed.")


def _is_wanted(adoption: Adoption, library: Path) -> bool:
    """Ask; the answer may come from a pipe. Raises UsageError where there is none."""
    count = count_of(len(adoption.sounds), "sound")
    filing = "File into these folders from now on, and let" if adoption.can_file else "Let"
    try:
        answered = click.confirm(
            f"{filing} {count} count as confirmed at a low weight? Nothing in {home_short(library)} is moved.",
            default=False,
        )
        if not _asks_a_person():
            click.echo()  # what a person types ends the line
    except click.Abort:
        if _asks_a_person():
            raise
        click.echo()
        raise UsageError(
            "There was no answer, so nothing was changed: say --yes to adopt without a question."
        ) from None
    return answered


def _asks_a_person() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


# Acting


def _carry_out(adoption: Adoption, library: Path, session: Session) -> None:
    """Change the configuration, record the sounds, and train: in this order, so that a failure leaves nothing half-done."""
    back_up_journal_if_due()
    edit = adoption.edit
    if not adoption.can_file:
        click.echo(f"{home_short(edit.path)} is not changed.")
    elif edit.changes or edit.library is not None:
        kept = replace_text(edit.path, edit.text, edit.before)
        session.replace_config(edit.config)
        click.echo(f"{home_short(edit.path)} is changed; as it was, it is kept in {home_short(kept)}.")
    else:
        click.echo(f"{home_short(edit.path)} names these folders already.")
    waiting = record(
        session.journal,
        library,
        adoption.sounds,
        adoption.wrong,
        labels=session.config.labels,
        now=time.time(),
    )
    if waiting:
        click.echo(f"{count_of(waiting, 'sound')} wait{'s' * (waiting == 1)} in `drumwatch review`.")
    _train(adoption, session)


def _train(adoption: Adoption, session: Session) -> None:
    """Use the model of the comparison if there was one, else train one."""
    click.echo(f"Learning from {count_of(len(adoption.sounds), 'sound')}.", err=True)
    compared = (
        adoption.compared or session.retrain_workers.submit(answer, _request(adoption, session)).result()
    )
    result = store_result(compared, session.analysis_cache)
    session.journal.state.set(last_lesson=session.journal.confirmations.latest_id())
    for sentence in describe_figures(figures_of(result.model.card)):
        click.echo(sentence)
    if result.why_not_used:
        click.echo(
            f"{result.model.id} is kept, but not used: {result.why_not_used}."
            f" `drumwatch model use {result.model.id}` uses it all the same."
        )
    else:
        click.echo(f"{result.model.id} is in force from now on. `drumwatch model use shipped` goes back.")
