"""Names from elsewhere: what another system or program calls the entries of an archive, and what becomes of one bad entry."""

from __future__ import annotations

import errno
import io
import os
import stat
import struct
import tarfile
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zip_bytes import UTF8, ZipEntry, unicode_path, zip_of

from drumwatch.filing.naming import LONGEST_PATH
from drumwatch.intake.archives import new_files
from drumwatch.intake.archives.limits import Limits
from drumwatch.intake.archives.unpack import unpack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drumwatch.intake.archives.unpack import Unpacked

LIMITS = Limits(files=1000, size=10_000_000_000, ratio=200)


def unpacked(folder: Path, *entries: ZipEntry, only_portable: bool = False) -> Unpacked:
    (folder / "p.zip").write_bytes(zip_of(*entries))
    return unpack(folder / "p.zip", folder / "out", LIMITS, only_portable=only_portable)


def names_in(folder: Path) -> set[str]:
    out = folder / "out"
    return {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("Ударные/Бочка.wav", "cp866"),
        ("鼓/底鼓.wav", "gbk"),
        ("드럼/킥.wav", "cp949"),
        ("Große Trommel/Bückling.wav", "cp850"),
    ],
    ids=["Russian", "Chinese", "Korean", "German"],
)
def test_the_unicode_path_field_gives_the_name(tmp_path, name, page):
    raw = name.encode(page)

    found = unpacked(tmp_path, ZipEntry(raw, extra=unicode_path(raw, name)))

    assert names_in(tmp_path) == {name}
    assert found.names_in_archive == {name: raw.decode("utf-8", "surrogateescape")}


def test_a_unicode_path_field_of_another_name_does_not_count(tmp_path):
    unpacked(tmp_path, ZipEntry(b"renamed.wav", extra=unicode_path(b"old.wav", "alt.wav")))

    assert names_in(tmp_path) == {"renamed.wav"}


@pytest.mark.parametrize(
    "extra",
    [
        unicode_path(b"a.wav", "ä.wav")[:-3],
        struct.pack("<HHBI", 0x7075, 6, 1, zlib.crc32(b"a.wav")) + b"\xff",
        b"up",
    ],
    ids=["cut short", "no UTF-8", "no field"],
)
def test_a_broken_unicode_path_field_costs_no_name(tmp_path, extra):
    unpacked(tmp_path, ZipEntry(b"a.wav", extra=extra), ZipEntry(b"b.wav"))

    assert names_in(tmp_path) == {"a.wav", "b.wav"}


def test_a_false_mark_of_utf8_costs_no_name(tmp_path):
    found = unpacked(tmp_path, ZipEntry("Bäss.wav".encode("cp437"), flags=UTF8), ZipEntry(b"plain.wav"))

    assert names_in(tmp_path) == {"Bäss.wav", "plain.wav"}
    assert found.refused == []


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        (ZipEntry(b"Kicks\\one.wav", second=b"Kicks/one.wav"), "Kicks/one.wav"),
        (ZipEntry("Große.wav".encode(), second="Große.wav".encode("cp437")), "Große.wav"),
        (
            ZipEntry("Große.wav".encode(), second="Große.wav".encode("cp850"), flags=UTF8, second_flags=0),
            "Große.wav",
        ),
        (ZipEntry("Große.wav".encode(), flags=0, second_flags=UTF8), "Große.wav"),
        (
            ZipEntry("キック.wav".encode("cp932"), second="キック.wav".encode(), second_flags=UTF8),
            "キック.wav",
        ),
    ],
    ids=["slash", "code page", "flag and code page", "flag only", "Japanese"],
)
def test_two_names_that_differ_in_slash_or_code_page_are_one(tmp_path, entry, name):
    found = unpacked(tmp_path, entry, ZipEntry(b"plain.wav"))

    assert names_in(tmp_path) == {name, "plain.wav"}
    assert found.refused == []


def test_an_entry_with_two_names_stays_in_the_archive_alone(tmp_path):
    found = unpacked(tmp_path, ZipEntry(b"kick.wav", second=b"snare.wav"), ZipEntry(b"plain.wav"))

    assert names_in(tmp_path) == {"plain.wav"}
    assert found.refused == [
        ("kick.wav", "the archive also calls it snare.wav: one of the two names is wrong")
    ]


