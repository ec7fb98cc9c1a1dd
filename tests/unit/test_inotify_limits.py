from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from drumwatch.intake.inotify_limits import folders_below, too_few_watches, watches_held, why_refused

if TYPE_CHECKING:
    from pathlib import Path


def write_limit(proc: Path, file: str, value: int) -> None:
    (proc / file).parent.mkdir(parents=True, exist_ok=True)
    (proc / file).write_text(f"{value}\n")


def test_the_sentence_about_too_few_watches_names_the_limit_and_the_remedy(tmp_path: Path) -> None:
    write_limit(tmp_path, "sys/fs/inotify/max_user_watches", 8192)

    assert too_few_watches(24, 61, tmp_path) == (
        "The system watches only 24 of 61 folders (at most 8192 by this user). New files in the others are found by the"
        " regular rescan, later than they could be. To allow more: sudo sysctl fs.inotify.max_user_watches=524288"
        " (and for good: echo fs.inotify.max_user_watches=524288 | sudo tee /etc/sysctl.d/60-drumwatch.conf)"
    )


def test_of_two_limits_the_lower_one_is_named(tmp_path: Path) -> None:
    write_limit(tmp_path, "sys/fs/inotify/max_user_watches", 8192)
    write_limit(tmp_path, "sys/user/max_inotify_watches", 25)

    assert "(at most 25 by this user)" in too_few_watches(24, 61, tmp_path)


def test_a_refusal_names_the_limit_to_raise() -> None:
    assert "fs.inotify.max_user_watches" in why_refused(OSError(errno.ENOSPC, "inotify watch limit reached"))
    assert "fs.inotify.max_user_instances" in why_refused(
        OSError(errno.EMFILE, "inotify instance limit reached")
    )


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (OSError(errno.EACCES, "Permission denied"), "the system does not let drumwatch watch it"),
        (OSError(errno.EIO, "Input/output error"), "the system cannot report changes in it"),
        (RuntimeError("can't start new thread"), "the system cannot report changes in it"),
    ],
    ids=["permission", "disk", "thread"],
)
def test_another_refusal_is_a_sentence_without_the_text_of_the_exception(
    refusal: Exception, sentence: str
) -> None:
    assert why_refused(refusal) == sentence


def test_watches_are_counted_in_the_kernels_own_list(tmp_path: Path) -> None:
    (tmp_path / "self/fd").mkdir(parents=True)
    (tmp_path / "self/fdinfo").mkdir()
    (tmp_path / "self/fd/3").symlink_to("anon_inode:inotify")
    (tmp_path / "self/fdinfo/3").write_text("pos:\t0\ninotify wd:2 ino:1 sdev:3\ninotify wd:1 ino:2 sdev:3\n")
    (tmp_path / "self/fd/4").symlink_to("/dev/null")

    assert watches_held(tmp_path) == 2


def test_folders_are_counted_once_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "w/a/b").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "w/link").symlink_to(tmp_path / "elsewhere")

    assert folders_below([(tmp_path / "w", True)]) == 3
    assert folders_below([(tmp_path / "w", False)]) == 1
    assert folders_below([(tmp_path / "w", True), (tmp_path / "w/a", True)]) == 3
    assert folders_below([(tmp_path / "missing", True)]) == 0
