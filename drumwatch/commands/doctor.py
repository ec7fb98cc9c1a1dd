"""`drumwatch doctor`: checks the setup, and tells how to repair what is wrong."""

from __future__ import annotations

import contextlib
import functools
import json
import math
import os
import struct
import sys
import tempfile
import time
import wave
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from drumwatch import config
from drumwatch.config import excluded, needs_note
from drumwatch.core.errors import (
    EX_CONFIG,
    EX_SOME_FAILED,
    ConfigError,
    DrumwatchError,
    StateFault,
    StateUnavailable,
    UnreadableAudio,
)
from drumwatch.core.formatting import count_of, home_short, printable, short_time
from drumwatch.core.screen_width import for_stream
from drumwatch.daemon.facts import READING_SECONDS, daemon_facts
from drumwatch.filing.set_aside import find_asides
from drumwatch.hooks import program
from drumwatch.intake.extra_formats import EXTRA, format_name, not_heard
from drumwatch.intake.ignore import needs_extra
from drumwatch.intake.inotify_limits import folders_below, watches_allowed
from drumwatch.intake.scan import scan
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import Journal
from drumwatch.journal.backup import backups
from drumwatch.journal.integrity import examine as examine_journal
from drumwatch.packs import left_unpacked
from drumwatch.service import this_system
from drumwatch.service.manager import environment
from drumwatch.system import app_paths, macos_permissions
from drumwatch.system.disk_space import free_bytes
from drumwatch.system.installation import command_for
from drumwatch.system.state_errors import fault_of_place, unavailable
from drumwatch.workers import compiled_code, model_store
from drumwatch.workers.jobs import answer, expect
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import Analyze, Analyzed, CheckSandbox, Digest, Digested, SandboxChecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drumwatch.config import Config, Watch
    from drumwatch.core.records import Entry

SIGNS = {"fine": "✓", "note": "·", "wrong": "✗"}
COLOURS = {"fine": "green", "note": "yellow", "wrong": "red"}
JOURNAL = "the journal"
A_WHILE = 60.0  # seconds; no file is set aside for so long while a sound is filed
NAMED = 10  # files, in one finding
MOST_DUPLICATES = 1000  # the oldest: each is decoded
SANDBOX_HELP_MACOS = (
    "macOS has not put its sandbox around the process (sandbox_init), as where drumwatch itself runs in another one: files are read with"
    " all your rights. Start drumwatch from a terminal or as a service; if that does not help, update macOS."
)
SANDBOX_HELP = "Install libseccomp (Debian, Ubuntu: apt install libseccomp2), or use a Linux with Landlock (5.13 or newer)."


class Finding(NamedTuple):
    """The result of one check."""

    state: str  # fine | note | wrong
    what: str
    remedy: str = ""


def doctor(config_path: Path, *, as_json: bool) -> int:
    """Print every finding; returns 78 for a bad configuration, 1 if something else is wrong."""
    findings = []
    for finding in examine(config_path):
        findings.append(finding)
        if not as_json:
            click.echo(_line(finding))
    if as_json:
        click.echo(json.dumps([_as_json(finding) for finding in findings]))
    if any(finding.state == "wrong" and finding.what.startswith("configuration") for finding in findings):
        return EX_CONFIG
    return EX_SOME_FAILED if any(finding.state == "wrong" for finding in findings) else 0


