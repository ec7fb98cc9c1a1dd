"""Audio files of every kind with random damage from a seed, as broken disks, bad encoders or attackers make them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import sounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FORMATS: dict[str, dict[str, Any]] = {
    "pcm.wav": {"subtype": "PCM_16"},
    "float.wav": {"subtype": "FLOAT"},
    "adpcm.wav": {"subtype": "IMA_ADPCM"},
    "sound.aiff": {},
    "sound.flac": {},
    "sound.ogg": {},
    "sound.mp3": {},
    "sound.caf": {},
    "sound.w64": {},
}
EDGES = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]
HEADER = 96  # bytes in which half of the damage falls: there the sizes and counts are


def originals(folder: Path) -> list[tuple[str, bytes]]:
    """The ending and the bytes of a short kick in each format, and of a WAV with the chunks of samplers."""
    y = sounds.decaying_sine(seconds=0.08)
    paths = [sounds.write(folder / name, y, **more) for name, more in FORMATS.items()]
    paths.append(sounds.rich_wav(folder / "rich.wav", y))
    return [(path.suffix, path.read_bytes()) for path in paths]


def mutants(folder: Path, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many damaged files, the formats in turn: a name, which says the damage, and the bytes."""
    whole, chance = originals(folder), random.Random(seed)
    for number in range(count):
        ending, content = whole[number % len(whole)]
        damage = chance.choices(DAMAGES, k=chance.randint(1, 3))
        damaged = bytearray(content)
        for one in damage:
            one(damaged, chance)
        names = " ".join(one.__name__ for one in damage)
        yield f"{number} {names}{ending}", bytes(damaged)


def place(content: bytearray, chance: random.Random) -> int:
    return chance.randrange(max(1, min(len(content), HEADER if chance.random() < 0.5 else len(content))))


def flipped(content: bytearray, chance: random.Random) -> None:
    """Single bits."""
    for _ in range(chance.choice([1, 1, 4, 16])):
        if content:
            content[place(content, chance)] ^= 1 << chance.randrange(8)


def edged(content: bytearray, chance: random.Random) -> None:
    """A number at the edge of what fits, of any width and byte order."""
    at, width = place(content, chance), chance.choice([1, 2, 4, 8])
    number = chance.choice(EDGES) & (256**width - 1)
    content[at : at + width] = number.to_bytes(width, chance.choice(["little", "big"]))


def cut(content: bytearray, chance: random.Random) -> None:
    """The end is missing."""
    del content[place(content, chance) :]


def holed(content: bytearray, chance: random.Random) -> None:
    """Some bytes in the middle are missing."""
    at = place(content, chance)
    del content[at : at + chance.choice([1, 2, 4, 64, 1024])]


def repeated(content: bytearray, chance: random.Random) -> None:
    """A piece is there once more, somewhere else."""
    at, to = place(content, chance), place(content, chance)
    content[to:to] = content[at : at + chance.choice([4, 8, 32, 512])]


def noisy(content: bytearray, chance: random.Random) -> None:
    """A piece is noise."""
    at = place(content, chance)
    content[at : at + 64] = chance.randbytes(len(content[at : at + 64]))


def grown(content: bytearray, chance: random.Random) -> None:
    """Noise behind the end."""
    content += chance.randbytes(chance.choice([1, 3, 100, 5000]))


DAMAGES: list[Callable[[bytearray, random.Random], None]] = [
    flipped,
    edged,
    cut,
    holed,
    repeated,
    noisy,
    grown,
]
