"""Documents that are damaged, huge or hostile, and trees that cannot be read: a survey ends in bounded time with what it could read."""

from __future__ import annotations

import gzip
import os
import struct
import threading
import time
import zlib
from pathlib import Path

import pytest
from project_trees import TREES, live_set, pack, put, sounds, zipped

from drumwatch.intake.projects import Surveyor, walk
from drumwatch.intake.projects import survey as surveying
from drumwatch.intake.projects.references import read_references

MB = 1 << 20


def survey(root: Path, *, root_is_unit: bool = False, seconds: float = 20.0):
    return Surveyor().survey(root, root_is_unit=root_is_unit, seconds=seconds)


# --- documents ---

BOMB = gzip.compress(b"<Ableton>" + bytes(80 * MB))
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + ']><DecentSampler><sample path="&i;.wav"/></DecentSampler>'
).encode()


@pytest.mark.parametrize(
    ("name", "content"),
    {
        "bomb.als": BOMB,
        "bomb.mmpz": struct.pack(">I", 1) + zlib.compress(bytes(80 * MB)),
        "bomb.song": zipped({"Song/song.xml": "", "Song/mediapool.xml": bytes(80 * MB)}),
        "bomb.xpm": gzip.compress(b"ACVS\n1\n2\n3\n4\n" + b"[" * (9 * MB)),
        "cut.als": live_set(*(f"Samples/{n}.wav" for n in range(999)))[:2000],
        "damaged.als": b"\x1f\x8b" + bytes(range(256)),
        "cut.flp": b"FLhd\6\0\0\0" + bytes(6) + b"FLdt\xff\0\0\0\xc4\x7f",
        "cut.ptx": b"\x030010111100101011",
        "cut.dspreset": b'<DecentSampler><sample path="a.wav"/><sample pa',
        "huge.sfz": b"<region> sample=kick.wav key=1\n" * (50 * MB // 31),
        "loop.sfz": b'#include "loop.sfz"\n' * 2000,
        "junk.song": b"PK\3\4" + bytes(100),
        "deep.xpm": gzip.compress(b"ACVS\n1\n2\n3\n4\n" + b"[" * 500_000),
    }.items(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_document_that_cannot_be_read_to_its_end_is_opaque(tmp_path, name, content):
    references = read_references(put(tmp_path / name, content))

    assert references.opaque
    assert references.kind


@pytest.mark.parametrize(
    ("name", "content"),
    {
        "spaces.sfz": b"sample=a " + b"b " * (4 * MB),
        "equals.sfz": b"sample=" * (2 * MB),
        "slashes.sfz": b"/" * (16 * MB),
        "define.sfz": b"#define $A " + b" " * (8 * MB),
        "includes.sfz": b'#include "includes.sfz"\n' * 100_000,
        "tags.dspreset": b"<DecentSampler>" + b"<sample " * (2 * MB),
        "quotes.dspreset": b"<DecentSampler>" + b'<sample a="' * (2 * MB),
        "names.dspreset": b"<DecentSampler>" + (b"<sample " + b"a" * 8000 + b">") * 1000,
        "angles.xml": b"<" * (8 * MB),
        "names.xml": b"<kit>" + b"<fileName>" * MB,
        "endings.cpr": b"RIFF\0\0\0\0NUND" + b".wav" * (4 * MB),
        "letters.m8s": b"M8VERSION\0" + b"a" * (16 * MB),
        "base64.rpp": b"<REAPER_PROJECT\n" + b"A" * (16 * MB),
        "lines.rpp": b"<REAPER_PROJECT\n" + b'\n   FILE "' * MB,
        "zeros.flp": b"FLhd" + bytes(10) + b"FLdt" + bytes(4 * MB),
        "brackets.json": b'{"_base":' + b"[" * (8 * MB),
        "escapes.maxpat": b'{"patcher":' + b'\\"' * (8 * MB),
        "lines.m3u": b"\n" * (8 * MB),
        "files.cue": b"FILE " * (4 * MB),
    }.items(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_no_document_takes_long(tmp_path, name, content):
    document = put(tmp_path / name, content)
    began = time.process_time()

    read_references(document)

    assert time.process_time() - began < 10  # ten times what it takes


def test_no_entity_is_expanded(tmp_path):
    assert read_references(put(tmp_path / "a.dspreset", LAUGHS)).names == ("&i;.wav",)


def test_a_pipe_with_the_name_of_a_document_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "kit.sfz")

    assert read_references(tmp_path / "kit.sfz").opaque


@pytest.mark.parametrize("name", ["kit.sfz", "Song.als", "kit.nki", "nothing.txt"])
def test_a_document_that_has_gone_is_no_error(tmp_path, name):
    read_references(tmp_path / name)


def test_what_a_cut_set_still_says_is_known(tmp_path):
    whole = live_set(*(f"Samples/{n}.wav" for n in range(999)))

    references = read_references(put(tmp_path / "cut.als", whole[: len(whole) // 2]))

    assert "Samples/0.wav" in references.names


def test_a_damaged_document_protects_what_lies_around_it(tmp_path):
    sounds(tmp_path / "Song/parts", "a.wav", "b.wav")
    put(tmp_path / "Song/Song.als", live_set("parts/a.wav")[:40])
    put(tmp_path / "Song/letters/taxes.pdf", b"%PDF")

    result = survey(tmp_path)

    protected = {path for project in result.projects for path in project.root.rglob("*.wav")} | set(
        result.needed
    )
    assert protected == {tmp_path / "Song/parts/a.wav", tmp_path / "Song/parts/b.wav"}


# --- trees ---


def test_a_hundred_thousand_files_without_a_sound_are_looked_through_soon(fast_folder):
    for number in range(100):
        (fast_folder / f"x/{number}").mkdir(parents=True)
        for other in range(1000):
            os.mknod(fast_folder / f"x/{number}/{other}.txt")
    began = time.process_time()

    result = survey(fast_folder)

    assert result.complete
    assert (result.projects, result.needed) == ((), {})
    assert time.process_time() - began < 10


def test_a_tree_beyond_the_limit_is_reported_as_incomplete(tmp_path, monkeypatch):
    monkeypatch.setattr(walk, "MOST_ENTRIES", 10)
    pack(tmp_path / "Pack", 40)

    assert not survey(tmp_path).complete
    assert not survey(tmp_path, root_is_unit=True).complete


def test_a_survey_ends_when_its_time_is_over(tmp_path):
    pack(tmp_path / "Pack")

    assert not survey(tmp_path, seconds=0).complete


def test_a_survey_that_was_cut_short_comes_further_the_next_time(tmp_path, monkeypatch):
    names = [f"loop {n}.wav" for n in range(12)]
    sounds(tmp_path / "Kit", *names)
    for name in names:
        put(tmp_path / f"Kit/{name}.sfz", f"<region> sample={name}\n")
    surveyor = Surveyor()
    clock = [0.0]
    really = surveying.read_references

    def slow(path):
        clock[0] += 1
        return really(path)

    monkeypatch.setattr(surveying, "read_references", slow)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])

    rounds = [surveyor.survey(tmp_path, root_is_unit=False, seconds=4.5) for _ in range(3)]

    assert [one.complete for one in rounds] == [False, False, True]
    assert [one.root.name for one in rounds[-1].projects] == ["Kit"]


def test_a_marker_without_read_permission_still_marks(folder_of_a_plain_user):
    root = TREES["git"](folder_of_a_plain_user)
    (root / ".git").chmod(0)
    try:
        assert [one.name for one in survey(folder_of_a_plain_user).projects] == ["a git checkout"]
    finally:
        (root / ".git").chmod(0o700)


def test_a_document_without_read_permission_is_opaque(folder_of_a_plain_user):
    root = pack(folder_of_a_plain_user / "Pack")
    put(root / "kit.sfz", "<region> sample=Kicks/kick 1.wav\n").chmod(0)

    assert survey(folder_of_a_plain_user).kept_whole == {root: root / "kit.sfz"}


def test_a_folder_without_read_permission_is_passed_over(folder_of_a_plain_user):
    root = TREES["sfz"](folder_of_a_plain_user)
    closed = pack(folder_of_a_plain_user / "Closed")
    closed.chmod(0)
    try:
        result = survey(folder_of_a_plain_user)
    finally:
        closed.chmod(0o700)

    assert [one.root for one in result.projects] == [root]


def test_a_tree_that_is_not_there_is_empty(tmp_path):
    result = survey(tmp_path / "never/was")

    assert (result.projects, result.needed, result.kept_whole) == ((), {}, {})


def test_names_that_are_not_utf8_are_no_trouble(tmp_path):
    name = os.fsencode(tmp_path) + b"/k\xefck.wav"
    try:
        Path(os.fsdecode(name)).write_bytes(b"sound")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    put(tmp_path / "kit.sfz", b"<region> sample=k\xefck.wav\n")

    survey(tmp_path)
    survey(tmp_path, root_is_unit=True)


def test_a_tree_that_is_renamed_while_it_is_looked_at_is_no_error(tmp_path):
    TREES["ableton"](tmp_path / "Pack")
    pack(tmp_path / "Pack", 60)
    is_over = threading.Event()

    def rename() -> None:
        names = [tmp_path / "Pack", tmp_path / "Other"]
        while not is_over.is_set():
            names[0].rename(names[1])
            names.reverse()

    thread = threading.Thread(target=rename)
    thread.start()
    surveyor = Surveyor()
    try:
        for _ in range(200):
            result = surveyor.survey(tmp_path, root_is_unit=False)
            assert {one.name for one in result.projects} <= {"an Ableton Live project"}
    finally:
        is_over.set()
        thread.join()


@pytest.mark.parametrize(
    "name", ["sfz", "ableton", "reaper", "studio_one", "mpc_program_3", "hydrogen", "pure_data", "fl_studio"]
)
def test_no_damage_to_a_document_is_an_error(tmp_path, name):
    """Each byte of the documents is cut off, or turned, in turn."""
    root = TREES[name](tmp_path)
    documents = [
        path for path in root.rglob("*") if path.is_file() and path.suffix not in {".wav", ".asd", ".cfg"}
    ]
    for document in documents:
        content = document.read_bytes()
        for place in range(0, len(content), max(1, len(content) // 40)):
            for damaged in (
                content[:place],
                content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :],
            ):
                document.write_bytes(damaged)
                read_references(document)
        document.write_bytes(content)