FOLDERS = {
    "with a backslash": ZipEntry(b"Kicks\\", b""),
    "by its DOS attribute": ZipEntry(b"Kicks", b"", attributes=0x10),
    "by its mode": ZipEntry(b"Kicks", b"", attributes=(stat.S_IFDIR | 0o755) << 16),
    "by what is in it": ZipEntry(b"Kicks", b""),
}


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_a_folder_without_a_slash_is_no_file(tmp_path, folder, first):
    kick = ZipEntry(b"Kicks/kick.wav")

    found = unpacked(tmp_path, *((folder, kick) if first else (kick, folder)))

    assert (names_in(tmp_path), found.refused, found.files) == ({"Kicks/kick.wav"}, [], 1)


@pytest.mark.parametrize("name", [b"kick.wav/", b"kick.wav\\"], ids=["slash", "backslash"])
def test_a_sound_whose_name_ends_like_a_folder_s_is_a_sound(tmp_path, name):
    found = unpacked(tmp_path, ZipEntry(name))

    assert (names_in(tmp_path), found.sounds) == ({"kick.wav"}, 1)


@pytest.mark.parametrize("first", [True, False], ids=["file first", "folder first"])
def test_a_file_and_a_folder_of_one_name_both_come(tmp_path, first):
    file, inside = ZipEntry(b"Kick.wav", b"file"), ZipEntry(b"Kick.wav/a.wav", b"inside")

    found = unpacked(tmp_path, *((file, inside) if first else (inside, file)))

    assert names_in(tmp_path) == {"Kick 2.wav", "Kick.wav/a.wav"}
    assert (found.refused, found.names_in_archive) == ([], {"Kick 2.wav": "Kick.wav"})


@pytest.mark.parametrize("first", [True, False], ids=["file first", "folder first"])
def test_a_tar_with_a_file_where_a_folder_is_needed_comes_whole(tmp_path, first):
    pytest.importorskip("libarchive", reason="needs the extra drumwatch[archives]", exc_type=Exception)  # type: ignore[arg-type]
    entries = [("Hats", b"file"), ("Hats/hat.wav", b"h")]
    with tarfile.open(tmp_path / "p.tar", "w") as archive:
        for name, content in entries if first else reversed(entries):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))

    unpack(tmp_path / "p.tar", tmp_path / "out", LIMITS)

    assert names_in(tmp_path) == {"Hats 2", "Hats/hat.wav"}


def test_a_tar_with_names_of_another_code_page_has_names(tmp_path):
    pytest.importorskip("libarchive", reason="needs the extra drumwatch[archives]", exc_type=Exception)  # type: ignore[arg-type]
    with tarfile.open(tmp_path / "p.tar", "w", format=tarfile.GNU_FORMAT, encoding="cp437") as archive:
        archive.addfile(tarfile.TarInfo("Große.wav"), io.BytesIO(b""))

    found = unpack(tmp_path / "p.tar", tmp_path / "out", LIMITS)

    assert names_in(tmp_path) == {"Große.wav"}
    assert found.names_in_archive == {"Große.wav": "Gro\udce1e.wav"}


def test_a_path_that_is_too_long_costs_only_its_entry(tmp_path):
    deep = "/".join(["d" * 190] * 30).encode() + b"/kick.wav"

    found = unpacked(tmp_path, ZipEntry(deep), ZipEntry(b"x" * 300 + b".wav"), ZipEntry(b"plain.wav"))

    assert names_in(tmp_path) == {"x" * 196 + ".wav", "plain.wav"}
    assert [name for name, _ in found.refused] == [deep.decode()]
    assert found.refused[0][1].startswith("its path is too long for the disk: unpack it yourself")


def test_a_name_that_was_changed_has_its_raw_name_noted(tmp_path):
    found = unpacked(tmp_path, ZipEntry(b"Kick\0s.wav"), ZipEntry("Trémolo.wav".encode("cp437")))

    assert found.names_in_archive == {"Kick_s.wav": "Kick\0s.wav", "Trémolo.wav": "Tr\udc82molo.wav"}


def test_an_archive_in_an_archive_notes_both_names(tmp_path):
    unpacked(tmp_path, ZipEntry(b"x.zip", zip_of(ZipEntry(b"a\\b.wav"))))

    found = unpack(tmp_path / "p.zip", tmp_path / "again", LIMITS)

    assert found.names_in_archive == {"x.zip/a/b.wav": "x.zip/a\\b.wav"}


