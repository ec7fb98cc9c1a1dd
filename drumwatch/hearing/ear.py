"""One file to one verdict: decode, measure, ask the model. What was measured before is only asked about."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from drumwatch.hearing import copies, decode, memory, model, names, reasons, shape, taught
from drumwatch.hearing.features import extract
from drumwatch.hearing.impressions import Impression, as_record, packed, recalled
from drumwatch.hearing.model import TYPES
from drumwatch.hearing.spectrum import analyse
from drumwatch.hearing.views import views_of
from drumwatch.records import Verdict
from drumwatch.workers.protocol import Analyzed, Plotted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.hearing.model import Model
    from drumwatch.hearing.names import Hint
    from drumwatch.hearing.spectrum import Spectrum
    from drumwatch.workers.protocol import AnalysisRequest, Analyze, Plot

    Floats = NDArray[np.float32]


def hear(job: Analyze) -> Analyzed:
    """The verdict on the file at `path`, and whatever else the job asks for: hash, features, reasons.

    Where the job brings what is `known` of these very bytes, and this model's ear had heard it, the file is not read.
    """
    mind = ready(job.model or str(model.SHIPPED))
    known = recalled(job.known.record if job.known else None, mind)
    impression = known or listen(job, mind)[1]
    found = analyzed(judge(impression, job, mind), impression, job, mind)
    if known and job.known:
        return msgspec.structs.replace(found, content_hash=job.known.content_hash)
    return heard_anew(found, impression, job)


def plot(job: Plot) -> Plotted:
    """The verdict with its reasons, and a PNG of the sound with the evidence marked."""
    from drumwatch.hearing.plot import draw  # noqa: PLC0415  few ask for pictures

    job = msgspec.structs.replace(job, with_reasons=True)
    mind = ready(job.model or str(model.SHIPPED))
    spectrum, impression = listen(job, mind)
    verdict = judge(impression, job, mind)
    png = draw(spectrum, verdict, Path(job.path).name)
    found = heard_anew(analyzed(verdict, impression, job, mind), impression, job)
    return Plotted(**msgspec.structs.asdict(found), png=png)


def listen(job: AnalysisRequest, mind: Model) -> tuple[Spectrum, Impression]:
    """Hears one file to its end."""
    sound = decode.read(job.path, digest=job.with_digest)
    spectrum = analyse(sound.y, sound.sr)
    seen = views_of(spectrum)
    impression = Impression(
        mind.ear,
        mind.evidence(seen, extract(spectrum, seen.lines)),
        sound.duration,
        shape.onsets_of(spectrum),
        shape.tempo_of(spectrum, sound.duration) if sound.duration >= shape.LOOP_SECONDS else None,
        sound.digest,
    )
    return spectrum, impression


def judge(impression: Impression, job: AnalysisRequest, mind: Model) -> Verdict:
    """What the model makes of it, and of the name where that was asked for."""
    hint = names.read(job.name_from or job.path) if job.use_names else names.SILENT
    by_sound = mind.predict(impression.evidence)
    types = names.fuse(by_sound, hint)
    loop, vocal = (float(types[TYPES.index(kind)]) for kind in ("loop", "vocal"))
    form = shape.shape_of(impression.duration, impression.onsets, job.max_seconds, loop=loop, vocal=vocal)
    verdict = Verdict(
        **ranked(types, mind),
        shape=form,
        duration=impression.duration,
        tempo=impression.tempo if form == "loop" else None,
        model=mind.id,
        name_says=hint.says,
        clash=clash_of(by_sound, hint, mind),
    )
    if job.with_reasons:
        why = reasons.of(impression.evidence, by_sound, verdict, mind)
        verdict = replace(verdict, reasons=tuple(why))
    return verdict


def ranked(types: Floats, mind: Model) -> dict[str, Any]:
    """What a verdict says about labels and types."""
    labels = types @ mind.label_matrix
    first, second = np.argsort(-labels, kind="stable")[:2]
    of_first = np.where(mind.label_matrix[:, first] > 0, types, -1)
    return {
        "label": mind.labels[first],
        "type": mind.types[of_first.argmax()],
        "confidence": float(labels.max()),
        "probabilities": dict(zip(mind.labels, labels.tolist(), strict=True)),
        "types": dict(zip(mind.types, types.tolist(), strict=True)),
        "runner_up": mind.labels[second],
    }


def clash_of(by_sound: Floats, hint: Hint, mind: Model) -> str:
    """The type by sound alone, where that leaves hardly a chance to what the name says; else nothing."""
    if not hint.says:
        return ""
    alone = ranked(by_sound, mind)
    return alone["type"] if names.clashes(hint, alone["probabilities"]) else ""


def heard_anew(found: Analyzed, impression: Impression, job: AnalysisRequest) -> Analyzed:
    """With what is worth keeping of a file that was listened to: hashing costs as much as decoding, so only what was asked for."""
    return msgspec.structs.replace(
        found,
        content_hash=file_hash(job.path) if job.with_hash else "",
        record=as_record(impression) if job.with_record else None,
    )


def analyzed(verdict: Verdict, impression: Impression, job: AnalysisRequest, mind: Model) -> Analyzed:
    """The verdict, and what else follows from the impression."""
    evidence = impression.evidence
    return Analyzed(
        verdict,
        sound_digest=impression.sound if job.with_digest else "",
        features=packed(evidence) if job.with_features else "",
        nearest=memory.beside(mind).nearest(evidence, mind.card["groups"]) if job.with_reasons else (),
        copy_of=copies.copy_of(evidence, mind, job.corrections) if job.corrections else "",
    )


@functools.lru_cache(maxsize=2)
def ready(model_path: str) -> Model:
    """The model, loaded once."""
    return taught.load(model_path)


def file_hash(path: str) -> str:
    """blake2b-256 of the bytes: what the journal knows a file by."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).hexdigest()
