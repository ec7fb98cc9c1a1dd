"""Effects: the cinema, the studio's tricks, places; things and games are in rooms of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.synth import cymbals, kicks, metals, patches, played, strokes, toms, voices
from training.synth.blocks import (
    OSCILLATORS,
    SR,
    chance,
    click,
    fall,
    filtered,
    held,
    log_uniform,
    noise,
    placed,
    swept,
    times,
    wave,
)
from training.synth.filters import formed, levelled, resonances, rich, swept_low_pass, wander, worn
from training.synth.games import GAMES
from training.synth.rooms import among_walls
from training.synth.things import THINGS, grains

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats


def fx(rng: Generator) -> Floats:
    """From a game, from everyday life, or from a studio, in equal parts; a third of them worn."""
    kinds = (GAMES, THINGS, STUDIO)[rng.integers(3)]
    y = kinds[rng.integers(len(kinds))](rng)
    return worn(y, rng) if chance(rng, 0.35) else y


def sweep(rng: Generator) -> Floats:
    """Risers and fallers, of noise, tone or both, opening or closing."""
    t = times(log_uniform(rng, 0.4, 3.5))
    way = t / t[-1] if chance(rng, 0.6) else 1 - t / t[-1]
    f = log_uniform(rng, 60, 500) * log_uniform(rng, 4, 40) ** way
    tone = wave(2 * np.pi * np.cumsum(f) / SR, rng.choice(OSCILLATORS)) if chance(rng, 0.5) else rich(rng, f)
    hiss = swept_low_pass(noise(t, rng, 100, 16_000), f * log_uniform(rng, 1, 8), log_uniform(rng, 0.7, 6))
    blend = rng.choice([0.0, 1.0, rng.uniform(0, 1)])
    gate = 1 - rng.uniform(0, 1) * chance(rng, 0.2) * (np.sin(2 * np.pi * np.cumsum(4 + 12 * way) / SR) > 0)
    y = (levelled(tone) * blend + levelled(hiss) * (1 - blend)) * gate
    return y * np.interp(t, [0, t[-1] * rng.uniform(0.02, 0.97), t[-1]], [rng.uniform(0, 0.5), 1, 0])


def boom(rng: Generator) -> Floats:
    """Explosions, thunder, cannons: more rumble, more length than any drum."""
    t = times(log_uniform(rng, 0.5, 3.5))
    rumble = noise(t, rng, 20, log_uniform(rng, 100, 2500)) * (1 + 0.6 * wander(t, rng, 12))
    rumble = rumble * fall(t, log_uniform(rng, 0.6, 4), log_uniform(rng, 0.001, 0.2))
    debris = grains(t, rng, log_uniform(rng, 20, 2000), 500, 9000) * fall(t, log_uniform(rng, 0.3, 2))
    low = np.sin(swept(t, rng.uniform(50, 200), rng.uniform(20, 45), 0.2)) * fall(
        t, log_uniform(rng, 0.5, 2.5)
    )
    return np.tanh((rumble + debris * rng.uniform(0, 1) + low * rng.uniform(0, 1)) * log_uniform(rng, 0.5, 6))


def sub_drop(rng: Generator) -> Floats:
    """A low tone that sinks for seconds."""
    t = times(log_uniform(rng, 0.6, 3.5))
    y = np.sin(
        swept(t, log_uniform(rng, 70, 250), log_uniform(rng, 18, 40), float(t[-1]) * rng.uniform(0.2, 1))
    )
    return np.tanh(y * log_uniform(rng, 0.5, 5)) * held(t, rng, log_uniform(rng, 0.005, 0.2))


def braam(rng: Generator) -> Floats:
    """The low brass of trailers: octaves and fifths, driven, opening slowly."""
    t = times(log_uniform(rng, 0.8, 3.5))
    base = log_uniform(rng, 30, 110)
    y = sum(rich(rng, np.full(len(t), base * ratio)) for ratio in (1, 1.5, 2))
    swell = held(t, rng, log_uniform(rng, 0.01, 0.5))
    return np.tanh(swept_low_pass(y, base * (2 + 30 * swell), 1.0) * log_uniform(rng, 1, 8)) * swell


def impact(rng: Generator) -> Floats:
    """A hit of the cinema: drum, metal and rumble at once, in a hall."""
    parts = [toms.low_drum(rng), (cymbals.crash, cymbals.gong)[rng.integers(2)](rng), boom(rng)]
    y = placed(log_uniform(rng, 0.8, 3.5), [(0.0, levelled(part) * rng.uniform(0.1, 1)) for part in parts])
    return among_walls(y, rng) if chance(rng, 0.5) else y


def whoosh(rng: Generator) -> Floats:
    """Something passes: a resonance in noise that swells, moves and is gone."""
    t = times(log_uniform(rng, 0.12, 2.5))
    top = float(t[-1]) * rng.uniform(0.2, 0.8)
    path = np.exp(np.interp(t, [0, top, t[-1]], rng.uniform(np.log(150), np.log(6000), 3)))
    y = swept_low_pass(noise(t, rng, log_uniform(rng, 40, 600), 16_000), path, log_uniform(rng, 0.5, 5))
    return y * np.interp(t, [0, top, t[-1]], [0, 1, 0]) ** rng.uniform(0.7, 3)


def rough(rng: Generator) -> Floats:
    """Machines, glitches, radio: noise and tones cut by a modulator."""
    t = times(log_uniform(rng, 0.12, 1.5))
    low = log_uniform(rng, 80, 3000)
    source = (
        noise(t, rng, low, low * log_uniform(rng, 1.3, 10))
        if chance(rng, 0.5)
        else rich(rng, low * 2 ** (2 * wander(t, rng, 12)))
    )
    gate = wave(
        2 * np.pi * np.cumsum(log_uniform(rng, 6, 80) * (1 + 0.3 * wander(t, rng, 10))) / SR,
        rng.choice(OSCILLATORS),
    ) > rng.uniform(-0.5, 0.5)
    return source * (rng.uniform(0, 0.3) + gate) * held(t, rng, log_uniform(rng, 0.002, 0.2))


def any_sound(rng: Generator) -> Floats:
    """What an editor has at hand."""
    hands = (
        cymbals.cymbal,
        metals.hat_open,
        strokes.snare,
        kicks.kick,
        toms.tom,
        voices.word,
        voices.shout,
        played.bar,
        played.brass,
        patches.analogue,
        patches.chord_stab,
    )
    at = int(rng.integers(len(hands)))
    hand = hands[at]
    return levelled(hand(rng, log_uniform(rng, 100, 800)) if at > 6 else hand(rng))


def turned_round(rng: Generator) -> Floats:
    """Played backwards, often out of a hall."""
    y = any_sound(rng)
    y = among_walls(y, rng) if chance(rng, 0.6) else y
    return np.ascontiguousarray(y[: int(2.5 * SR)][::-1])


def at_speed(y: Floats, way: Floats) -> Floats:
    """The sound at these places on its tape, in samples; folded back at its ends."""
    places = np.abs((way + len(y)) % (2 * len(y)) - len(y))
    return np.interp(places, np.arange(len(y)), y).astype(np.float32)


def scratched(rng: Generator) -> Floats:
    """A record under the hand: a sound forth and back, fast in the middle of each stroke; the fader cuts some."""
    source = any_sound(rng) if chance(rng, 0.6) else noise(times(0.5), rng, 300, 9000)
    t = times(log_uniform(rng, 0.08, 1.2))
    rate = log_uniform(rng, 1.5, 9) * (1 + 0.4 * wander(t, rng, 6))
    reach = log_uniform(rng, 0.02, 0.25) * SR
    y = at_speed(
        source, rng.uniform(0, 0.2) * len(source) + reach * (1 - np.cos(2 * np.pi * np.cumsum(rate) / SR))
    )
    fader = wander(t, rng, 20) > -0.6 if chance(rng, 0.4) else 1
    dust = grains(t, rng, 40, 500, 9000) * rng.uniform(0, 0.1)
    return (y * fader + dust) * np.minimum(1, np.minimum(t, t[-1] - t) / 0.003)


def tape_stop(rng: Generator) -> Floats:
    """The motor is switched off, or on."""
    y = np.tile(any_sound(rng), 4)
    t = times(log_uniform(rng, 0.3, 1.5))
    speed = np.maximum(1 - t / t[-1], 0) ** rng.uniform(0.5, 2)
    speed = speed if chance(rng, 0.7) else speed[::-1]
    return at_speed(y, np.cumsum(speed * rng.uniform(0.7, 1.5)))


def stuttered(rng: Generator) -> Floats:
    """A slice again and again, its length or pitch moving: buffers, glitches, gated rolls."""
    y = any_sound(rng)
    length = log_uniform(rng, 0.015, 0.15)
    hits, at, shrink = [], 0.0, rng.uniform(0.8, 1.1)
    slice_ = y[int(len(y) * rng.uniform(0, 0.3)) :][: int(length * SR)]
    for _ in range(int(rng.integers(3, 20))):
        hits.append((at, slice_[: int(length * SR)] * rng.uniform(0.5, 1)))
        at, length = at + length, length * shrink
    return placed(min(at, 3.0), hits)


def sliced(rng: Generator) -> Floats:
    """A splinter out of anything, hard at both ends, its bits thrown away or another sound multiplied in."""
    y = any_sound(rng)
    y = y[int(len(y) * rng.uniform(0, 0.4)) :][: int(log_uniform(rng, 0.02, 0.3) * SR)]
    t = times(len(y) / SR)[: len(y)]
    ring = np.sin(2 * np.pi * log_uniform(rng, 60, 4000) * t) if chance(rng, 0.5) else 1
    return np.tanh(y * ring * log_uniform(rng, 1, 30))


def echoed(rng: Generator) -> Floats:
    """One of anything through a long delay: dub."""
    y, gap, back = any_sound(rng)[: int(0.4 * SR)], log_uniform(rng, 0.06, 0.5), rng.uniform(0.4, 0.9)
    hits = [(k * gap, filtered(y, 100 * (1 + k / 2), 9000 / (1 + k / 3)) * back**k) for k in range(7)]
    return placed(min(3.2, 7 * gap), hits)


def crackle(rng: Generator) -> Floats:
    """Vinyl, rain, fire, a Geiger counter: grains over a floor."""
    t = times(log_uniform(rng, 0.3, 3.5))
    y = grains(t, rng, log_uniform(rng, 8, 2000), log_uniform(rng, 100, 3000), log_uniform(rng, 4000, 16_000))
    return y + noise(t, rng, 40, 9000, rng.uniform(-6, 0)) * log_uniform(rng, 0.003, 0.4)


def ambience(rng: Generator) -> Floats:
    """A room, wind, traffic, surf, a hall of people: wide noise that breathes, with events far away."""
    t = times(log_uniform(rng, 0.8, 4))
    y = noise(t, rng, log_uniform(rng, 20, 500), log_uniform(rng, 700, 12_000), rng.uniform(-8, 0))
    y = y * (1 + wander(t, rng, log_uniform(rng, 0.5, 8)) * rng.uniform(0, 0.9))
    hum = sum(np.sin(2 * np.pi * 50 * k * t) / k for k in (1, 2, 3, 5)) * log_uniform(rng, 0.001, 0.5)
    far = THINGS[rng.integers(len(THINGS))](rng) if chance(rng, 0.4) else y[:64]
    y = y + hum * chance(rng, 0.3)
    return placed(float(t[-1]), [(0.0, y), (rng.uniform(0, 1), levelled(far) * rng.uniform(0, 0.5))])


def wind(rng: Generator) -> Floats:
    """Air in a gap: one or two narrow resonances in noise, on the move."""
    t = times(log_uniform(rng, 0.8, 4))
    centre = log_uniform(rng, 150, 1500) * 2 ** wander(t, rng, 2)
    width, levels = log_uniform(rng, 0.03, 0.5), np.array([1.0, rng.uniform(0, 0.8)])
    y = formed(
        noise(t, rng, 40, 12_000),
        lambda at, f: (
            0.05
            + resonances(f, np.interp(at, t, centre)[..., None] * np.array([1, 2.3]), 300 * width, levels)
        ),
    )
    return y * (1 + 0.8 * wander(t, rng, 2)) * held(t, rng, log_uniform(rng, 0.05, 0.8))


def wildlife(rng: Generator) -> Floats:
    """Birds, crickets, frogs: chirps of a tone that slides, in groups."""
    length, base = log_uniform(rng, 0.03, 0.3), log_uniform(rng, 700, 7000)
    t = times(length)
    slide = np.interp(t, np.linspace(0, length, 4), rng.uniform(-0.6, 0.6, 4))
    trill = rng.uniform(0, 0.2) * np.sin(2 * np.pi * log_uniform(rng, 15, 90) * t)
    chirp = np.sin(2 * np.pi * np.cumsum(base * 2 ** (slide + trill)) / SR) * np.sin(np.pi * t / t[-1])
    count, gap = int(rng.integers(1, 9)), length * log_uniform(rng, 1.1, 3)
    return placed(gap * count, [(k * gap, chirp * rng.uniform(0.5, 1)) for k in range(count)])


def horn(rng: Generator) -> Floats:
    """Air horns, car horns, ships: reeds under pressure, one or two pitches, blown once or in a volley."""
    length = log_uniform(rng, 0.08, 1.2)
    t = times(length)
    start = 1 - rng.uniform(0, 0.15) * np.exp(-t / 0.03)
    y = sum(rich(rng, log_uniform(rng, 120, 700) * start) for _ in range(int(rng.integers(1, 4))))
    y = np.tanh(filtered(y, 150, 6000) * log_uniform(rng, 1, 8)) * held(t, rng, 0.008)
    count, gap = int(rng.choice([1, 1, 2, 4])), length * rng.uniform(0.8, 1.3)
    return placed(length + gap * (count - 1), [(k * gap, y) for k in range(count)])


def plugged(rng: Generator) -> Floats:
    """Jacks, hum, records put on, feedback: the studio's own noises."""
    t = times(log_uniform(rng, 0.1, 2))
    hum = rich(rng, np.full(len(t), rng.choice([50.0, 60.0]))) * log_uniform(rng, 0.02, 1)
    howl = np.sin(2 * np.pi * log_uniform(rng, 300, 4000) * t) * (t / t[-1]) ** 2 * chance(rng, 0.3)
    plug = click(t, rng, 60, 6000, 0.02) * rng.uniform(0, 2) + np.roll(click(t, rng, 200, 9000), len(t) // 3)
    return hum * held(t, rng, 0.005) + howl + plug


STUDIO = (
    sweep,
    sweep,
    sweep,
    boom,
    sub_drop,
    braam,
    impact,
    whoosh,
    whoosh,
    rough,
    turned_round,
    turned_round,
    scratched,
    scratched,
    tape_stop,
    stuttered,
    sliced,
    sliced,
    echoed,
    crackle,
    ambience,
    ambience,
    wind,
    wildlife,
    horn,
    plugged,
)
