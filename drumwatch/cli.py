"""The command line. Each command imports its module when it is called, so that `--help` is fast."""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from drumwatch import __version__
from drumwatch.core.errors import DrumwatchError, UsageError
from drumwatch.core.formatting import parse_since, parse_until, printable
from drumwatch.core.records import ACTIONS, STATES
from drumwatch.core.screen_width import for_stream
from drumwatch.system import app_paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

    from drumwatch.config.settings import Projects
    from drumwatch.config.value_types import Event
    from drumwatch.core.records import ActionKind

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100, "auto_envvar_prefix": None}
WORKERS = "drumwatch.workers"  # the logger that has what workers write to stderr


class PastedPath(click.Path):
    """A path as people paste it: quotes around it, an address of a file manager, spaces at its ends."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """Return the path that is meant, or fail with a sentence for the user."""
        from drumwatch.core.pasted_paths import meant_path

        if not isinstance(value, str):
            return super().convert(value, param, ctx)
        try:
            meant = meant_path(value)
        except ValueError as exc:
            self.fail(f'"{printable(value)}" {exc}.', param, ctx)
        return super().convert(meant, param, ctx)


class TimeParam(click.ParamType[float]):
    """A point in time as people write it, read by `read`; the value is in seconds since 1970."""

    name = "time"

    def __init__(self, read: Callable[[str, dt.datetime], float]) -> None:
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401  click's signature
        """Return the time, or fail with a message for the user."""
        if isinstance(value, float):
            return value
        try:
            return self._read(value, dt.datetime.now().astimezone())
        except ValueError as exc:
            self.fail(str(exc), param, ctx)


SINCE = TimeParam(parse_since)  # as in 2h, today, 14:30 or 2026-11-24
UNTIL = TimeParam(parse_until)  # a time to come, as in 30m, 2h or 18:00
EXISTING = PastedPath(path_type=Path)


def with_config(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option `--config FILE`, which may stand before or after the command's name."""
    return click.option(
        "--config",
        "config_path",
        type=EXISTING,
        metavar="FILE",
        help="Use this configuration instead of the usual one.",
    )(command)


