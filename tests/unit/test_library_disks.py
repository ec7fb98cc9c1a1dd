"""A library that had a disk of its own and is now an empty folder; the mounting itself is tested in system/test_disks.py."""

from __future__ import annotations

import pytest

from drumwatch.core.errors import DiskUnavailable
from drumwatch.journal import Journal
from drumwatch.pipeline.library_disks import MOUNTED, LibraryDisks


@pytest.fixture
def journal():
    with Journal(":memory:") as journal:
        yield journal


def test_a_plain_folder_is_a_library_like_any_other(tmp_path, journal):
    LibraryDisks(journal).require(tmp_path)

    assert journal.state.get() == {}


@pytest.mark.parametrize("there", [True, False], ids=["empty", "gone"])
def test_where_a_disk_was_mounted_nothing_is_filed_without_it(tmp_path, journal, there):
    library = tmp_path / "library"
    if there:
        library.mkdir()
    journal.state.set(**{MOUNTED: [str(library)]})

    with pytest.raises(DiskUnavailable, match=r"the disk that was mounted on this folder is away") as met:
        LibraryDisks(journal).require(library)
    assert met.value.where == library


def test_a_folder_with_something_in_it_is_meant_to_be_the_library_from_now_on(tmp_path, journal):
    (tmp_path / "kick").mkdir()
    journal.state.set(**{MOUNTED: [str(tmp_path), "/elsewhere"]})

    LibraryDisks(journal).require(tmp_path)

    assert journal.state.get() == {MOUNTED: ["/elsewhere"]}
