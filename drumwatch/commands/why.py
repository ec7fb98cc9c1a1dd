"""`drumwatch why`: the verdict, the evidence, and the rule that would fire."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, NamedTuple

import click
import msgspec

from drumwatch.commands.classify import failure_as_json, verdict_as_json
from drumwatch.config import watch_around, watch_for
from drumwatch.config.defaults import config_or_defaults
from drumwatch.core.errors import EX_SOME_FAILED, UsageError
from drumwatch.core.formatting import describe, home_short, printable, share, short_time
from drumwatch.core.records import PROJECT, Action, Arrival
from drumwatch.intake.arrivals import pack_of
from drumwatch.intake.pack_names import pack_folder
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import Filter, Journal
from drumwatch.learning.apply_user_model import apply_user_model
from drumwatch.learning.named_sounds import NamedSounds
from drumwatch.packs.kept_whole import KeptWhole
from drumwatch.packs.projects import Projects, why_untouched
from drumwatch.pipeline import Pipeline
from drumwatch.system import app_paths
from drumwatch.workers import model_store
from drumwatch.workers.analysis_cache import AnalysisCache
from drumwatch.workers.jobs import answer, expect
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import Analyzed, Failed, Plot, Plotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from drumwatch.config import Config
    from drumwatch.core.records import Decision, Entry, Verdict
    from drumwatch.learning.drift import Drift
    from drumwatch.workers.protocol import Analyze, Neighbor

STRONGEST = 5
LATEST = 3  # entries of the journal that are told


class Explained(NamedTuple):
    """All that is told of one file."""

    file: Path
    verdict: Verdict
    decision: Decision
    nearest: Sequence[Neighbor]
    careful: list[str]
    copies: list[Entry]


def why(file: Path, config_path: Path, *, as_json: bool, plot: Path | None = None) -> int:
    """Explain one file, which is not touched, and draw it as SVG where asked. Returns the exit code."""
    if plot:
        _check_picture(plot)
    file = file.absolute()
    config = config_or_defaults(config_path)
    # As `sort` would, where nobody watches
    watch = watch_around(config, file) or watch_for(config, file.parent)
    mark = stamp_of(file)
    if mark is None:
        raise UsageError(f"{file} is not a file.")
    arrival = Arrival(file, mark, watch.folder, pack_of(file, watch.folder))
    with Journal(app_paths.journal_file()) as journal, LocalWorkers() as workers:
        pipeline = Pipeline(config, journal, workers, workers, state=app_paths.state_folder())
        found = _as_the_daemon_would(pipeline, journal, config)
        projects = Projects(journal)
        survey = projects.survey(watch)
        owned = projects.ownership(file, watch, survey)
        if file.is_relative_to(watch.folder) and not file.is_relative_to(watch.library):
            kept, folder = KeptWhole(journal, dry_run=True), pack_folder(file, watch.folder)
            owned = kept.ownership(file, folder, watch, survey, owned)
        arrival = replace(arrival, claim=owned.claim)
        request = msgspec.structs.replace(pipeline.request(arrival, watch), with_reasons=True)
        analysis = workers.submit(answer, _with_picture(request) if plot else request).result()
        if isinstance(analysis, Failed):
            told = json.dumps(failure_as_json(file, analysis)) if as_json else printable(analysis.message)
            click.echo(told, err=not as_json)
            return EX_SOME_FAILED
        sound = expect(analysis, Analyzed)
        decision = pipeline.decide(arrival, watch, sound)
        whole = why_untouched(owned.unknown) if owned.unknown else ""
        if owned.project:
            whole = f"{owned.project.describe()}: it is left whole, and this sound stays in it"
        if whole:
            decision = replace(decision, rule=PROJECT, actions=(Action("leave"),), reason=whole)
        before = list(journal.entries.find(Filter(path=file, last=LATEST)))
        copies = [
            one
            for one in journal.confirmations.copies(sound.sound_digest)
            if file not in (one.source, one.destination)
        ]
    if plot:
        _keep_picture(plot, expect(analysis, Plotted).svg)
    show = _as_json if as_json else _in_words
    careful = [one.describe(watch.max_wrong) for one in found if one.name == sound.verdict.label]
    click.echo(show(Explained(file, sound.verdict, decision, sound.nearest, careful, copies)))
    if before and not as_json:
        click.echo("\n".join(_what_was_done(before)))
    return 0


def _with_picture(request: Analyze) -> Plot:
    return Plot(**msgspec.structs.asdict(request))


def _as_the_daemon_would(pipeline: Pipeline, journal: Journal, config: Config) -> list[Drift]:
    """The same model, the same caution, and what the user has said of near copies; returns where more caution was found needed."""
    with AnalysisCache(app_paths.analysis_cache_file()) as recall:
        copies = NamedSounds(app_paths.named_sounds_file(), journal, recall)
        return apply_user_model(pipeline, journal, config, model_store.in_force(), copies)


def _check_picture(place: Path) -> None:
    """UsageError for another ending than .svg."""
    if place.suffix.lower() != ".svg":
        proposed = place.with_suffix(".svg") if place.name else "picture.svg"
        raise UsageError(
            f"The picture is an SVG, which every browser opens, and {place} does not end in .svg: say --plot {proposed}"
        )


def _keep_picture(place: Path, svg: str) -> None:
    """A new file; one that is there already stays."""
    try:
        with place.open("x", encoding="utf-8") as file:
            file.write(svg)
    except FileExistsError:
        raise UsageError(f"{place} is there already: choose another name for the picture.") from None
    except OSError:
        raise UsageError(
            f"{place} cannot be written: choose a folder that exists and in which you may write."
        ) from None


def _as_json(found: Explained) -> str:
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
            "careful": found.careful,
            "rule": decision.rule,
            "reason": decision.reason,
            "would": steps,
            "copies": [_copy_as_json(one) for one in found.copies],
        }
    )


def _in_words(found: Explained) -> str:
    told = [*_what(found.verdict), *_evidence(found.verdict), *_resembles(found.nearest)]
    told += [f"  careful   {sentence}" for sentence in found.careful]
    told += [*_what_would_happen(found.decision), *_same_sound(found.copies)]
    return "\n".join([home_short(found.file), *told])


def _resembles(nearest: Sequence[Neighbor]) -> list[str]:
    """The labelled sounds that lie nearest."""
    return [f"  {'' if at else 'resembles':<9} {near.sound} ({near.type})" for at, near in enumerate(nearest)]


def _what(verdict: Verdict) -> list[str]:
    ranked = sorted(verdict.probabilities.items(), key=lambda pair: -pair[1])
    chances = ", ".join(f"{label} {share(chance)}" for label, chance in ranked[:3])
    kind = f" ({verdict.type})" if verdict.type != verdict.label else ""
    tempo = f" at {verdict.tempo:.0f} beats a minute" if verdict.tempo else ""
    clash = f"named {verdict.name_says}, sounds like {verdict.clash}"
    return [
        f"  is        {verdict.label}{kind}: {chances}",
        *([f"  clash     {clash}"] if verdict.clash else []),
        f"  shape     {verdict.shape}{tempo}, {verdict.duration:.2f} s",
        f"  model     {verdict.model}",
    ]


def _evidence(verdict: Verdict) -> list[str]:
    """What spoke for the label and what against it, the strongest first."""
    lines = []
    for title, sign in (("for it", 1), ("against", -1)):
        told = sorted(
            (reason for reason in verdict.reasons if reason.weight * sign > 0), key=lambda r: -abs(r.weight)
        )
        lines += [
            f"  {title if at == 0 else '':<9} {reason.text} ({reason.weight * 100:+.0f})"
            for at, reason in enumerate(told[:STRONGEST])
        ]
    return lines


def _same_sound(copies: list[Entry]) -> Iterator[str]:
    """Where else this very sound came from, and what became of it there."""
    for at, one in enumerate(copies):
        pack = f" from the pack {printable(one.pack)}" if one.pack else ""
        lies = "" if _place_of(one).exists() else ", and is not there any more"
        yield f"  {'' if at else 'copies':<9} {one.id}, {short_time(one.time, time.time())}: {describe(one)}{pack}{lies}"


def _copy_as_json(one: Entry) -> dict[str, object]:
    place = _place_of(one)
    return {"source": str(one.source), "pack": one.pack or None, "place": str(place), "there": place.exists()}


def _place_of(one: Entry) -> Path:
    return one.source if one.action in ("leave", "tag") or one.destination is None else one.destination


def _what_was_done(before: Sequence[Entry]) -> Iterator[str]:
    """The journal on this file, by drumwatch or by you; the latest last."""
    for at, entry in enumerate(before):
        when, why = short_time(entry.time, time.time()), entry.error or entry.reason
        yield f"  {'' if at else 'journal':<9} {entry.id}, {when}: {describe(entry)} ({printable(why)})"


def _what_would_happen(decision: Decision) -> list[str]:
    steps = [
        f"{step.kind} to {home_short(step.destination)}" if step.destination else step.kind
        for step in decision.actions
    ]
    return [
        f"  rule      {printable(decision.rule)}: {printable(decision.reason)}",
        f"  would     {', then '.join(steps)}",
    ]
