"""Facts about a sound in a musician's words, each read off a few features by thresholds.

Each `Facet` of a sound has at most one of its facts, so that no two of them contradict each other. The thresholds, and the types that a
fact is typical of, were chosen on the sounds that the model learned from: a fact is typical of types for which it holds more often than, or
nearly as often as, for the mean of all types.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.analysis.features import BANDS, FEATURE_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

AT = {name: position for position, name in enumerate(FEATURE_NAMES)}

LOW, LOW_MIDDLE, MIDDLE, HIGH, TOP = "low", "low middle", "middle", "high", "top"
REGIONS = {LOW: BANDS[:2], LOW_MIDDLE: BANDS[2:4], MIDDLE: BANDS[4:6], HIGH: BANDS[6:8], TOP: BANDS[8:]}
HERTZ = {
    LOW: "below 130 Hz",
    LOW_MIDDLE: "at 130-500 Hz",
    MIDDLE: "at 500-2000 Hz",
    HIGH: "at 2-7 kHz",
    TOP: "above 7 kHz",
}

TONE, MIXED, NOISE, METAL = "tone", "mixed", "noise", "metal"


@dataclass(frozen=True, slots=True)
class Quantities:
    """What the facts are read off, in plain units; times are in milliseconds, shares from 0 to 1."""

    shares: Mapping[str, float]  # of the energy, by region
    rings_ms: Mapping[str, float]  # until the strongest band of a region has fallen by 20 dB
    attack_ms: float
    fall_ms: float  # until the whole has fallen by 20 dB
    early: float  # share of the energy within the first 10 ms
    click_db: float  # level at 4-7 kHz during the first 15 ms
    click_octaves: float  # how far the first 15 ms are brighter than what follows
    crest_db: float  # strongest partial, in comparison with the whole
    flatness: float  # log10 of the spectral flatness: near 0 for noise
    partials: float
    harmonic: float  # how clear the harmonic series is
    steady: float  # autocorrelation of the tail, near 1 for a held note
    pitch_fall: float  # octaves
    tone: float  # the smaller share of one partial in the low end: at 15-40 ms or at 90-180 ms
    bursts: float  # within 100 ms
    onsets: float
    middle: float  # share of the energy at 250-2000 Hz
    middle_ms: float  # until the strongest band of it has fallen by 20 dB

    @property
    def place(self) -> str:
        """The region with most of the energy."""
        return LOW if self.shares[LOW] >= MOST else max(self.shares, key=lambda region: self.shares[region])

    @property
    def highs(self) -> float:
        """The share of the energy above 2 kHz."""
        return self.shares[HIGH] + self.shares[TOP]

    def outlasts(self, ms: float) -> bool:
        """Return whether this time of a band is so much longer than the whole sound that both together would contradict each other."""
        if self.fall_ms < AT_ONCE_MS:
            return ms >= KNOCK_MS
        return ms > (QUARTER_MS if SHORT_MS <= self.fall_ms < QUARTER_MS else 2.5 * self.fall_ms)

    @property
    def matter(self) -> str:
        """TONE, MIXED, NOISE or METAL."""
        if self.partials >= 14 and self.crest_db < -9 and self.highs >= MOST:
            return METAL
        if self.flatness > -2.2 or self.crest_db < -11:
            return NOISE
        return TONE if self.crest_db >= -6.5 and self.flatness < -4.5 else MIXED


AT_ONCE_MS, SHORT_MS, QUARTER_MS = 35, 110, 250  # in which the whole falls by 20 dB
KNOCK_MS = 45  # too short to ring
MOST = 0.5  # the share of the energy that is most of it
CLEAR = 0.6  # the share of one partial in the low end that makes a pitch
STILL = 0.08  # octaves
LITTLE = 0.015  # the share that nobody hears beside the rest


def quantities_of(x: NDArray[np.float32]) -> Quantities:
    """Return what the facts are read off; `x` begins with the features, in the order of FEATURE_NAMES."""

    def value(name: str) -> float:
        return float(x[AT[name]])

    def ms(name: str) -> float:
        return 1000 * 2 ** value(name)

    band_share = {band: 10 ** (value(f"{band}: share") / 10) for band in BANDS}
    ring = max(BANDS[3:6], key=lambda band: band_share[band])
    strongest = {region: max(bands, key=lambda band: band_share[band]) for region, bands in REGIONS.items()}
    return Quantities(
        shares={region: sum(band_share[band] for band in bands) for region, bands in REGIONS.items()},
        rings_ms={region: ms(f"{band}: fall by 20 dB") for region, band in strongest.items()},
        attack_ms=ms("envelope: attack time"),
        fall_ms=ms("envelope: time to -20 dB"),
        early=value("envelope: energy in the first 10 ms"),
        click_db=value("0-15 ms: level at 4000-7000 Hz"),
        click_octaves=value("0-15 ms: brightness") - value("40-90 ms: brightness"),
        crest_db=value("whole: strongest line"),
        flatness=value("whole: noisiness"),
        partials=value("tone: body: lines above noise"),
        harmonic=value("tone: harmonic comb"),
        steady=value("pitch: harmonicity"),
        pitch_fall=value("pitch: pitch fall"),
        tone=min(value("pitch: tone at 15-40 ms"), value("pitch: tone at 90-180 ms")),
        bursts=value("envelope: bursts in 100 ms"),
        onsets=value("envelope: onsets in all"),
        middle=sum(band_share[band] for band in BANDS[3:6]),
        middle_ms=ms(f"{ring}: fall by 20 dB"),
    )


class Fact(NamedTuple):
    """Something that a musician hears: when it holds, how it is said, and of which types it is typical."""

    holds: Callable[[Quantities], bool]
    text: str
    typical: str  # of these types, separated by spaces
    name: str = ""  # by which a whole phrase refers to it
    natural: str = (
        ""  # for these types: nobody wonders about it, so it speaks neither for them nor against them
    )

    def is_typical_of(self, kind: str) -> bool:
        """Return whether the fact is typical of this type."""
        return kind in self.typical.split()

    def is_odd_for(self, kind: str) -> bool:
        """Return whether the fact is unusual for this type."""
        return not self.is_typical_of(kind) and kind not in self.natural.split()


class Facet(NamedTuple):
    """One side of a sound: the features that measure it, its facts of which the first that holds counts, and the numbers behind them.

    A fact without a text ends the search: then there is nothing to say that would not contradict another facet.
    """

    name: str
    features: str  # a pattern of their names
    facts: tuple[Fact, ...]
    measured: Callable[[Quantities], str]


def seconds(ms: float) -> str:
    """Return a time in words: "70 ms", "0.7 s"."""
    return f"{ms:.0f} ms" if ms < 400 else f"{ms / 1000:.1f} s"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.1f} %"


def _body(matter: str, place: str, text: str, typical: str) -> Fact:
    return Fact(lambda q: (q.matter, q.place) == (matter, place), text, typical, matter)


BODY = (
    _body(TONE, LOW, "low boom", "kick tom bass loop"),
    _body(TONE, LOW_MIDDLE, "round low tone", "tom hand-drum bass tonal vocal"),
    _body(TONE, MIDDLE, "clear tone in the middle", "bell tonal vocal hand-drum fx"),
    _body(TONE, HIGH, "high ping", "bell"),
    _body(TONE, TOP, "very high ping", "bell fx"),
    _body(MIXED, LOW, "low boom with noise", "kick loop bass tom fx"),
    _body(MIXED, LOW_MIDDLE, "body with noise over it", "snare rim tom hand-drum loop bass tonal vocal fx"),
    _body(MIXED, MIDDLE, "noisy tone in the middle", "rim bell vocal tonal fx"),
    _body(MIXED, HIGH, "sharp bright ring", "bell cymbal fx shaker vocal"),
    _body(MIXED, TOP, "thin high ring", "hat-closed bell"),
    _body(METAL, MIDDLE, "metallic ring", "cymbal"),
    _body(METAL, HIGH, "bright metallic ring", "cymbal hat-closed hat-open rim"),
    _body(METAL, TOP, "metallic hiss", "hat-closed hat-open cymbal shaker"),
    _body(NOISE, LOW, "low rumble", "fx loop"),
    _body(NOISE, LOW_MIDDLE, "noise with a body", "snare loop"),
    _body(NOISE, MIDDLE, "noise", "clap rim loop fx"),
    _body(NOISE, HIGH, "bright noise", "clap snare rim hat-closed hat-open shaker cymbal fx"),
    _body(NOISE, TOP, "hiss", "hat-closed hat-open shaker cymbal"),
)
LENGTH = (
    Fact(
        lambda q: q.fall_ms < AT_ONCE_MS,
        "dies away at once",
        "rim hat-closed hand-drum clap bell shaker",
        "very short",
    ),
    Fact(
        lambda q: q.fall_ms < SHORT_MS,
        "has a short tail",
        "kick rim hat-closed clap snare hand-drum bell shaker",
        "short",
    ),
    Fact(
        lambda q: q.fall_ms < QUARTER_MS,
        "dies away within a quarter of a second",
        "kick hand-drum tom snare bell shaker hat-open clap",
    ),
    Fact(
        lambda q: q.fall_ms < 700,
        "dies away slowly",
        "kick tom hat-open cymbal bass tonal vocal fx",
        "long",
    ),
    Fact(lambda _: True, "goes on and on", "cymbal bass tonal vocal fx loop", "very long"),
)


def _clicks(q: Quantities) -> bool:
    return q.click_db >= -24 and q.click_octaves >= 0.8


ATTACK = (
    Fact(
        lambda q: q.attack_ms >= 60 and q.early < 0.02,
        "swells in",
        "tonal vocal fx loop bass cymbal",
        "that swells in",
    ),
    Fact(
        _clicks,
        "begins with a click",
        "kick rim tom hand-drum",
        "with a click",
        natural="snare clap bell shaker hat-closed cymbal",
    ),
    Fact(
        lambda q: q.early >= 0.25,
        "starts all at once",
        "rim bell hand-drum snare hat-closed clap",
        "that starts all at once",
        natural="kick tom cymbal hat-open shaker",
    ),
    Fact(
        lambda q: q.click_db < -34 and q.place in (LOW, LOW_MIDDLE),
        "has no click at the start",
        "kick tom bass tonal hand-drum",
        "without a click",
        natural="vocal fx loop snare",
    ),
)
PITCH = (
    Fact(lambda q: q.tone < CLEAR or q.matter in (NOISE, METAL), "", ""),
    Fact(lambda q: q.pitch_fall >= 1.5, "its pitch dives by more than an octave", "kick"),
    Fact(lambda q: q.pitch_fall >= 0.6, "its pitch dives by about an octave", "kick tom"),
    Fact(lambda q: q.pitch_fall >= STILL, "its pitch sinks a little", "tom kick hand-drum bass"),
    Fact(lambda q: q.pitch_fall > -STILL, "its pitch does not move", "tom hand-drum bell bass tonal vocal"),
    Fact(lambda _: True, "its pitch rises", "fx tonal vocal hand-drum bass"),
)
NOTE = (
    Fact(lambda q: q.matter in (NOISE, METAL), "", ""),
    Fact(
        lambda q: q.harmonic >= 0.28 and q.steady >= 0.6,
        "its overtones belong to one note, like an instrument's",
        "tonal bass vocal bell",
    ),
    Fact(
        lambda q: q.steady >= 0.75,
        "rings with a clear pitch",
        "bell tom hand-drum",
        natural="tonal bass vocal",
    ),
    Fact(
        lambda q: q.steady < 0.5 and not (q.tone >= CLEAR and abs(q.pitch_fall) < STILL),
        "holds no note",
        "kick snare rim fx loop",
        natural="cymbal hat-closed hat-open clap shaker",
    ),
)
REPEATS = (
    Fact(lambda q: q.onsets >= 9, "strikes again and again", "loop fx bass tonal"),
    Fact(
        lambda q: q.bursts >= 3 and q.matter != TONE,
        "several bursts in a row, like hands",
        "clap shaker",
        natural="vocal fx loop",
    ),
    Fact(
        lambda q: q.onsets <= 1 and q.bursts <= 2,
        "a single stroke",
        "kick snare hat-closed hat-open rim tom hand-drum bell cymbal",
        natural="tonal shaker clap bass",
    ),
)
BOTTOM = (
    Fact(
        lambda q: q.shares[LOW] < LITTLE,
        "nothing deep in it",
        "hat-closed hat-open cymbal shaker clap bell rim",
        natural="snare hand-drum tonal vocal fx",
    ),
    Fact(lambda q: q.shares[LOW] < 0.2 or q.outlasts(q.rings_ms[LOW]), "", ""),
    Fact(lambda q: q.rings_ms[LOW] >= 250, "its bottom rings for {bottom}", "kick tom bass loop"),
    Fact(lambda q: q.fall_ms < QUARTER_MS, "a short push at the bottom", "kick tom hand-drum"),
)
MID = (
    Fact(
        lambda q: q.middle < 2 * LITTLE,
        "next to nothing in the middle",
        "hat-closed hat-open shaker kick bass",
    ),
    Fact(lambda q: q.outlasts(q.middle_ms), "", ""),
    Fact(
        lambda q: q.middle_ms < KNOCK_MS,
        "only a knock in the middle",
        "kick snare rim hand-drum clap bell",
        natural="hat-closed shaker fx",
    ),
    Fact(
        lambda q: q.middle_ms < 200,
        "rings in the middle for {middle}",
        "clap snare rim hand-drum tom bell",
    ),
    Fact(
        lambda q: q.fall_ms >= SHORT_MS,
        "rings on in the middle for {middle}",
        "tom tonal vocal cymbal loop fx hat-open bass",
    ),
)
HIGHS = (
    Fact(lambda q: q.highs < LITTLE and _clicks(q), "no highs but the click", "kick tom hand-drum"),
    Fact(
        lambda q: q.highs < LITTLE,
        "next to no highs",
        "kick tom hand-drum bass tonal vocal",
        natural="loop fx bell",
    ),
    Fact(lambda q: q.shares[TOP] < LITTLE or q.highs < 0.15 or q.outlasts(q.rings_ms[TOP]), "", ""),
    Fact(lambda q: q.rings_ms[TOP] < 60, "only a tick of hiss on top", "hat-closed rim clap shaker bell"),
    Fact(lambda q: q.rings_ms[TOP] < 180, "hisses for {top}", "hat-closed shaker snare clap"),
    Fact(lambda q: q.fall_ms >= SHORT_MS, "goes on hissing for {top}", "hat-open cymbal shaker"),
)

FACETS = (
    Facet(
        "body",
        r".+ Hz: share|.+: (brightness|spread|roll-off|noisiness|strongest line)|pitch: (low line against all|lines)|"
        r"tone: (body|tail): .+|pitch: tone at .+",
        BODY,
        lambda q: (
            f"{_percent(q.shares[q.place])} of its energy {HERTZ[q.place]}, flatness {q.flatness:.1f}, crest {q.crest_db:.0f} dB"
        ),
    ),
    Facet(
        "length",
        r"envelope: (time to .+|sounding time|centre of time|energy after 300 ms|crest)",
        LENGTH,
        lambda q: f"falls by 20 dB in {seconds(q.fall_ms)}",
    ),
    Facet(
        "attack",
        r"envelope: (attack time|energy in the first .+)|0-15 ms: level at (2000|4000|7000|11000)-.+",
        ATTACK,
        lambda q: (
            f"attack {seconds(q.attack_ms)}, {_percent(q.early)} of its energy in the first 10 ms, "
            f"4-7 kHz at {q.click_db:.0f} dB in the first 15 ms"
        ),
    ),
    Facet(
        "pitch",
        r"pitch: (pitch .+)|tone: drift",
        PITCH,
        lambda q: f"its pitch {'falls' if q.pitch_fall >= 0 else 'rises'} by {abs(q.pitch_fall):.2f} octaves",
    ),
    Facet(
        "note",
        r"pitch: harmonicity|tone: (harmonic comb|tail as the body)",
        NOTE,
        lambda q: f"harmonicity {q.steady:.2f}, harmonic series {q.harmonic:.2f}",
    ),
    Facet(
        "repeats",
        r"envelope: (bursts in 100 ms|onsets in all|onset spacing|steadiness)",
        REPEATS,
        lambda q: f"{q.onsets:.0f} onsets, {q.bursts:.0f} bursts in 100 ms",
    ),
    Facet(
        "bottom",
        r"(20-70|70-130) Hz: .+|.+ ms: level at (20-70|70-130) Hz",
        BOTTOM,
        lambda q: (
            f"{_percent(q.shares[LOW])} of its energy below 130 Hz, which falls by 20 dB in {seconds(q.rings_ms[LOW])}"
        ),
    ),
    Facet(
        "middle",
        r"(130-250|250-500|500-1000|1000-2000) Hz: .+|.+ ms: level at (130-250|250-500|500-1000|1000-2000) Hz",
        MID,
        lambda q: (
            f"{_percent(q.middle)} of its energy at 250-2000 Hz, which falls by 20 dB in {seconds(q.middle_ms)}"
        ),
    ),
    Facet(
        "highs",
        r"(2000-4000|4000-7000|7000-11000|11000-16000) Hz: .+|.+ ms: level at (2000-4000|4000-7000|7000-11000|11000-16000) Hz",
        HIGHS,
        lambda q: (
            f"{_percent(q.highs)} of its energy above 2 kHz; above 7 kHz it falls by 20 dB "
            f"in {seconds(q.rings_ms[TOP])}"
        ),
    ),
)
OF_FEATURE = {
    name: next((facet.name for facet in FACETS if re.fullmatch(facet.features, name)), "")
    for name in FEATURE_NAMES
}


class FoundFact(NamedTuple):
    """The fact of a facet that holds for a sound, in words, with the numbers behind it."""

    fact: Fact
    text: str
    measured: str


def facts_of(q: Quantities) -> dict[str, FoundFact]:
    """Return what a musician hears in the sound: for each facet that has something to say, its fact."""
    found = {}
    for facet in FACETS:
        fact = next((fact for fact in facet.facts if fact.holds(q)), None)
        if fact and fact.text:
            times = {"bottom": q.rings_ms[LOW], "middle": q.middle_ms, "top": q.rings_ms[TOP]}
            text = fact.text.format_map({name: seconds(ms) for name, ms in times.items()})
            found[facet.name] = FoundFact(fact, text, facet.measured(q))
    return found


def phrase(body: Fact, length: Fact | None, attack: Fact | None) -> str:
    """Return body, length and attack as one phrase: "long low boom without a click", "noise with a short tail"."""
    lasting = length.name if length else ""
    if lasting == "short" and attack is None and body.text.endswith("noise"):
        return f"{body.text} with a short tail"
    return " ".join(filter(None, (lasting, body.text, attack.name if attack else "")))
