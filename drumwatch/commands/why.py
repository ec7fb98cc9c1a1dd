"""`drumwatch why`: the verdict, the evidence, and the rule that would fire."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
import msgspec

from drumwatch import models
from drumwatch.arrivals import pack_of
from drumwatch.commands.classify import as_record
from drumwatch.commands.settings import config_or_defaults
from drumwatch.config import watch_for
from drumwatch.errors import EX_SOME_FAILED, UsageError
from drumwatch.filing.rules import Risk, decide
from drumwatch.intake.rest import fingerprint
from drumwatch.pipeline import hearing_request
from drumwatch.records import Arrival, Decision, Verdict
from drumwatch.words import home_short, printable, share
from drumwatch.workers import LocalWorkers, answer

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config import Config, Watch

STRONGEST = 5


def why(file: Path, config_path: Path, *, as_json: bool, plot: Path | None = None) -> int:
    """Explain one file, which is not touched, and draw it where asked. Returns the exit code."""
    file = file.absolute()
    config = config_or_defaults(config_path)
    watch = _watch_around(file, config)
    mark = fingerprint(file)
    if mark is None:
        raise UsageError(f"{file} is not a file.")
    model = models.in_force()
    with LocalWorkers() as workers:
        request = hearing_request(file, watch, reasons=True, **model.request)
        reply = workers.submit(answer, {**request, "op": "plot"} if plot else request).result()
    if "error" in reply:
        click.echo(
            json.dumps(as_record(file, reply)) if as_json else printable(reply["error"]), err=not as_json
        )
        return EX_SOME_FAILED
    verdict = msgspec.convert(reply["verdict"], Verdict)
    arrival = Arrival(file, mark, watch.folder, pack_of(file, watch.folder))
    decision = decide(arrival, verdict, config, watch, Risk.from_card(model.card))
    if plot:
        _keep_picture(plot, base64.b64decode(reply["png"]))
    show = _as_json if as_json else _in_words
    click.echo(show(file, verdict, decision, reply["nearest"]))
    return 0


def _keep_picture(place: Path, png: bytes) -> None:
    """A new file; one that is there already stays."""
    try:
        with place.open("xb") as file:
            file.write(png)
    except FileExistsError:
        raise UsageError(f"{place} is there already: choose another name for the picture.") from None


def _watch_around(file: Path, config: Config) -> Watch:
    """The watch that this file is in, or what `sort` would use for its folder."""
    around = [watch for watch in config.watches if file.is_relative_to(watch.folder)]
    return (
        max(around, key=lambda watch: len(watch.folder.parts)) if around else watch_for(config, file.parent)
    )


def _as_json(file: Path, verdict: Verdict, decision: Decision, nearest: list[dict[str, str]]) -> str:
    steps = [
        {"action": step.kind, "destination": step.destination and str(step.destination)}
        for step in decision.actions
    ]
    return json.dumps(
        {
            **as_record(file, {"verdict": asdict(verdict)}),
            "reasons": [asdict(reason) for reason in verdict.reasons],
            "nearest": nearest,
            "rule": decision.rule,
            "reason": decision.reason,
            "would": steps,
        }
    )


def _in_words(file: Path, verdict: Verdict, decision: Decision, nearest: list[dict[str, str]]) -> str:
    told = [*_what(verdict), *_evidence(verdict), *_resembles(nearest), *_what_would_happen(decision)]
    return "\n".join([home_short(file), *told])


def _resembles(nearest: list[dict[str, str]]) -> list[str]:
    """The labelled sounds that lie nearest."""
    return [
        f"  {'' if at else 'resembles':<9} {near['sound']} ({near['type']})"
        for at, near in enumerate(nearest)
    ]


def _what(verdict: Verdict) -> list[str]:
    ranked = sorted(verdict.probabilities.items(), key=lambda pair: -pair[1])
    chances = ", ".join(f"{label} {share(chance)}" for label, chance in ranked[:3])
    kind = f" ({verdict.type})" if verdict.type != verdict.label else ""
    tempo = f" at {verdict.tempo:.0f} beats a minute" if verdict.tempo else ""
    return [
        f"  is        {verdict.label}{kind}: {chances}",
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


def _what_would_happen(decision: Decision) -> list[str]:
    steps = [
        f"{step.kind} to {home_short(step.destination)}" if step.destination else step.kind
        for step in decision.actions
    ]
    return [
        f"  rule      {printable(decision.rule)}: {printable(decision.reason)}",
        f"  would     {', then '.join(steps)}",
    ]
