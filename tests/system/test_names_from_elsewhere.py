"""Archives with the names of other systems and programs: the real program, from the zip to the library and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sounds
from sentences import check_plain
from zip_bytes import UTF8, ZipEntry, unicode_path, zip_of

if TYPE_CHECKING:
    from pathlib import Path

    from daemon_harness import DaemonHarness


def a_kick(folder: Path, hz: float) -> bytes:
    path = folder / "kick.wav"
    sounds.write(path, sounds.decaying_sine(hz))
    content = path.read_bytes()
    path.unlink()
    return content


def test_one_bad_name_costs_only_its_entry_and_every_other_sound_has_its_own(
    harness: DaemonHarness, tmp_path
):
    russian = "Бочка.wav".encode("cp866")
    entries = [
        ZipEntry(russian, extra=unicode_path(russian, "Бочка.wav")),
        ZipEntry(b"Kicks\\one.wav", second=b"Kicks/one.wav"),
        ZipEntry("Große.wav".encode(), second="Große.wav".encode("cp437")),
        ZipEntry(b"Aux/nul.wav"),
        ZipEntry(b"../evil.wav"),
        ZipEntry(b"half.wav", second=b"other.wav"),
        ZipEntry(b"b\xe4d.wav", flags=UTF8),
        ZipEntry(b"/".join([b"d" * 190] * 30) + b"/deep.wav"),
    ]
    archive = tmp_path / "Vendor - Title.zip"
    archive.write_bytes(
        zip_of(*(one._replace(content=a_kick(tmp_path, 50 + n)) for n, one in enumerate(entries)))
    )

    told = harness.run("sort", str(archive), code=1)

    filed = {path.name for path in harness.library.rglob("*.wav")}
    assert filed == {"Бочка.wav", "one.wav", "Große.wav", "nul.wav", "bΣd.wav"}
    errors = [entry["error"] for entry in harness.run_json("log", "--json", "--state", "failed")]
    assert [error.rpartition(" is still in ")[0].rpartition("/")[2] for error in errors] == [
        "evil.wav",
        "half.wav",
        "deep.wav",
    ]
    for sentence in (*errors, told.stdout, told.stderr or "nothing"):
        check_plain(sentence)
    harness.run("undo", "--batch", "1")
    assert list(harness.library.iterdir()) == []
