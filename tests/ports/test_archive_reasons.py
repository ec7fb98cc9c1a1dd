"""What is said about archives that are not, or not wholly, unpacked: what they are, what is missing, and what to do."""

import base64
import builtins
import io
import json
import random
import re
import struct
import subprocess
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from drumwatch.intake import archive_readers
from drumwatch.intake.archives.__main__ import reply_to
from drumwatch.intake.archives.limits import Limits, NotWhole, Refused
from drumwatch.intake.archives.unpack import unpack
from drumwatch.workers.protocol import Unpack, UnpackLimits, encode_request

LIMITS = Limits(files=100, size=10_000_000_000, ratio=200)
KICK = b"drumwatch " * 40
DEFLATE64, PPMD, AES = 9, 98, 99
# KICK as 7-Zip's PPMd packs it into a zip: order 8, 8 MB, with an end mark.
KICK_BY_PPMD = base64.b64decode("dwBkECPQlGG8CSuvm/eVFaz5newA")

with_libarchive = pytest.mark.skipif(
    archive_readers.readers() != "there", reason="needs the extra drumwatch[archives]"
)


@pytest.fixture
def no_libarchive(monkeypatch):
    """As where the extra is not installed."""
    monkeypatch.setattr(archive_readers, "readers", lambda: "no binding")


def make_zip(*members: tuple[str, int, int, bytes, bytes]) -> bytes:
    """A zip of (name, method, flags, packed, content), by hand: zipfile knows few methods."""
    body, directory = b"", b""
    for text, method, flags, packed, content in members:
        name = text.encode()
        sizes = (zlib.crc32(content), len(packed), len(content), len(name), 0)
        common = struct.pack("<HHHHIIIHH", flags, method, 0x6000, 0x5821, *sizes)
        directory += b"PK\1\2" + struct.pack("<HH", 63, 63) + common
        directory += struct.pack("<HHHII", 0, 0, 0, 0x20, len(body)) + name
        body += b"PK\3\4" + struct.pack("<H", 63) + common + name + packed
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    return body + directory + b"PK\5\6" + end


def stored(name: str, content: bytes = KICK, flags: int = 0) -> tuple[str, int, int, bytes, bytes]:
    return name, 0, flags, content, content


def rar4(flags: int) -> bytes:
    header = struct.pack("<BHH", 0x73, flags, 13) + bytes(6)
    return b"Rar!\x1a\7\0" + struct.pack("<H", zlib.crc32(header) & 0xFFFF) + header + b"\1" * 400


def rar5(*numbers: int) -> bytes:
    block = bytes([len(numbers), *numbers])
    return b"Rar!\x1a\7\1\0" + struct.pack("<I", zlib.crc32(block)) + block + b"\1" * 400


