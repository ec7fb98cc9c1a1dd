"""`drumwatch why`: explains the verdict on a file, and what would be done with the file."""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, NamedTuple

import click
import msgspec

from drumwatch.config import watch_around, watch_for
from drumwatch.config.defaults import config_or_defaults
from drumwatch.config.given_paths import did_you_mean
from drumwatch.core.errors import EX_SOME_FAILED, UsageError
from drumwatch.core.evidence_used import describe_evidence, differs_by_sound
from drumwatch.core.formatting import describe_clash, home_short, printable, share, short_time
from drumwatch.core.line_wrap import fitted
from drumwatch.core.outcomes import UNSURE_RULE
from drumwatch.core.records import PROJECT, Action, Arrival
from drumwatch.core.root_notes import BY_NAME
from drumwatch.core.verdict_json import failure_as_json, verdict_as_json
from drumwatch.filing.describe import describe
from drumwatch.intake.arrivals import pack_of
from drumwatch.intake.pack_names import pack_folder
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import Filter
from drumwatch.learning.judged_now import is_filed_otherwise, would_now_call
from drumwatch.packs.kept_whole import KeptWhole
from drumwatch.packs.projects import why_untouched
from drumwatch.session import open_session
from drumwatch.sorting.as_filed import as_filed
from drumwatch.workers.jobs import answer, expect
from drumwatch.workers.protocol import Analyzed, Failed, FoundSimilar, Plot, Plotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.core.records import Decision, Entry, Reason, Verdict
    from drumwatch.journal import Journal
    from drumwatch.learning.similar_sounds import SimilarSound
    from drumwatch.packs.projects import Ownership
    from drumwatch.session import Session
    from drumwatch.workers.protocol import Analyze, Answer

INDENT = 12  # of the second column
STRONGEST = 6  # reasons shown on each side
LATEST = 3  # journal entries shown


class WhyOptions(NamedTuple):
    """How a file is explained."""

    as_json: bool = False
    as_filed: bool = True  # with name and neighbors, and with what filing would do; else by sound alone
    verbose: bool = False  # with the numbers behind the reasons
    plot: Path | None = None  # the SVG that is drawn
    with_note: bool = False  # with the root note


class Explanation(NamedTuple):
    """What is shown about one file."""

    file: Path
    verdict: Verdict
    decision: Decision | None  # None by sound alone, because filing does not decide by that
    nearest: Sequence[SimilarSound]
    cautions: list[str]  # why this label is treated with more caution than the settings ask for
    copies: list[Entry]  # entries of the same sound at other paths
    filed_as: str  # the label that it was filed under alone, where drumwatch would not call it that any more; else empty


def why(file: Path, config_path: Path, options: WhyOptions) -> int:
    """Explain one file without touching it, and draw it as SVG where asked; returns the exit code.

    The root note is looked for where the configuration or the options ask for it.
    """
    as_json, plot = options.as_json, options.plot
    if plot:
        _check_plot_path(plot)
    file = file.absolute()
    with open_session(config_or_defaults(config_path)) as session:
        # Outside every watched folder, the settings that `sort` would use
        watch = watch_around(session.config, file) or watch_for(session.config, file.parent)
        stamp = stamp_of(file)
        if stamp is None:
            raise UsageError(f"There is no file {home_short(file)}.{did_you_mean(file)}")
        drift = session.apply_user_model()
        owner = _owner(file, watch, session)
        arrival = Arrival(file, stamp, watch.folder, pack_of(file, watch.folder), claim=owner.claim)
        latest = list(session.journal.entries.find(Filter(path=file, last=LATEST)))
        analysis = _analyze(file, session, options)
        if isinstance(analysis, Failed):
            message = analysis.message
            click.echo(
                json.dumps(failure_as_json(file, message)) if as_json else printable(message), err=not as_json
            )
            return EX_SOME_FAILED
        sound = expect(analysis, Analyzed)
        decision = session.pipeline.decide(arrival, watch, sound)
        explanation = Explanation(
            file,
            sound.verdict,
            _respecting(owner, decision) if options.as_filed else None,
            _similar(sound, session),
            [one.describe(watch.max_wrong) for one in drift if one.name == sound.verdict.label],
            _copies(sound.sound_digest, file, session.journal),
            _filed_otherwise(latest, decision, session.journal) if options.as_filed else "",
        )
        note_problem = session.analyzers.problem
    if note_problem:
        click.echo(note_problem, err=True)
    if plot:
        _write_plot(plot, expect(analysis, Plotted).svg)
    if as_json:
        click.echo(_as_json(explanation))
        return 0
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    click.echo(home_short(file))
    for line in (*_as_text(explanation, options), *_history(latest)):
        click.echo(fitted(line, columns, INDENT))
    return 0