def with_verbose(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option `--verbose`, which shows on a terminal what is shown anyway where the output is piped."""
    return click.option(
        "-v", "--verbose", is_flag=True, help="Show a line for each file on a terminal, too."
    )(command)


def config_file(ctx: click.Context, config_path: Path | None) -> Path:
    """Return the path of the configuration to use."""
    return app_paths.config_file(config_path or ctx.obj)


def _complete_label(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from drumwatch.commands import completion

    return completion.labels(incomplete)


def _complete_corrected(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from drumwatch.commands import completion

    path = config_file(ctx, ctx.params.get("config_path"))
    return completion.labels_or_files(
        incomplete, path, label_may_come=any(map(ctx.params.get, ("files", "label")))
    )


def _complete_model(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from drumwatch.commands import completion

    return completion.models(incomplete, only_own=ctx.command.name == "export")


def _complete_batch(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from drumwatch.commands import completion

    return completion.batches(incomplete, only_undoable=ctx.command.name == "undo")


@click.group(context_settings=CONTEXT)
@click.option(
    "--config",
    "config_path",
    type=EXISTING,
    metavar="FILE",
    help="Use this configuration instead of the usual one.",
)
@click.version_option(__version__, message="drumwatch %(version)s")
@click.pass_context
def cli(ctx: click.Context, config_path: Path | None) -> None:
    """Analyzes what arrives in your sample folders and files it: kick, snare, hat, percussion or other.

    Start with `drumwatch init`, then `drumwatch run`. `drumwatch log` shows everything that it does, and
    `drumwatch undo` takes it back.
    """
    from drumwatch.system.json_log import keep_off_the_terminal

    ctx.obj = config_path
    if ctx.invoked_subcommand != "run":  # whose log is on the terminal, but without the details
        keep_off_the_terminal(WORKERS, app_paths.log_folder)


@cli.command()
@click.option("--yes", is_flag=True, help="Take the defaults, ask nothing.")
@with_config
@click.pass_context
def init(ctx: click.Context, config_path: Path | None, yes: bool) -> int:
    """Write a commented configuration after asking a few questions."""
    from drumwatch.commands import init as command

    path = config_file(ctx, config_path)
    if library := command.init(path, yes=yes):
        from drumwatch.commands import adopt

        return adopt.adopt(library, path)
    return 0


@cli.command()
@click.option("--dry-run", is_flag=True, help="Show what would be done, do nothing.")
@click.option("--once", is_flag=True, help="Handle what has come since the last run and end.")
@click.option(
    "--everything", is_flag=True, help="With --once: handle what was there before the first run, too."
)
@with_verbose
@with_config
@click.pass_context
def run(
    ctx: click.Context, config_path: Path | None, dry_run: bool, once: bool, everything: bool, verbose: bool
) -> int:
    """Watch the configured folders and file what arrives.

    It runs in the foreground, until Ctrl-C. On a terminal, each pack has one line when it is done.

    Only files that arrive after the first run has begun are touched, with --once as well; for what was there before,
    there is `drumwatch sort`, or `drumwatch run --once --everything`.
    """
    from drumwatch.commands import run as command

    return command.run(
        config_file(ctx, config_path), dry_run=dry_run, once=once, everything=everything, verbose=verbose
    )


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=EXISTING)
@click.option(
    "--to",
    "library",
    type=EXISTING,
    metavar="DIR",
    help="Sort into this library instead of the configured one.",
)
@click.option(
    "--action",
    type=click.Choice([kind for kind in ACTIONS if kind != "leave"]),
    help="Use this action instead of the configured one.",
)
@click.option("--dry-run", is_flag=True, help="Show what would go where, do nothing.")
@click.option("--yes", is_flag=True, help="Move any number of files without a question.")
@click.option(
    "--report",
    type=EXISTING,
    metavar="FILE",
    help="Write a page with counts, uncertain sounds and a map.",
)
@click.option(
    "--projects",
    type=click.Choice(["leave", "copy", "sort"]),
    help="What becomes of songs, instruments and code: left whole, their sounds copied, or sorted.",
)
@click.option(
    "--engine",
    default="",
    metavar="URL",
    help="Analyze on a cluster, dask://HOST:PORT, instead of this machine.",
)
@with_verbose
@with_config
@click.pass_context
def sort(
    ctx: click.Context,
    paths: tuple[Path, ...],
    library: Path | None,
    action: ActionKind | None,
    dry_run: bool,
    projects: Projects | None,
    yes: bool,
    report: Path | None,
    engine: str,
    config_path: Path | None,
    verbose: bool,
) -> int:
    """Sort files, folders and zips now, whatever their age. Can be stopped at any time and started again.

    Before it moves more than 200 files, or more than one pack, it shows its plan and asks: move, copy or nothing.
    """
    from drumwatch.commands import sort as command

    return command.sort(
        paths,
        config_file(ctx, config_path),
        library=library,
        action=action,
        dry_run=dry_run,
        projects=projects,
        yes=yes,
        engine=engine,
        report=report,
        verbose=verbose,
    )


@cli.command()
@click.argument("library", type=EXISTING)
@click.option("--dry-run", is_flag=True, help="Only say what each folder holds and what would be proposed.")
@click.option("--yes", is_flag=True, help="Accept the proposal, ask nothing.")
@click.option(
    "--class",
    "classes",
    multiple=True,
    metavar="FOLDER",
    help="This folder of LIBRARY holds a class of your own, whatever its name.",
)
@click.option("--forget", is_flag=True, help="Let the sounds of LIBRARY no longer count as confirmed.")
@with_config
@click.pass_context
def adopt(
    ctx: click.Context,
    library: Path,
    dry_run: bool,
    yes: bool,
    classes: tuple[str, ...],
    forget: bool,
    config_path: Path | None,
) -> int:
    """File into the folders of a library that you have already.

    It is heard first: drumwatch says what each folder holds, proposes the [labels] of the configuration, and asks.
    Nothing in LIBRARY is moved or changed.
    """
    from drumwatch.commands import adopt as command

    config = config_file(ctx, config_path)
    if forget:
        return command.forget_library(library, config)
    return command.adopt(library, config, dry_run=dry_run, yes=yes, classes=classes)


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=EXISTING)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@click.option("--use-names", is_flag=True, help="Let file and folder names count as evidence too.")
@click.option(
    "--as-filed/--by-sound",
    default=False,
    help="Judge as filing would, with names and neighbors, or by sound alone (the default).",
)
@click.option(
    "--max-seconds", type=float, metavar="20", help="Longer files are called long (as filed: as configured)."
)
@click.option("--notes", is_flag=True, help="Look for root notes, too; half a minute the first time.")
@click.pass_context
def classify(
    ctx: click.Context,
    paths: tuple[Path, ...],
    as_json: bool,
    use_names: bool,
    as_filed: bool,
    max_seconds: float | None,
    notes: bool,
) -> int:
    """Say what each sound is, by its sound alone or as filing would. Changes nothing."""
    from drumwatch.commands import classify as command

    return command.classify(
        paths,
        config_file(ctx, None),
        as_json=as_json,
        use_names=use_names,
        as_filed=as_filed,
        max_seconds=max_seconds,
        notes=notes,
    )


@cli.command()
@click.argument("folder", type=PastedPath(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@click.pass_context
def evaluate(ctx: click.Context, folder: Path, as_json: bool) -> int:
    """Measure how right the model is on sounds of your own.

    FOLDER has subfolders named kick, snare, hat and so on.
    """
    from drumwatch.commands import evaluate as command

    return command.evaluate(folder, config_file(ctx, None), as_json=as_json)


@cli.command()
@click.argument("file", type=EXISTING)
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@click.option(
    "--plot",
    type=EXISTING,
    metavar="OUT.svg",
    help="Draw waveform, spectrogram and evidence as SVG.",
)
@click.option(
    "--as-filed/--by-sound",
    default=True,
    help="Judge as filing would, with name and neighbors (the default), or by sound alone.",
)
@click.option("-v", "--verbose", is_flag=True, help="Also show the numbers behind each reason.")
@click.option("--note", is_flag=True, help="Look for the root note, too; half a minute the first time.")
@with_config
@click.pass_context
def why(
    ctx: click.Context,
    file: Path,
    as_json: bool,
    plot: Path | None,
    as_filed: bool,
    verbose: bool,
    note: bool,
    config_path: Path | None,
) -> int:
    """Explain a sound: its verdict, and what would become of it.

    That is: the evidence for and against the verdict, and the rule that would apply.
    """
    from drumwatch.commands import why as command

    options = command.WhyOptions(
        as_json=as_json, as_filed=as_filed, verbose=verbose, plot=plot, with_note=note
    )
    return command.why(file, config_file(ctx, config_path), options)


@cli.command()
@click.option("--since", type=SINCE, metavar="TIME", help="From then on: 2h, today, 14:30, 2026-11-24.")
@click.option(
    "--label",
    shell_complete=_complete_label,
    help="Only this label: kick, snare, hat, percussion, other or your own.",
)
@click.option(
    "--below", type=click.FloatRange(0, 1), metavar="0.8", help="Only verdicts less sure than this."
)
@click.option(
    "--state", "states", multiple=True, type=click.Choice(STATES), help="Only entries in this state."
)
@click.option(
    "--batch",
    type=int,
    metavar="ID",
    shell_complete=_complete_batch,
    help="Only this batch, that is: this pack.",
)
@click.option("--starred", is_flag=True, help="Only sounds that you have starred in the review.")
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the newest N.")
@click.option("--packs", is_flag=True, help="One line for each pack; `--batch ID` unfolds it.")
@click.option("--stats", is_flag=True, help="A table of what came, what was filed, what you corrected.")
@click.option("-v", "--verbose", is_flag=True, help="Each line whole, and the reason below it.")
@click.option("--follow", is_flag=True, help="Go on and show what happens.")
@click.option("--no-pager", is_flag=True, help="Print it all at once, on a terminal too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def log(
    follow: bool,
    packs: bool,
    stats: bool,
    verbose: bool,
    no_pager: bool,
    as_json: bool,
    **wanted: Any,  # noqa: ANN401  the options are the filter's fields
) -> None:
    """Show what was done, a line for each file; -v says why.

    Each was filed, unsure, left alone, left whole, could not be heard, failed, or was undone. On a terminal the
    newest is first, and long output is shown in $PAGER, else `less`. A pipe, --follow and --json get the oldest first.
    """
    from drumwatch.commands import log as command
    from drumwatch.journal import Filter

    if stats:
        others = {**wanted, "packs": packs, "follow": follow, "since": None}
        if given := [f"--{name.replace('states', 'state')}" for name, value in others.items() if value]:
            raise UsageError(f"--stats counts everything since a time: leave out {' and '.join(given)}.")
        command.stats(wanted["since"], as_json=as_json, verbose=verbose, paged=not no_pager)
        return
    if packs:
        command.packs(wanted["since"], as_json=as_json, paged=not no_pager)
        return
    command.log(Filter(**wanted), as_json=as_json, follow=follow, verbose=verbose, paged=not no_pager)


@cli.command()
@click.argument("ids", nargs=-1, type=int)
@click.option(
    "--batch", type=int, metavar="ID", shell_complete=_complete_batch, help="Everything of this batch."
)
@click.option("--last", type=click.IntRange(1), metavar="N", help="The newest N.")
@click.option("--since", type=SINCE, metavar="TIME", help="Everything since: 2h, today, 14:30.")
@click.option("--dry-run", is_flag=True, help="Show what would be undone, do nothing.")
@with_verbose
@with_config
@click.pass_context
def undo(
    ctx: click.Context,
    ids: tuple[int, ...],
    batch: int | None,
    last: int | None,
    since: float | None,
    config_path: Path | None,
    dry_run: bool,
    verbose: bool,
) -> int:
    """Put files back where they were; withdraw corrections.

    Tags go back, too. It takes the numbers that `drumwatch log` shows, or one of the options. What has changed since is left alone,
    with the reason.
    """
    from drumwatch.commands import undo as command
    from drumwatch.journal import Filter

    chosen = [
        *(["entry numbers"] if ids else []),
        *(
            f"--{name}"
            for name, value in (("batch", batch), ("last", last), ("since", since))
            if value is not None
        ),
    ]
    if not chosen:
        raise UsageError("Undo what? Give entry numbers, or one of --batch ID, --last N, --since TIME.")
    if len(chosen) > 1:
        raise UsageError(
            f"Undo what? {' and '.join(chosen)} do not go together, because each of them chooses by itself: give one of them."
            " `drumwatch log` takes several and shows the numbers of the entries, which `drumwatch undo` takes, too."
        )
    wanted = Filter(ids=ids, batch=batch, last=last, since=since)
    return command.undo(wanted, config_file(ctx, config_path), dry_run=dry_run, verbose=verbose)


@cli.command()
@click.argument("files", nargs=-1, required=True, type=EXISTING, shell_complete=_complete_corrected)
@click.argument("label")
@click.option("--new", is_flag=True, help="LABEL may be a new label of your own.")
@with_config
@click.pass_context
def correct(
    ctx: click.Context, files: tuple[Path, ...], label: str, config_path: Path | None, new: bool
) -> int:
    """Correct the label of sounds, which are filed anew.

    They go to LABEL, and the same sound is recognized from then on. LABEL is kick, snare, hat, percussion, other, a
    type such as clap, or a label of your own (with --new the first time). Capital letters and the plural mean the same.
    """
    from drumwatch.commands import correct as command

    return command.correct(files, label, config_file(ctx, config_path), new=new)


@cli.command()
@click.option("--no-open", is_flag=True, help="Do not open the browser.")
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    metavar="N",
    help="Use this port instead of any free one.",
)
@click.option("--tty", is_flag=True, help="Use this terminal instead of the browser, for instance over ssh.")
@with_config
@click.pass_context
def review(ctx: click.Context, no_open: bool, port: int, tty: bool, config_path: Path | None) -> None:
    """Serve a page to listen to sounds, correct and undo.

    It prints the address of the page first, and goes on until Ctrl-C.
    """
    from drumwatch.commands import review as command

    if tty:
        command.in_terminal(config_file(ctx, config_path))
    else:
        command.review(config_file(ctx, config_path), open_it=not no_open, port=port)


@cli.command()
@click.argument("name")
@click.option(
    "--like",
    multiple=True,
    type=EXISTING,
    metavar="FILE",
    help="Choose what goes with this sound (repeatable).",
)
@click.option("--size", default=16, show_default=True, type=click.IntRange(1, 128), help="How many sounds.")
@click.option(
    "--to", type=EXISTING, metavar="DIR", help="Make the kit in this folder instead of _kits in the library."
)
@click.option(
    "--for",
    "device",
    default="folder",
    show_default=True,
    type=click.Choice(["mpc", "octatrack", "m8", "sp404", "folder"]),
    help="With the names and the format of this device.",
)
@click.option("--copy", is_flag=True, help="Copies instead of hard links.")
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), metavar="N", help="Choose as the kit with this seed did."
)
@click.option("--dry-run", is_flag=True, help="Show what would be in the kit, make nothing.")
@with_config
@click.pass_context
def kit(
    ctx: click.Context,
    name: str,
    like: tuple[Path, ...],
    size: int,
    to: Path | None,
    device: str,
    copy: bool,
    seed: int | None,
    dry_run: bool,
    config_path: Path | None,
) -> int:
    """Make a kit of sounds that go together, in a new folder.

    Kicks, snares, claps, hats, percussion and a little else, near each other in sound. The library is not changed.
    """
    from drumwatch.commands import kit as command
    from drumwatch.kits.devices import DEVICES
    from drumwatch.kits.kit_job import KitWish, new_seed

    wish = KitWish(name, new_seed() if seed is None else seed, size, DEVICES[device], to, links=not copy)
    return command.kit(wish, like, config_file(ctx, config_path), dry_run=dry_run)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@click.option("--watch", is_flag=True, help="Keep one screen up to date, until Ctrl-C.")
def status(as_json: bool, watch: bool) -> int:
    """Show what the daemon does: what it watches, what waits.

    Shows also what was done today, the last file and the last error.
    """
    from drumwatch.commands import status as command

    if not watch:
        return command.status(as_json=as_json)
    if as_json:
        raise UsageError("`--watch` keeps a screen up to date, and `--json` prints once: use one of them.")
    return command.watch()


@cli.command()
@click.argument("until", metavar="[TIME]", type=UNTIL, default="1h")
def pause(until: float) -> None:
    """Pause the daemon for an hour, or for TIME.

    TIME is 30m, 2h, or until 18:00. What arrives waits.

    `drumwatch resume` ends the pause. Commands that you start yourself, such as `drumwatch sort`, do not pause.
    """
    from drumwatch.commands import pause as command

    command.pause(until)


@cli.command()
def resume() -> None:
    """End a pause that `drumwatch pause` began."""
    from drumwatch.commands import pause as command

    command.resume()


@cli.command()
@click.pass_context
def tray(ctx: click.Context) -> None:
    """Show an icon in the tray of the desktop.

    It shows whether drumwatch is at work, paused or not running, and what is unsure.

    Needs the extra: `pip install "drumwatch[tray]"`.
    """
    from drumwatch.commands import tray as command

    command.tray(ctx.obj)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@with_config
@click.pass_context
def doctor(ctx: click.Context, as_json: bool, config_path: Path | None) -> int:
    """Check this setup, and tell how to repair what is wrong."""
    from drumwatch.commands import doctor as command

    return command.doctor(config_file(ctx, config_path), as_json=as_json)


@cli.command()
@click.argument("folder", required=False, type=PastedPath(exists=True, file_okay=False, path_type=Path))
@with_config
@click.pass_context
def train(ctx: click.Context, folder: Path | None, config_path: Path | None) -> int:
    """Train a model of your own on what you have confirmed.

    It is used if it is not worse. FOLDER has subfolders named kick, snare, hat and so on, or like a class of your own:
    this confirms the labels of its sounds.
    """
    from drumwatch.commands import train as command

    return command.train(folder, config_file(ctx, config_path))


@cli.group()
def model() -> None:
    """Show the models, choose one, export and import them."""


@model.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def model_list(as_json: bool) -> None:
    """List all models; a star marks the one in force."""
    from drumwatch.commands import model as command

    command.show_all(as_json=as_json)


@model.command("show")
@click.argument("name", metavar="[ID]", required=False, default="", shell_complete=_complete_model)
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def model_show(name: str, as_json: bool) -> None:
    """Show what a model learned from and how it compares.

    Without ID, it is the one in force.
    """
    from drumwatch.commands import model as command

    command.show(name, as_json=as_json)


@model.command("use")
@click.argument("name", metavar="ID", shell_complete=_complete_model)
def model_use(name: str) -> None:
    """Use this model from now on.

    ID is the beginning of its ID, or `shipped`.
    """
    from drumwatch.commands import model as command

    command.use(name)


@model.command("export")
@click.argument("file", type=EXISTING)
@click.option(
    "--id",
    "name",
    default="",
    metavar="ID",
    shell_complete=_complete_model,
    help="Export this model instead of the one in force.",
)
def model_export(file: Path, name: str) -> None:
    """Write a model of your own into FILE, for another machine.

    It has numbers only, no audio.
    """
    from drumwatch.commands import model as command

    command.export(file, name)


@model.command("import")
@click.argument("file", type=PastedPath(exists=True, dir_okay=False, path_type=Path))
def model_import(file: Path) -> None:
    """Check and keep a model that `model export` has written.

    It is not used yet: `drumwatch model use` does that.
    """
    from drumwatch.commands import model as command

    command.import_file(file)


@cli.group()
def corrections() -> None:
    """Carry your corrections to another machine.

    They are labels by the hashes of the sounds: no audio and no names.
    """


@corrections.command("export")
def corrections_export() -> None:
    """Print every correction in force, one JSON object per line."""
    from drumwatch.commands import corrections as command

    command.export()


@corrections.command("import")
@click.argument("file", type=PastedPath(exists=True, dir_okay=False, path_type=Path))
@with_config
@click.pass_context
def corrections_import(ctx: click.Context, file: Path, config_path: Path | None) -> None:
    """Add what `corrections export` has printed.

    Corrections made here are kept.
    """
    from drumwatch.commands import corrections as command
    from drumwatch.config.defaults import config_or_defaults

    command.import_file(file, config_or_defaults(config_file(ctx, config_path)))


@cli.group()
def tags() -> None:
    """Show the labels of your sounds in other programs."""


@tags.command("ableton")
@click.option(
    "--write", "write", flag_value=True, type=bool, default=None, help="Write the tags that are missing."
)
@click.option(
    "--remove", "write", flag_value=False, type=bool, help="Remove the tags that drumwatch has written."
)
@with_config
@click.pass_context
def tags_ableton(ctx: click.Context, config_path: Path | None, write: bool | None) -> int:
    """Write labels as tags for Ableton Live 12, or remove them.

    All filed sounds get them, for the browser of Live, which must not run. With `tags = true` in `[ableton]`, sounds
    that are filed from then on get them by themselves.
    """
    from drumwatch.commands import tags as command

    if write is None:
        raise UsageError("Say --write or --remove.")
    return command.ableton(config_file(ctx, config_path), write=write)


@cli.group()
def hook() -> None:
    """The programs that are run after sounds were filed."""


@hook.command("test")
@click.option(
    "--on",
    "event",
    type=click.Choice(["filed", "unsure", "pack", "corrected"]),
    help="Only the hooks for this event.",
)
@with_config
@click.pass_context
def hook_test(ctx: click.Context, config_path: Path | None, event: Event | None) -> int:
    """Run each [[hook]] once, now, and show its output.

    Shows how it ended, too.

    It gets the newest sound or pack of the journal, with "test": true in the JSON on its standard input.
    """
    from drumwatch.commands import hook as command

    return command.try_hooks(config_file(ctx, config_path), event)


@cli.group()
def journal() -> None:
    """Check, repair and copy the record of all that was done."""


@journal.command("check")
def journal_check() -> int:
    """Tell whether the journal is sound, and what to do if it is not. Changes nothing."""
    from drumwatch.commands import journal as command

    return command.check()


@journal.command("repair")
def journal_repair() -> int:
    """Save what can be read of a damaged journal.

    The damaged one is kept. What is missing is taken from the newest backup. The daemon must not be running.
    """
    from drumwatch.commands import journal as command

    return command.repair()


@journal.command("backup")
def journal_backup() -> None:
    """Copy the journal now; a running drumwatch does so every day. The newest three copies are kept."""
    from drumwatch.commands import journal as command

    command.backup()


@cli.group()
def config() -> None:
    """Check and show the configuration."""


@config.command("check")
@with_config
@click.pass_context
def config_check(ctx: click.Context, config_path: Path | None) -> None:
    """Print every problem at once, each with its line."""
    from drumwatch.commands import config as command

    command.check(config_file(ctx, config_path))


@config.command("path")
@with_config
@click.pass_context
def config_path_(ctx: click.Context, config_path: Path | None) -> None:
    """Print where the configuration is looked for."""
    click.echo(config_file(ctx, config_path))


@config.command("show")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@with_config
@click.pass_context
def config_show(ctx: click.Context, config_path: Path | None, as_json: bool) -> None:
    """Print what is in force, defaults included."""
    from drumwatch.commands import config as command

    command.show(config_file(ctx, config_path), as_json=as_json)


@config.command("reload")
@with_config
@click.pass_context
def config_reload(ctx: click.Context, config_path: Path | None) -> None:
    """Let the running daemon read its configuration again.

    It does so by itself once the file is saved.
    """
    from drumwatch.commands import config as command

    command.reload(config_file(ctx, config_path))


@cli.group()
def service() -> None:
    """Start drumwatch at every login, and control it."""


@service.command("install")
@click.option("--no-start", is_flag=True, help="Only write the file, and print its path.")
@with_config
@click.pass_context
def service_install(ctx: click.Context, config_path: Path | None, no_start: bool) -> None:
    """Start it now and at every login.

    With this installation and the configuration that is in force now.
    """
    from drumwatch.commands import service as command

    if config_path or ctx.obj:
        os.environ["DRUMWATCH_CONFIG"] = str(config_file(ctx, config_path))
    command.install(start=not no_start)


@service.command("uninstall")
def service_uninstall() -> None:
    """Stop it and remove it from login.

    Library, configuration and journal are kept; it says where they are.
    """
    from drumwatch.commands import service as command

    command.uninstall()


@service.command("status")
def service_status() -> None:
    """Show what the system knows about the service.

    `drumwatch status` shows the state of the daemon itself.
    """
    from drumwatch.commands import service as command

    command.status()


@service.command("logs")
@click.option("--follow", "-f", is_flag=True, help="Go on and show new lines.")
def service_logs(follow: bool) -> int:
    """Show the log of the daemon.

    It comes from the system, or else from drumwatch's own files.
    """
    from drumwatch.commands import service as command

    return command.logs(follow=follow)


def _control(verb: str, text: str) -> None:
    @service.command(verb, help=text)
    def command() -> None:
        from drumwatch.commands import service as commands

        commands.control(verb)


_control("start", "Start the installed service.")
_control("stop", "Stop it until the next login.")
_control("restart", "Stop it and start it again.")
_control("reload", "Let it read its configuration again.")


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for a shell.

    \b
    bash: drumwatch completion bash > ~/.local/share/bash-completion/completions/drumwatch
    zsh:  drumwatch completion zsh > a folder of your $fpath, as _drumwatch
    fish: drumwatch completion fish > ~/.config/fish/completions/drumwatch.fish
    """
    from click.shell_completion import get_completion_class

    if make := get_completion_class(shell):
        click.echo(make(cli, {}, "drumwatch", "_DRUMWATCH_COMPLETE").source())


def main() -> None:
    """Run a command; only here do exceptions become messages and exit codes."""
    try:
        code = cli.main(prog_name="drumwatch", standalone_mode=False)
    except DrumwatchError as exc:
        for problem in str(exc).splitlines():
            click.echo(for_stream(printable(problem), sys.stderr), err=True)
        code = exc.exit_code
    except click.ClickException as exc:
        exc.show()
        code = exc.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # `| head` has read enough
        code = 0
    sys.exit(code if isinstance(code, int) else 0)
