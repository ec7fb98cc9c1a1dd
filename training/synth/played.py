"""Strings, keys, bars and pipes as they are played: one note of an instrument, at a given pitch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import lfilter

from training.synth.blocks import (
    SR,
    chance,
    click,
    fall,
    filtered,
    held,
    log_spread,
    log_uniform,
    modes,
    noise,
    placed,
    times,
)
from training.synth.filters import formed, instrument, pulse, resonances, saw, swept_low_pass, vibrato

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats

# What bars and tongues ring at, against their lowest mode: Fletcher and Rossing, The Physics of Musical Instruments.
MARIMBA, XYLOPHONE, VIBRAPHONE = (1.0, 3.93, 9.5, 16.2), (1.0, 3.0, 6.1, 10.2), (1.0, 4.0, 10.0, 18.5)
GLOCKENSPIEL, TONGUE, TUBE = (1.0, 2.76, 5.4, 8.93), (1.0, 5.2, 6.27, 14.0), (2.0, 3.0, 4.16, 5.43)
STEEL_DRUM, CELESTA = (1.0, 2.0, 3.01, 4.02), (1.0, 2.0, 4.1, 6.5)
BARS = (
    (MARIMBA, 0.15, 1.5),
    (XYLOPHONE, 0.08, 0.6),
    (VIBRAPHONE, 0.8, 6.0),
    (GLOCKENSPIEL, 0.5, 5.0),
    (TONGUE, 0.3, 2.5),
    (TUBE, 1.0, 8.0),
    (STEEL_DRUM, 0.3, 1.8),
    (CELESTA, 0.5, 3.0),
)


def length(rng: Generator) -> float:
    """Short as in a phrase, or as long as it rings; samplers' notes are seldom cut short."""
    return log_uniform(rng, 0.12, 1) if chance(rng, 0.25) else log_uniform(rng, 0.6, 4)


def karplus(rng: Generator, base: float) -> Floats:
    """Karplus and Strong's string: a burst that goes round, damped at every turn."""
    t = times(min(length(rng), 2.5))
    period = int(SR / base)
    burst = np.zeros(len(t), np.float32)
    burst[:period] = rng.uniform(-1, 1, period)[: len(t)]
    damp, blend = 10 ** (-3 / (base * log_uniform(rng, 0.3, 8))), rng.uniform(0.5, 0.97)
    a = np.zeros(period + 2)
    a[0], a[period], a[period + 1] = 1, -damp * blend, -damp * (1 - blend)
    return filtered(lfilter([1.0], a, burst).astype(np.float32), 30, log_uniform(rng, 1500, 16000))


def plucked(rng: Generator, base: float) -> Floats:
    """Guitar, harp, banjo, koto, pizzicato: where the string is plucked sets its harmonics, the body knocks along."""
    t = times(length(rng))
    k = np.arange(1, 1 + int(min(24, 12_000 / base)))
    stiff = np.sqrt(1 + log_uniform(rng, 1e-5, 1e-3) * k**2)
    level = np.abs(np.sin(np.pi * k * rng.uniform(0.05, 0.5))) / k ** rng.uniform(0.4, 1.8)
    ring = log_uniform(rng, 0.12, 6) / k ** rng.uniform(0.1, 1)
    string = modes(t, base * k * stiff, ring, level, rng)
    if chance(rng, 0.3):  # a second course
        string = string + modes(t, base * rng.uniform(0.997, 1.003) * k * stiff, ring, level, rng)
    knock = modes(t, log_spread(rng, 90, 900, 5), rng.uniform(0.02, 0.15, 5), rng.uniform(0.1, 1, 5), rng)
    nail = click(t, rng, log_uniform(rng, 300, 3000), 10_000, 0.006)
    y = string + knock * rng.uniform(0, 0.3) + nail * rng.uniform(0, 0.4)
    return np.tanh(y * log_uniform(rng, 2, 30)) if chance(rng, 0.15) else y  # an amplifier


def hammered(rng: Generator, base: float) -> Floats:
    """Pianos: two or three strings a key that drift apart, fast loss first, slow loss after; felt and key below."""
    t = times(length(rng))
    k = np.arange(1, 1 + int(min(18, 10_000 / base)))
    hz = base * k * np.sqrt(1 + log_uniform(rng, 1e-4, 2e-3) * k**2)
    level = rng.uniform(0.3, 1, len(k)) / k ** rng.uniform(0.6, 2)
    ring = log_uniform(rng, 0.6, 8) / k ** rng.uniform(0.2, 0.9)
    y = modes(t, hz, ring * rng.uniform(0.1, 0.5), level, rng) * rng.uniform(0.3, 1)
    y = y + modes(t, hz * rng.uniform(0.999, 1.001), ring, level, rng)
    felt = noise(t, rng, 60, log_uniform(rng, 300, 4000)) * fall(t, log_uniform(rng, 0.02, 0.15))
    return y * damper(t, rng) + felt * rng.uniform(0, 0.6)