def tar_gz(name: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(KICK)
        archive.addfile(entry, io.BytesIO(KICK))
    return made.getvalue()


def refusal(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(Refused) as refused:
        unpack(path, path.with_name("out"), LIMITS)
    assert not path.with_name("out").exists()
    return str(refused.value)


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_zip_packed_by_deflate64_says_what_takes_it_out(tmp_path):
    said = refusal(tmp_path / "p.zip", make_zip(("kick.wav", DEFLATE64, 0, b"?" * 9, KICK)))

    assert said == (
        "it is packed by Deflate64, which drumwatch does not read: unpack it yourself, and what comes out will be sorted"
        " (7-Zip reads it)"
    )


@with_libarchive
def test_a_zip_packed_by_ppmd_is_unpacked(tmp_path):
    members = (stored("a.wav"), ("kick.wav", PPMD, 0, KICK_BY_PPMD, KICK), stored("z.wav"))
    (tmp_path / "p.zip").write_bytes(make_zip(*members))

    found = unpack(tmp_path / "p.zip", tmp_path / "out", LIMITS)

    assert files_below(tmp_path / "out") == dict.fromkeys(("a.wav", "kick.wav", "z.wav"), KICK)
    assert found.refused == []


@pytest.mark.usefixtures("no_libarchive")
def test_a_zip_packed_by_ppmd_says_the_command_that_brings_what_reads_it(tmp_path):
    said = refusal(tmp_path / "p.zip", make_zip(("kick.wav", PPMD, 0, KICK_BY_PPMD, KICK)))

    assert re.fullmatch(
        r"it is packed by PPMd, and it needs libarchive: `.*pip install .*\[archives\]'`", said
    )


def test_one_member_of_an_unknown_method_costs_only_itself(tmp_path):
    members = (stored("a.wav"), ("odd.wav", DEFLATE64, 0, b"?" * 9, KICK), ("x.wav", 77, 0, b"?", KICK))
    (tmp_path / "p.zip").write_bytes(make_zip(*members))

    found = unpack(tmp_path / "p.zip", tmp_path / "out", LIMITS)

    assert files_below(tmp_path / "out") == {"a.wav": KICK}
    assert [(name, why.partition(",")[0]) for name, why in found.refused] == [
        ("odd.wav", "it is packed by Deflate64"),
        ("x.wav", "it is packed by method 77"),
    ]


@pytest.mark.parametrize("method", [0, AES])
def test_a_few_locked_members_cost_only_themselves(tmp_path, method):
    members = (stored("a.wav"), ("locked.wav", method, 1, KICK, KICK))
    (tmp_path / "p.zip").write_bytes(make_zip(*members))

    found = unpack(tmp_path / "p.zip", tmp_path / "out", LIMITS)

    assert files_below(tmp_path / "out") == {"a.wav": KICK}
    assert found.refused == [
        (
            "locked.wav",
            "it is locked with a password: unpack it yourself, and what comes out will be sorted",
        )
    ]


def test_a_zip_of_which_all_sounds_are_locked_is_refused_at_once(tmp_path):
    said = refusal(tmp_path / "p.zip", make_zip(stored("a.wav", flags=1), stored("readme.txt")))

    assert "locked with a password" in said


@pytest.mark.usefixtures("no_libarchive")
@pytest.mark.parametrize(
    ("name", "content", "called"),
    [
        ("p.7z", b"7z\xbc\xaf\x27\x1c" + bytes(400), ""),
        ("p.rar", rar4(0), ""),
        ("p.tar.gz", tar_gz("kick.wav"), ""),
        ("p.zip", b"7z\xbc\xaf\x27\x1c" + bytes(400), "it is a 7z archive, whatever its name says, and "),
        ("p.zip", rar5(1, 0, 0), "it is a rar archive, whatever its name says, and "),
    ],
    ids=["7z", "rar", "tar.gz", "7z called zip", "rar called zip"],
)
def test_what_needs_libarchive_says_the_command_that_brings_it(tmp_path, name, content, called):
    said = refusal(tmp_path / name, content)

    assert re.fullmatch(rf"{called}it needs libarchive: `.*pip install .*\[archives\]'`", said), said


def test_with_pipx_the_command_is_one_of_pipx(monkeypatch):
    monkeypatch.setattr("sys.prefix", "/home/me/.local/share/pipx/venvs/drumwatch")

    said = archive_readers.how_to_get("no binding")

    assert re.fullmatch(r"it needs libarchive: `pipx install --force '.*\[archives\]'`", said), said


def test_a_binding_without_its_library_names_the_library(monkeypatch):
    real = builtins.__import__

    def broken(name, *args):
        if name == "libarchive":
            raise OSError("libarchive.so.13: cannot open shared object file")
        return real(name, *args)

    monkeypatch.setattr("importlib.import_module", broken)
    archive_readers.readers.cache_clear()
    try:
        assert archive_readers.readers() == "no library"
    finally:
        archive_readers.readers.cache_clear()


@pytest.mark.parametrize("name", ["p.rar", "p.7z"])
def test_a_zip_called_otherwise_is_unpacked(tmp_path, name):
    (tmp_path / name).write_bytes(make_zip(stored("kick.wav")))

    unpack(tmp_path / name, tmp_path / "out", LIMITS)

    assert files_below(tmp_path / "out") == {"kick.wav": KICK}


@with_libarchive
def test_a_tar_called_7z_is_unpacked(tmp_path):
    (tmp_path / "p.7z").write_bytes(tar_gz("kick.wav"))

    unpack(tmp_path / "p.7z", tmp_path / "out", LIMITS)

    assert files_below(tmp_path / "out") == {"kick.wav": KICK}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("Pack.part1.rar", rar4(0x1 | 0x100), "`unrar x` or 7-Zip"),
        ("Pack.part02.rar", rar5(1, 0, 3, 1), "`unrar x` or 7-Zip"),
        ("Pack.7z.001", b"7z\xbc\xaf\x27\x1c" + bytes(400), "`cat Pack.7z.* > Pack.7z` joins them"),
        ("My Pack.zip.001", make_zip(stored("kick.wav")), "`cat 'My Pack.zip'.* > 'My Pack.zip'` joins them"),
    ],
    ids=["rar4", "rar5", "7z", "zip"],
)
def test_one_part_of_several_says_how_they_are_joined(tmp_path, name, content, says):
    said = refusal(tmp_path / name, content)

    assert said.startswith("it is one part of several: ")
    assert says in said