def examine(config_path: Path) -> Iterator[Finding]:
    """Run the checks in the order in which they depend on each other."""
    yield Finding("fine", f"drumwatch runs on Python {sys.version.split()[0]} ({home_short(sys.executable)})")
    libraries: set[Path] = set()
    watched: set[Path] = set()
    try:
        settings = config.read(config_path)
    except ConfigError as exc:
        for problem in exc.problems:
            yield Finding(
                "wrong", f"configuration: {problem}", "Correct the file, or make one with `drumwatch init`."
            )
    else:
        yield Finding("fine", f"configuration {home_short(config_path)}")
        for note in settings.notes:
            yield Finding("note", note)
        yield from _library(settings)
        for watch in settings.watches:
            yield from _watch(watch)
        yield from _extra_formats(settings.watches)
        yield from _macos_permissions(
            [*(watch.folder for watch in settings.watches), settings.library]
            + [watch.library for watch in settings.watches]
        )
        yield from _root_notes(settings)
        yield from _limits(settings)
        yield from _hooks(settings)
        libraries = {settings.library, *(watch.library for watch in settings.watches)}
        watched = {watch.folder for watch in settings.watches}
    about_journal = list(_journal())
    yield from about_journal
    is_sound = all(finding.state != "wrong" for finding in about_journal)
    if is_sound:
        yield from _left_unpacked(libraries)
    yield from _left_aside({*libraries, *watched})
    yield from _analysis()
    if is_sound:
        yield from _taken_for_copies()
    yield from _daemon(journal_is_sound=is_sound)
    if is_sound:
        yield from _service()


