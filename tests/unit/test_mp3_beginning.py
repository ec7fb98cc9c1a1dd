"""What a decoder is given at the beginning of an MP3, by the bytes alone."""

from __future__ import annotations

import pytest

from drumwatch.containers import inspect
from drumwatch.containers.streams import mp3_frame_bytes

ONE_RATE = bytes([0xFF, 0xFB, 0x90, 0xC4])  # MPEG 1, 128 kbit/s, 44,100 Hz, mono
OTHER_RATE = bytes([0xFF, 0xFB, 0xA0, 0xC4])
STEREO_2 = bytes([0xFF, 0xF3, 0x80, 0x00])  # MPEG 2, 64 kbit/s
OTHER_2 = bytes([0xFF, 0xF3, 0x90, 0x00])


def frames(*heads: bytes) -> bytes:
    return b"".join(head.ljust(mp3_frame_bytes(head), b"\0") for head in heads)


def beginning(tmp_path, content: bytes):
    (tmp_path / "a.mp3").write_bytes(content)
    return inspect(tmp_path / "a.mp3", for_decoder=True).beginning


def test_a_file_of_one_bit_rate_is_given_as_it_is(tmp_path):
    assert beginning(tmp_path, frames(*[ONE_RATE] * 600)) is None


def test_zeros_in_front_are_left_to_the_decoder(tmp_path):
    assert beginning(tmp_path, bytes(1000) + frames(*[ONE_RATE] * 5)) is None


def test_what_looks_like_a_frame_in_front_is_left_out(tmp_path):
    assert beginning(tmp_path, b"\xff\xfe junk" + frames(*[ONE_RATE] * 5)) == (7, b"")


@pytest.mark.parametrize(
    ("one", "other", "mark_at"), [(ONE_RATE, OTHER_RATE, 21), (STEREO_2, OTHER_2, 21)], ids=["1", "2"]
)
def test_frames_of_several_bit_rates_get_their_number_in_front(tmp_path, one, other, mark_at):
    offset, frame = beginning(tmp_path, frames(one, other, one, other, one))

    assert offset == 0
    assert len(frame) == mp3_frame_bytes(frame[:4])
    assert frame[mark_at : mark_at + 12] == b"Xing\0\0\0\1\0\0\0\5"


def test_frames_behind_a_damaged_one_are_counted_too(tmp_path):
    damaged = bytearray(frames(*[ONE_RATE, OTHER_RATE] * 5))
    damaged[len(frames(ONE_RATE, OTHER_RATE))] = 0

    _, frame = beginning(tmp_path, bytes(damaged))

    assert int.from_bytes(frame[29:33]) == 9


def test_a_number_that_is_there_is_believed(tmp_path):
    first = bytearray(frames(ONE_RATE))
    first[21:25] = b"Xing"

    assert beginning(tmp_path, bytes(first) + frames(OTHER_RATE, ONE_RATE)) is None
