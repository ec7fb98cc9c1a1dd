"""Analyze one file and classify it: decode, compute features, ask the model; a cached analysis is not computed again."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import msgspec
import numpy as np

from drumwatch.analysis import decode, filename_hints, loops, neighbor_evidence
from drumwatch.analysis.analysis_records import SoundAnalysis, as_base64, as_record, from_cache
from drumwatch.analysis.features import extract
from drumwatch.analysis.malloc_settings import keep_freed_memory
from drumwatch.analysis.model import model_file, near_copies, similar_sounds, user_model
from drumwatch.analysis.model.model_file import TYPES
from drumwatch.analysis.net_inputs import net_inputs_of
from drumwatch.analysis.spectrum import analyse
from drumwatch.context.evidence import combined, strength
from drumwatch.core import root_notes
from drumwatch.core.records import Verdict
from drumwatch.workers.protocol import Analyzed, FoundSimilar, Plotted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.analysis.filename_hints import Hint
    from drumwatch.analysis.model.model_file import Model
    from drumwatch.analysis.spectrum import Spectrum
    from drumwatch.workers.protocol import AnalysisRequest, Analyze, FindSimilar, Plot

    Floats = NDArray[np.float32]


def analyze(job: Analyze) -> Analyzed:
    """Return the verdict on the file at `path`, and what else the job requests: hash, features, reasons.

    If `known` is the analysis of the same bytes by the same nets, the file is not read, unless a digest is wanted that the
    record does not have: then it is added to the record. Raises UnreadableAudio if the file cannot be decoded, and
    ModelRefused if the model cannot be used.
    """
    classifier = loaded_model(job.model or str(model_file.SHIPPED))
    known = from_cache(job.known.record if job.known else None, classifier)
    analysis = with_digest(known, job) if known else measure(job, classifier)[1]
    found = analyzed(predict(analysis, job, classifier), analysis, job, classifier)
    if known and job.known:
        record = as_record(analysis) if analysis is not known else None
        return msgspec.structs.replace(found, content_hash=job.known.content_hash, record=record)
    return with_stored_fields(found, analysis, job)


def with_digest(known: SoundAnalysis, job: Analyze) -> SoundAnalysis:
    """Return the stored analysis with the digest of the sound, if the job asks for it and the analysis lacks it.

    Raises UnreadableAudio if the file cannot be decoded.
    """
    if known.digest or not job.with_digest:
        return known
    return replace(known, digest=decode.sound_digest(job.path))


def plot(job: Plot) -> Plotted:
    """Return the verdict with its reasons, and an SVG of the sound with the reasons marked.

    Raises the same errors as `analyze`.
    """
    from drumwatch.analysis.plot import draw  # noqa: PLC0415  rarely used

    job = msgspec.structs.replace(job, with_reasons=True)
    classifier = loaded_model(job.model or str(model_file.SHIPPED))
    spectrum, analysis = measure(job, classifier)
    verdict = predict(analysis, job, classifier)
    svg = draw(spectrum, verdict, Path(job.path).name)
    found = with_stored_fields(analyzed(verdict, analysis, job, classifier), analysis, job)
    return Plotted(**msgspec.structs.asdict(found), svg=svg)


def find_similar(job: FindSimilar) -> FoundSimilar:
    """Return which of the given sounds are most similar to one; none if all are too different. Raises ModelRefused."""
    classifier = loaded_model(job.model or str(model_file.SHIPPED))
    return FoundSimilar(similar_sounds.most_similar(job.features, job.among, classifier))


def measure(job: AnalysisRequest, classifier: Model) -> tuple[Spectrum, SoundAnalysis]:
    """Decode and analyze one file; return its spectrum and its analysis record.

    Raises UnreadableAudio if the file cannot be decoded.
    """
    sound = decode.read(job.path, digest=job.with_digest)
    spectrum = analyse(sound.y, sound.sr)
    inputs = net_inputs_of(spectrum)
    analysis = SoundAnalysis(
        classifier.analysis_id,
        classifier.feature_vector(inputs, extract(spectrum, inputs.lines)),
        sound.duration,
        loops.onsets_of(spectrum),
        loops.tempo_of(spectrum, sound.duration) if sound.duration >= loops.LOOP_SECONDS else None,
        sound.digest,
    )
    return spectrum, analysis


def predict(analysis: SoundAnalysis, job: AnalysisRequest, classifier: Model) -> Verdict:
    """Classify an analyzed sound; its neighbors (`context`) and then its file name (`use_names`) are additional evidence."""
    hint = filename_hints.read(job.name_from or job.path) if job.use_names else filename_hints.NO_HINT
    by_sound = classifier.predict(analysis.vector)
    in_context = neighbor_evidence.apply(by_sound, job.context, classifier.label_matrix)
    types = filename_hints.fuse(in_context, hint)
    loop, vocal = (float(types[TYPES.index(name)]) for name in ("loop", "vocal"))
    kind = loops.kind_of(analysis.duration, analysis.onsets, job.max_seconds, loop=loop, vocal=vocal)
    verdict = Verdict(
        **ranked(types, classifier),
        shape=kind,
        duration=analysis.duration,
        tempo=analysis.tempo if kind == "loop" else None,
        model=classifier.id,
        name_says=hint.label,
        clash=name_conflict(by_sound, hint, classifier)
        or neighbor_conflict(by_sound, types, job, classifier),
        by_sound=rounded(by_sound, classifier),
        with_name={}
        if hint is filename_hints.NO_HINT
        else rounded(filename_hints.fuse(by_sound, hint), classifier),
        context_strength=strength(combined(job.context)),
    )
    if job.context:
        changes = neighbor_evidence.reasons(by_sound, job.context, hint, verdict, classifier)
        verdict = replace(verdict, context=changes)
    verdict = with_known_note(verdict, analysis, job)
    if job.with_reasons:
        from drumwatch.analysis import explain  # noqa: PLC0415  most jobs ask for no reasons

        explanation = explain.of(
            analysis.vector, explain.Evidence(by_sound, in_context, hint), verdict, classifier
        )
        verdict = replace(verdict, reasons=tuple(explanation))
    return verdict


def with_known_note(verdict: Verdict, analysis: SoundAnalysis, job: AnalysisRequest) -> Verdict:
    """Return the verdict with the root note that its file name gives, if names are used, or that was found before in its sound."""
    if not root_notes.can_ring(verdict):
        return verdict
    path = Path(job.name_from or job.path)
    if job.use_names and (named := root_notes.note_in_name(path.name)):
        return replace(verdict, note=named, note_from=root_notes.BY_NAME)
    if analysis.note is None:
        return verdict
    return replace(verdict, note=analysis.note, note_from=root_notes.BY_SOUND if analysis.note else "")


def rounded(types: Floats, classifier: Model) -> dict[str, float]:
    """Return the probability of each label, to five decimals; `types` is the probability of each type, shape (types,)."""
    labels = (types @ classifier.label_matrix).tolist()
    return {name: round(share, 5) for name, share in zip(classifier.labels, labels, strict=True)}


class Ranking(TypedDict):
    """The part of a verdict that concerns labels and types."""

    label: str
    type: str
    confidence: float
    probabilities: dict[str, float]
    types: dict[str, float]
    runner_up: str


def ranked(types: Floats, classifier: Model) -> Ranking:
    """Return the part of a verdict that concerns labels and types.

    `types` is the probability of each type, float32 of shape (types,), each 0 to 1.
    """
    labels = types @ classifier.label_matrix
    first, second = np.argsort(-labels, kind="stable")[:2]
    of_first = np.where(classifier.label_matrix[:, first] > 0, types, -1)
    return {
        "label": classifier.labels[first],
        "type": classifier.types[of_first.argmax()],
        "confidence": float(labels.max()),
        "probabilities": dict(zip(classifier.labels, labels.tolist(), strict=True)),
        "types": dict(zip(classifier.types, types.tolist(), strict=True)),
        "runner_up": classifier.labels[second],
    }


def name_conflict(by_sound: Floats, hint: Hint, classifier: Model) -> str:
    """Return the type by sound alone if that makes the label of the name unlikely (`filename_hints.contradicts`), else an empty string.

    `by_sound` is the probability of each type, float32 of shape (types,), each 0 to 1.
    """
    if not hint.label:
        return ""
    alone = ranked(by_sound, classifier)
    return alone["type"] if filename_hints.contradicts(hint, alone["probabilities"]) else ""


def neighbor_conflict(by_sound: Floats, types: Floats, job: AnalysisRequest, classifier: Model) -> str:
    """Return the type by sound alone if that makes the label unlikely that the neighbors led to, else an empty string.

    `by_sound` and `types` are the probability of each type, by sound alone and by everything, float32 of shape (types,), each 0 to 1.
    """
    if not job.context:
        return ""
    alone, label = ranked(by_sound, classifier), ranked(types, classifier)["label"]
    return alone["type"] if alone["probabilities"][label] < filename_hints.UNLIKELY else ""


def with_stored_fields(found: Analyzed, analysis: SoundAnalysis, job: AnalysisRequest) -> Analyzed:
    """Add what should be stored of a file that was just decoded: its hash and its analysis, if the job asks for them.

    Hashing costs as much as decoding, so it is done on request only.
    """
    return msgspec.structs.replace(
        found,
        content_hash=file_hash(job.path) if job.with_hash else "",
        record=as_record(analysis) if job.with_record else None,
    )


def analyzed(verdict: Verdict, analysis: SoundAnalysis, job: AnalysisRequest, classifier: Model) -> Analyzed:
    """Return the verdict with what else the job asks for: digest, near copy, feature vector."""
    vector = analysis.vector
    return Analyzed(
        verdict,
        sound_digest=analysis.digest if job.with_digest else "",
        features=as_base64(vector) if job.with_features else "",
        copy_of=near_copies.near_copy_of(vector, classifier, job.corrections) if job.corrections else "",
    )


@functools.lru_cache(maxsize=2)
def loaded_model(model_path: str) -> Model:
    """Load the model at this path once, and return it."""
    model = user_model.load(model_path)
    keep_freed_memory()  # not before: loading frees megabytes that no analysis needs
    return model


def file_hash(path: str) -> str:
    """Return the blake2b-256 hash of a file's bytes, by which the journal identifies the file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).hexdigest()
