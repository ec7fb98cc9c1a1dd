"""What decoders write to stderr about odd files: it is in the log, a little for each file, and on nobody's terminal."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
import soundfile
from sounds import SR, kick, noise_burst

WORDS = ("mpg123", "Note:", "big_values", "A worker wrote")


@pytest.fixture
def odd(harness):
    """An MP3 with damaged frames, over which libmpg123 writes dozens of warnings."""
    path = harness.intake / "odd.mp3"
    soundfile.write(path, np.concatenate([kick(), noise_burst(1.0)] * 3), SR)
    data, chance = bytearray(path.read_bytes()), random.Random(1)
    for start in range(2000, len(data) - 500, 900):
        data[start : start + 40] = chance.randbytes(40)
    path.write_bytes(data)
    return path


def logged(harness) -> list[str]:
    lines = (harness.state / "log/drumwatch.jsonl").read_text().splitlines()
    return [message for line in lines if "A worker wrote" in (message := json.loads(line)["message"])]


@pytest.mark.parametrize(
    "command", [("classify",), ("why",), ("sort", "--yes", "--action", "tag"), ("sort", "--yes")]
)
def test_a_command_shows_no_warning_of_a_decoder_and_logs_a_few(harness, odd, command):
    ran = harness.run(*command, str(odd), code=None)

    assert not [word for word in WORDS if word in ran.stdout + ran.stderr]
    about_odd = logged(harness)
    assert 1 <= sum("libmpg123" in line or "Note" in line for line in about_odd) <= 10  # two workers
    assert any(line.endswith("further lines about odd.mp3.") for line in about_odd)


@pytest.mark.usefixtures("odd")
def test_the_daemon_shows_no_warning_of_a_decoder_and_logs_a_few(harness):
    ran = harness.run("run", "--once", "--everything")

    assert not [word for word in WORDS if word in ran.stdout + ran.stderr]
    assert 1 <= len(logged(harness)) <= 12
