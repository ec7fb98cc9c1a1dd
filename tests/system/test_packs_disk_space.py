"""A pack fits as a whole, or is not begun; what takes no space needs none."""

import os
import shutil
from pathlib import Path

import pytest
import sounds
from daemon_harness import DaemonHarness

A_MEGABYTE = 12  # seconds of 16 bit


def make_pack(folder: Path, count: int = 4, **more) -> Path:
    (folder / "Kicks").mkdir(parents=True)
    for n in range(count):
        sounds.write(folder / "Kicks" / f"kick {n}.wav", sounds.decaying_sine(50 + n, **more))
    (folder / "Licence.txt").write_text("yours")
    return folder


def filed(harness: DaemonHarness) -> list[str]:
    return [name.removeprefix("library/") for name in harness.tree(harness.library)]


SORTED = [
    "_packs/Vendor - Title/Licence.txt",
    *(f"kick/Vendor - Title/kick {n}.wav" for n in range(4)),
]


def test_a_folder_that_arrives_and_does_not_fit_is_reported_once_and_tried_again(
    harness: DaemonHarness, tmp_path
):
    made = make_pack(tmp_path / "made/Vendor - Title")
    harness.configure(action="copy", min_free="900 TB")
    harness.start()

    shutil.copytree(made, harness.intake / "Vendor - Title")
    harness.wait_for_log("nothing of it was filed. Make room there; it will be tried again")
    harness.stop()
    assert [(entry.source.name, entry.state) for entry in harness.entries()] == [("Vendor - Title", "failed")]
    assert filed(harness) == []

    harness.configure(action="copy")
    harness.start()
    harness.wait_until(lambda: filed(harness) == SORTED, "all sorted")


def test_a_pack_for_which_there_is_no_space_is_not_begun_by_sort(harness: DaemonHarness, tmp_path):
    harness.configure(min_free="900 TB")
    folder = make_pack(tmp_path / "Vendor - Title")

    result = harness.run("sort", str(folder), "--action", "copy", code=1).stderr

    assert "it takes 1 MB, and the disk of" in result
    assert (
        "has less to spare (min_free): nothing of it was filed. Make room there, and sort it again" in result
    )
    assert (len(os.listdir(folder / "Kicks")), filed(harness)) == (4, [])


def test_a_move_to_another_disk_needs_space(harness: DaemonHarness, tmp_path, memory_disk):
    harness.configure(library=str(memory_disk / "library"), min_free="900 TB")

    harness.run("sort", str(make_pack(tmp_path / "Vendor - Title")), code=1)

    assert not (memory_disk / "library/kick").exists()


@pytest.mark.parametrize("action", ["move", "hardlink"])
def test_what_takes_no_space_needs_none(harness: DaemonHarness, tmp_path, action):
    harness.configure(min_free="900 TB")

    harness.run("sort", str(make_pack(tmp_path / "Vendor - Title")), "--action", action)

    assert filed(harness) == SORTED


def test_what_is_copied_already_needs_no_space_a_second_time(harness: DaemonHarness, tmp_path):
    folder = make_pack(tmp_path / "Vendor - Title")
    harness.run("sort", str(folder), "--action", "copy")
    harness.configure(min_free="900 TB")
    (folder / "Licence.txt").unlink()

    result = harness.run("sort", str(folder), "--action", "copy").stderr

    assert "4 in the library already" in result


def used(disk: Path) -> int:
    os.sync()
    found = os.statvfs(disk)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def test_copies_share_their_blocks_and_need_no_space_where_the_disk_can_do_that(
    harness: DaemonHarness, sharing_disk
):
    folder = make_pack(sharing_disk / "Vendor - Title", seconds=A_MEGABYTE, decay=2.0)
    before, free = used(sharing_disk), shutil.disk_usage(sharing_disk).free
    harness.configure(library=str(sharing_disk / "library"), min_free=f"{free // 10**6 - 2} MB")

    harness.run("sort", str(folder), "--action", "copy")

    copies = list((sharing_disk / "library").rglob("*.wav"))
    assert sum(copy.stat().st_size for copy in copies) > 4_000_000
    assert used(sharing_disk) - before < 1_000_000