def _owner(file: Path, watch: Watch, session: Session) -> Ownership:
    """The project that the file is part of, or the claim of a pack that is kept whole."""
    survey = session.projects.survey(watch)
    owner = session.projects.ownership(file, watch, survey)
    kept = KeptWhole(session.journal, dry_run=True)
    if file.is_relative_to(watch.library):
        return owner._replace(claim=owner.claim or kept.claim_at(file, watch.library))
    if not file.is_relative_to(watch.folder):
        return owner
    return kept.ownership(file, pack_folder(file, watch.folder), watch, survey, owner)


def _analyze(file: Path, session: Session, options: WhyOptions) -> Answer:
    """Analyze the file as filing would, or by its sound alone; the answer has the reasons, and the plot where one is wanted."""
    sound = as_filed(file, session)
    request = msgspec.structs.replace(
        sound.request, with_reasons=True, with_note=options.with_note or sound.request.with_note
    )
    if not options.as_filed:
        return _ask(msgspec.structs.replace(request, use_names=False), session, options)
    found = _ask(request, session, WhyOptions())
    if not isinstance(found, Analyzed):
        return found
    evidence = session.neighbors.evidence(sound.place, found.sound_digest) if sound.in_context else ()
    if not evidence and not options.plot:
        return found
    return _ask(msgspec.structs.replace(request, context=evidence), session, options)


def _ask(request: Analyze, session: Session, options: WhyOptions) -> Answer:
    sent = Plot(**msgspec.structs.asdict(request)) if options.plot else request
    return session.analyzers.submit(answer, sent).result()


def _similar(sound: Analyzed, session: Session) -> list[SimilarSound]:
    """The sounds of the user's that are most similar to this one."""
    if sound.record is None:
        return []
    request = session.similar_sounds.request(sound.record, sound.content_hash, session.pipeline.model_file)
    if not request.among:
        return []
    found = session.workers.submit(answer, request).result()
    return session.similar_sounds.playable(expect(found, FoundSimilar).keys)


def _filed_otherwise(latest: Sequence[Entry], decision: Decision, journal: Journal) -> str:
    """The label that the file was filed under without the user, if it would get another one now; else empty."""
    filed = next((entry for entry in reversed(latest) if entry.verdict and entry.undoes is None), None)
    if filed is None or not is_filed_otherwise(filed, decision.label, journal):
        return ""
    return filed.label


def _respecting(owner: Ownership, decision: Decision) -> Decision:
    """The same decision, or that the file stays because of what it is part of."""
    if owner.project:
        reason = f"{owner.project.describe()}: it is left whole, with this sound in it"
    elif owner.unknown:
        reason = why_untouched(owner.unknown)
    else:
        return decision
    return replace(decision, rule=PROJECT, actions=(Action("leave"),), reason=reason)


def _copies(digest: str, file: Path, journal: Journal) -> list[Entry]:
    """The entries of the same sound at other paths."""
    found = journal.confirmations.copies(digest)
    return [entry for entry in found if file not in (entry.source, entry.destination)]


def _check_plot_path(path: Path) -> None:
    """Raise a UsageError unless the name ends in .svg."""
    if path.suffix.lower() != ".svg":
        proposed = path.with_suffix(".svg") if path.name else "picture.svg"
        raise UsageError(
            f"The picture is an SVG, which every browser opens, and {path} does not end in .svg: say --plot {proposed}"
        )


def _write_plot(path: Path, svg: str) -> None:
    """Write a new file; a file that exists is never replaced."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(svg)
    except FileExistsError:
        raise UsageError(f"{path} is there already: choose another name for the picture.") from None
    except OSError:
        raise UsageError(
            f"{path} cannot be written: choose a folder that exists and in which you may write."
        ) from None


def _as_json(found: Explanation) -> str:
    verdict, decision = found.verdict, found.decision
    steps = [
        {"action": step.kind, "destination": step.destination and str(step.destination)}
        for step in (decision.actions if decision else ())
    ]
    return json.dumps(
        {
            **verdict_as_json(found.file, verdict),
            "reasons": [asdict(reason) for reason in verdict.reasons],
            "nearest": [near.as_json() for near in found.nearest],
            "careful": found.cautions,
            "rule": decision and decision.rule,
            "reason": decision and decision.reason,
            "would": steps,
            "copies": [_copy_as_json(one) for one in found.copies],
            "filed_as": found.filed_as or None,
        }
    )


def _as_text(found: Explanation, options: WhyOptions) -> list[str]:
    """The lines about the sound, each with its title in the first column."""
    lines = [
        *_verdict(found.verdict),
        _judged_by(found.verdict, options),
        *_evidence(found.verdict, options),
        *_resembles(found.nearest),
    ]
    lines += [f"  careful   {sentence}" for sentence in found.cautions]
    if found.filed_as and found.decision:
        lines.append(f"  now       {would_now_call(found.decision.label, found.filed_as)}")
    return [*lines, *(_planned_actions(found.decision) if found.decision else ()), *_same_sound(found.copies)]


def _resembles(nearest: Sequence[SimilarSound]) -> list[str]:
    """The user's sounds that are most similar, and can be played."""
    return [f"  {'' if at else 'resembles':<9} {near.describe()}" for at, near in enumerate(nearest)]


