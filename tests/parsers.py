"""What each of our own parsers promises about any bytes whatever, and good bytes to begin with. A broken promise is an AssertionError
or an error of another kind than the parser's own. The fuzzer draws the bytes (benchmarks/fuzz.py), and so does a test with a seed.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import mutations
import sounds
from foreign_sounds import ENCODERS, encoded, silent_ape
from sentences import check_plain, plainly_refused

from drumwatch import containers
from drumwatch.analysis.tags import proof, riff_info, tagger
from drumwatch.config import parse
from drumwatch.config.templates import FIELDS, checked_template
from drumwatch.config.to_toml import as_toml
from drumwatch.core.errors import ActionFailed, ConfigError, UnreadableAudio
from drumwatch.filing import disk, naming, tag_patch
from drumwatch.intake.archives import names
from drumwatch.intake.archives.limits import Limits, Refused
from drumwatch.intake.archives.unpack import unpack
from drumwatch.workers.protocol import ProveTags, WriteTags

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LIMITS = Limits(files=50, size=1 << 22, ratio=200)

EVERY_SECTION = b"""
library = "~/Drums"
action = "move"
layout = "{label}/{pack}/{name}"
max_wrong = 0.05
min_free = "1 GB"
[[watch]]
folder = "~/Downloads"
recursive = true
exclude = ["*.tmp", "a/b"]
max_seconds = 20
[labels]
clap = "snare"
[[rule]]
name = "808s"
match = { label = "kick", name = "*808*", min_confidence = 0.9 }
to = "kick/808/{name}"
"""


def foreign() -> list[bytes]:
    """One file of each format that only the extra `formats` decodes."""
    return [silent_ape(), *(encoded(kind) for kind in ENCODERS)]


class Parser(NamedTuple):
    """`check` takes any bytes and a folder to work in; `seeds` makes bytes that are good."""

    check: Callable[[bytes, Path], None]
    seeds: Callable[[Path], list[bytes]]


def check_containers(content: bytes, folder: Path) -> None:
    """A file is whole or not, and its sound lies inside it."""
    path = _written(folder / "a.wav", content)
    with plainly_refused(containers.NotWhole):
        span = containers.payload_span(path)
        assert span is None or (span[0] >= 0 <= span[1] and sum(span) <= max(len(content), span[0]))
    with plainly_refused(containers.NotWhole):
        containers.inspect(path, for_decoder=True)


def check_riff(content: bytes, folder: Path) -> None:
    """A genre is written and taken away, and every other chunk is as it was."""
    path = _written(folder / "a.wav", b"RIFF" + content)
    with plainly_refused(containers.NotWhole, ActionFailed):
        riff_info.write_genre(path, "Kick")
        assert riff_info.read_genre(path) == "Kick"
        assert _difference(b"RIFF" + content, path) == ""
        riff_info.write_genre(path, "")
        assert riff_info.read_genre(path) == ""
        assert _difference(b"RIFF" + content, path) == ""


def _difference(original: bytes, path: Path) -> str:
    kept = _written(path.with_name("original"), original)
    with kept.open("rb") as one, path.open("rb") as other:
        return containers.difference_outside_tags(one, other, path.name)


def check_outside_tags(content: bytes, folder: Path) -> None:
    """A file differs from itself in nothing, and from itself with one more byte in something, or one of the two is refused."""
    path = _written(folder / "a.wav", content)
    with suppress(containers.NotWhole):
        assert _difference(content, path) == ""
        assert _difference(content + b"x", path)


def check_tagger(content: bytes, folder: Path) -> None:
    """A tag is written, read, and taken back to the last byte, or refused with nothing changed."""
    path, temp = _written(folder / "a.wav", content), _written(folder / "temp.wav", content)
    with plainly_refused(ActionFailed, UnreadableAudio, containers.NotWhole):
        tagger.tag(WriteTags(str(path), str(temp), "kick", "v1;kick"))
        proof.prove(ProveTags(str(path), str(temp), "kick", "v1;kick"))
        _can_be_taken_back(path, temp)
    assert path.read_bytes() == content


def _can_be_taken_back(path: Path, temp: Path) -> None:
    with path.open("rb") as original, temp.open("rb") as tagged:
        spans = containers.payload_span(path), containers.payload_span(temp)
        patch = tag_patch.between(original.fileno(), tagged.fileno(), *spans)
        assert patch is not None
        again = tag_patch.from_text(tag_patch.to_text(patch))
        assert b"".join(tag_patch.pieces(again, tagged.fileno())) == path.read_bytes()


def check_patch(content: bytes, folder: Path) -> None:
    """A text is a patch or none, and a patch gives bytes of any file."""
    path = _written(folder / "a.wav", bytes(1000))
    with suppress(ValueError), path.open("rb") as tagged:
        patch = tag_patch.from_text(content.decode("latin-1"))
        assert tag_patch.from_text(tag_patch.to_text(patch)) == patch
        assert len(tag_patch.original_hash(patch, tagged.fileno())) == 2 * disk.new_digest().digest_size


def check_config(content: bytes, folder: Path) -> None:
    """A text is a configuration, which can be written down and read again, or it has problems, each with its line."""
    text = content.decode("utf-8", "replace")
    try:
        config = parse(text, home=folder)
    except ConfigError as error:
        problems = error.problems
    else:
        assert parse(as_toml(config), home=folder) == config
        return
    assert problems
    assert all(problem.startswith("config.toml:") for problem in problems)


def check_archive_names(content: bytes, folder: Path) -> None:
    """A name leads to one place inside, in parts that every disk takes."""
    with plainly_refused(names.BadName):
        steps = names.parts(names.decoded(content))
        assert all(step not in ("", ".", "..") and not set(step) & set("/\\\0") for step in steps)
        assert max(len(step.encode()) for step in steps) <= names.LONGEST
        assert folder in folder.joinpath(*steps).parents


def check_zip(content: bytes, folder: Path) -> None:
    """An archive is unpacked into its folder, or refused with nothing left behind."""
    archive, out = _written(folder / "Pack.zip", content), folder / "out"
    try:
        found = unpack(archive, out, LIMITS)
    except Refused as refusal:
        check_plain(str(refusal))
        assert not out.exists()
    else:
        there = [path for path in out.rglob("*") if not path.is_dir()]
        assert all(path.is_file() and not path.is_symlink() for path in there)
        assert found.files <= LIMITS.files
        for _, why in found.refused:
            check_plain(why)
    finally:
        shutil.rmtree(out, ignore_errors=True)
    assert sorted(path.name for path in folder.iterdir()) == ["Pack.zip"]


def check_template(content: bytes, folder: Path) -> None:
    """A layout is refused, or gives every file a place inside the library, whatever its fields hold."""
    template, *values = content.decode("utf-8", "surrogateescape").split("\n")
    with suppress(ValueError):
        checked_template(template)
        fields = {name: (values[at] if at < len(values) else name) for at, name in enumerate(FIELDS)}
        for portable in (False, True):
            place = naming.place(template, fields, portable=portable)
            assert folder in (folder / place).parents
            assert ".." not in place.parts
            assert max(len(part.encode("utf-8", "surrogateescape")) for part in place.parts) <= 255


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def audio(folder: Path) -> list[bytes]:
    """A short kick of every format."""
    return [content for _, content in mutations.originals(folder)]


def tagged_wavs(folder: Path) -> list[bytes]:
    """Without the first four bytes, which are the same for each."""
    plain = sounds.rich_wav(folder / "plain.wav", sounds.decaying_sine(seconds=0.01))
    shutil.copy(plain, folder / "tagged.wav")
    riff_info.write_genre(folder / "tagged.wav", "Snare")
    return [path.read_bytes()[4:] for path in (plain, folder / "tagged.wav")]


def some_patches(_: Path) -> list[bytes]:
    made = [tag_patch.Patch(b"head", b"tail", 44, 900), tag_patch.Patch(b"whole", b"")]
    return [tag_patch.to_text(patch).encode() for patch in made]


def some_configs(_: Path) -> list[bytes]:
    return [EVERY_SECTION, b'[[rule]]\nmatch.pack = ["a*", "[b]"]\naction = "leave"\n']


def some_names(_: Path) -> list[bytes]:
    return [b"Kicks/808/kick.wav", "ドラム/キック.wav".encode("cp932"), b"../../x", b"C:\\con.wav", b"a\x00b"]


def some_zips(_: Path) -> list[bytes]:
    made = []
    for how in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", how) as archive:
            archive.writestr("Kicks/kick.wav", b"RIFF" + bytes(40))
            archive.writestr("readme.txt", b"hello")
        made.append(packed.getvalue())
    nested = io.BytesIO()
    with zipfile.ZipFile(nested, "w") as archive:
        archive.writestr("inner.zip", made[0])
        archive.writestr("kick.wav", b"k")
    return [*made, nested.getvalue()]


def some_templates(_: Path) -> list[bytes]:
    return [
        b"{label}/{pack}/{name}\nkick\nkick\nVendor - Title\nbd 01.wav\n97\n2026\nKicks",
        b"Drums/{type} {confidence}/{year}{original_folder}/{name}\n\n..\n/\n.\n\xff\nCON",
    ]


PARSERS = {
    "containers": Parser(check_containers, lambda folder: [*audio(folder), *foreign()]),
    "riff": Parser(check_riff, tagged_wavs),
    "outside-tags": Parser(check_outside_tags, audio),
    "tagger": Parser(check_tagger, audio),
    "patches": Parser(check_patch, some_patches),
    "config": Parser(check_config, some_configs),
    "archive-names": Parser(check_archive_names, some_names),
    "zip": Parser(check_zip, some_zips),
    "templates": Parser(check_template, some_templates),
}
