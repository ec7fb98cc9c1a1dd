from __future__ import annotations

import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from folder_trees import a_wav, make_files, read_files, stamp_of, write_tags
from ogg_pages import an_ogg, ogg_page

from drumwatch.core.errors import ActionFailed, CannotUndo, UnreadableAudio
from drumwatch.filing import tag_patch, tags

if TYPE_CHECKING:
    from pathlib import Path


def test_a_tagged_file_carries_the_tags_and_keeps_its_times_and_mode(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": a_wav()}})
    kick = tmp_path / "in/kick.wav"
    kick.chmod(0o440)
    os.utime(kick, ns=(0, 1_500_000_000_123_456_789))

    outcome = runner.do("tag", kick)

    assert kick.read_bytes()[44:244] == a_wav()[44:]
    assert b"INFOIGNRkick;v1;kick;p=0.93;model=m1" in kick.read_bytes()
    assert kick.stat().st_mtime_ns == 1_500_000_000_123_456_789
    assert stat.S_IMODE(kick.stat().st_mode) == 0o440
    assert outcome.stamp == stamp_of(kick)
    assert read_files(tmp_path / "in").keys() == {"kick.wav"}


def test_undo_brings_back_the_exact_bytes(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": a_wav()}})
    runner.do("tag", tmp_path / "in/kick.wav")

    runner.undo()

    assert read_files(tmp_path / "in") == {"kick.wav": a_wav()}


def test_the_way_back_does_not_keep_the_sound_twice(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": a_wav(os.urandom(100_000))}})

    outcome = runner.do("tag", tmp_path / "in/kick.wav")

    assert len(outcome.detail.patch) < 300
    assert not runner.backups.exists()


def rewrite_all(_: Path, temp: Path, *__: Any) -> dict[str, str]:
    """A tagger that moves all of the sound, as for Ogg."""
    comments = ogg_page(1, 0, b"\x03vorbis")
    temp.write_bytes(temp.read_bytes().replace(comments, ogg_page(1, 0, b"\x03vorbis genre=Kick")))
    return {"genre": "Kick"}


def test_a_large_patch_is_kept_in_a_file_and_goes_with_the_undo(tmp_path, runner):
    sound = an_ogg(os.urandom(100_000))
    make_files(tmp_path, {"in": {"kick.ogg": sound}})
    runner.write = rewrite_all

    runner.do("tag", tmp_path / "in/kick.ogg")
    assert [path.name for path in runner.backups.iterdir()] == ["1.patch"]
    runner.undo()

    assert read_files(tmp_path / "in") == {"kick.ogg": sound}
    assert list(runner.backups.iterdir()) == []


def test_a_lost_way_back_is_admitted(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.ogg": an_ogg(os.urandom(100_000))}})
    runner.write = rewrite_all
    runner.do("tag", tmp_path / "in/kick.ogg")
    (runner.backups / "1.patch").write_bytes(b"{}")

    with pytest.raises(CannotUndo, match="is missing or damaged"):
        runner.undo()


def test_the_copy_has_the_ending_of_the_sound_so_that_it_is_decoded_like_it(tmp_path, runner):
    make_files(tmp_path, {"in": {"KICK.WAV": a_wav()}})
    temps = []
    runner.prove = lambda _, temp, *__: temps.append(temp.name)

    runner.do("tag", tmp_path / "in/KICK.WAV")

    (temp,) = temps
    assert temp.startswith(".drumwatch-1-")
    assert temp.endswith(".WAV")


@pytest.mark.parametrize("ending", [".tmp", ".wav", ".FLAC"])
def test_a_copy_that_a_crash_left_is_removed_whatever_its_ending(tmp_path, runner, ending):
    make_files(tmp_path, {"in": {"kick.wav": a_wav(), f".drumwatch-1-0123abcd{ending}": b"RIFF"}})
    runner.plan("tag", tmp_path / "in/kick.wav")

    assert runner.recover().state == "failed"

    assert read_files(tmp_path / "in") == {"kick.wav": a_wav()}


@pytest.mark.parametrize(
    "name", [".drumwatch-12-0123abcd.wav", ".drumwatch-1-notes.wav", ".drumwatch-1-0123abcd.txt"]
)
def test_only_the_temporary_copies_of_this_very_action_are_removed(tmp_path, runner, name):
    make_files(tmp_path, {"in": {"kick.wav": a_wav(), name: b"kept"}})
    runner.plan("tag", tmp_path / "in/kick.wav")

    runner.recover()

    assert read_files(tmp_path / "in") == {"kick.wav": a_wav(), name: b"kept"}


def test_a_copy_that_is_not_proven_is_removed_and_the_sound_stays(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": a_wav()}})

    def refuse(*_: Any) -> None:
        raise UnreadableAudio("the copy would have sounded different")

    runner.prove = refuse

    with pytest.raises(ActionFailed, match=r"kick.wav was not tagged: the copy would have sounded different"):
        runner.do("tag", tmp_path / "in/kick.wav")

    assert read_files(tmp_path / "in") == {"kick.wav": a_wav()}


def test_a_copy_that_changes_while_it_is_proven_is_refused(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": a_wav()}})
    runner.prove = lambda _, temp, *__: temp.write_bytes(a_wav(b"\x05\x06" * 100))

    with pytest.raises(ActionFailed, match="its tagged copy changed while it was being checked"):
        runner.do("tag", tmp_path / "in/kick.wav")

    assert read_files(tmp_path / "in") == {"kick.wav": a_wav()}


def test_a_file_too_large_for_a_way_back_is_not_tagged(tmp_path, runner, monkeypatch):
    monkeypatch.setattr(tag_patch, "MAX_KEPT", 1000)
    make_files(tmp_path, {"in": {"kick.ogg": an_ogg(os.urandom(1000))}})
    runner.write = rewrite_all

    with pytest.raises(ActionFailed, match="too large to be tagged in a way that can be undone"):
        runner.do("tag", tmp_path / "in/kick.ogg")

    assert read_files(tmp_path / "in").keys() == {"kick.ogg"}


def test_a_file_with_several_names_is_not_tagged(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": a_wav()}})
    os.link(tmp_path / "in/kick.wav", tmp_path / "in/seeded.wav")

    with pytest.raises(ActionFailed, match="hard links"):
        runner.do("tag", tmp_path / "in/kick.wav")

    assert read_files(tmp_path / "in") == {"kick.wav": a_wav(), "seeded.wav": a_wav()}


def test_a_tagger_that_refuses_leaves_nothing_behind(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": a_wav()}})

    def refuse(*_: Any) -> dict[str, str]:
        raise UnreadableAudio("its RIFF size is wrong")

    runner.write = refuse

    with pytest.raises(ActionFailed, match=r"kick.wav was not tagged: its RIFF size is wrong"):
        runner.do("tag", tmp_path / "in/kick.wav")

    assert read_files(tmp_path / "in") == {"kick.wav": a_wav()}


def test_tags_that_are_there_already_are_no_change(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": a_wav()}})
    before = stamp_of(tmp_path / "in/kick.wav")
    runner.write = lambda *_: {}

    outcome = runner.do("tag", tmp_path / "in/kick.wav")

    assert outcome.note == "it has these tags already"
    assert stamp_of(tmp_path / "in/kick.wav") == before
    assert read_files(tmp_path / "in") == {"kick.wav": a_wav()}


def test_a_file_edited_while_it_is_tagged_keeps_the_edit(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": a_wav()}})

    def slow(path: Path, temp: Path, label: str, machine: str, _: bool) -> dict[str, str]:  # noqa: FBT001
        fields = write_tags(path, temp, label, machine, _)
        path.write_bytes(a_wav(b"\x05\x06"))
        return fields

    runner.write = slow

    with pytest.raises(ActionFailed, match="changed"):
        runner.do("tag", tmp_path / "in/kick.wav")

    assert read_files(tmp_path / "in") == {"kick.wav": a_wav(b"\x05\x06")}


def test_an_edit_at_the_very_last_moment_is_kept_and_no_way_back_is_left(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.ogg": an_ogg(os.urandom(100_000))}})
    runner.write = rewrite_all
    runner.on_planned = lambda: (tmp_path / "in/kick.ogg").write_bytes(b"edited")

    with pytest.raises(ActionFailed, match="has changed since it was analyzed"):
        runner.do("tag", tmp_path / "in/kick.ogg")

    assert read_files(tmp_path) == {"in": {"kick.ogg": b"edited"}, "Library": {}, "backups": {}}


def test_an_edit_that_hides_its_traces_is_found_by_the_bytes(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": a_wav(b"\x01\x02")}})

    def sly(path, temp, label, machine, overwrite):
        before = path.stat()
        fields = write_tags(path, temp, label, machine, overwrite)
        path.write_bytes(a_wav(b"\x05\x06"))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return fields

    runner.write = sly

    with pytest.raises(ActionFailed, match="changed while it was being tagged"):
        runner.do("tag", tmp_path / "in/kick.wav")

    assert read_files(tmp_path / "in") == {"kick.wav": a_wav(b"\x05\x06")}


def test_a_way_back_that_leads_elsewhere_is_not_taken(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": a_wav()}})
    runner.do("tag", tmp_path / "in/kick.wav")
    patch = runner.entry.detail.patch.replace('"at": 44', '"at": 45')
    runner.entry = replace(runner.entry, detail=replace(runner.entry.detail, patch=patch))
    tagged = read_files(tmp_path / "in")

    with pytest.raises(CannotUndo, match="cannot be restored from it"):
        runner.undo()

    assert read_files(tmp_path / "in") == tagged


def test_a_file_changed_since_it_was_tagged_keeps_the_change(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": a_wav()}})
    runner.do("tag", tmp_path / "in/kick.wav")
    (tmp_path / "in/kick.wav").write_bytes(a_wav(b"\x05\x06"))

    with pytest.raises(CannotUndo, match="has been changed since"):
        runner.undo()

    assert read_files(tmp_path / "in") == {"kick.wav": a_wav(b"\x05\x06")}


def test_the_texts_of_a_tag():
    assert tags.human_text("kick") == "Kick"
    assert tags.machine_text("kick", 0.934, "m1") == "v1;kick;p=0.93;model=m1"
