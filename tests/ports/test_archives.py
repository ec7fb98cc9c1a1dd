import io
import json
import os
import resource
import stat
import struct
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from drumwatch.intake.archives import __main__ as unpacker
from drumwatch.intake.archives.limits import Limits, NoRoom, NotWhole, Refused
from drumwatch.intake.archives.unpack import unpack
from drumwatch.intake.ignore import has_libarchive

LIMITS = Limits(files=100, size=10_000_000_000, ratio=200)


def make_zip(path: Path, members: dict[str, bytes], **more) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **more) as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return path


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def everything(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*")}


def test_a_zip_becomes_its_tree(tmp_path):
    archive = make_zip(tmp_path / "p.zip", {"Kicks/kick.wav": b"k", "readme.txt": b"r"})

    found = unpack(archive, tmp_path / "out", LIMITS)

    assert files_below(tmp_path / "out") == {"Kicks/kick.wav": b"k", "readme.txt": b"r"}
    assert (found.files, found.sounds, found.size, found.refused) == (2, 1, 2, [])


def test_a_zip_from_japan_has_its_names(tmp_path):
    name = "ドラム/キック.wav".encode("cp932")
    archive = make_zip(tmp_path / "p.zip", {"x" * len(name): b"k"})
    archive.write_bytes(archive.read_bytes().replace(b"x" * len(name), name))

    unpack(archive, tmp_path / "out", LIMITS)

    assert files_below(tmp_path / "out") == {"ドラム/キック.wav": b"k"}


def test_the_time_of_a_member_is_kept(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as zipped:
        zipped.writestr(zipfile.ZipInfo("kick.wav", (2019, 5, 4, 3, 2, 0)), b"k")

    unpack(tmp_path / "p.zip", tmp_path / "out", LIMITS)

    assert 1_556_000_000 < (tmp_path / "out/kick.wav").stat().st_mtime < 1_557_200_000


def test_paths_out_of_it_stay_in_the_archive_and_are_reported(tmp_path):
    slips = {"../../evil.wav": b"1", "/abs.wav": b"2", "C:\\win.wav": b"3", "ok.wav": b"5"}
    archive = make_zip(tmp_path / "p.zip", slips)

    found = unpack(archive, tmp_path / "deep/down/out", LIMITS)

    assert everything(tmp_path) == {"p.zip", "deep", "deep/down", "deep/down/out", "deep/down/out/ok.wav"}
    assert [name for name, _ in found.refused] == ["../../evil.wav", "/abs.wav", "C:\\win.wav"]


def test_a_link_in_a_zip_is_not_made(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as zipped:
        link = zipfile.ZipInfo("link.wav")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(link, "/etc/passwd")

    found = unpack(tmp_path / "p.zip", tmp_path / "out", LIMITS)

    assert found.refused == [("link.wav", "it is a link")]
    assert files_below(tmp_path / "out") == {}


def test_what_macos_adds_is_left_behind_silently(tmp_path):
    archive = make_zip(tmp_path / "p.zip", {"__MACOSX/._k.wav": b"\0\5\x16\7", "._k.wav": b"", "k.wav": b"k"})

    found = unpack(archive, tmp_path / "out", LIMITS)

    assert files_below(tmp_path / "out") == {"k.wav": b"k"}
    assert found.refused == []


def test_sounds_in_a_package_stay_packed_and_are_counted(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as zipped:
        zipped.writestr("Tune.band/Media/1.wav", b"1")
    song = {"Work/Song.logicx/Media/1.wav": b"1", "Work/Song.logicx/Media/FX.bundle/2.aif": b"2"}
    junk = {"Work/Song.logicx/Media/._1.wav": b"", "__MACOSX/Work/Song.logicx/Media/3.wav": b"3"}
    others = {"Mail.app/Contents/Info.plist": b"", "old.zip": inner.getvalue()}
    archive = make_zip(tmp_path / "p.zip", {**song, **junk, **others})

    found = unpack(archive, tmp_path / "out", LIMITS)

    assert (files_below(tmp_path / "out"), found.sounds) == ({}, 0)
    assert found.in_packages == {
        str(tmp_path / "out/Work/Song.logicx"): 2,
        str(tmp_path / "out/old.zip/Tune.band"): 1,
    }


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    archive = make_zip(tmp_path / "p.zip", {"bomb.wav": bytes(200_000_000)})

    with pytest.raises(Refused, match="unpacks to more than 200 times"):
        unpack(archive, tmp_path / "out", LIMITS)
    assert everything(tmp_path) == {"p.zip"}


def test_a_bomb_with_a_false_header_is_stopped_while_it_is_copied(tmp_path):
    archive = make_zip(tmp_path / "p.zip", {"bomb.wav": bytes(2_000_000)})
    reported = archive.read_bytes().replace(struct.pack("<I", 2_000_000), struct.pack("<I", 10))
    archive.write_bytes(reported)

    found = unpack(archive, tmp_path / "out", LIMITS)

    assert files_below(tmp_path / "out") == {}
    assert found.refused[0][0] == "bomb.wav"


def test_bombs_in_a_nested_zip_count_as_the_outer_ones(tmp_path):
    inner = make_zip(tmp_path / "inner.zip", {f"{n}.wav": bytes(30_000_000) for n in range(5)}).read_bytes()
    archive = make_zip(tmp_path / "p.zip", {"inner.zip": inner})

    with pytest.raises(Refused, match=r"holds more than 0\.06 GB"):
        unpack(archive, tmp_path / "out", replace(LIMITS, size=60_000_000))
    assert everything(tmp_path) == {"p.zip", "inner.zip"}


def test_too_many_files_are_refused(tmp_path):
    archive = make_zip(tmp_path / "p.zip", {f"{n}.wav": b"" for n in range(101)})

    with pytest.raises(Refused, match="more than 100 files"):
        unpack(archive, tmp_path / "out", LIMITS)


def test_a_zip_in_a_zip_is_opened_and_one_in_that_is_not(tmp_path):
    innermost = io.BytesIO()
    with zipfile.ZipFile(innermost, "w") as zipped:
        zipped.writestr("deep.wav", b"d")
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as zipped:
        zipped.writestr("kick.wav", b"k")
        zipped.writestr("more.zip", innermost.getvalue())
    archive = make_zip(tmp_path / "p.zip", {"WAV/drums.zip": inner.getvalue()})

    unpack(archive, tmp_path / "out", LIMITS)

    assert set(files_below(tmp_path / "out")) == {"WAV/drums.zip/kick.wav", "WAV/drums.zip/more.zip"}


def test_a_zip_whose_end_is_missing_may_still_be_on_its_way(tmp_path):
    archive = make_zip(tmp_path / "p.zip", {"kick.wav": os.urandom(5000)})
    archive.write_bytes(archive.read_bytes()[:3000])

    with pytest.raises(NotWhole, match="cut short, or still being downloaded"):
        unpack(archive, tmp_path / "out", LIMITS)


def test_one_part_of_a_split_zip_says_so(tmp_path):
    archive = make_zip(tmp_path / "p.zip", {"kick.wav": b"k"})
    whole = bytearray(archive.read_bytes())
    at = whole.rindex(b"PK\5\6")
    whole[at + 4 : at + 8] = struct.pack("<HH", 2, 0)  # this is disk 2, the directory began on disk 0
    directory = whole.rindex(b"PK\1\2")
    whole[directory + 34 : directory + 36] = struct.pack("<H", 1)
    archive.write_bytes(whole)

    with pytest.raises(Refused, match="one part of several"):
        unpack(archive, tmp_path / "out", LIMITS)


def test_a_zip_without_any_sound_is_not_unpacked(tmp_path):
    archive = make_zip(tmp_path / "papers.zip", {"tax.pdf": b"p", "photo.jpg": b"j"})

    assert unpack(archive, tmp_path / "out", LIMITS).sounds == 0
    assert files_below(tmp_path / "out") == {}


def test_a_locked_zip_says_so(tmp_path):
    archive = make_zip(tmp_path / "p.zip", {"kick.wav": b"k"})
    locked = bytearray(archive.read_bytes())
    locked[6] |= 1
    locked[locked.rindex(b"PK\1\2") + 8] |= 1
    archive.write_bytes(locked)

    with pytest.raises(Refused, match="password"):
        unpack(archive, tmp_path / "out", LIMITS)


def test_a_damaged_member_is_left_out_and_the_others_come(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as zipped:
        zipped.writestr("bad.wav", b"0123456789")
        zipped.writestr("good.wav", b"good")
    raw = (tmp_path / "p.zip").read_bytes()
    (tmp_path / "p.zip").write_bytes(raw.replace(b"0123456789", b"0123456780", 1))

    found = unpack(tmp_path / "p.zip", tmp_path / "out", LIMITS)

    assert files_below(tmp_path / "out") == {"good.wav": b"good"}
    assert found.refused[0][0] == "bad.wav"
    assert "damaged" in found.refused[0][1]


def test_two_members_of_one_name_both_come(tmp_path):
    archive = make_zip(tmp_path / "p.zip", {"kick.wav": b"1", "kicc.wav": b"2"})
    archive.write_bytes(archive.read_bytes().replace(b"kicc", b"kick"))

    unpack(tmp_path / "p.zip", tmp_path / "out", LIMITS)

    assert files_below(tmp_path / "out") == {"kick.wav": b"1", "kick 2.wav": b"2"}


def test_what_does_not_fit_the_disk_is_not_begun(tmp_path):
    archive = make_zip(tmp_path / "p.zip", {"kick.wav": b"k"})

    with pytest.raises(NoRoom, match="free some space there"):
        unpack(archive, tmp_path / "out", replace(LIMITS, min_free=1 << 60))
    assert everything(tmp_path) == {"p.zip"}


def test_a_member_without_a_name_stays_in_the_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as zipped, zipped.open(zipfile.ZipInfo(""), "w") as member:
        member.write(b"k")
    with zipfile.ZipFile(tmp_path / "p.zip", "a") as zipped:
        zipped.writestr("kick.wav", b"k")

    found = unpack(tmp_path / "p.zip", tmp_path / "out", LIMITS)

    assert files_below(tmp_path / "out") == {"kick.wav": b"k"}
    assert found.refused == [("", "its name is empty")]


def test_a_directory_that_cannot_be_true_is_refused_with_a_sentence(tmp_path):
    raw = bytearray(make_zip(tmp_path / "p.zip", {"kick.wav": b"k"}).read_bytes())
    raw[raw.rindex(b"PK\1\2") + 6] = 119  # a version from the future
    (tmp_path / "p.zip").write_bytes(raw)

    with pytest.raises(
        Refused, match=r"^it is damaged \(its list of contents cannot be read\): download it again$"
    ):
        unpack(tmp_path / "p.zip", tmp_path / "out", LIMITS)
    assert everything(tmp_path) == {"p.zip"}


def test_the_unpacker_answers_in_lines_and_a_bad_request_is_an_answer(tmp_path):
    make_zip(tmp_path / "p.zip", {"kick.wav": b"k"})
    limits = {"files": 5, "size": 100, "ratio": 200, "min_free": 0}
    good = {
        "id": 1,
        "op": "unpack",
        "path": str(tmp_path / "p.zip"),
        "folder": str(tmp_path / "out"),
        "limits": limits,
    }
    lines = [
        json.dumps(good),
        "nonsense",
        json.dumps({**good, "id": 2, "path": str(tmp_path / "none.zip"), "folder": str(tmp_path / "b")}),
    ]

    reported = subprocess.run(
        [sys.executable, "-m", "drumwatch.intake.archives"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )

    first, second, third = map(json.loads, reported.stdout.splitlines())
    assert (first["id"], first["sounds"], len(first["content_hash"])) == (1, 1, 64)
    assert (second["id"], second["answer"], second["kind"]) == (None, "failed", "invalid request")
    assert (third["id"], third["answer"]) == (2, "failed")
    assert "none.zip" in third["message"]


@pytest.mark.parametrize(
    ("platform", "limits"),
    [
        ("linux", ["RLIMIT_CORE", "RLIMIT_NOFILE", "RLIMIT_AS"]),
        ("darwin", ["RLIMIT_CORE", "RLIMIT_NOFILE"]),
    ],
)
def test_the_unpacker_has_every_limit_that_its_system_takes(monkeypatch, platform, limits):
    given = []
    monkeypatch.setattr(unpacker.kernel, "lower_limits", lambda which, _: given.append(which))
    monkeypatch.setattr(unpacker.sys, "platform", platform)

    unpacker.confine()

    assert given == [getattr(resource, name) for name in limits]


@pytest.mark.skipif(
    sys.platform not in {"linux", "darwin"}, reason="a program can enter no sandbox by itself here"
)
def test_whoever_takes_over_the_unpacker_writes_nowhere_but_in_its_own_folder(tmp_path):
    (tmp_path / "staging").mkdir()
    code = f"""
import os, socket
from drumwatch.intake.archives import __main__ as unpacker
from drumwatch.workers.protocol import Unpack, UnpackedArchive, UnpackLimits, encode_request
def hostile(job):
    for attempt in (
        lambda: open({str(tmp_path / "evil")!r}, "w"),
        lambda: os.rename(job.path, job.folder),
        lambda: socket.socket().bind(("127.0.0.1", 0)),
        lambda: os.execv({sys.executable!r}, ["python", "-c", ""]),
    ):
        try: attempt()
        except OSError: continue
        return UnpackedArchive("did it", job.folder, 0, 0, 0)
    os.mkdir(job.folder)
    return UnpackedArchive("refused", job.folder, 0, 0, 0)
unpacker._answer = hostile
job = Unpack({str(tmp_path / "staging")!r}, {str(tmp_path / "one/out")!r}, UnpackLimits(1, 1, 1))
print(unpacker.reply_to(encode_request(1, job)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert json.loads(done.stdout)["content_hash"] == "refused"
    assert everything(tmp_path) == {"staging", "one", "one/out"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b"<!DOCTYPE html><html><body>Download limit reached.</body></html>\n" * 20,
            "it is a web page, not a zip",
        ),
        (b"\xef\xbb\xbf\n<HTML>no</HTML>" * 20, "it is a web page, not a zip"),
        (b'{"error": "expired"}' * 20, "it is a text, not a zip"),
    ],
)
def test_a_page_that_came_instead_of_a_zip_is_called_what_it_is(tmp_path, content, said):
    (tmp_path / "p.zip").write_bytes(content)

    with pytest.raises(Refused, match=said) as refused:
        unpack(tmp_path / "p.zip", tmp_path / "out", LIMITS)
    assert not isinstance(refused.value, NotWhole)


@pytest.mark.parametrize(
    ("head", "called"), [(b"7z\xbc\xaf\x27\x1c", "a 7z archive"), (b"Rar!\x1a\7\1\0", "a rar archive")]
)
def test_another_archive_called_zip_is_called_what_it_is(tmp_path, head, called):
    (tmp_path / "p.zip").write_bytes(head + b"\1" * 400)
    why = "it is damaged: download it again" if has_libarchive() else "needs libarchive: install"

    with pytest.raises(Refused, match=f"it is {called}, whatever its name says, and {why}") as refused:
        unpack(tmp_path / "p.zip", tmp_path / "out", LIMITS)
    assert not isinstance(refused.value, NotWhole)
