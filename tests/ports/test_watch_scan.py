from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from drumwatch.intake import scan as scanning
from drumwatch.intake.scan import Scanner, scan

LONG_AGO = time.time() - 3600


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"sound")


def found(root: Path, **options: object) -> list[str]:
    return sorted(str(path.relative_to(root)) for path, _ in scan(root, **options))  # type: ignore[arg-type]


def test_a_scan_finds_sounds_and_archives_at_any_depth(tmp_path: Path) -> None:
    make(tmp_path, "kick.wav", "pack/a/hat.FLAC", "pack.zip", "notes.txt", "pack/cover.jpg")

    assert found(tmp_path) == ["kick.wav", "pack.zip", "pack/a/hat.FLAC"]


def test_a_scan_says_what_it_found_looks_like(tmp_path: Path) -> None:
    make(tmp_path, "kick.wav")

    assert [(path, status.st_size) for path, status in scan(tmp_path)] == [(tmp_path / "kick.wav", 5)]


def test_a_flat_scan_stays_in_its_folder(tmp_path: Path) -> None:
    make(tmp_path, "kick.wav", "pack/hat.wav")

    assert found(tmp_path, recursive=False) == ["kick.wav"]


def test_temporary_names_and_foreign_folders_are_passed_over(tmp_path: Path) -> None:
    make(
        tmp_path,
        "kick.wav.part",
        "._kick.wav",
        ".hidden/a.wav",
        "__MACOSX/a.wav",
        "_UNPACK_x/a.wav",
        "incomplete/a.wav",
    )

    assert found(tmp_path) == []


def test_an_excluded_folder_is_not_entered(tmp_path: Path) -> None:
    make(tmp_path, "kick.wav", "Library/kick/kick.wav")

    assert found(tmp_path, excluded=lambda folder: folder == tmp_path / "Library") == ["kick.wav"]


def test_links_are_followed_neither_to_files_nor_to_folders(tmp_path: Path) -> None:
    make(tmp_path, "kick.wav")
    (tmp_path / "link.wav").symlink_to(tmp_path / "kick.wav")
    (tmp_path / "loop").symlink_to(tmp_path)
    reported: list[Path] = []

    assert found(tmp_path, on_problem=lambda path, _: reported.append(path)) == ["kick.wav"]
    assert reported == []


def test_a_link_to_itself_is_no_error(tmp_path: Path) -> None:
    make(tmp_path, "kick.wav")
    (tmp_path / "nowhere.wav").symlink_to("nowhere.wav")
    reported: list[Path] = []

    assert found(tmp_path, on_problem=lambda path, _: reported.append(path)) == ["kick.wav"]
    assert reported == []


def test_a_watched_folder_may_be_a_link_itself(tmp_path: Path) -> None:
    make(tmp_path, "disk/kick.wav")
    (tmp_path / "Samples").symlink_to(tmp_path / "disk")

    assert found(tmp_path / "Samples") == ["kick.wav"]


