from __future__ import annotations

import pytest

from drumwatch.intake.ignore import (
    final_name,
    has_libarchive,
    is_archive_name,
    is_audio_name,
    is_ignored_folder,
    is_ignored_name,
    is_wanted,
    siblings_of,
    waits_for,
)


@pytest.mark.parametrize(
    "name",
    [
        "kick.wav", "KICK.WAV", "a.Aiff", "x.aif", "x.aifc", "x.flac", "x.ogg", "x.oga", "x.opus", "x.mp3", "x.caf",
        "x.w64", "x.rf64", "x.wave",
    ],
)  # fmt: skip
def test_a_sound_is_known_by_its_suffix_in_any_case(name: str) -> None:
    assert is_audio_name(name)
    assert is_wanted(name)


@pytest.mark.parametrize("name", ["kick", "wav", ".wav", "kick.wav.txt", "kick.asd", "cover.jpg", "kick.m4b"])
def test_other_suffixes_are_no_sounds(name: str) -> None:
    assert not is_audio_name(name)


def test_a_zip_is_an_archive() -> None:
    assert is_archive_name("Pack.ZIP")
    assert not is_archive_name("Pack.exe")


def test_other_archives_are_some_where_libarchive_is_installed() -> None:
    assert [is_archive_name(name) for name in ("Pack.rar", "Pack.7z", "Pack.tar.gz")] == [
        has_libarchive()
    ] * 3
    assert is_wanted("Pack.zip")


@pytest.mark.parametrize(
    "name",
    [
        "kick.wav.part", "kick.wav.crdownload", "Unconfirmed 9.crdownload", "kick.wav.download",
        "kick.wav.opdownload", "kick.wav.partial", "kick.wav.aria2", "kick.wav.!ut", "kick.wav.!qB", "kick.wav.bc!",
        "kick.wav.ytdl", "kick.tmp", "kick.TEMP", "kick.wav~", ".~kick.wav", "~$kick.wav",
        ".goutputstream-A1B2C3", ".kick.wav.swp", ".syncthing.kick.wav.tmp", "~syncthing~kick.wav.tmp",
        ".owncloudsync.log", "kick.wav.icloud", ".fuse_hidden0001.wav", ".nfs000001.wav", ".kick.wav.Xa8Q1z", "._kick.wav",
        ".DS_Store", "Thumbs.db", ".drumwatch-1a2b.tmp",
    ],
)  # fmt: skip
def test_a_temporary_hidden_or_system_name_is_ignored(name: str) -> None:
    assert is_ignored_name(name)
    assert not is_wanted(name)


@pytest.mark.parametrize(
    "name",
    ["kick.wav", "part.wav", "Kick (part 2).wav", "tmp.wav", "download.wav", "kick~1.wav", "$nare.wav",
     "Groove.Part.1.wav", "Kit.Temp.A.wav", "Ghost.Drums.Part.1.zip", "kick.part.wav", "kick.temp.mp3"],
)  # fmt: skip
def test_a_sample_that_only_sounds_temporary_is_not_ignored(name: str) -> None:
    assert not is_ignored_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "__MACOSX", "_UNPACK_Pack", "_FAILED_Pack", "incomplete", "Incomplete", ".git", ".rsync-partial", ".dropbox.cache",
        ".tmp.drivedownload", "Pack.download", "$RECYCLE.BIN", "System Volume Information", "lost+found", "@eaDir",
        "#recycle", "@Recycle", "RECYCLER", "#snapshot", "~snapshot", ".snapshot", ".Trashes", ".Trash-1000",
        "@Recently-Snapshot", "Network Trash Folder",
        "Song.logicx", "Song.band", "Drums.app", "Synth.vst3", "Surge XT.clap", "EQ.aaxplugin", "Sounds.framework",
        "Old.plugin", "Setup.pkg", "Song.logic", "Notes.rtfd", "Music Library.musiclibrary", "Photos Library.photoslibrary",
        "Film.fcpbundle", "Backup.sparsebundle",
    ],
)  # fmt: skip
def test_a_folder_of_an_unpacker_a_system_or_a_program_is_ignored(name: str) -> None:
    assert is_ignored_folder(name)


@pytest.mark.parametrize(
    "name",
    [
        "808 Kicks",
        "#1 Kicks",
        "Snapshots",
        "Recycled Drums",
        "909.Clap",
        "Plugins",
        "apps",
        "kick.wav",
        "Download",
        "Unpacked",
        "complete",
    ],
)
def test_a_pack_folder_is_not_ignored(name: str) -> None:
    assert not is_ignored_folder(name)


def test_names_that_are_not_utf8_pass_through() -> None:
    name = b"k\xefck.wav".decode("utf-8", "surrogateescape")

    assert is_wanted(name)
    assert name + ".part" in siblings_of(name)


def test_siblings_are_what_a_download_leaves_beside_its_final_name() -> None:
    siblings = siblings_of("kick.wav")

    assert {"kick.wav.part", "kick.wav.crdownload", "kick.wav.aria2", "kick.wav.!qB"} <= set(siblings)
    assert all(is_ignored_name(name) for name in siblings)


@pytest.mark.parametrize(
    ("name", "final"),
    [("kick.temp.mp3", "kick.mp3"), ("a.b.part.wav", "a.b.wav"), ("Groove.Part.wav", None), ("Groove.Part.1.wav", None),
     (".temp.wav", None), ("temp.wav", None), ("kick.wav", None)],
)  # fmt: skip
def test_a_conversion_waits_for_the_file_that_it_will_replace(name: str, final: str | None) -> None:
    assert waits_for(name) == final


@pytest.mark.parametrize(
    ("name", "final"),
    [("kick.wav.part", "kick.wav"), ("Kick.WAV.PART", "Kick.WAV"), ("kick.wav.!qB", "kick.wav"), ("kick.wav", None), (".part", None)],
)  # fmt: skip
def test_the_final_name_is_what_remains_of_a_downloads_name(name: str, final: str | None) -> None:
    assert final_name(name) == final