def test_one_part_of_a_split_zip_names_the_command_that_joins_it(tmp_path):
    whole = bytearray(make_zip(stored("kick.wav")))
    at = whole.rindex(b"PK\5\6")
    whole[at + 4 : at + 8] = struct.pack("<HH", 2, 0)  # this is disk 2, the directory began on disk 0
    directory = whole.rindex(b"PK\1\2")
    whole[directory + 34 : directory + 36] = struct.pack("<H", 1)

    said = refusal(tmp_path / "Pack.zip", bytes(whole))

    assert "`zip -s 0 Pack.zip --out whole.zip` joins them" in said


@pytest.mark.parametrize("content", [rar4(0x80), rar5(4, 0, 0)], ids=["rar4", "rar5"])
def test_a_rar_with_a_locked_list_says_so_without_libarchive_too(tmp_path, content):
    assert "its list of contents is locked with a password" in refusal(tmp_path / "p.rar", content)


def test_a_web_page_called_rar_is_called_what_it_is(tmp_path):
    said = refusal(tmp_path / "p.rar", b"<!DOCTYPE html><html>Download limit reached.</html>" * 20)

    assert said == "it is a web page, not a rar: delete it and download the pack again"


def test_zeros_may_still_become_an_archive(tmp_path):
    (tmp_path / "p.zip").write_bytes(bytes(100_000))

    with pytest.raises(NotWhole, match="nothing is in it yet but zeros"):
        unpack(tmp_path / "p.zip", tmp_path / "out", LIMITS)


@with_libarchive
def test_a_damaged_member_of_a_7z_costs_only_itself(tmp_path):
    for name, content in (("a.wav", KICK), ("b.wav", random.Random(1).randbytes(5000))):
        (tmp_path / name).write_bytes(content)
    made = tmp_path / "p.7z"
    subprocess.run(
        ["bsdtar", "-acf", made, "--options", "7zip:compression=store", "-C", tmp_path, "a.wav", "b.wav"],
        check=True,
    )
    raw = bytearray(made.read_bytes())
    raw[2000] ^= 0xFF
    made.write_bytes(raw)

    found = unpack(made, tmp_path / "out", LIMITS)

    assert files_below(tmp_path / "out") == {"a.wav": KICK}
    assert found.refused == [("b.wav", "it is damaged: its check sum is wrong")]


# No sentence holds the text of an exception

