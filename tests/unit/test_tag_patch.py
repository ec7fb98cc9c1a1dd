"""The patch that undoes a tag, as the journal stores it: a damaged one is refused, and never runs without an end."""

from __future__ import annotations

import json

import pytest

from drumwatch.filing.tag_patch import Patch, from_text, original_hash, to_text


def test_a_patch_that_is_written_down_reads_the_same():
    patch = Patch(b"head", b"tail", 44, 900)

    assert from_text(to_text(patch)) == patch


@pytest.mark.parametrize(
    "damage",
    [{"size": 10**90}, {"at": -1}, {"size": -5}, {"at": 1e400}, {"head": "x"}, {"tail": None}],
    ids=str,
)
def test_a_damaged_patch_is_no_patch(damage):
    whole = json.loads(to_text(Patch(b"head", b"tail", 44, 900)))

    with pytest.raises(ValueError):  # noqa: PT011  zlib, base64 and json each have messages of their own
        from_text(json.dumps({**whole, **damage}))


def test_a_patch_that_wants_more_of_the_file_than_there_is_ends_with_it(tmp_path):
    (tmp_path / "kick.wav").write_bytes(b"short")

    with (tmp_path / "kick.wav").open("rb") as tagged:
        whole = original_hash(Patch(b"", b"", 0, 5), tagged.fileno())
        assert original_hash(Patch(b"", b"", 0, 1 << 61), tagged.fileno()) == whole
