"""Effects and everyday noise: what a download folder holds that is neither drum nor note."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.synth import cymbals, membranes, snares
from training.synth.building_blocks import (
    OSCILLATORS,
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
    swept,
    times,
    wave,
)

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.building_blocks import Floats


def fx(rng: Generator) -> Floats:
    return FX[rng.integers(len(FX))](rng)


def sweep(rng: Generator) -> Floats:
    """Risers and fallers, of noise or tone."""
    t = times(log_uniform(rng, 0.4, 3))
    way = t / t[-1] if chance(rng, 0.6) else 1 - t / t[-1]
    if chance(rng, 0.5):
        f = log_uniform(rng, 60, 500) * log_uniform(rng, 4, 40) ** way
        y = wave(2 * np.pi * np.cumsum(f) / SR, rng.choice(OSCILLATORS))
    else:
        dull, bright = noise(t, rng, 100, 800), noise(t, rng, 2000, 14000)
        y = dull * (1 - way) + bright * way
    return (y * np.interp(t, [0, t[-1] * rng.uniform(0.1, 0.9), t[-1]], [0, 1, 0])).astype(np.float32)


def zap(rng: Generator) -> Floats:
    t = times(log_uniform(rng, 0.08, 0.8))
    high, low = log_uniform(rng, 1500, 12000), log_uniform(rng, 60, 600)
    start, end = (high, low) if chance(rng, 0.7) else (low, high)
    return wave(swept(t, start, end, log_uniform(rng, 0.02, 0.3)), rng.choice(OSCILLATORS)) * fall(
        t, float(t[-1]), curve=rng.uniform(0.7, 2)
    )


def blips(rng: Generator) -> Floats:
    """Games and desktops: notes in quick succession, jumps, arpeggios."""
    length = log_uniform(rng, 0.05, 0.4)
    hz = log_uniform(rng, 200, 1800) * rng.choice([1, 1.25, 1.5, 2, 0.75], int(rng.integers(1, 7)))
    kind = rng.choice(OSCILLATORS)
    t = times(length)
    envelope = fall(t, length * rng.uniform(0.7, 3), 0.003)
    return placed(
        length * len(hz),
        [
            (i * length * rng.uniform(0.5, 0.9), wave(2 * np.pi * f * t, kind) * envelope)
            for i, f in enumerate(hz)
        ],
    )


def boom(rng: Generator) -> Floats:
    """Explosions and cinematic hits: more rumble, more length than any drum."""
    t = times(log_uniform(rng, 0.8, 3))
    rumble = noise(t, rng, 25, log_uniform(rng, 150, 2500)) * fall(
        t, log_uniform(rng, 0.8, 3), log_uniform(rng, 0.001, 0.1)
    )
    debris = noise(t, rng, 500, 9000) * (rng.random(len(t)) < 0.02) * fall(t, log_uniform(rng, 0.3, 2))
    low = np.sin(swept(t, rng.uniform(50, 200), rng.uniform(20, 45), 0.2)) * fall(
        t, log_uniform(rng, 0.5, 2.5)
    )
    return rumble + debris * rng.uniform(0, 4) + low * rng.uniform(0, 1)


def rough(rng: Generator) -> Floats:
    """Machines, glitches, scratches: noise and tones cut by a modulator."""
    t = times(log_uniform(rng, 0.15, 1.5))
    low = log_uniform(rng, 100, 3000)
    source = (
        noise(t, rng, low, low * log_uniform(rng, 1.3, 10))
        if chance(rng, 0.6)
        else wave(2 * np.pi * np.cumsum(low * (1 + 0.5 * noise(t, rng, 2, 40))) / SR, "saw")
    )
    gate = wave(
        2 * np.pi * np.cumsum(log_uniform(rng, 6, 80) * (1 + 0.3 * noise(t, rng, 1, 10))) / SR,
        rng.choice(OSCILLATORS),
    ) > rng.uniform(-0.5, 0.5)
    return source * (0.1 + gate) * held(t, rng, log_uniform(rng, 0.002, 0.2))


def thuds(rng: Generator) -> Floats:
    """Steps, doors, knocks, things that are put down: dull bodies and rattle, seldom alone."""
    hits = []
    for at in np.cumsum(rng.uniform(0.03, 0.35, int(rng.integers(1, 5)))):
        t = times(0.3)
        body = modes(t, log_spread(rng, 70, 1500, 8), rng.uniform(0.02, 0.15, 8), rng.uniform(0.1, 1, 8), rng)
        hits.append(
            (
                float(at),
                (body + noise(t, rng, 100, 6000) * fall(t, log_uniform(rng, 0.02, 0.2)) * 2)
                * rng.uniform(0.3, 1),
            )
        )
    return placed(log_uniform(rng, 0.3, 1.6), hits)


def ambience(rng: Generator) -> Floats:
    t = times(log_uniform(rng, 0.8, 3))
    y = noise(t, rng, log_uniform(rng, 30, 800), log_uniform(rng, 900, 12000), rng.uniform(-6, 0))
    return y * (1 + noise(t, rng, 0.5, 8) * rng.uniform(0, 0.9)) * held(t, rng, log_uniform(rng, 0.01, 0.6))


def whoosh(rng: Generator) -> Floats:
    """Something passes: a band of noise that swells, moves and is gone."""
    t = times(log_uniform(rng, 0.15, 2))
    top = rng.uniform(0.2, 0.8) * t[-1]
    bands = [noise(t, rng, f, f * 2.5) for f in log_uniform(rng, 150, 1500) * np.array([1, 2.5, 6])]
    where = np.interp(t, [0, top, t[-1]], rng.uniform(0, 2, 3))
    moved = sum(band * np.maximum(0, 1 - np.abs(where - at)) for at, band in enumerate(bands))
    return moved * np.interp(t, [0, top, t[-1]], [0, 1, 0]) ** rng.uniform(0.7, 2.5)


def water(rng: Generator) -> Floats:
    """Drops and bubbles: short tones that rise."""
    hits = []
    for at in rng.uniform(0, 0.6, int(rng.integers(1, 9))):
        t = times(log_uniform(rng, 0.03, 0.15))
        base = log_uniform(rng, 300, 2500)
        rising = 2 * np.pi * np.cumsum(base * (1 + rng.uniform(0.3, 3) * t / t[-1])) / SR
        hits.append((float(at), np.sin(rising) * fall(t, float(t[-1]), 0.003) * rng.uniform(0.3, 1)))
    return placed(0.9, hits)


def coins(rng: Generator) -> Floats:
    """Metal or glass that falls, breaks or jingles in a pocket."""
    length = log_uniform(rng, 0.3, 1.5)
    hits = []
    for at in np.sort(rng.uniform(0, length * 0.6, int(rng.integers(2, 25)))):
        t = times(0.4)
        piece = modes(
            t, log_spread(rng, 1200, 12000, 6), rng.uniform(0.02, 0.35, 6), rng.uniform(0.1, 1, 6), rng
        )
        hits.append((float(at), piece * rng.uniform(0.1, 1)))
    crash = noise(times(0.3), rng, 1500, 15000) * fall(times(0.3), log_uniform(rng, 0.05, 0.3))
    return placed(length, [*hits, (0.0, crash * rng.uniform(0, 3))])


def switches(rng: Generator) -> Floats:
    """Keys, shutters, buttons, the tick of an interface: clicks that no drummer would play."""
    hits = []
    for at in np.cumsum(rng.uniform(0.01, 0.12, int(rng.integers(1, 5)))):
        t = times(0.06)
        body = modes(
            t, log_spread(rng, 400, 6000, 5), rng.uniform(0.002, 0.02, 5), rng.uniform(0.1, 1, 5), rng
        )
        hits.append((float(at), (body + click(t, rng, 1000, 12000, 0.003)) * rng.uniform(0.2, 1)))
    floor = noise(times(0.5), rng, 100, 8000) * log_uniform(rng, 0.001, 0.05)
    return placed(0.5, [*hits, (0.0, floor)])


def alarm(rng: Generator) -> Floats:
    """Beeps of phones, sirens, modems: held tones without a stroke."""
    t = times(log_uniform(rng, 0.1, 2))
    base = log_uniform(rng, 250, 3000)
    bend = wave(2 * np.pi * log_uniform(rng, 0.7, 25) * t, rng.choice(OSCILLATORS)) * rng.uniform(0, 0.4)
    y = wave(2 * np.pi * np.cumsum(base * (1 + bend)) / SR, rng.choice(OSCILLATORS))
    return y * held(t, rng, 0.005)


def crackle(rng: Generator) -> Floats:
    """Vinyl, rain, fire, radio: random grains over background noise."""
    t = times(log_uniform(rng, 0.4, 3))
    grains = rng.standard_normal(len(t)) * (rng.random(len(t)) < log_uniform(rng, 5e-4, 0.03))
    y = filtered(grains.astype(np.float32), log_uniform(rng, 100, 2000), log_uniform(rng, 3000, 14000))
    return y / max(float(np.abs(y).max()), 1e-9) + noise(t, rng, 60, 9000) * rng.uniform(0, 0.2)


def turned_round(rng: Generator) -> Floats:
    """A drum or a note played backwards."""
    source = (cymbals.cymbal, cymbals.hat_open, snares.snare, membranes.kick, membranes.tom)[rng.integers(5)](
        rng
    )
    return np.ascontiguousarray(source[::-1])


def impact(rng: Generator) -> Floats:
    """A hit of the cinema: drum, metal and rumble at once, in a hall."""
    length = log_uniform(rng, 0.8, 3)
    parts = [membranes.low_drum(rng), cymbals.crash(rng), boom(rng)]
    return placed(
        length, [(0.0, part / max(float(np.abs(part).max()), 1e-9) * rng.uniform(0.2, 1)) for part in parts]
    )


FX = (
    sweep,
    sweep,
    zap,
    zap,
    blips,
    blips,
    boom,
    rough,
    rough,
    thuds,
    thuds,
    ambience,
    whoosh,
    water,
    coins,
    switches,
    alarm,
    crackle,
    turned_round,
    impact,
)
