"""Sounds of games and desktops: jumps, coins, lasers, blows, menus, notices, alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.synth import patches, played
from training.synth.blocks import (
    OSCILLATORS,
    SR,
    chance,
    click,
    fall,
    filtered,
    held,
    log_uniform,
    modes,
    noise,
    placed,
    swept,
    times,
    wave,
)
from training.synth.filters import instrument, levelled, pulse, swept_low_pass
from training.synth.rooms import among_walls

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats

MELODIES = (1, 1.122, 1.26, 1.335, 1.498, 1.682, 2, 2.52, 3)


def clocked_noise(hz: Floats, rng: Generator) -> Floats:
    """The noise channel of a console: a new random level at every turn of a clock of these Hz."""
    turns = np.floor(np.cumsum(hz) / SR).astype(int)
    levels: Floats = rng.uniform(-1, 1, int(turns[-1]) + 1).astype(np.float32)[turns]
    return levels


def retro(rng: Generator) -> Floats:
    """The generator of countless game jams (sfxr, Pettersson 2007): slide, slide of the slide, vibrato, arpeggio, duty, punch."""
    t = times(log_uniform(rng, 0.03, 1.2))
    way = t / t[-1]
    octaves = rng.normal(0, 1.5) * way + rng.normal(0, 1) * chance(rng, 0.3) * way**2
    octaves += rng.uniform(0, 0.3) * chance(rng, 0.3) * np.sin(2 * np.pi * log_uniform(rng, 5, 40) * t)
    octaves += rng.choice([-1, 0.33, 0.58, 1]) * chance(rng, 0.4) * (way > rng.uniform(0.1, 0.6))
    if chance(rng, 0.2):  # starts again and again
        octaves = octaves[(np.arange(len(t)) % max(64, len(t) // rng.integers(2, 9)))]
    hz = np.clip(log_uniform(rng, 80, 2500) * 2**octaves, 25, 12_000)
    source = rng.integers(4)
    if source == 0:
        y = clocked_noise(np.minimum(hz * rng.choice([4, 8, 16]), SR), rng)
    elif source == 1:
        y = wave(2 * np.pi * np.cumsum(hz) / SR, rng.choice(["sine", "triangle", "saw"]))
    else:
        y = pulse(hz, rng.uniform(0.1, 0.5))
    sustain, punch = rng.uniform(0, 0.7), rng.uniform(0, 1) * chance(rng, 0.4)
    rest = np.clip((1 - way) / (1 - sustain), 0, 1)
    y = y * np.where(way < sustain, 1 + punch * (1 - way / max(sustain, 0.01)), rest)
    if chance(rng, 0.3):
        y = swept_low_pass(
            y, log_uniform(rng, 300, 8000) * 4 ** (way * rng.uniform(-2, 1)), rng.uniform(0.5, 5)
        )
    return filtered(y, log_uniform(rng, 20, 800), 16_000) if chance(rng, 0.3) else y


def coin(rng: Generator) -> Floats:
    """Picked up: one short note, then a higher one that rings."""
    base, kind = log_uniform(rng, 400, 1800), rng.choice(OSCILLATORS)
    first, rung = times(rng.uniform(0.03, 0.12)), times(log_uniform(rng, 0.15, 0.8))
    high = wave(2 * np.pi * base * rng.choice([1.335, 1.498, 2, 1.26]) * rung, kind) * fall(
        rung, float(rung[-1])
    )
    return placed(
        float(first[-1] + rung[-1]), [(0.0, wave(2 * np.pi * base * first, kind)), (float(first[-1]), high)]
    )


def zap(rng: Generator) -> Floats:
    """Lasers: a tone that falls through octaves, again and again in a burst."""
    t = times(log_uniform(rng, 0.06, 0.8))
    high, low = log_uniform(rng, 800, 12_000), log_uniform(rng, 50, 600)
    start, end = (high, low) if chance(rng, 0.75) else (low, high)
    phase = swept(t, start, end, float(t[-1]) * log_uniform(rng, 0.05, 0.6))
    if chance(rng, 0.4):
        phase = phase + rng.uniform(0.5, 5) * np.sin(phase * rng.choice([0.5, 1.5, 2, 3.1]))
    shot = wave(phase, rng.choice(OSCILLATORS)) * fall(t, float(t[-1]), 0.001, rng.uniform(0.7, 2))
    count, gap = int(rng.choice([1, 1, 1, 2, 4])), float(t[-1]) * rng.uniform(0.4, 1)
    return placed(float(t[-1]) + gap * (count - 1), [(i * gap, shot) for i in range(count)])


def blow(rng: Generator) -> Floats:
    """Punches, damage, something lands: a dull thump, a slap of noise, and mostly a tone that gives way."""
    t = times(log_uniform(rng, 0.1, 0.7))
    hz = swept(t, log_uniform(rng, 150, 1200), log_uniform(rng, 40, 200), log_uniform(rng, 0.02, 0.15))
    tone = wave(hz, rng.choice(OSCILLATORS)) * fall(t, float(t[-1]))
    clock = log_uniform(rng, 500, 20_000) * np.exp(-t * rng.uniform(0, 12))
    slap = clocked_noise(np.maximum(clock, 100), rng) * fall(t, log_uniform(rng, 0.04, 0.5))
    flesh = noise(t, rng, 80, log_uniform(rng, 400, 4000)) * fall(t, log_uniform(rng, 0.03, 0.3), 0.003)
    return tone * rng.uniform(0, 1) + slap * rng.uniform(0, 1) + flesh * rng.uniform(0, 1)


def burst(rng: Generator) -> Floats:
    """An explosion as an old game makes it: clocked noise that slows down, or rumble from the mixing desk."""
    t = times(log_uniform(rng, 0.3, 2.5))
    clock = log_uniform(rng, 600, 12_000) * np.exp(-t / t[-1] * rng.uniform(0, 4))
    y = clocked_noise(clock, rng) * fall(
        t, float(t[-1]), log_uniform(rng, 0.001, 0.05), rng.uniform(0.6, 1.3)
    )
    return filtered(y, 20, log_uniform(rng, 400, 12_000))


def jingle(rng: Generator) -> Floats:
    """Won, lost, level up: three to nine notes of one patch, up or down."""
    voice = (patches.chip, patches.chip, patches.fm, patches.digital_bell, played.bar, played.hammered)
    play, base = instrument(rng, voice[rng.integers(6)]), log_uniform(rng, 150, 900)
    ratios = np.sort(rng.choice(MELODIES, int(rng.integers(3, 7)), replace=False))[:: rng.choice([1, -1])]
    step = log_uniform(rng, 0.04, 0.25)
    hits = [(i * step, levelled(play(base * ratio))) for i, ratio in enumerate(ratios)]
    return placed(step * len(ratios) + log_uniform(rng, 0.1, 1), hits)


def notice(rng: Generator) -> Floats:
    """Dialogues, messages, devices: one to three soft notes with round heads and a little hall."""
    play = instrument(rng, soft_note if chance(rng, 0.7) else played.bar)
    base, step = log_uniform(rng, 200, 1600), log_uniform(rng, 0.06, 0.3)
    ratios = rng.choice(MELODIES, int(rng.choice([1, 1, 2, 2, 3])))
    hits = [(0.01 + i * step, play(base * ratio)) for i, ratio in enumerate(ratios)]
    y = placed(step * len(hits) + log_uniform(rng, 0.15, 1.2), hits)
    return among_walls(y, rng) if chance(rng, 0.6) else y


def soft_note(rng: Generator, hz: float) -> Floats:
    """A few pure partials with a soft head, as interface designers like them."""
    t = times(log_uniform(rng, 0.15, 1.5))
    ratios = np.array([1, rng.choice([2, 1.5, 3]), rng.choice([3, 4, 2.76, 5.4])])
    level = np.array([1, rng.uniform(0, 0.5), rng.uniform(0, 0.2)])
    rise = np.minimum(t / log_uniform(rng, 0.001, 0.06), 1)
    return modes(t, hz * ratios, float(t[-1]) * rng.uniform(0.4, 1.2, 3), level, rng) * rise


def menu(rng: Generator) -> Floats:
    """The cursor moves: a click, a bubble, a tick of tone or noise; one or two of them, hardly there."""
    t = times(log_uniform(rng, 0.015, 0.15))
    hz = log_uniform(rng, 200, 4000) * 2 ** (rng.normal(0, 1) * t / t[-1])
    tone = wave(2 * np.pi * np.cumsum(hz) / SR, rng.choice(OSCILLATORS))
    tick = (
        tone * fall(t, float(t[-1]), log_uniform(rng, 0.0005, 0.01), rng.uniform(0.5, 3)) * rng.uniform(0, 1)
    )
    tick = tick + click(t, rng, log_uniform(rng, 200, 3000), 9000, 0.004) * rng.uniform(0, 1)
    hits = [(i * rng.uniform(0.03, 0.15), tick) for i in range(int(rng.choice([1, 1, 2])))]
    return placed(log_uniform(rng, 0.06, 0.5), hits)


def beep(rng: Generator) -> Floats:
    """Metronomes, clocks, telephones (pairs of tones), censors: switched on and off, the level of a machine."""
    length = log_uniform(rng, 0.02, 0.6)
    t = times(length)
    hz = log_uniform(rng, 250, 3500) * np.array([1, rng.choice([1, 1, 1.5, 1.9])])
    kind = rng.choice(OSCILLATORS)
    y = sum(wave(2 * np.pi * f * t, kind) for f in hz) * np.minimum(1, np.minimum(t, t[-1] - t) / 0.002)
    count, gap = int(rng.choice([1, 1, 2, 3, 6])), length * rng.uniform(1.2, 2.5)
    return placed(gap * count, [(i * gap, y) for i in range(count)])


def alarm(rng: Generator) -> Floats:
    """Sirens, modems, warnings: a held tone bent by an oscillator."""
    t = times(log_uniform(rng, 0.2, 2.5))
    bend = wave(2 * np.pi * log_uniform(rng, 0.5, 25) * t, rng.choice(OSCILLATORS)) * rng.uniform(0.03, 0.45)
    y = wave(2 * np.pi * np.cumsum(log_uniform(rng, 250, 3000) * (1 + bend)) / SR, rng.choice(OSCILLATORS))
    return y * held(t, rng, 0.005)


def teleport(rng: Generator) -> Floats:
    """Magic, power, shields: shimmering partials or FM on the move, swelling and gone."""
    t = times(log_uniform(rng, 0.3, 2.5))
    way = np.interp(t, np.linspace(0, t[-1], 4), rng.uniform(-1.5, 1.5, 4))
    phase = 2 * np.pi * np.cumsum(log_uniform(rng, 150, 1500) * 2**way) / SR
    trill = 1 + rng.uniform(0, 1) * np.sin(2 * np.pi * log_uniform(rng, 5, 40) * t)
    index = rng.uniform(0, 6) * np.interp(t, [0, t[-1]], rng.uniform(0, 1, 2))
    y = np.sin(phase + index * np.sin(phase * rng.choice([0.5, 1, 1.41, 2, 3.5]))) * trill
    shine = noise(t, rng, 4000, 14_000) * rng.uniform(0, 0.5)
    return (y + shine) * held(t, rng, log_uniform(rng, 0.005, 1))


GAMES = (
    retro,
    retro,
    retro,
    coin,
    zap,
    zap,
    blow,
    blow,
    burst,
    jingle,
    notice,
    notice,
    menu,
    beep,
    alarm,
    teleport,
)