def damper(t: Floats, rng: Generator) -> Floats:
    """The key is let go before the note has died, or is not."""
    if chance(rng, 0.5):
        return np.ones_like(t)
    return np.interp(t, [0, t[-1] * rng.uniform(0.3, 0.9), t[-1]], [1, 1, 0]).astype(np.float32)


def electric_piano(rng: Generator, base: float) -> Floats:
    """Tines and FM: a tone bent by a modulator that dies before it, with a ping on top."""
    t = times(length(rng))
    index = rng.uniform(0.2, 4) * fall(t, log_uniform(rng, 0.1, 2))
    ratio = rng.choice([1, 1, 2, 3, 7, 14])
    y = np.sin(2 * np.pi * base * t + index * np.sin(2 * np.pi * base * ratio * t))
    tremolo = 1 + rng.uniform(0, 0.4) * np.sin(2 * np.pi * rng.uniform(2, 8) * t)
    return y * fall(t, log_uniform(rng, 0.4, 6), log_uniform(rng, 0.0005, 0.01)) * damper(t, rng) * tremolo


def organ(rng: Generator, base: float) -> Floats:
    """Drawbars and pipes: harmonics at fixed levels, a chiff of air or a key click, all or nothing."""
    t = times(length(rng))
    pulled = np.array([0.5, 1, 1.5, 2, 3, 4, 5, 6, 8]) * rng.choice([1, 1, 1, 0.5])
    level = rng.uniform(0, 1, 9) * (rng.random(9) < rng.uniform(0.3, 1))
    level[1] = max(level[1], 0.5)
    beat = 1 + rng.uniform(0, 0.01) * np.sin(2 * np.pi * rng.uniform(0.7, 7) * t)
    turns = 2 * np.pi * np.cumsum(base * beat) / SR
    y = sum(a * np.sin(r * turns) for r, a in zip(pulled, level, strict=True) if r * base < 15_000)
    chiff = noise(t, rng, base, base * 8) * fall(t, log_uniform(rng, 0.01, 0.2)) * rng.uniform(0, 1)
    return y * held(t, rng, log_uniform(rng, 0.002, 0.05)) + chiff


def reed(rng: Generator, base: float) -> Floats:
    """Accordion, harmonica, melodica: thin pulses, often two that beat."""
    t = times(length(rng))
    hz = base * vibrato(t, rng, 0.006)
    width = rng.uniform(0.08, 0.4)
    y = pulse(hz, width) + rng.uniform(0, 1) * pulse(hz * rng.uniform(1.002, 1.012), width, rng.random())
    return filtered(y, base * 0.7, base * log_uniform(rng, 4, 25)) * held(t, rng, log_uniform(rng, 0.01, 0.1))


def bar(rng: Generator, base: float) -> Floats:
    """Marimba to music box: a bar, tongue or tube under a soft or a hard head, a motor in its resonator at times."""
    ratios, shortest, longest = BARS[rng.integers(len(BARS))]
    ring = log_uniform(rng, shortest, longest) * min(1.5, (600 / base) ** rng.uniform(0.3, 1))
    t = times(min(4, ring * rng.uniform(0.7, 1.3) + 0.1))
    ratio = np.repeat(ratios, 2) * np.tile([1, 1 + abs(rng.normal(0, 0.002))], 4)
    head = rng.uniform(0.3, 2.5)  # soft heads leave the upper modes alone
    level = rng.uniform(0.3, 1, 8) / ratio**head
    y = modes(t, base * ratio, ring / ratio ** rng.uniform(0.3, 1.3), level, rng)
    motor = 1 + rng.uniform(0, 0.6) * chance(rng, 0.25) * np.sin(2 * np.pi * rng.uniform(2, 8) * t)
    stroke = click(t, rng, log_uniform(rng, 150, 2000), log_uniform(rng, 2500, 10_000), 0.006)
    return y * motor + stroke * log_uniform(rng, 0.003, 0.4)


