"""`drumwatch why`: explains the verdict on a file, and what would be done with the file."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import msgspec

from drumwatch.config import watch_around, watch_for
from drumwatch.config.defaults import config_or_defaults
from drumwatch.core.errors import EX_SOME_FAILED, UsageError
from drumwatch.core.formatting import describe_clash, home_short, printable, share, short_time
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
from drumwatch.pipeline import place_of
from drumwatch.session import open_session
from drumwatch.workers.jobs import answer, expect
from drumwatch.workers.protocol import Analyzed, Failed, Plot, Plotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drumwatch.config import Watch
    from drumwatch.core.records import Decision, Entry, Verdict
    from drumwatch.journal import Journal
    from drumwatch.packs.projects import Ownership
    from drumwatch.session import Session
    from drumwatch.workers.protocol import Answer, Neighbor

STRONGEST = 5  # reasons shown on each side
LATEST = 3  # journal entries shown


class Explanation(NamedTuple):
    """What is shown about one file."""

    file: Path
    verdict: Verdict
    decision: Decision
    nearest: Sequence[Neighbor]
    cautions: list[str]  # why this label is treated with more caution than the settings ask for
    copies: list[Entry]  # entries of the same sound at other paths
    filed_as: str  # the label that it was filed under alone, where drumwatch would not call it that any more; else empty


def why(
    file: Path, config_path: Path, *, as_json: bool, plot: Path | None = None, with_note: bool = False
) -> int:
    """Explain one file without touching it, and draw it as SVG where asked; returns the exit code.

    The root note is looked for where the configuration asks for it, or `with_note`.
    """
    if plot:
        _check_plot_path(plot)
    file = file.absolute()
    with open_session(config_or_defaults(config_path)) as session:
        # Outside every watched folder, the settings that `sort` would use
        watch = watch_around(session.config, file) or watch_for(session.config, file.parent)
        stamp = stamp_of(file)
        if stamp is None:
            raise UsageError(f"{file} is not a file.")
        drift = session.apply_user_model()
        owner = _owner(file, watch, session)
        arrival = Arrival(file, stamp, watch.folder, pack_of(file, watch.folder), claim=owner.claim)
        latest = list(session.journal.entries.find(Filter(path=file, last=LATEST)))
        analysis = _analyze(arrival, watch, session, latest, plotted=plot is not None, with_note=with_note)
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
            _respecting(owner, decision),
            expect(analysis, Analyzed).nearest,
            [one.describe(watch.max_wrong) for one in drift if one.name == sound.verdict.label],
            _copies(sound.sound_digest, file, session.journal),
            _filed_otherwise(latest, decision, session.journal),
        )
        note_problem = session.analyzers.problem
    if note_problem:
        click.echo(note_problem, err=True)
    if plot:
        _write_plot(plot, expect(analysis, Plotted).svg)
    click.echo(_as_json(explanation) if as_json else _as_text(explanation))
    if latest and not as_json:
        click.echo("\n".join(_history(latest)))
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


def _analyze(
    arrival: Arrival,
    watch: Watch,
    session: Session,
    latest: Sequence[Entry],
    *,
    plotted: bool,
    with_note: bool,
) -> Answer:
    """Analyze the file as it would be for filing: by the name that it came with, and with the neighbors from there."""
    known = next(
        (found for entry in reversed(latest) if (found := session.journal.places.of_entry(entry))), None
    )
    place = known or place_of(arrival)
    usual = session.pipeline.request(arrival, watch)
    request = msgspec.structs.replace(
        usual,
        with_reasons=True,
        with_note=with_note or usual.with_note,
        name_from=str(Path(known.folder, known.name)) if known else "",
        context=session.neighbors.evidence(place) if watch.context else (),
    )
    sent = Plot(**msgspec.structs.asdict(request)) if plotted else request
    return session.analyzers.submit(answer, sent).result()


def _filed_otherwise(latest: Sequence[Entry], decision: Decision, journal: Journal) -> str:
    """The label that the file was filed under without the user, if it would get another one now; else empty."""
    filed = next((entry for entry in reversed(latest) if entry.verdict and entry.undoes is None), None)
    if filed is None or not is_filed_otherwise(filed, decision.label, journal):
        return ""
    return filed.label


def _respecting(owner: Ownership, decision: Decision) -> Decision:
    """The same decision, or that the file stays because of what it is part of."""
    if owner.project:
        reason = f"{owner.project.describe()}: it is left whole, and this sound stays in it"
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
        for step in decision.actions
    ]
    return json.dumps(
        {
            **verdict_as_json(found.file, verdict),
            "reasons": [asdict(reason) for reason in verdict.reasons],
            "nearest": [msgspec.structs.asdict(near) for near in found.nearest],
            "careful": found.cautions,
            "rule": decision.rule,
            "reason": decision.reason,
            "would": steps,
            "copies": [_copy_as_json(one) for one in found.copies],
            "filed_as": found.filed_as or None,
        }
    )


def _as_text(found: Explanation) -> str:
    lines = [*_verdict(found.verdict), *_evidence(found.verdict), *_resembles(found.nearest)]
    lines += [f"  careful   {sentence}" for sentence in found.cautions]
    if found.filed_as:
        lines.append(f"  now       {would_now_call(found.decision.label, found.filed_as)}")
    lines += [*_planned_actions(found.decision), *_same_sound(found.copies)]
    return "\n".join([home_short(found.file), *lines])


def _resembles(nearest: Sequence[Neighbor]) -> list[str]:
    """The labelled sounds that are most similar."""
    return [f"  {'' if at else 'resembles':<9} {near.sound} ({near.type})" for at, near in enumerate(nearest)]


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


def _evidence(verdict: Verdict) -> list[str]:
    """The reasons for the label and against it, the strongest first."""
    lines = []
    for title, sign in (("for it", 1), ("against", -1)):
        reasons = sorted(
            (reason for reason in verdict.reasons if reason.weight * sign > 0), key=lambda r: -abs(r.weight)
        )
        lines += [
            f"  {title if at == 0 else '':<9} {reason.text} ({reason.weight * 100:+.0f})"
            for at, reason in enumerate(reasons[:STRONGEST])
        ]
    lines += [
        f"  {'' if at else 'neighbors':<9} {printable(reason.text)} ({reason.weight * 100:+.0f})"
        for at, reason in enumerate(verdict.context)
    ]
    return lines


def _same_sound(copies: list[Entry]) -> Iterator[str]:
    """The other places that this sound came from, and what was done there."""
    for at, entry in enumerate(copies):
        pack = f" from the pack {printable(entry.pack)}" if entry.pack else ""
        gone = "" if entry.result_path.exists() else ", and is not there any more"
        when = short_time(entry.time, time.time())
        yield f"  {'' if at else 'copies':<9} {entry.id}, {when}: {describe(entry)}{pack}{gone}"


def _copy_as_json(entry: Entry) -> dict[str, object]:
    path = entry.result_path
    return {
        "source": str(entry.source),
        "pack": entry.pack or None,
        "place": str(path),
        "there": path.exists(),
    }


def _history(entries: Sequence[Entry]) -> Iterator[str]:
    """The latest journal entries of this file, the newest last."""
    for at, entry in enumerate(entries):
        when, why = short_time(entry.time, time.time()), entry.error or entry.reason
        raw = entry.detail.archive_name
        called = f', called "{printable(raw)}" in the archive' if raw else ""
        yield f"  {'' if at else 'journal':<9} {entry.id}, {when}: {describe(entry)}{called} ({printable(why)})"


def _planned_actions(decision: Decision) -> list[str]:
    steps = [
        f"{step.kind} to {home_short(step.destination)}" if step.destination else step.kind
        for step in decision.actions
    ]
    return [
        f"  rule      {printable(decision.rule)}: {printable(decision.reason)}",
        f"  would     {', then '.join(steps)}",
    ]
