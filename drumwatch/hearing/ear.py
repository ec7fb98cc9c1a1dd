"""One file to one verdict: decode, measure, ask the model."""

from __future__ import annotations

import base64
import functools
import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.hearing import decode, limits, model, reasons, shape
from drumwatch.hearing.features import extract
from drumwatch.hearing.model import LABEL_MATRIX, TYPES, Model
from drumwatch.hearing.spectrum import Spectrum, analyse
from drumwatch.records import LABEL_OF_TYPE, LABELS, Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


def hear(job: dict[str, Any]) -> dict[str, Any]:
    """The verdict on job["path"], and whatever else the job asks for: hash, features, reasons."""
    mind = ready(job.get("model") or str(model.SHIPPED))
    sound = decode.read(job["path"])
    spectrum = analyse(sound.y, sound.sr)
    x = extract(spectrum)
    verdict = judge(
        spectrum,
        x,
        mind,
        duration=sound.duration,
        max_seconds=job.get("max_seconds"),
        why=bool(job.get("reasons")),
    )
    reply: dict[str, Any] = {"verdict": asdict(verdict)}
    if job.get("hash"):
        reply["hash"] = file_hash(job["path"])
    if job.get("features"):
        reply["features"] = base64.b64encode(x.tobytes()).decode("ascii")
    return reply


@functools.lru_cache(maxsize=2)
def ready(model_path: str) -> Model:
    """The model, loaded once; from then on this process is confined."""
    mind = model.load(model_path)
    limits.confine()
    return mind


def judge(
    spectrum: Spectrum, x: Floats, mind: Model, *, duration: float, max_seconds: float | None, why: bool
) -> Verdict:
    """Names the sound and says how sure that is."""
    types = mind.predict(x)
    labels = types @ LABEL_MATRIX
    first, second = (LABELS[at] for at in np.argsort(-labels, kind="stable")[:2])
    kinds = dict(zip(TYPES, types.tolist(), strict=True))
    kind = max((kind for kind in TYPES if LABEL_OF_TYPE[kind] == first), key=kinds.__getitem__)
    form = shape.shape_of(spectrum, duration, max_seconds, kinds["loop"])
    return Verdict(
        label=first,
        type=kind,
        confidence=float(labels.max()),
        probabilities=dict(zip(LABELS, labels.tolist(), strict=True)),
        types=kinds,
        runner_up=second,
        shape=form,
        duration=duration,
        tempo=shape.tempo_of(spectrum) if form == "loop" else None,
        reasons=tuple(reasons.of(x, first, mind)) if why else (),
        model=mind.id,
    )


def file_hash(path: str) -> str:
    """blake2b-256 of the bytes: what the journal knows a file by."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).hexdigest()
