from __future__ import annotations

import random

import pytest

from drumwatch.containers import streams


@pytest.mark.parametrize(
    "size", [0, 1, 2, 7, 8, 9, 15, 16, 17, 18, 31, 33, 34, 1000, 4096, 4097, 4098, 70_000]
)
def test_the_quick_crc_is_that_of_the_plain_loop(size):
    content = random.Random(size).randbytes(size)

    assert streams._crc_16(content) == streams._crc(content, streams._CRC16, 16)


def test_a_frame_with_its_own_crc_has_the_crc_0():
    content = random.Random(0).randbytes(5000)
    frame = content + streams._crc_16(content).to_bytes(2)

    assert streams._crc_16(frame) == 0
    assert streams._crc_16(frame[:2000] + bytes([frame[2000] ^ 1]) + frame[2001:]) != 0
