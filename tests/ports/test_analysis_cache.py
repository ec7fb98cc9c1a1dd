"""The analysis cache: a real file, also broken, full, read-only or in the way."""

import json
import os
import sqlite3
import zlib

import msgspec
import pytest

from drumwatch.workers.analysis_cache import AnalysisCache
from drumwatch.workers.protocol import AnalysisRecord

FOUND = AnalysisRecord(ear="e", evidence="AAAA", duration=0.25, onsets=1, tempo=None, sound="s")


@pytest.fixture
def file(tmp_path):
    with AnalysisCache(tmp_path / "heard.db") as cache:
        cache.keep("c0ffee", 44_044, FOUND)
    return tmp_path / "heard.db"


def test_what_was_kept_is_known_the_next_time(file):
    with AnalysisCache(file) as cache:
        assert (cache.may_know(44_044), cache.of("c0ffee")) == (True, FOUND)
        assert (cache.may_know(44_045), cache.of("7ea")) == (False, None)


def test_what_is_analyzed_again_replaces_what_was_known(file):
    with AnalysisCache(file) as cache:
        cache.keep("c0ffee", 44_044, msgspec.structs.replace(FOUND, ear="another"))

        assert cache.of("c0ffee").ear == "another"


def test_a_root_note_outlives_another_analysis(file):
    with AnalysisCache(file) as cache:
        cache.add_note("c0ffee", "F#")
        cache.keep("c0ffee", 44_044, msgspec.structs.replace(FOUND, ear="another"))

        assert (cache.of("c0ffee").note, cache.of("c0ffee").ear) == ("F#", "another")


def test_a_note_of_a_sound_that_is_not_in_the_cache_is_not_kept(file):
    with AnalysisCache(file) as cache:
        cache.add_note("7ea", "F#")

        assert cache.of("7ea") is None


def test_the_oldest_are_removed(tmp_path):
    with AnalysisCache(tmp_path / "heard.db", kept=3) as cache:
        for number in range(5):
            cache.keep(f"{number}", number, FOUND)

    with AnalysisCache(tmp_path / "heard.db") as cache:
        assert [cache.of(f"{number}") is not None for number in range(5)] == [False, False, True, True, True]


def test_it_does_not_grow_beyond_its_bound_in_one_long_run(tmp_path):
    with AnalysisCache(tmp_path / "heard.db", kept=10) as cache:
        for number in range(1000):
            cache.keep(f"{number}", number, FOUND)

        assert cache.of("980") is None


def test_a_file_that_is_no_cache_is_begun_anew(file):
    file.write_bytes(b"not a database, but long enough to be taken for one" * 100)

    with AnalysisCache(file) as cache:
        assert cache.of("c0ffee") is None
        cache.keep("c0ffee", 44_044, FOUND)
        assert cache.of("c0ffee") == FOUND


def test_pages_that_a_disk_has_lost_are_begun_anew(file):
    with AnalysisCache(file) as cache:
        for number in range(200):
            cache.keep(f"{number}", number, FOUND)
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))

    with AnalysisCache(file) as cache:
        cache.of("1")
        cache.keep("c0ffee", 44_044, FOUND)
        assert cache.of("c0ffee") == FOUND


def test_a_flipped_bit_is_not_believed(file):
    raw = bytearray(file.read_bytes())
    raw[raw.rindex(b"x\1") + 30] ^= 1  # where the compressed text begins
    file.write_bytes(raw)

    with AnalysisCache(file) as cache:
        assert (cache.may_know(44_044), cache.of("c0ffee")) == (True, None)


def test_a_cache_of_a_later_drumwatch_is_begun_anew(file):
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()

    with AnalysisCache(file) as cache:
        assert cache.of("c0ffee") is None


def test_without_a_place_for_it_nothing_is_known_and_nothing_fails(tmp_path):
    (tmp_path / "heard.db").mkdir()

    with AnalysisCache(tmp_path / "heard.db") as cache:
        cache.keep("c0ffee", 44_044, FOUND)

        assert cache.of("c0ffee") is None


def test_what_another_process_holds_is_left_alone(file, monkeypatch):
    monkeypatch.setattr("drumwatch.workers.analysis_cache.WAIT_SECONDS", 0.01)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with AnalysisCache(file) as cache:
        cache.keep("7ea", 1, FOUND)
    other.execute("ROLLBACK")
    other.close()

    with AnalysisCache(file) as cache:
        assert (cache.of("c0ffee"), cache.of("7ea")) == (FOUND, None)


def test_two_processes_may_use_it_at_once(file):
    with AnalysisCache(file) as one, AnalysisCache(file) as other:
        one.keep("1", 1, FOUND)
        other.keep("2", 2, FOUND)

        assert (one.of("2"), other.of("1")) == (FOUND, FOUND)


# What drumwatch 0.2 kept of a sound: the row as its code wrote it.
OLD_ROW = zlib.compress(
    json.dumps(
        {
            "ear": "3f9a",
            "evidence": "AACAPwAAAEA=",
            "duration": 1.0,
            "onsets": 1,
            "tempo": None,
            "sound": "5d",
        }
    ).encode(),
    level=1,
)


def with_a_row(file, row):
    with sqlite3.connect(file) as db:
        db.execute("INSERT INTO heard (hash, size_bytes, found) VALUES ('01d', 44044, ?)", (row,))
    db.close()
    return AnalysisCache(file)


def test_what_an_earlier_drumwatch_has_analyzed_is_known(file):
    with with_a_row(file, OLD_ROW) as cache:
        assert cache.of("01d") == AnalysisRecord("3f9a", "AACAPwAAAEA=", 1.0, 1, None, "5d")


def test_what_a_later_drumwatch_knows_besides_is_skipped(file):
    row = zlib.compress(msgspec.json.encode({**msgspec.to_builtins(FOUND), "key": "A minor"}))

    with with_a_row(file, row) as cache:
        assert cache.of("01d") == FOUND


@pytest.mark.parametrize("text", [b"null", b"[]", b"{}", b'{"ear": "e"}', b"no json", b'"' + b"\xff" + b'"'])
def test_a_row_that_is_no_record_is_analyzed_again(file, text):
    with with_a_row(file, zlib.compress(text)) as cache:
        assert cache.of("01d") is None


def test_what_is_kept_can_be_read_by_an_earlier_drumwatch(file):
    with sqlite3.connect(file) as db:
        (row,) = db.execute("SELECT found FROM heard").fetchone()
    db.close()

    assert json.loads(zlib.decompress(row)) == msgspec.to_builtins(FOUND)