def bowed(rng: Generator, base: float) -> Floats:
    """A saw from the bow through the box of the instrument; alone or in a section, long, tremolo or spiccato."""
    t = times(length(rng))
    players = int(rng.choice([1, 1, 2, 4]))
    y = sum(
        saw(base * vibrato(t, rng, 0.015) * (1 + 0.004 * rng.normal()), rng.random()) for _ in range(players)
    )
    y = y + noise(t, rng, base, 9000) * log_uniform(rng, 0.01, 0.5)
    centres, levels = log_spread(rng, 200, 5000, 7), rng.uniform(0.2, 1, 7)
    top = log_uniform(rng, 2500, 9000)
    y = formed(y, lambda _t, f: (0.1 + resonances(f, centres, centres * 0.25, levels)) / (1 + (f / top) ** 2))
    stroke = held(t, rng, log_uniform(rng, 0.015, 0.4)) if chance(rng, 0.75) else fall(t, float(t[-1]), 0.02)
    rate = rng.uniform(7, 14)
    return y * stroke * (1 - chance(rng, 0.15) * 0.7 * np.abs(np.sin(np.pi * rate * t)))


def woodwind(rng: Generator, base: float) -> Floats:
    """Flute to saxophone: a few harmonics, the odd ones louder in a closed pipe, and breath around them."""
    t = times(length(rng))
    turns = 2 * np.pi * np.cumsum(base * vibrato(t, rng)) / SR
    closed, steep = rng.uniform(0, 1) * chance(rng, 0.5), rng.uniform(0.5, 2.5)
    y = sum(
        np.sin(k * turns + rng.uniform(0, 6)) * rng.uniform(0.5, 1) * (1 - closed * (k % 2 == 0)) / k**steep
        for k in range(1, 1 + int(min(12, 14_000 / base)))
    )
    breath = noise(t, rng, base * 0.8, base * 8) * log_uniform(rng, 0.005, 0.6)
    tongue = noise(t, rng, 500, 6000) * fall(t, log_uniform(rng, 0.01, 0.08), 0.005) * rng.uniform(0, 0.3)
    return (y + breath) * held(t, rng, log_uniform(rng, 0.01, 0.25)) + tongue


def brass(rng: Generator, base: float) -> Floats:
    """The louder the brighter: a saw behind a filter that opens with the breath."""
    t = times(length(rng))
    hz = base * vibrato(t, rng)
    if chance(rng, 0.1):  # a fall
        hz = hz * 2 ** (-np.maximum(t - t[-1] * 0.4, 0) * rng.uniform(0.5, 3))
    players = int(rng.choice([1, 1, 3]))
    y = sum(saw(hz * (1 + 0.004 * rng.normal()), rng.random()) for _ in range(players))
    breath = held(t, rng, log_uniform(rng, 0.01, 0.2))
    cutoff = base * (1 + log_uniform(rng, 2, 18) * breath**2)
    return swept_low_pass(swept_low_pass(y, cutoff, 0.7), cutoff, 1.0) * breath


def strummed(rng: Generator, base: float) -> Floats:
    """A chord of one instrument, the notes one after another or at once."""
    play = instrument(rng, (karplus, plucked, hammered, electric_piano)[rng.integers(4)])
    apart = log_uniform(rng, 0.001, 0.05)
    ratios = (1.0, rng.choice([1.189, 1.26]), 1.498, 2.0, 2.4)[: int(rng.integers(2, 6))]
    hits = [(i * apart, play(base * ratio)) for i, ratio in enumerate(ratios)]
    return placed(length(rng), hits)


def orchestra_hit(rng: Generator, base: float) -> Floats:
    """The whole orchestra on one short chord over octaves, as the first samplers sold it."""
    sections = (bowed, brass, woodwind, hammered, plucked)
    ratios = rng.choice([0.5, 1, 1.189, 1.26, 1.498, 2, 3, 4], 5)
    hits = [(abs(rng.normal(0, 0.008)), sections[rng.integers(5)](rng, base * ratio)) for ratio in ratios]
    thump = noise(times(0.5), rng, 40, 400) * fall(times(0.5), log_uniform(rng, 0.1, 0.5))
    tutti = [(at, hit / max(float(np.abs(hit).max()), 1e-9)) for at, hit in hits]
    y = placed(log_uniform(rng, 0.25, 1.2), [*tutti, (0.0, thump * rng.uniform(0, 1.5))])
    return y * fall(times(len(y) / SR)[: len(y)], len(y) / SR, 0.004, rng.uniform(1, 2))
