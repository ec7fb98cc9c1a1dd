"""Voices: a throat, its formants, the consonants between. Words, shouts, choirs, whispers, robots, mouth noises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.synth.blocks import SR, chance, click, fall, filtered, held, log_uniform, noise, placed, times
from training.synth.filters import formed, resonances, saw, swept_low_pass, vibrato, wander, worn

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats

# The formants of ten vowels of men: Peterson and Barney 1952; the fourth and fifth hardly move.
VOWELS = np.array(
    [
        [270, 2290, 3010],
        [390, 1990, 2550],
        [530, 1840, 2480],
        [660, 1720, 2410],
        [730, 1090, 2440],
        [570, 840, 2410],
        [440, 1020, 2240],
        [300, 870, 2240],
        [640, 1190, 2390],
        [490, 1350, 1690],
    ],
    np.float32,
)
UPPER = np.array([3500, 4500], np.float32)
WIDTHS = np.array([80, 100, 150, 250, 350], np.float32)


def vocal(rng: Generator) -> Floats:
    y = VOICES[rng.integers(len(VOICES))](rng)
    return worn(y, rng) if chance(rng, 0.35) else y


def glottis(hz: Floats, effort: float) -> Floats:
    """The flow through the vocal folds by Rosenberg (1971), differentiated by the lips; effort shuts them sooner."""
    turns = np.cumsum(hz.astype(np.float64)) / SR % 1
    opening, closing = 0.55 - 0.3 * effort, 0.3 - 0.2 * effort
    rise, drop = turns / opening, (turns - opening) / closing
    flow = np.where(rise < 1, 3 * rise**2 - 2 * rise**3, np.maximum(1 - drop**2, 0) * (drop < 1))
    return np.diff(flow, prepend=flow[:1]).astype(np.float32) * 20


def throat(y: Floats, knots: Floats, vowels: Floats, size: float, rng: Generator) -> Floats:
    """A source through five formants that glide from vowel to vowel."""
    levels = np.array([1, 0.7, 0.5, 0.35, 0.2]) ** rng.uniform(0.5, 2.5)
    below = log_uniform(rng, 0.03, 0.6)  # the lowest harmonics pass all resonators

    def gain(at: Floats, f: Floats) -> Floats:
        tracks = [np.interp(at, knots, column) for column in vowels.T]
        centres = np.concatenate([*tracks, np.broadcast_to(UPPER, (len(at), 2))], 1) * size
        return resonances(f, centres[:, None, :], WIDTHS * size, levels) + below / (1 + (f / 400) ** 2)

    return formed(y, gain)


def uttered(rng: Generator, lengths: list[float], hz: float, effort: float, breath: float) -> Floats:
    """Syllables in a row: a consonant each, a vowel that glides, a melody over all."""
    edges = np.concatenate([[0.0], np.cumsum(lengths)])
    t = times(float(edges[-1]) + 0.05)
    melody = np.interp(t, np.linspace(0, t[-1], len(lengths) + 2), rng.uniform(0.8, 1.25, len(lengths) + 2))
    pitch = hz * melody * (1 + 0.02 * wander(t, rng, 12))
    knots = np.sort(np.concatenate([edges[:-1], edges[:-1] + np.array(lengths) * 0.4, edges[1:] - 0.02]))
    vowels = VOWELS[rng.integers(10, size=len(knots))] * rng.uniform(0.95, 1.05, (len(knots), 1))
    source = glottis(pitch, effort)
    source = source + noise(t, rng, 500, 9000) * breath * (0.4 + 0.6 * (np.cumsum(pitch) / SR % 1))
    voiced = syllables_open(t, rng, edges)
    y = throat(source * voiced, knots, vowels, log_uniform(rng, 0.85, 1.35), rng)
    top = float(np.abs(y).max())
    spoken = [
        (float(edge), consonant(rng) * top * log_uniform(rng, 0.02, 1.2))
        for edge in edges[:-1]
        if chance(rng, 0.6)
    ]
    return placed(float(t[-1]) + 0.05, [(0.03, y), *spoken])


def syllables_open(t: Floats, rng: Generator, edges: Floats) -> Floats:
    """The loudness of a voice: it opens in each syllable, holds, and closes more or less before the next."""
    closed = rng.uniform(0, 0.6)
    places = np.array([0.0, rng.uniform(0.05, 0.3), rng.uniform(0.5, 0.8)])
    at = (edges[:-1, None] + np.diff(edges)[:, None] * places).ravel()
    level = np.tile([closed, 1.0, rng.uniform(0.4, 1)], len(edges) - 1)
    level[0] = 0
    return np.interp(t, [*at, t[-1]], [*level, 0.0]).astype(np.float32)


def consonant(rng: Generator) -> Floats:
    """A hiss between the teeth, or the burst of lips, tongue or palate."""
    t = times(0.2)
    if chance(rng, 0.5):
        low = log_uniform(rng, 800, 6000)
        return noise(t, rng, low, low * log_uniform(rng, 1.5, 4)) * fall(
            t, log_uniform(rng, 0.05, 0.2), log_uniform(rng, 0.005, 0.06)
        )
    low = log_uniform(rng, 200, 4000)
    return noise(t, rng, low, low * 3) * fall(t, log_uniform(rng, 0.008, 0.06), 0.001)


def word(rng: Generator) -> Floats:
    """One to six syllables, spoken."""
    count = int(rng.choice([1, 1, 1, 2, 2, 3, 4, 6]))
    lengths = list(log_uniform(rng, 0.08, 0.45) * rng.uniform(0.7, 1.4, count))
    return uttered(rng, lengths, log_uniform(rng, 75, 380), rng.uniform(0, 1), log_uniform(rng, 0.01, 0.4))


def shout(rng: Generator) -> Floats:
    """Hey, oh, ow: high, pressed, one open vowel, the pitch thrown up and let fall."""
    t = times(log_uniform(rng, 0.12, 1.2))
    arc = np.interp(t, [0, t[-1] * rng.uniform(0.1, 0.5), t[-1]], rng.uniform(0.6, 1.3, 3))
    rough = 1 + rng.uniform(0, 0.15) * wander(t, rng, 90)
    source = glottis(log_uniform(rng, 130, 700) * arc * rough, rng.uniform(0.6, 1))
    source = source + noise(t, rng, 500, 8000) * log_uniform(rng, 0.02, 1)
    vowels = VOWELS[rng.choice([3, 4, 5, 8, 2], 2)] * rng.uniform(1, 1.25)
    y = throat(source * held(t, rng, log_uniform(rng, 0.005, 0.1)), t[[0, -1]], vowels, 1.1, rng)
    return np.tanh(y / np.abs(y).max() * log_uniform(rng, 0.5, 4))


def sung(rng: Generator) -> Floats:
    """Ah and ooh: one singer or a choir, a vowel that stays, vibrato; cut into a chop at times."""
    t = times(log_uniform(rng, 0.2, 3.5))
    base, singers = log_uniform(rng, 80, 800), int(rng.choice([1, 1, 1, 3, 5]))
    chord = rng.choice([1, 1, 1.26, 1.5], singers) if chance(rng, 0.3) else np.ones(singers)
    effort = rng.uniform(0, 0.8)
    source = sum(
        glottis(base * r * vibrato(t, rng, 0.03) * (1 + 0.005 * rng.normal()), effort) for r in chord
    )
    source = source + noise(t, rng, 500, 8000) * log_uniform(rng, 0.01, 0.4)
    vowels = VOWELS[rng.integers(10, size=2)]
    y = throat(source, t[[0, -1]], vowels, log_uniform(rng, 0.85, 1.4), rng)
    return y * held(t, rng, log_uniform(rng, 0.005, 0.4))


def whisper(rng: Generator) -> Floats:
    """Breath in place of the voice; without a word it is a sigh."""
    lengths = list(rng.uniform(0.12, 0.6, int(rng.integers(1, 5))))
    return uttered(rng, lengths, 100, 0.0, rng.uniform(3, 10))


def laugh(rng: Generator) -> Floats:
    """The same syllable again and again, about five a second (Provine), falling; or a cough, once."""
    lengths = [float(rng.uniform(0.12, 0.28))] * int(rng.integers(1, 9))
    return uttered(rng, lengths, log_uniform(rng, 120, 450), rng.uniform(0.2, 1), log_uniform(rng, 0.2, 2))


def robot(rng: Generator) -> Floats:
    """Vocoders, speech chips and talk boxes: a saw, a buzz or a chord at a fixed pitch through a throat."""
    lengths = list(rng.uniform(0.08, 0.35, int(rng.integers(1, 6))))
    edges = np.concatenate([[0.0], np.cumsum(lengths)])
    t = times(float(edges[-1]))
    base = log_uniform(rng, 55, 400)
    source = sum(saw(np.full(len(t), base * r)) for r in rng.choice([1, 1.5, 2, 1.26], rng.integers(1, 4)))
    shut = np.min(np.abs(t[:, None] - edges), axis=1) < rng.uniform(0, 0.04)
    talk = (source + noise(t, rng, 1000, 9000) * rng.uniform(0, 0.5)) * (1 - rng.uniform(0, 1) * shut)
    return throat(talk, edges, VOWELS[rng.integers(10, size=len(edges))], rng.uniform(0.8, 1.4), rng)


def mouth(rng: Generator) -> Floats:
    """Pops, kisses, tongue clicks, breath drawn in, the drums of a beatboxer: no voice, but a mouth around it."""
    t = times(log_uniform(rng, 0.08, 0.6))
    source = consonant(rng)
    source = np.pad(source, (0, max(0, len(t) - len(source))))[: len(t)]
    drawn = noise(t, rng, 600, 8000) * np.interp(t, [0, t[-1] * rng.uniform(0.2, 0.9), t[-1]], [0, 1, 0])
    hum = glottis(log_uniform(rng, 60, 200) * np.exp(-t * rng.uniform(0, 4)), 0.3) * fall(
        t, float(t[-1]), 0.01
    )
    mixed = (
        source * rng.uniform(0, 1) + drawn * rng.uniform(0, 1) * chance(rng, 0.5) + hum * rng.uniform(0, 1.5)
    )
    mixed = mixed + click(t, rng, 500, 5000, 0.005) * rng.uniform(0, 1)
    return throat(mixed, t[[0, -1]], VOWELS[rng.integers(10, size=2)], rng.uniform(0.8, 1.4), rng)


def creature(rng: Generator) -> Floats:
    """Grunts, monsters, squeaks and barks: a throat of another size, rough, driven."""
    t = times(log_uniform(rng, 0.15, 1.8))
    size = log_uniform(rng, 0.5, 2.5)
    arc = np.interp(t, np.linspace(0, t[-1], 4), rng.uniform(0.5, 1.5, 4))
    hz = log_uniform(rng, 50, 200) * size * arc * (1 + rng.uniform(0, 0.3) * wander(t, rng, 60))
    source = glottis(hz, rng.uniform(0, 1)) + noise(t, rng, 200, 8000) * log_uniform(rng, 0.05, 2)
    y = throat(source, t[[0, -1]], VOWELS[rng.integers(10, size=2)], size, rng)
    y = y * held(t, rng, log_uniform(rng, 0.005, 0.3))
    return np.tanh(y / np.abs(y).max() * log_uniform(rng, 0.5, 8))


def chopped(rng: Generator) -> Floats:
    """A piece out of the middle of a phrase, hard at both ends or filtered, as house and trap use them."""
    y = (sung, word)[rng.integers(2)](rng)
    start = int(len(y) * rng.uniform(0, 0.5))
    y = y[start : start + int(log_uniform(rng, 0.08, 0.6) * SR)]
    y = np.tile(y, rng.integers(1, 5)) if chance(rng, 0.25) else y
    t = times(len(y) / SR)[: len(y)]
    swept = swept_low_pass(y, np.geomspace(400, 12_000, len(y))[:: rng.choice([1, -1])], 1.0)
    y = swept if chance(rng, 0.2) else y
    return filtered(y, log_uniform(rng, 20, 300), 16_000) * np.minimum(1, (t[-1] - t) / 0.004)


VOICES = (word, word, word, word, shout, shout, sung, sung, whisper, laugh, robot, mouth, creature, chopped)