def test_a_name_that_is_not_utf8_is_found(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/k\xefck.wav"
    try:
        Path(os.fsdecode(name)).write_bytes(b"sound")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")

    assert [os.fsencode(path) for path, _ in scan(tmp_path)] == [name]


def test_both_spellings_of_one_name_are_found(tmp_path: Path) -> None:
    make(tmp_path, "caf\u00e9.wav", "cafe\u0301.wav")

    assert len(found(tmp_path)) == len(os.listdir(tmp_path))


def test_pipes_and_folders_with_the_name_of_a_sound_are_reported(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    make(tmp_path, "folder.wav/hat.wav")
    reported: list[tuple[Path, str]] = []

    names = found(tmp_path, on_problem=lambda path, sentence: reported.append((path, sentence)))

    assert names == ["folder.wav/hat.wav"]
    assert sorted(reported) == [
        (tmp_path / "folder.wav", "folder.wav is a folder in spite of its name; drumwatch searches it"),
        (tmp_path / "pipe.wav", "pipe.wav is a named pipe, not a file"),
    ]


def test_a_folder_that_cannot_be_read_is_reported(folder_of_a_plain_user: Path) -> None:
    make(folder_of_a_plain_user, "kick.wav", "locked/hat.wav")
    locked = folder_of_a_plain_user / "locked"
    locked.chmod(0)
    reported: list[tuple[Path, str]] = []

    assert found(folder_of_a_plain_user, on_problem=lambda path, why: reported.append((path, why))) == [
        "kick.wav"
    ]
    assert reported == [
        (
            locked,
            (
                f"{locked} cannot be read, because this user has no permission for it; what is in it is left alone."
                " Allow yourself to read it: chmod u+rx, or ask its owner."
            ),
        )
    ]


def test_a_folder_problem_is_reported_once_and_again_when_it_comes_back(tmp_path: Path) -> None:
    reported: list[str] = []
    root = tmp_path / "w"
    root.write_bytes(b"no folder")
    scanner = Scanner(root, on_problem=lambda _, sentence: reported.append(sentence))

    assert list(scanner.scan()) == []
    assert list(scanner.scan()) == []
    assert reported == [
        f"{root} cannot be read, because a file is where a folder should be; what is in it is left alone"
    ]

    root.unlink()
    make(tmp_path, "w/kick.wav")
    assert len(list(scanner.scan())) == 1
    shutil.rmtree(root)
    root.write_bytes(b"no folder")
    assert list(scanner.scan()) == []
    assert len(reported) == 2


def test_a_folder_that_is_not_there_is_left_to_the_watcher_to_report(tmp_path: Path) -> None:
    reported: list[str] = []
    assert found(tmp_path / "w", on_problem=lambda _, sentence: reported.append(sentence)) == []
    assert reported == []


def test_a_tree_that_vanishes_while_it_is_scanned_is_no_error(tmp_path: Path) -> None:
    make(tmp_path, *(f"pack{number}/kick.wav" for number in range(20)))
    reported: list[Path] = []
    scanning_now = scan(tmp_path, on_problem=lambda path, _: reported.append(path))

    next(scanning_now)
    for folder in tmp_path.iterdir():
        shutil.rmtree(folder)

    assert len(list(scanning_now)) < 20
    assert reported == []


def test_a_path_that_is_too_long_for_the_system_is_reported(tmp_path: Path) -> None:
    reported: list[str] = []
    deep = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("x" * 250, dir_fd=deep)
        inner = os.open("x" * 250, os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = inner
    os.close(deep)

    assert list(scan(tmp_path, on_problem=lambda _, sentence: reported.append(sentence))) == []
    assert ["the name is too long for the disk" in sentence for sentence in reported] == [True]


# The cheap mode


@pytest.fixture
def any_timestamp_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders made by a test are too young to be skipped; ctime cannot be set back."""
    monkeypatch.setattr(scanning, "COARSEST_TIMESTAMP_NS", -1)


@pytest.mark.usefixtures("any_timestamp_will_do")
def test_a_cheap_rescan_skips_what_did_not_change(tmp_path: Path) -> None:
    make(tmp_path, "kick.wav", "pack/hat.wav")
    scanner = Scanner(tmp_path)

    assert len(list(scanner.scan())) == 2
    assert list(scanner.scan(full=False)) == []
    assert len(list(scanner.scan())) == 2


@pytest.mark.usefixtures("any_timestamp_will_do")
def test_a_cheap_rescan_finds_a_new_file_deep_below_unchanged_folders(tmp_path: Path) -> None:
    make(tmp_path, "a/b/c/hat.wav")
    scanner = Scanner(tmp_path)
    list(scanner.scan())
    time.sleep(0.02)
    make(tmp_path, "a/b/c/new.wav")

    assert [path.name for path, _ in scanner.scan(full=False)] in (
        ["hat.wav", "new.wav"],
        ["new.wav", "hat.wav"],
    )
    assert list(scanner.scan(full=False)) == []


@pytest.mark.usefixtures("any_timestamp_will_do")
def test_a_cheap_rescan_is_not_fooled_by_a_timestamp_set_back(tmp_path: Path) -> None:
    make(tmp_path, "pack/hat.wav")
    os.utime(tmp_path / "pack", (LONG_AGO, LONG_AGO))
    scanner = Scanner(tmp_path)
    list(scanner.scan())
    time.sleep(0.02)
    make(tmp_path, "pack/new.wav")
    os.utime(tmp_path / "pack", (LONG_AGO, LONG_AGO))

    assert sorted(path.name for path, _ in scanner.scan(full=False)) == ["hat.wav", "new.wav"]


@pytest.mark.usefixtures("any_timestamp_will_do")
def test_a_cheap_rescan_sees_a_folder_replaced_by_another(tmp_path: Path) -> None:
    make(tmp_path, "pack/hat.wav", "other/kick.wav")
    scanner = Scanner(tmp_path)
    list(scanner.scan())
    shutil.rmtree(tmp_path / "pack")
    os.rename(tmp_path / "other", tmp_path / "pack")

    assert [path.relative_to(tmp_path) for path, _ in scanner.scan(full=False)] == [Path("pack/kick.wav")]


def test_a_folder_that_changed_a_moment_ago_is_not_skipped(tmp_path: Path) -> None:
    make(tmp_path, "kick.wav")
    scanner = Scanner(tmp_path)
    list(scanner.scan())

    assert len(list(scanner.scan(full=False))) == 1


@pytest.mark.usefixtures("any_timestamp_will_do")
def test_a_scan_given_up_half_way_leaves_nothing_out_of_the_next(tmp_path: Path) -> None:
    make(tmp_path, "a/1.wav", "b/2.wav", "c/3.wav")
    scanner = Scanner(tmp_path)
    next(scanner.scan())

    assert len(list(scanner.scan(full=False))) == 3
