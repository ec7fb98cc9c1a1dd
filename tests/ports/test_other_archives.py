"""7z, rar and tar, through the system's own libarchive."""

import io
import shutil
import struct
import subprocess
import tarfile
import zlib
from dataclasses import replace
from typing import Any

import pytest

from drumwatch.intake.archives.limits import Limits, NoRoom, NotWhole, Refused
from drumwatch.intake.archives.unpack import unpack

pytest.importorskip("libarchive", reason="needs the extra drumwatch[archives]", exc_type=Exception)  # type: ignore[arg-type]

LIMITS = Limits(files=100, size=10_000_000_000, ratio=200)
KICK = bytes(range(256)) * 4


def rar4(name: str, content: bytes) -> bytes:
    """One stored entry, by the layout of 1999: blocks of checksum, kind, flags, length."""

    def block(kind: int, flags: int, body: bytes) -> bytes:
        header = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", zlib.crc32(header) & 0xFFFF) + header

    sizes = struct.pack("<II", len(content), len(content))
    unix, version, stored, mode = 3, 20, 0x30, 0o100644
    about = struct.pack("<BIIBBHI", unix, zlib.crc32(content), 0, version, stored, len(name), mode)
    file = block(0x74, 0x8000, sizes + about + name.encode())
    return b"Rar!\x1a\7\0" + block(0x73, 0, bytes(6)) + file + content + block(0x7B, 0x4000, b"")


def rar5(name: str, content: bytes) -> bytes:
    """The same by the layout of 2013: every number is as long as it needs to be."""

    def number(value: int) -> bytes:
        return bytes([value & 0x7F | 0x80]) + number(value >> 7) if value > 0x7F else bytes([value])

    def block(*parts: int | bytes) -> bytes:
        body = b"".join(part if isinstance(part, bytes) else number(part) for part in parts)
        header = number(len(body)) + body
        return struct.pack("<I", zlib.crc32(header)) + header

    main, file, end = 1, 2, 5
    has_content, has_checksum, unix = 2, 4, 1
    checksum = struct.pack("<I", zlib.crc32(content))
    about = (len(content), has_checksum, len(content), 0o100644, checksum, 0, unix, len(name), name.encode())
    return (
        b"Rar!\x1a\7\1\0" + block(main, 0, 0) + block(file, has_content, *about) + content + block(end, 0, 0)
    )


def tar(name: str, content: bytes, mode: Any = "w") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


MAKERS = {
    "rar of 1999": ("p.rar", rar4),
    "rar of 2013": ("p.rar", rar5),
    "tar": ("p.tar", tar),
    "tar.gz": ("p.tar.gz", lambda name, content: tar(name, content, "w:gz")),
    "tar.xz": ("p.tar.xz", lambda name, content: tar(name, content, "w:xz")),
}


def files_below(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture(params=MAKERS)
def make(request, tmp_path):
    file_name, maker = MAKERS[request.param]

    def make(name: str, content: bytes = KICK):
        archive = tmp_path / file_name
        archive.write_bytes(maker(name, content))
        return archive

    return make


def test_it_becomes_its_tree(make, tmp_path):
    found = unpack(make("Kicks/kick.wav"), tmp_path / "out", LIMITS)

    assert files_below(tmp_path / "out") == {"Kicks/kick.wav": KICK}
    assert (found.files, found.sounds, found.refused) == (1, 1, [])


def test_a_path_out_of_the_archive_stays_inside_and_is_reported(make, tmp_path):
    found = unpack(make("../../evil.wav"), tmp_path / "deep/out", LIMITS)

    assert [name for name, _ in found.refused] == ["../../evil.wav"]
    assert files_below(tmp_path / "deep") == {}


def test_what_does_not_fit_is_not_begun(make, tmp_path):
    archive = make("kick.wav")

    with pytest.raises(NoRoom, match="free some space there"):
        unpack(archive, tmp_path / "out", replace(LIMITS, min_free=1 << 60))
    assert not (tmp_path / "out").exists()


def test_too_much_is_refused_before_it_is_unpacked(make, tmp_path):
    archive = make("kick.wav")

    with pytest.raises(Refused, match="holds more than"):
        unpack(archive, tmp_path / "out", replace(LIMITS, size=100))
    assert not (tmp_path / "out").exists()


def test_one_that_ends_too_early_may_still_be_on_its_way(make, tmp_path):
    archive = make("kick.wav")
    whole = archive.read_bytes()
    archive.write_bytes(whole[: min(len(whole) // 2, 1000)])  # a tar's last nine kB are empty

    with pytest.raises(NotWhole, match="cannot be read to its end"):
        unpack(archive, tmp_path / "out", LIMITS)
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(shutil.which("bsdtar") is None, reason="bsdtar makes the 7z")
def test_a_7z_becomes_its_tree(tmp_path):
    (tmp_path / "in/Kicks").mkdir(parents=True)
    (tmp_path / "in/Kicks/kick.wav").write_bytes(KICK)
    subprocess.run(["bsdtar", "-acf", tmp_path / "p.7z", "-C", tmp_path / "in", "Kicks"], check=True)

    unpack(tmp_path / "p.7z", tmp_path / "out", LIMITS)

    assert files_below(tmp_path / "out") == {"Kicks/kick.wav": KICK}


@pytest.mark.parametrize(
    "content", [rar4("kick.wav", KICK), rar5("kick.wav", KICK), tar("kick.wav", KICK, "w:gz")]
)
def test_another_archive_called_zip_is_unpacked(tmp_path, content):
    (tmp_path / "p.zip").write_bytes(content)

    unpack(tmp_path / "p.zip", tmp_path / "out", LIMITS)

    assert (tmp_path / "out/kick.wav").read_bytes() == KICK