def _library(settings: Config) -> Iterator[Finding]:
    library = settings.library
    there = next(folder for folder in (library, *library.parents) if folder.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        yield Finding(
            "wrong",
            f"library {home_short(library)} cannot be written to",
            f"Allow yourself to write in {home_short(there)}.",
        )
        return
    try:
        with os.scandir(there) as names:
            next(names, None)
    except PermissionError:
        if macos_permissions.needs_permission(there):  # its modes may allow it nevertheless
            what = f"library {home_short(library)} cannot be read"
            yield Finding("wrong", what, macos_permissions.advice(there))
            return
    free = free_bytes(there)
    state = "fine" if free > settings.min_free else "wrong"
    remedy = (
        ""
        if state == "fine"
        else f"Free some space: drumwatch keeps {settings.min_free / 1e9:.1f} GB free (min_free)."
    )
    yield Finding(state, f"library {home_short(library)}, {free / 1e9:.1f} GB free on its disk", remedy)


def _watch(watch: Watch) -> Iterator[Finding]:
    folder = home_short(watch.folder)
    if not watch.folder.is_dir():
        yield Finding("note", f"watched folder {folder} is not there", "It is watched as soon as it appears.")
        return
    try:
        with os.scandir(watch.folder) as names:
            next(names, None)
    except PermissionError:
        yield Finding(
            "wrong", f"watched folder {folder} cannot be read", macos_permissions.advice(watch.folder)
        )
        return
    if watch.action == "move" and not os.access(watch.folder, os.W_OK):
        yield Finding(
            "wrong",
            f"nothing can be moved out of {folder}",
            'Allow yourself to write there, or use action = "copy".',
        )
        return
    yield Finding("fine", f"watched folder {folder}")


def _hooks(settings: Config) -> Iterator[Finding]:
    for hook in settings.hooks:
        name, path = printable(hook.name), program.located(hook.run[0])
        if path:
            yield Finding("fine", f'hook "{name}" runs {home_short(path)}')
        else:
            yield Finding(
                "wrong",
                f'hook "{name}": there is no program {home_short(hook.run[0])} that can be run',
                "Correct its path in the configuration, or make it executable; `drumwatch hook test` tries it.",
            )


def _extra_formats(watches: tuple[Watch, ...]) -> Iterator[Finding]:
    """A note on files that only the extra `formats` decodes, if it is not installed."""
    found = {
        path
        for watch in watches
        for path, _ in scan(
            watch.folder, watch.recursive, functools.partial(excluded, watch), wanted=needs_extra
        )
    }
    if what := not_heard(Counter(format_name(path.name) for path in found)):
        yield Finding(
            "note", what, f"{command_for(EXTRA)}; a running daemon notices that within some minutes."
        )


def _root_notes(settings: Config) -> Iterator[Finding]:
    """Whether root notes can be found, where the configuration asks for them."""
    keys = settings.ableton.tags and settings.ableton.keys
    if not keys and not any(needs_note(settings, watch) for watch in settings.watches):
        return
    if not compiled_code.is_installed():
        yield Finding(
            "note",
            "root notes cannot be found: librosa is not installed",
            "Sounds are filed without them, except for those in file names. Install drumwatch anew; on Intel Macs, do without: librosa's"
            " compiler is not made for them any more.",
        )
    elif compiled_code.is_compiled():
        yield Finding(
            "fine", f"root notes can be found: librosa is compiled, in {home_short(compiled_code.path())}"
        )
    else:
        yield Finding(
            "note",
            "librosa, which finds root notes, is not compiled yet",
            "Nothing to do: that happens once, in the background, when drumwatch runs, and takes half a minute. If it is said again after"
            f" that, look whether {home_short(compiled_code.path())} can be written to.",
        )


def _macos_permissions(folders: Iterable[Path]) -> Iterator[Finding]:
    """A note on each place that macOS may allow this terminal to read, but not the service."""
    protected: dict[Path, list[Path]] = {}
    for folder in dict.fromkeys(folders):
        if about := macos_permissions.guarded(folder):
            protected.setdefault(about.place, []).append(folder)
    for inside in protected.values():
        names = ", ".join(home_short(folder) for folder in inside)
        are = "is" if len(inside) == 1 else "are"
        yield Finding("note", f"{names} {are} protected by macOS", macos_permissions.advice(inside[0]))


def _notifications(settings: Config, platform: str = sys.platform) -> Iterator[Finding]:
    """A note on notifications, which macOS shows for one of its own programs, and only if that is allowed; it never asks."""
    if settings.notify and platform == "darwin":
        yield Finding(
            "note",
            "notifications come from Script Editor, a program of macOS",
            "If none is shown: allow them in System Settings > Notifications > Script Editor. If it is not listed there, open Script"
            ' Editor once and run: display notification "drumwatch"',
        )


def _limits(settings: Config) -> Iterator[Finding]:
    limit = watches_allowed()
    if limit is None:
        return
    needed = folders_below((watch.folder, watch.recursive) for watch in settings.watches)
    state = "fine" if needed < limit else "wrong"
    remedy = "" if state == "fine" else f"Raise it: sudo sysctl fs.inotify.max_user_watches={2 * needed}"
    yield Finding(state, f"{needed} folders to watch, the system allows {limit}", remedy)


def _journal() -> Iterator[Finding]:
    """Whether the journal can be used, is sound by a quick check, and when it was copied last."""
    try:
        path, now = app_paths.journal_file(), time.time()
        newest = next(iter(backups(path)), None)
        if not os.path.lexists(path) and newest is None and not fault_of_place(path):
            yield Finding("fine", f"no journal yet: {home_short(path)} is made when drumwatch first runs")
            return
        if unusable := _why_unusable(path):
            yield unusable
            return
        for finding in examine_journal(path, thorough=False).findings:
            yield Finding("fine" if finding.fine else "wrong", finding.what, finding.remedy)
    except DrumwatchError as exc:
        yield _unavailable(exc) if isinstance(exc, StateUnavailable) else Finding("wrong", str(exc))
        return
    if newest is None:
        make = "One is made every day while drumwatch runs, or now by `drumwatch journal backup`."
        yield Finding("note", "no backup of the journal yet", make)
    else:
        made = short_time(newest.made, now)
        yield Finding("fine", f"the last backup of the journal is of {made}: {home_short(newest.path)}")


def _why_unusable(path: Path) -> Finding | None:
    """Return what keeps the journal from being written, other than damage, which is examined more closely."""
    if fault := fault_of_place(path):
        return _unavailable(unavailable(fault, path, JOURNAL))
    if (
        not os.path.lexists(path) or os.path.getsize(path) == 0
    ):  # SQLite takes that for a database, and deletes its log
        return None
    try:
        with Journal(path, lock_seconds=READING_SECONDS) as journal:
            journal.require_writable()
    except StateUnavailable as exc:
        return None if exc.fault is StateFault.DAMAGED else _unavailable(exc)
    except DrumwatchError:
        return None
    return None


def _unavailable(exc: StateUnavailable) -> Finding:
    return Finding("wrong", exc.what, f"{exc.remedy[0].upper()}{exc.remedy[1:]}.")


def _left_unpacked(libraries: set[Path]) -> Iterator[Finding]:
    """Hidden folders in which archives were unpacked by a process that was killed."""
    try:
        path = app_paths.journal_file()
        with Journal(path, lock_seconds=0.0) if path.exists() else contextlib.nullcontext() as journal:
            found = list(left_unpacked({*libraries, app_paths.state_folder()}, journal))
    except (DrumwatchError, OSError):
        return  # what is wrong with the journal has been said
    for left in found:
        folder, files = home_short(left.folder), count_of(left.files, "file")
        if left.lost_archive:
            yield Finding(
                "wrong",
                f"{folder} has {files} of {home_short(left.lost_archive)}, which is gone: they may be the last copies",
                "Start `drumwatch run`, which files them if it watches where the archive was; or take them out of there yourself.",
            )
        else:
            yield Finding(
                "note",
                f"{folder} has {files}, unpacked by a process that was ended",
                "Nothing to do: the next `drumwatch sort` or `drumwatch run` removes them, and the archive is kept.",
            )


def _left_aside(folders: set[Path]) -> Iterator[Finding]:
    """Files that a killed process has set aside to compare them: each may be the last copy."""
    outermost = {folder for folder in folders if not folders.intersection(folder.parents)}
    for path in sorted(find_asides(outermost, older_than=A_WHILE)):
        yield Finding(
            "wrong",
            f"{home_short(path)} is a file that drumwatch had set aside and could not give its name back",
            "Start `drumwatch run`, which does that. If it is still there then, rename it yourself: it may be the last copy.",
        )


def _analysis() -> Iterator[Finding]:
    """Analyze a computed kick with a real worker, which tests decoder, features and model, and test its sandbox."""
    with tempfile.TemporaryDirectory() as folder, LocalWorkers(limit=1) as workers:
        try:
            request = Analyze(
                str(_write_kick(Path(folder))), max_seconds=20, model=model_store.in_force().file
            )
            verdict = expect(workers.submit(answer, request).result(), Analyzed).verdict
            tried = expect(workers.submit(answer, CheckSandbox(folder)).result(), SandboxChecked)
        except StateUnavailable:
            return  # what is wrong with the state folder has been said
        except DrumwatchError as exc:
            yield Finding(
                "wrong",
                f"analysis does not work: {exc}",
                "Install drumwatch anew: pipx reinstall drumwatch.",
            )
            return
    yield Finding(
        "fine", f"analysis works (a test kick is recognized as {verdict.label}), model {verdict.model}"
    )
    if refused := model_store.in_force().refused:
        yield Finding(
            "note",
            refused,
            "`drumwatch train` makes one that fits; `drumwatch model list` shows those there are.",
        )
    yield _sandbox(tried)


def _sandbox(tried: SandboxChecked) -> Finding:
    """What a hostile file could do if it took over the worker: each attempt was made."""
    names = {
        "network": "network",
        "files": "writing files",
        "programs": "starting programs",
        "processes": "sending signals to other processes",
    }
    allowed = [names[what] for what in names if what not in tried.refused]
    if not allowed:
        layers = ", ".join(tried.methods)
        what = f"analysis is sandboxed ({layers}): no network, no program, no other process, no file written"
        return Finding("fine", what)
    what = f"analysis has limits on memory and time, but nothing keeps it from {', '.join(allowed)}"
    return Finding("note", what, _sandbox_help())


def _sandbox_help(platform: str = sys.platform) -> str:
    return SANDBOX_HELP_MACOS if platform == "darwin" else SANDBOX_HELP


def _taken_for_copies() -> Iterator[Finding]:
    """Sounds that an earlier version took for copies of others: it did not tell float files apart."""
    try:
        path = app_paths.journal_file()
        if not path.exists():
            return
        with Journal(path, lock_seconds=0.0) as journal, LocalWorkers() as workers:
            wrong = [
                entry for entry, digest in _duplicates_there(journal) if _is_other(workers, entry, digest)
            ]
    except (DrumwatchError, OSError):
        return  # what is wrong with the journal or the workers has been said
    links = [entry for entry in wrong if entry.action == "hardlink"]
    if links:
        names = _listed([_where(entry) for entry in links])
        numbers = " ".join(str(entry.id) for entry in links)
        mend = (
            f"Say `drumwatch undo {numbers}`, and then `drumwatch sort` with the folder that they came from."
        )
        yield Finding("wrong", f"linked to a sound that may be another one: {names}", mend)
    if left := [entry for entry in wrong if entry.action == "leave"]:
        names = _listed([entry.source for entry in left])
        mend = "Say `drumwatch sort` with the folder that they are in: they are compared anew."
        yield Finding("wrong", f"left alone as copies of a sound that may be another one: {names}", mend)


def _duplicates_there(journal: Journal) -> Iterator[tuple[Entry, str]]:
    """Those whose file is where the journal has it, and about which nothing was decided later."""
    for entry, digest in journal.confirmations.taken_for_copies(MOST_DUPLICATES):
        stamp = stamp_of(_where(entry))
        if stamp is None:
            continue
        latest = journal.entries.latest_about(entry.source, stamp) if entry.action == "leave" else entry
        if latest is not None and latest.id == entry.id:
            yield entry, digest


def _is_other(workers: LocalWorkers, entry: Entry, digest: str) -> bool:
    """Whether the file has another digest than the sound that arrived had; a file that cannot be decoded has none."""
    try:
        found = workers.submit(answer, Digest(str(_where(entry)), audible=True)).result()
        return expect(found, Digested).digest != digest
    except UnreadableAudio:
        return False


def _listed(paths: list[Path]) -> str:
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    return ", ".join(home_short(path) for path in paths[:NAMED]) + more


def _where(entry: Entry) -> Path:
    """Where the sound is that was taken for a copy: the link, or the file that was left."""
    return entry.destination if entry.action == "hardlink" and entry.destination else entry.source


def _write_kick(folder: Path) -> Path:
    """Write a sine that falls from 180 to 50 Hz and fades, like the kick of a TR-909."""
    sr, path = 44100, folder / "kick.wav"
    times = [n / sr for n in range(sr // 3)]
    y = [math.exp(-9 * t) * math.sin(2 * math.pi * (50 * t - 130 / 40 * math.exp(-40 * t))) for t in times]
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, sr, len(y), "NONE", ""))
        file.writeframes(struct.pack(f"<{len(y)}h", *(round(30000 * value) for value in y)))
    return path


def _daemon(*, journal_is_sound: bool) -> Iterator[Finding]:
    try:
        facts = daemon_facts(time.time())
    except StateUnavailable:
        return  # what is wrong with the state folder has been said
    if not facts["alive"]:
        yield Finding("note", "the daemon is not running", "Start it: drumwatch run.")
        return
    stop = "Stop it before the journal is repaired: drumwatch service stop, or Ctrl-C where it was started."
    running = f"the daemon is running (process {facts['pid']})"
    yield Finding("fine", running) if journal_is_sound else Finding("note", running, stop)
    for problem in facts.get("problems", []):
        if problem != facts.get("journal_problem"):
            yield Finding("wrong", problem)


def _service() -> Iterator[Finding]:
    """A service that was installed with other paths than this shell has: the two would not know of each other."""
    manager = this_system()
    here, installed = environment(), manager.settings()
    for name in sorted(here.keys() & installed.keys()):
        if here[name] != installed[name]:
            yield Finding(
                "note",
                f"the service that starts at login uses {home_short(Path(installed[name]))}, and this shell {home_short(Path(here[name]))}",
                f"If that is not meant to be: `drumwatch service install` takes the paths of this shell, or set {name}.",
            )


def _as_json(finding: Finding) -> dict[str, str]:
    return {"state": finding.state, "what": finding.what, "mend": finding.remedy}


def _line(finding: Finding) -> str:
    symbol = SIGNS[finding.state]
    what = for_stream(f"{symbol} {printable(finding.what)}", sys.stdout, indent="  ").removeprefix(symbol)
    sign = click.style(symbol, fg=COLOURS[finding.state])
    remedy = f"\n    {finding.remedy}" if finding.remedy else ""
    return f"{sign}{what}{remedy}"