def _judged_by(verdict: Verdict, options: WhyOptions) -> str:
    """Which evidence the verdict rests on."""
    if not options.as_filed:
        return "  by        sound alone (filing also uses name and neighbors: --as-filed)"
    alone = differs_by_sound(verdict)
    by_sound = f"{alone} by sound alone" if alone else "sound alone"
    return f"  by        {describe_evidence(verdict)}, as filed (--by-sound: {by_sound})"


def _verdict(verdict: Verdict) -> list[str]:
    ranked = sorted(verdict.probabilities.items(), key=lambda pair: -pair[1])
    chances = ", ".join(f"{label} {share(chance)}" for label, chance in ranked[:3])
    kind = f" ({verdict.type})" if verdict.type != verdict.label else ""
    tempo = f" at {verdict.tempo:.0f} beats a minute" if verdict.tempo else ""
    return [
        f"  is        {verdict.label}{kind}: {chances}",
        *([f"  clash     {describe_clash(verdict)}"] if verdict.clash else []),
        f"  shape     {verdict.shape}{tempo}, {verdict.duration:.2f} s",
        *_note(verdict),
        f"  model     {verdict.model}",
    ]


def _note(verdict: Verdict) -> Iterator[str]:
    """The root note, if it was looked for, and what it was read from."""
    if verdict.note:
        yield f"  note      {verdict.note}, {'as its name says' if verdict.note_from == BY_NAME else 'by its sound'}"
    elif verdict.note is not None:
        yield "  note      none that is beyond doubt"


def _evidence(verdict: Verdict, options: WhyOptions) -> list[str]:
    """The reasons for the label and against it, the strongest first."""
    lines = []
    for title, sign in (("for it", 1), ("against", -1)):
        reasons = sorted(
            (reason for reason in verdict.reasons if reason.weight * sign > 0), key=lambda r: -abs(r.weight)
        )
        said = [line for reason in reasons[:STRONGEST] for line in _reason(reason, verbose=options.verbose)]
        lines += [f"  {'' if at else title:<9} {line}" for at, line in enumerate(said)]
    return lines


def _reason(reason: Reason, *, verbose: bool) -> Iterator[str]:
    """The reason as a musician says it, and where asked the numbers behind it."""
    yield printable(reason.text)
    if verbose:
        points = f"{reason.weight * 100:+.0f} points"
        yield f"  {points}: {printable(reason.measured)}" if reason.measured else f"  {points}"


def _same_sound(copies: list[Entry]) -> Iterator[str]:
    """The other places that this sound came from, and what was done there."""
    for at, entry in enumerate(copies):
        pack = f" from the pack {printable(entry.pack)}" if entry.pack else ""
        gone = "" if _is_there(entry) else ", and is not there any more"
        when = short_time(entry.time, time.time())
        yield f"  {'' if at else 'copies':<9} {entry.id}, {when}: {describe(entry)}{pack}{gone}"


def _copy_as_json(entry: Entry) -> dict[str, object]:
    path = entry.result_path
    return {
        "source": str(entry.source),
        "pack": entry.pack or None,
        "place": str(path),
        "there": _is_there(entry),
    }


def _is_there(entry: Entry) -> bool:
    """Return whether the entry's sound is still there, be it in an archive."""
    path = entry.result_path
    return path.exists() or any(folder.is_file() for folder in path.parents)


def _history(entries: Sequence[Entry]) -> Iterator[str]:
    """The latest journal entries of this file, the newest last."""
    for at, entry in enumerate(entries):
        when, why = short_time(entry.time, time.time()), entry.error or entry.reason
        raw = entry.detail.archive_name
        called = f', called "{printable(raw)}" in the archive' if raw else ""
        yield f"  {'' if at else 'journal':<9} {entry.id}, {when}: {describe(entry)}{called} ({printable(why)})"


def _planned_actions(decision: Decision) -> list[str]:
    reason = decision.reason.removeprefix(f'rule "{decision.rule}": ')
    return [
        f"  rule      {printable(decision.rule)}: {printable(reason)}",
        f"  would     {', then '.join(_planned(step, decision) for step in decision.actions)}",
    ]


def _planned(step: Action, decision: Decision) -> str:
    """As in "move to ~/Music/Drum Library/kick/kick.wav", in the words for what becomes of a file."""
    if step.destination:
        return f"{step.kind} to {home_short(step.destination)}"
    if step.kind != "leave":
        return step.kind
    if decision.rule == PROJECT:
        return "be left whole with its project"
    return "be unsure, and wait for `drumwatch review`" if decision.rule == UNSURE_RULE else "be left alone"