def test_an_archive_in_it_with_the_longest_path_costs_only_itself(tmp_path):
    room = LONGEST_PATH - 1 - len(os.fsencode(tmp_path / "out")) - len("/x.zip")
    letters, count = room - 28, 28
    folders = ["d" * (letters // count + (number < letters % count)) for number in range(count)]
    deep = "/".join([*folders, "x.zip"]).encode()

    found = unpacked(tmp_path, ZipEntry(deep, zip_of(ZipEntry(b"a.wav"))), ZipEntry(b"plain.wav"))

    assert names_in(tmp_path) == {"plain.wav"}
    assert [why for _, why in found.refused] == [
        "it cannot be opened in its folder, because the name is too long for the disk"
    ]


def test_names_are_portable_where_the_disk_is(tmp_path):
    found = unpacked(tmp_path, ZipEntry(b"Aux/What?.wav"), ZipEntry(b"ok.wav"), only_portable=True)

    assert names_in(tmp_path) == {"Aux_/What_.wav", "ok.wav"}
    assert found.names_in_archive == {"Aux_/What_.wav": "Aux/What?.wav"}


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOENT, errno.EILSEQ], ids=errno.errorcode.get)
def test_a_name_that_the_disk_refuses_is_made_portable_there(tmp_path, monkeypatch, code):
    monkeypatch.setattr(new_files.os, "open", _refusing(os.open, code))
    monkeypatch.setattr(new_files.os, "mkdir", _refusing(os.mkdir, code))

    found = unpacked(tmp_path, ZipEntry(b"What?/a: b.wav"), ZipEntry(b"Aux/ok.wav"))

    assert names_in(tmp_path) == {"What_/a_ b.wav", "Aux/ok.wav"}
    assert found.names_in_archive == {"What_/a_ b.wav": "What?/a: b.wav"}


def test_a_name_that_the_disk_takes_in_no_form_costs_only_its_entry(tmp_path, monkeypatch):
    monkeypatch.setattr(new_files.os, "open", _refusing(os.open, errno.EILSEQ, "ß"))

    found = unpacked(tmp_path, ZipEntry("Große.wav".encode()), ZipEntry(b"ok.wav"))

    assert names_in(tmp_path) == {"ok.wav"}
    assert [(name, why[:34]) for name, why in found.refused] == [
        ("Große.wav", "the disk does not take its name: u")
    ]


def _refusing(call: Callable[..., Any], code: int, letters: str = '<>:"|?*') -> Callable[..., Any]:
    """The call on a disk that refuses these letters in new names."""

    def refusing(path: Any, *args: Any, **named: Any) -> Any:
        if set(os.path.basename(os.fsdecode(path))) & set(letters):
            raise OSError(code, os.strerror(code), path)
        return call(path, *args, **named)

    return refusing


def test_two_names_that_become_one_both_come(tmp_path):
    unpacked(tmp_path, ZipEntry(b"Kick?.wav"), ZipEntry(b"Kick*.wav"), only_portable=True)

    assert names_in(tmp_path) == {"Kick_.wav", "Kick_ 2.wav"}


NAME = st.text(
    st.sampled_from("aA/\\.: ?*|<>\"'\0\n\x1bé\u0301ソ\udc80\ud800~-"), min_size=1, max_size=30
) | st.sampled_from(
    ["..", "AUX", "a/AUX.wav", "C:/x.wav", "C:x", "x" * 300, "/x", "kick.wav", "KICK.wav", "kick.wav/a"]
)


@given(st.lists(st.tuples(NAME, st.booleans()), min_size=1, max_size=6), st.booleans())
def test_no_list_of_names_costs_another_entry(tmp_path_factory, listed, only_portable):
    folder = tmp_path_factory.mktemp("names")
    entries = [ZipEntry(name.encode("utf-8", "surrogatepass"), b"k" * full) for name, full in listed]
    kick = ZipEntry(b"good kick.wav", b"kick")

    found = unpacked(folder, *entries, kick, only_portable=only_portable)

    assert (folder / "out/good kick.wav").read_bytes() == b"kick"
    assert {path.name for path in folder.iterdir()} == {"p.zip", "out"}
    filed = sum(path.is_file() for path in (folder / "out").rglob("*"))
    assert filed == found.files
    for name, why in found.refused:
        assert "Errno" not in why
        assert "'" not in why.replace(name, "")
