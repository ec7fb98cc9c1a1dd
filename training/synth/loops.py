"""Loops: bars of drums, riffs, and both at once, cut on the beat and pressed as records are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.synth import (
    bells,
    cymbals,
    hands,
    kicks,
    metals,
    oddments,
    patches,
    played,
    rattles,
    strokes,
    toms,
    voices,
)
from training.synth.blocks import SR, chance, filtered, log_uniform, placed
from training.synth.filters import instrument, levelled
from training.synth.rooms import among_walls

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

    from training.synth.blocks import Floats

    Hits = list[tuple[float, Floats]]

LONGEST = 3.2  # seconds; the ear does not look at more
SCALE = np.array([1, 1.122, 1.189, 1.335, 1.498, 1.682, 1.782, 2])
# How likely a stroke is on each sixteenth of half a bar, for kick and snare.
KICKS = ((1, 0, 0, 0, 1, 0, 0, 0), (1, 0, 0.2, 0.3, 0, 0.2, 0.7, 0), (1, 0, 0.8, 0, 0, 0.5, 0, 0.1))
SNARES = ((0, 0, 0, 0, 1, 0, 0, 0), (0, 0.2, 0, 0.1, 1, 0, 0.1, 0.4), (0, 0, 0, 1, 0, 0, 1, 0))


def loop(rng: Generator) -> Floats:
    """Swung or straight, one layer or a whole band, glued together by a room and a compressor."""
    step = 60 / log_uniform(rng, 70, 180) / 4 * rng.choice([1, 1, 1, 1, 2])
    length = min(LONGEST, step * rng.choice([8, 16, 32, 64]))
    length = max(length, min(LONGEST, step * 8))
    parts = (
        drums,
        drums,
        drums,
        drums,
        drums,
        hand_percussion,
        hand_percussion,
        tops,
        riff,
        riff,
        chords,
        beatbox,
    )
    layers = [parts[rng.integers(len(parts))]]
    if chance(rng, 0.45):
        layers.append((low_line, low_line, riff, chords, tops, hand_percussion)[rng.integers(6)])
    swing = rng.uniform(0, 0.3) * chance(rng, 0.4) * step
    hits = [hit for layer in layers for hit in layer(rng, step, length)]
    late = [(at + swing * (round(at / step) % 2) + abs(rng.normal(0, 0.003)), hit) for at, hit in hits]
    y = levelled(placed(length, late))
    if chance(rng, 0.4):
        y = levelled(among_walls(y, rng)[: int(length * SR)])
    y = np.tanh(y * log_uniform(rng, 1, 8)) if chance(rng, 0.6) else y
    return filtered(y, 20, log_uniform(rng, 2500, 16_000)) if chance(rng, 0.3) else y


def kit(hit: Callable[[Generator], Floats], rng: Generator) -> Callable[[float], Floats]:
    """One drum of a kit, the same at every stroke but for its force."""
    y = levelled(hit(rng))
    return lambda force: y * force


def strokes_of(
    rng: Generator, play: Callable[[float], Floats], likely: tuple[float, ...], step: float, length: float
) -> Hits:
    """A pattern repeated over the loop, drawn anew each time; the unlikely strokes are soft."""
    return [
        (k * step, play(rng.uniform(0.7, 1) if likely[k % len(likely)] > 0.5 else rng.uniform(0.15, 0.6)))
        for k in range(int(length / step))
        if chance(rng, likely[k % len(likely)])
    ]


def drums(rng: Generator, step: float, length: float) -> Hits:
    """Kick, backbeat and hats, with a cymbal, toms or a bell now and then."""
    back = (strokes.snare, strokes.snare, strokes.clap)[rng.integers(3)]
    top = (metals.hat_closed, metals.hat_closed, cymbals.ride, rattles.shaker)[rng.integers(4)]
    even, odd = rng.uniform(0.6, 1), rng.uniform(0, 1)
    extra = (metals.hat_open, bells.bell, toms.tom, hands.hand_drum, cymbals.crash)[rng.integers(5)]
    hats = kit(top, rng)
    loud = log_uniform(rng, 0.15, 1)
    return [
        *strokes_of(rng, kit(kicks.kick, rng), KICKS[rng.integers(3)], step, length),
        *strokes_of(rng, kit(back, rng), SNARES[rng.integers(3)], step, length),
        *strokes_of(rng, lambda force: hats(force * loud), (even, odd), step, length),
        *strokes_of(rng, kit(extra, rng), (0.05, 0.1, 0.1, 0.1), step, length),
    ]


def hand_percussion(rng: Generator, step: float, length: float) -> Hits:
    """Congas, bongos, bells and shakers: several pitches in a pattern of their own."""
    parts = (hands.hand_drum, hands.hand_drum, toms.tom, bells.bell, strokes.rim, oddments.percussion)
    return [
        hit
        for _ in range(int(rng.integers(2, 5)))
        for hit in strokes_of(
            rng, kit(parts[rng.integers(6)], rng), (0.9, *rng.choice([0, 0.3, 0.9], 7)), step, length
        )
    ]


def tops(rng: Generator, step: float, length: float) -> Hits:
    """What is laid over a beat: hats, shakers, tambourines."""
    parts = (metals.hat_closed, rattles.shaken, rattles.tambourine)
    hits = strokes_of(rng, kit(parts[rng.integers(3)], rng), (0.95, rng.uniform(0.3, 1)), step, length)
    return hits + strokes_of(rng, kit(metals.hat_open, rng), (0, 0, rng.uniform(0, 1), 0), step, length)


def riff(rng: Generator, step: float, length: float) -> Hits:
    """A melody or an arpeggio of one instrument."""
    voice = (played.plucked, played.hammered, patches.analogue, patches.chip, patches.fm, played.bar)
    play = instrument(rng, voice[rng.integers(6)])
    base, likely = log_uniform(rng, 100, 700), rng.uniform(0.35, 1)
    tones = [levelled(play(base * ratio)) for ratio in rng.choice(SCALE, 4, replace=False)]
    return [
        (k * step, tones[rng.integers(4)] * rng.uniform(0.5, 1))
        for k in range(int(length / step))
        if chance(rng, likely)
    ]


def low_line(rng: Generator, step: float, length: float) -> Hits:
    """A bass under the beat."""
    play = instrument(rng, (patches.bass_guitar, patches.analogue, patches.sub)[rng.integers(3)])
    base, hold = log_uniform(rng, 35, 90), int(step * 3 * SR)
    tones = [levelled(play(base * ratio))[:hold] for ratio in rng.choice(SCALE, 2)]
    return [(k * step, tones[rng.integers(2)]) for k in range(0, int(length / step), 2) if chance(rng, 0.7)]


def chords(rng: Generator, step: float, length: float) -> Hits:
    """Two chords in turn, held or strummed."""
    play = instrument(rng, (played.strummed, patches.pad, patches.chord_stab, played.organ)[rng.integers(4)])
    base, every = log_uniform(rng, 80, 350), int(rng.choice([2, 4, 8]))
    pair = [levelled(play(base)), levelled(play(base * rng.choice(SCALE)))]
    return [(k * step, pair[k // every % 2]) for k in range(0, int(length / step), every)]


def beatbox(rng: Generator, step: float, length: float) -> Hits:
    """A mouth for a kit, or chops of a voice on the grid."""
    hit = (voices.mouth, voices.chopped)[rng.integers(2)]
    sounds = [kit(hit, rng) for _ in range(3)]
    return [
        found
        for play in sounds
        for found in strokes_of(rng, play, (0.8, *rng.choice([0, 0, 0.4, 0.9], 7)), step, length)
    ]
