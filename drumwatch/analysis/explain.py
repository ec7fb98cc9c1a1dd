"""Explain a verdict: which features and which other evidence moved the label's probability up or down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from drumwatch.analysis.features import FEATURE_NAMES
from drumwatch.analysis.model.model_file import TYPES
from drumwatch.core.records import LABEL_OF_TYPE, LABELS, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from drumwatch.analysis.model.model_file import Model
    from drumwatch.core.records import Verdict

    Floats = NDArray[np.float32]

MOST = 6
SMALLEST_CHANGE = 0.01  # smallest change of a probability by corrections or name that is reported
DB_PER_UNIT = 60.0  # range of the harmonic lines, which are scaled to 0 to 1
SEMITONES_PER_LINE = 12 / 15


def in_hz(octaves: float) -> str:
    """Return log2 of a frequency in Hz as text."""
    return f"{2**octaves:.0f} Hz"


def in_ms(log_seconds: float) -> str:
    """Return log2 of a time in seconds as text in milliseconds."""
    return f"{1000 * 2**log_seconds:.0f} ms"


def in_percent(share: float) -> str:
    """Return a share from 0 to 1 as text."""
    return f"{100 * share:.0f} %"


def in_db(level: float) -> str:
    """Return a level in dB as text."""
    return f"{level:.0f} dB"


def in_octaves(interval: float) -> str:
    """Return an interval in octaves as text."""
    return f"{interval:.1f} octaves"


def as_count(number: float) -> str:
    """Return a count as text."""
    return f"{number:.0f}"


def as_ratio(number: float) -> str:
    """Return a number without a unit as text."""
    return f"{number:.2f}"


class Wording(NamedTuple):
    """How the features whose names match `pattern` are described.

    `text` contains the groups of the pattern, `{word}`, which is `low` or `high` in comparison with the mean of the training sounds, and
    `{value}`. If `empty` is given, it replaces the text for a value of 0 or less, which marks silence.
    """

    pattern: str
    text: str
    low: str
    high: str
    value: Callable[[float], str]
    empty: str = ""


SILENCE = "silence during {0}"
WORDINGS = (
    Wording(
        r"(.+ Hz): share",
        "{word} energy at {0}: {value} of the whole",
        "little",
        "much",
        lambda db: f"{100 * 10 ** (db / 10):.1f} %",
    ),
    Wording(r"(.+ Hz): peak time", "{0} peaks {word}: {value}", "early", "late", in_ms),
    Wording(r"(.+ Hz): fall by (\d+) dB", "{0} falls by {1} dB {word}: {value}", "quickly", "slowly", in_ms),
    Wording(r"(.+ Hz): centre of time", "{0} rings {word}: centroid at {value}", "early", "late", in_ms),
    Wording(r"(.+ ms): level at (.+ Hz)", "{word} level at {1} during {0}: {value}", "low", "high", in_db),
    Wording(
        r"(.+): brightness", "{word} spectral centroid during {0}: {value}", "low", "high", in_hz, SILENCE
    ),
    Wording(r"(.+): spread", "{word} bandwidth during {0}: {value}", "narrow", "wide", in_octaves, SILENCE),
    Wording(r"(.+): roll-off", "{word} spectral roll-off during {0}: {value}", "low", "high", in_hz, SILENCE),
    Wording(r"(.+): noisiness", "{word} spectral flatness during {0}: {value}", "low", "high", as_ratio),
    Wording(r"(.+): strongest line", "{word} spectral crest during {0}: {value}", "low", "high", in_db),
    Wording(r"envelope: attack time", "{word} attack: {value}", "short", "long", in_ms),
    Wording(r"envelope: time to (-\d+ dB)", "decays to {0} {word}: {value}", "quickly", "slowly", in_ms),
    Wording(r"envelope: sounding time", "{word} sound: {value}", "short", "long", in_ms),
    Wording(r"envelope: crest", "{word} crest factor: {value}", "low", "high", in_db),
    Wording(r"envelope: centre of time", "{word} temporal centroid: {value}", "early", "late", in_ms),
    Wording(r"envelope: energy (.+)", "{word} energy {0}: {value}", "little", "much", in_percent),
    Wording(r"envelope: bursts in 100 ms", "{word} bursts in 100 ms: {value}", "few", "many", as_count),
    Wording(r"envelope: onsets in all", "{word} onsets: {value}", "few", "many", as_count),
    Wording(
        r"envelope: onset spacing",
        "{word} time between onsets: {value}",
        "short",
        "long",
        lambda seconds: f"{seconds:.2f} s",
        "a single onset",
    ),
    Wording(r"envelope: steadiness", "{word} decay: deviation {value}", "even", "uneven", in_db),
    Wording(r"pitch: pitch at (.+)", "{word} pitch during {0}: {value}", "low", "high", in_hz, SILENCE),
    Wording(
        r"pitch: tone at (.+)",
        "{word} partial below 1.5 kHz during {0}: {value}",
        "weak",
        "strong",
        in_percent,
        SILENCE,
    ),
    Wording(r"pitch: pitch fall", "{word} fall in pitch: {value}", "small", "large", in_octaves),
    Wording(r"pitch: pitch fall, early", "{word} early fall in pitch: {value}", "small", "large", in_octaves),
    Wording(
        r"pitch: low line against all",
        "{word} partial below 1.5 kHz: {value} of the whole",
        "weak",
        "strong",
        in_db,
    ),
    Wording(r"pitch: lines", "{word} partials below 1.5 kHz: {value}", "few", "many", as_count),
    Wording(r"pitch: harmonicity", "{word} harmonicity: {value}", "low", "high", as_ratio),
    Wording(
        r"tone: (body|tail): lines above noise",
        "{word} partials above the noise in the {0}: {value}",
        "few",
        "many",
        as_count,
    ),
    Wording(
        r"tone: (body|tail): strongest above mean",
        "{word} strongest partial in the {0}: {value} above the mean",
        "weak",
        "clear",
        lambda height: in_db(DB_PER_UNIT * height),
    ),
    Wording(
        r"tone: tail as the body",
        "{word} spectra of body and tail: correlation {value}",
        "different",
        "similar",
        as_ratio,
    ),
    Wording(r"tone: harmonic comb", "{word} harmonic series: {value}", "weak", "clear", as_ratio),
    Wording(
        r"tone: drift",
        "partials move by {value} from body to tail",
        "",
        "",
        lambda lines: f"{SEMITONES_PER_LINE * lines:+.1f} semitones",
    ),
)


def of(x: Floats, types: Floats, in_context: Floats, verdict: Verdict, classifier: Model) -> list[Reason]:
    """Return the strongest reasons for and against the label, with exact path contributions of the forest.

    Parameters
    ----------
    x : float32, shape (vector,)
        The feature vector.
    types : float32, shape (types,)
        Probabilities by sound alone.
    in_context : float32, shape (types,)
        The same after the evidence of the neighbors; the rest of the verdict's confidence comes from the file name.
    verdict : Verdict
    classifier : Model
    """
    features = x[: -len(TYPES)]
    of_label = classifier.label_matrix[:, classifier.labels.index(verdict.label)]
    of_group = classifier.group_types @ of_label
    contributions = classifier.forest.contributions(features, of_group)
    strongest = np.argsort(-np.abs(contributions), kind="stable")[:MOST]
    usual = classifier.nets.feature_means
    by_feature = [
        Reason(
            describe(FEATURE_NAMES[index], float(x[index]), float(usual[index])),
            float(contributions[index]),
            FEATURE_NAMES[index],
        )
        for index in strongest
    ]
    trees = float(classifier.forest.predict(features) @ of_group)
    corrections = list(by_corrections(x, of_label, classifier))
    by_sound = float(types @ of_label)
    by_nets = nets_reason(x, verdict.label, by_sound - trees - sum(reason.weight for reason in corrections))
    return [
        *novelty_reason(features, classifier),
        *verdict.context,
        *name_reason(verdict, float(in_context @ of_label)),
        *by_nets,
        *corrections,
        *by_feature,
    ]


def by_corrections(x: Floats, of_label: Floats, classifier: Model) -> Iterator[Reason]:
    """Yield how far the user's corrections of similar sounds change the label's probability, if more than SMALLEST_CHANGE.

    `x` has the shape (vector,), `of_label` the shape (types,) with 1 for the types of the label.
    """
    if classifier.correction:
        without = classifier.uncorrected(x, classifier.forest.predict(x[: -len(TYPES)]))
        change = float((classifier.correction.apply(x, without) - without) @ of_label)
        if abs(change) > SMALLEST_CHANGE:
            yield Reason("your corrections of similar sounds", change, "echo")


def novelty_reason(features: Floats, classifier: Model) -> list[Reason]:
    """Return a reason if the novelty score is above 1; `features` has the shape (features,)."""
    score = float(classifier.novelty.score(features))
    return (
        [Reason("unlike all sounds of the training data", -min(score - 1, 1.0), "strange")]
        if score > 1
        else []
    )


def nets_reason(x: Floats, label: str, change: float) -> list[Reason]:
    """Return the probability that the nets give the label, and how far they change the forest's probability.

    Nothing is returned for a class of the user's own, which the nets do not know. `x` has the shape (vector,).
    """
    if label not in LABELS:
        return []
    of_label = np.array([LABEL_OF_TYPE[kind] == label for kind in TYPES], np.float32)
    share = max(float(np.exp(x[-len(TYPES) :]) @ of_label), 1e-3)
    return [Reason(f"the neural nets give {label} {in_percent(share)}", change, f"ear: {label}")]


def name_reason(verdict: Verdict, without: float) -> list[Reason]:
    """Return how far the name of the file or its folder changes the label's probability, if more than SMALLEST_CHANGE."""
    change = verdict.probabilities[verdict.label] - without
    text = f"its name says {verdict.name_says}" if verdict.name_says else "its name fits several labels"
    return [Reason(text, change, "name")] if abs(change) > SMALLEST_CHANGE else []


def describe(feature: str, value: float, usual: float) -> str:
    """Return a feature in words with its value in plain units, compared with `usual`, its mean in the training sounds."""
    for wording in WORDINGS:
        if match := re.fullmatch(wording.pattern, feature):
            groups = ["the whole sound" if group == "whole" else group for group in match.groups()]
            if wording.empty and value <= 0:
                return wording.empty.format(*groups)
            word = wording.high if value > usual else wording.low
            return wording.text.format(*groups, word=word, value=wording.value(value))
    raise ValueError(f"no wording for the feature {feature!r}")
