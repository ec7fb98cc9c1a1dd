"""Archive bombs, paths that lead outside, and broken archives, made here, and how each is handled: python benchmarks/bombs.py"""

from __future__ import annotations

import io
import os
import stat
import struct
import tempfile
import time
import tracemalloc
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.intake.archives.limits import Limits, Refused
from drumwatch.intake.archives.unpack import unpack

if TYPE_CHECKING:
    from collections.abc import Callable

LIMITS = Limits(files=20_000, size=20_000_000_000, ratio=200)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="drumwatch-bombs-") as place:
        for name, make in KINDS.items():
            folder = Path(place) / name.replace(" ", "-")
            folder.mkdir()
            archive = folder / "Pack.zip"
            archive.write_bytes(make())
            print(f"{name}: {outcome(archive, folder / 'out')}", flush=True)
            outside = {path.name for path in folder.iterdir()} - {"Pack.zip", "out"}
            assert not outside, outside


def outcome(archive: Path, out: Path) -> str:
    tracemalloc.start()
    begun = time.monotonic()
    try:
        found = unpack(archive, out, LIMITS)
        what = f"{found.files} files out, {len(found.refused)} left inside"
        if found.refused:
            what += f" ({found.refused[0][1]})"
    except Refused as exc:
        what = f"refused: {exc}; nothing left" if not out.exists() else "REFUSED, BUT SOMETHING IS LEFT"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return f"{what} [{time.monotonic() - begun:.2f} s, {peak / 1e6:.0f} MB]"


def zipped(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def false_sizes() -> bytes:
    return zipped({"a.wav": bytes(90_000_000)}).replace(struct.pack("<I", 90_000_000), struct.pack("<I", 44))


def overlapping() -> bytes:
    """Many entries of the directory that all point at one compressed lump."""
    raw = zipped({"a.wav": bytes(1_000_000)})
    at, end = raw.index(b"PK\1\2"), raw.index(b"PK\5\6")
    record = raw[at:end]
    directory = b"".join(
        record.replace(b"a.wav", b"%05d" % n)[:-5] + b"%d.wav" % (n % 10) for n in range(5000)
    )
    tail = bytearray(raw[end:])
    tail[8:20] = struct.pack("<HHII", 5000, 5000, len(directory), at)
    return raw[:at] + directory + bytes(tail)


def linked() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        link = zipfile.ZipInfo("link.wav")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return made.getvalue()


def locked() -> bytes:
    raw = bytearray(zipped({"a.wav": b"a"}))
    raw[6] |= 1
    raw[raw.rindex(b"PK\1\2") + 8] |= 1
    return bytes(raw)


KINDS: dict[str, Callable[[], bytes]] = {
    "flat bomb": lambda: zipped({"a.wav": bytes(500_000_000)}),
    "bomb with a lying header": false_sizes,
    "overlapping entries": overlapping,
    "nested bomb": lambda: zipped({f"{n}.zip": zipped({"a.wav": bytes(100_000_000)}) for n in range(3)}),
    "thirty thousand entries": lambda: zipped({f"{n}.wav": b"" for n in range(30_000)}),
    "slips": lambda: zipped({"../../e.wav": b"1", "/e.wav": b"2", "C:\\e.wav": b"3", "a/../../e.wav": b"4"}),
    "devices": lambda: zipped({"CON.wav": b"1", "a/lpt1.wav": b"2", "nul": b"3"}),
    "link": linked,
    "locked": locked,
    "cut short": lambda: zipped({"a.wav": os.urandom(9000)})[:5000],
    "empty file": lambda: b"",
    "noise": lambda: b"PK\3\4" + os.urandom(5000),
}

if __name__ == "__main__":
    main()
