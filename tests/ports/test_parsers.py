"""Our own parsers against random damage from a seed; benchmarks/fuzz.py does the same for hours, guided by coverage."""

from __future__ import annotations

import random

import pytest
from mutations import DAMAGES
from parsers import PARSERS

TRIES = 25


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_keeps_its_promise_whatever_the_bytes(tmp_path, name):
    parser, chance = PARSERS[name], random.Random(name)
    (tmp_path / "kitchen").mkdir()
    (tmp_path / "work").mkdir()
    for seed in parser.seeds(tmp_path / "kitchen"):
        parser.check(seed, tmp_path / "work")
        for _ in range(TRIES):
            damaged = bytearray(seed)
            for damage in chance.choices(DAMAGES, k=chance.randint(1, 4)):
                damage(damaged, chance)
            parser.check(bytes(damaged), tmp_path / "work")