WHOLE = {
    "zip.zip": make_zip(stored("a.wav"), stored("Kicks/b.wav"), stored("c.txt")),
    "deflated.zip": make_zip(("a.wav", 8, 0, zlib.compress(KICK, wbits=-15), KICK), stored("b.wav")),
    "bzip2.zip": make_zip(("a.wav", 12, 0, b"BZh91AY&SY", KICK), stored("b.wav")),
    "lzma.zip": make_zip(("a.wav", 14, 0, b"\x09\x14\x05\0" + b"?" * 40, KICK), stored("b.wav")),
    "ppmd.zip": make_zip(("a.wav", PPMD, 0, KICK_BY_PPMD, KICK), stored("b.wav")),
    "locked.zip": make_zip(stored("a.wav", flags=1), stored("b.wav")),
    "p.rar": rar4(0),
    "q.rar": rar5(1, 0, 0),
    "p.tar.gz": tar_gz("kick.wav"),
    "p.7z": b"7z\xbc\xaf\x27\x1c\0\4" + bytes(range(200)),
}
TECHNICAL = re.compile(
    r"Errno|errno|Error\b|Exception|Traceback|BadZip|retcode|archive_p|<[a-z_.]+ object|0x[0-9a-f]{4}|\(\d+, '"
    r"|b'|\bNone\b|\bCRC-32\b|line \d+|zlib|struct|codec|utf-8"
)


def damaged() -> list[tuple[str, bytes]]:
    """Each archive cut, with bytes changed, and with a piece of another one; the same ones in every run."""
    chance = random.Random(17)
    made = []
    for name, whole in WHOLE.items():
        cuts = [whole[: chance.randrange(len(whole))] for _ in range(2)]
        changed = []
        for _ in range(6):
            raw = bytearray(whole)
            for _ in range(chance.choice((1, 1, 2, 8))):
                raw[chance.randrange(len(raw))] = chance.randrange(256)
            changed.append(bytes(raw))
        mixed = [whole[: len(whole) // 2] + other[len(other) // 2 :] for other in list(WHOLE.values())[:3]]
        made += [(name, content) for content in (whole, *cuts, *changed, *mixed)]
    return made


def test_no_sentence_about_a_damaged_archive_holds_the_text_of_an_exception(tmp_path):
    said: dict[str, str] = {}
    archive_readers.readers()  # as the unpacker does: otherwise, each of its children loads libarchive
    for number, (name, content) in enumerate(damaged()):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / name).write_bytes(content)
        job = Unpack(str(folder / name), str(folder / "to/out"), UnpackLimits(100, 10**9, 200))
        answer = json.loads(reply_to(encode_request(1, job)))
        if answer["answer"] == "failed":
            assert "drumwatch does not expect" not in answer["message"], (name, answer["cause"])
            said[answer["message"]] = name
        for _, why in answer.get("refused", ()):
            said[why] = name

    assert len(said) >= 8
    assert {sentence: name for sentence, name in said.items() if TECHNICAL.search(sentence)} == {}


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (Path.exists, "it is not there any more"),
        (Path.mkdir, "a folder is where a file should be"),
    ],
    ids=["gone", "folder"],
)
def test_an_archive_that_cannot_be_opened_says_so(tmp_path, make, says):
    make(tmp_path / "p.zip")

    with pytest.raises(Refused, match=f"it cannot be opened, because {says}"):
        unpack(tmp_path / "p.zip", tmp_path / "out", LIMITS)


def test_zipfile_is_asked_for_no_method_that_it_does_not_know():
    from drumwatch.intake.archives import zip_methods  # noqa: PLC0415

    for method in range(100):
        info = zipfile.ZipInfo("a.wav")
        info.compress_type = method
        known = True
        try:
            zipfile._check_compression(method)  # type: ignore[attr-defined]
        except NotImplementedError:
            known = False
        assert zip_methods.is_read(info) == known
