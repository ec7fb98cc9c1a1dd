"""One file to one verdict: decode, measure, ask the model."""

from __future__ import annotations

import base64
import functools
import hashlib
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.hearing import decode, limits, memory, model, names, reasons, shape
from drumwatch.hearing.features import extract
from drumwatch.hearing.model import LABEL_MATRIX, TYPES
from drumwatch.hearing.spectrum import analyse
from drumwatch.hearing.views import views_of
from drumwatch.records import LABEL_OF_TYPE, LABELS, Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.hearing.model import Model
    from drumwatch.hearing.spectrum import Spectrum

    Floats = NDArray[np.float32]


def hear(job: dict[str, Any]) -> dict[str, Any]:
    """The verdict on job["path"], and whatever else the job asks for: hash, features, reasons."""
    mind = ready(job.get("model") or str(model.SHIPPED))
    _, x, verdict = listen(job, mind)
    return {"verdict": asdict(verdict), **extras(job, x, mind)}


def plot(job: dict[str, Any]) -> dict[str, Any]:
    """The verdict with its reasons, and a PNG of the sound with the evidence marked, as base64."""
    from drumwatch.hearing.plot import draw  # noqa: PLC0415  few ask for pictures

    job = {**job, "reasons": True}
    mind = ready(job.get("model") or str(model.SHIPPED))
    spectrum, x, verdict = listen(job, mind)
    png = draw(spectrum, verdict, Path(job["path"]).name)
    return {"verdict": asdict(verdict), "png": base64.b64encode(png).decode("ascii"), **extras(job, x, mind)}


def listen(job: dict[str, Any], mind: Model) -> tuple[Spectrum, Floats, Verdict]:
    """Hears one file to its end."""
    sound = decode.read(job["path"])
    spectrum = analyse(sound.y, sound.sr)
    seen = views_of(spectrum)
    x = mind.evidence(seen, extract(spectrum, seen.lines))
    hint = names.read(job["path"]) if job.get("use_names") else names.SILENT
    types = names.fuse(mind.predict(x), hint)
    form = shape.shape_of(spectrum, sound.duration, job.get("max_seconds"), float(types[TYPES.index("loop")]))
    verdict = Verdict(
        **ranked(types),
        shape=form,
        duration=sound.duration,
        tempo=shape.tempo_of(spectrum, sound.duration) if form == "loop" else None,
        model=mind.id,
        name_says=hint.says,
    )
    if job.get("reasons"):
        verdict = replace(verdict, reasons=tuple(reasons.of(x, verdict, mind)))
    return spectrum, x, verdict


def ranked(types: Floats) -> dict[str, Any]:
    """What a verdict says about labels and types."""
    labels = types @ LABEL_MATRIX
    first, second = (LABELS[at] for at in np.argsort(-labels, kind="stable")[:2])
    kinds = dict(zip(TYPES, types.tolist(), strict=True))
    return {
        "label": first,
        "type": max((kind for kind in TYPES if LABEL_OF_TYPE[kind] == first), key=kinds.__getitem__),
        "confidence": float(labels.max()),
        "probabilities": dict(zip(LABELS, labels.tolist(), strict=True)),
        "types": kinds,
        "runner_up": second,
    }


def extras(job: dict[str, Any], x: Floats, mind: Model) -> dict[str, Any]:
    """Only what was asked for: hashing costs as much as decoding."""
    more: dict[str, Any] = {}
    if job.get("reasons"):
        more["nearest"] = memory.beside(mind).nearest(x, mind.card["groups"])
    if job.get("hash"):
        more["hash"] = file_hash(job["path"])
    if job.get("sound"):
        more["sound"] = decode.sound_digest(job["path"])
    if job.get("features"):
        more["features"] = base64.b64encode(x.tobytes()).decode("ascii")
    return more


@functools.lru_cache(maxsize=2)
def ready(model_path: str) -> Model:
    """The model, loaded once; from then on this process is confined."""
    mind = model.load(model_path)
    limits.confine()
    return mind


def file_hash(path: str) -> str:
    """blake2b-256 of the bytes: what the journal knows a file by."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).hexdigest()
