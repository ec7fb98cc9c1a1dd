"""A pack with instruments is kept whole in the library, and its sounds come into the label folders as links."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
from project_trees import live_set, put, sounds
from test_projects_left_whole import bytes_below

if TYPE_CHECKING:
    from pathlib import Path

    from daemon_harness import DaemonHarness

    from drumwatch.core.records import Entry

SFZ = "<region> sample=../Kicks/kick 0.wav key=36\n<region> sample=../Hats/hat 0.wav key=42\n"
DECENT = '<DecentSampler><groups><group><sample path="../Kicks/kick 1.wav"/></group></groups></DecentSampler>'
HYDROGEN = """<?xml version="1.0"?><drumkit_info><name>Kit</name><instrumentList><instrument><id>0</id>
<layer><filename>../Kicks/kick 2.wav</filename></layer></instrument></instrumentList></drumkit_info>"""


def make_pack(root: Path, loose: int = 5) -> Path:
    """Mostly loose sounds; instruments of three kinds refer to a few of them from folders of their own."""
    sounds(root / "Kicks", *(f"kick {n}.wav" for n in range(loose)))
    sounds(root / "Hats", *(f"hat {n}.wav" for n in range(loose)))
    put(root / "Presets/Kit.sfz", SFZ)
    put(root / "Presets/Kit.dspreset", DECENT)
    put(root / "Kit/drumkit.xml", HYDROGEN)
    sounds(root / "Kit", "tick.wav")
    put(root / "Licence.txt", "yours")
    put(root / "Artwork/knob.bin", b"\0\1")
    return root


def zipped(folder: Path, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w") as made:
        for path in sorted(folder.rglob("*")):
            made.write(path, path.relative_to(folder.parent))
    return archive


def resolves(base: Path) -> bool:
    """Each sound that an instrument names is there, as its program looks for it."""
    named = {
        "Presets": ["../Kicks/kick 0.wav", "../Hats/hat 0.wav", "../Kicks/kick 1.wav"],
        "Kit": ["../Kicks/kick 2.wav"],
    }
    return all((base / folder / name).is_file() for folder, names in named.items() for name in names)


def in_labels(harness: DaemonHarness) -> list[Path]:
    """Every file in the library that is in no pack that is kept."""
    kept = harness.library / "_packs"
    return sorted(
        path for path in harness.library.rglob("*") if path.is_file() and not path.is_relative_to(kept)
    )


def are_links_into(base: Path, files: list[Path]) -> bool:
    inside = {path.stat().st_ino for path in base.rglob("*.wav")}
    return bool(files) and {path.stat().st_ino for path in files} == inside


def analyzed(harness: DaemonHarness) -> list[Entry]:
    return [entry for entry in harness.entries() if entry.verdict and entry.undoes is None]


@pytest.fixture
def pack(tmp_path) -> Path:
    return make_pack(tmp_path / "made/Vendor - Kit")


def arrives(pack: Path, harness: DaemonHarness) -> Path:
    return pack.rename(harness.intake / pack.name)


def names_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def wait_until_kept(harness: DaemonHarness, like: dict[str, str], name: str = "Vendor - Kit") -> Path:
    base = harness.library / "_packs" / name
    harness.wait_until(lambda: names_below(base) == set(like), f"{name} is there as a whole")
    harness.wait_until(lambda: "planned" not in {one.state for one in harness.entries()}, "all is done")
    assert bytes_below(base) == like
    return base


@pytest.mark.parametrize("action", ["move", "copy", "hardlink"])
def test_a_folder_is_kept_whole_by_the_daemon(harness, pack, action):
    like = bytes_below(pack)
    harness.configure(action=action)
    harness.start()
    folder = arrives(pack, harness)
    base = wait_until_kept(harness, like)
    harness.wait_until(lambda: len(in_labels(harness)) == 11, "each sound has its link")
    harness.stop()

    assert resolves(base)
    assert are_links_into(base, in_labels(harness))
    assert {entry.action for entry in analyzed(harness)} == {"hardlink"}
    assert bytes_below(folder) == like if action != "move" else not list(folder.rglob("*.*"))
    assert len(analyzed(harness)) == 11


def test_a_folder_is_kept_whole_by_sort(harness, pack):
    like = bytes_below(pack)

    result = harness.run("sort", str(pack)).stderr

    base = harness.library / "_packs/Vendor - Kit"
    assert bytes_below(base) == like
    assert resolves(base)
    assert are_links_into(base, in_labels(harness))
    assert "11 files looked at" in result
    assert "16 files came to the library with a pack that is kept whole" in result
    assert not pack.exists()


def test_the_entry_and_why_show_which_document_needs_the_sound(harness, pack):
    harness.run("sort", str(pack))
    entry = analyzed(harness)[0]

    result = harness.run("why", str(entry.destination)).stdout

    assert entry.action == "hardlink"
    assert "kept with its pack for " in entry.reason
    assert any(name in result for name in ("Kit.sfz", "Kit.dspreset", "drumkit.xml"))


def test_a_zip_is_kept_whole_by_sort_and_by_the_daemon(harness, pack, tmp_path):
    like = bytes_below(pack)
    zipped(pack, tmp_path / "By Sort.zip")
    harness.run("sort", str(tmp_path / "By Sort.zip"))
    by_sort = harness.library / "_packs/By Sort"
    assert bytes_below(by_sort) == like
    assert are_links_into(by_sort, in_labels(harness))

    harness.configure(after_unpacking="aside")
    harness.start()
    zipped(pack, tmp_path / "By Daemon.zip").rename(harness.intake / "By Daemon.zip")
    by_daemon = wait_until_kept(harness, like, "By Daemon")
    harness.wait_until((harness.library / "_archives/By Daemon.zip").exists, "the archive is put away")
    harness.stop()

    assert resolves(by_sort)
    assert resolves(by_daemon)
    assert {entry.action for entry in analyzed(harness)} == {"hardlink"}


@pytest.mark.parametrize("as_zip", [False, True], ids=["folder", "zip"])
def test_a_dry_run_shows_both_places_and_touches_nothing(harness, pack, tmp_path, as_zip):
    given = zipped(pack, tmp_path / "Vendor - Kit.zip") if as_zip else pack
    before = bytes_below(tmp_path / "made")

    result = harness.run("sort", "--dry-run", str(given)).stdout

    assert "16  with a pack that is kept whole, for the instruments in it" in result
    assert "_packs" in result
    assert "kick" in result
    assert bytes_below(tmp_path / "made") == before
    assert harness.tree() == []


def test_undo_takes_a_zip_back_as_it_was(harness, pack, tmp_path):
    archive = zipped(pack, tmp_path / "Kit.zip")
    before = archive.read_bytes()
    harness.run("sort", str(archive))

    harness.run("undo", "--batch", "1")

    assert archive.read_bytes() == before
    assert list(harness.library.iterdir()) == []


def test_undo_brings_the_pack_back_as_it_was(harness, pack):
    before = bytes_below(pack)
    (pack / "Empty").mkdir()
    before["Empty"] = "folder"
    harness.run("sort", str(pack))

    harness.run("undo", "--batch", "1")

    assert bytes_below(pack) == before
    assert list(harness.library.iterdir()) == []


def test_copying_leaves_the_pack_and_a_second_run_has_nothing_to_do(harness, pack):
    before = bytes_below(pack)
    harness.run("sort", "--action", "copy", str(pack))
    base, count = harness.library / "_packs/Vendor - Kit", len(harness.entries())
    assert bytes_below(pack) == bytes_below(base) == before
    assert are_links_into(base, in_labels(harness))

    harness.run("sort", "--action", "copy", str(pack))

    assert len(harness.entries()) == count
    assert [path.name for path in (harness.library / "_packs").iterdir()] == ["Vendor - Kit"]


def test_a_project_in_the_pack_stays_where_it_is_and_is_reported(harness, pack):
    like = bytes_below(pack)
    song = pack / "Demo Project"
    sounds(song / "Samples/Imported", "one.wav", "two.wav")
    put(song / "Ableton Project Info/Project8_1.cfg", "x")
    put(song / "Demo.als", live_set("Samples/Imported/one.wav"))
    work = bytes_below(song)

    harness.run("sort", str(pack))

    assert bytes_below(song) == work
    assert bytes_below(harness.library / "_packs/Vendor - Kit") == like
    assert [entry.source for entry in harness.entries() if entry.is_project] == [song]


def test_what_is_hidden_and_somebodys_paper_stay(harness, pack):
    like = bytes_below(pack)
    put(pack / ".hidden", "x")
    put(pack / "Docs/tax return 2025.pdf", "%PDF")

    harness.run("sort", str(pack))

    assert set(bytes_below(harness.library / "_packs/Vendor - Kit")) == set(like)
    assert names_below(pack) == {".hidden", "Docs", "Docs/tax return 2025.pdf"}


def test_with_somebodys_work_in_it_the_pack_stays_where_it_is(harness, pack):
    put(pack / "Docs/accounts.xlsx", "x")
    before = bytes_below(pack)

    harness.run("sort", str(pack))

    assert bytes_below(pack) == before
    assert {entry.action for entry in analyzed(harness)} == {"copy"}


def test_a_taken_name_gets_a_number(harness, pack):
    like = bytes_below(pack)
    put(harness.library / "_packs/Vendor - Kit/mine.txt", "another")

    harness.run("sort", str(pack))

    assert bytes_below(harness.library / "_packs/Vendor - Kit 2") == like
    assert list(bytes_below(harness.library / "_packs/Vendor - Kit")) == ["mine.txt"]


def test_with_projects_sort_it_is_like_any_pack(harness, pack):
    harness.run("sort", "--projects", "sort", str(pack))

    assert not (harness.library / "_packs/Vendor - Kit/Kicks").exists()
    assert {entry.action for entry in analyzed(harness)} == {"move"}


@pytest.mark.parametrize("action", ["tag", "symlink"])
def test_with_an_action_that_moves_and_copies_nothing_it_stays_where_it_is(harness, pack, action):
    names = set(bytes_below(pack))

    harness.run("sort", "--action", action, str(pack))

    assert set(bytes_below(pack)) == names
    assert not (harness.library / "_packs").exists()
    assert len(in_labels(harness)) == (11 if action == "symlink" else 0)


@pytest.mark.parametrize("known_before", [True, False], ids=["of the disk", "of the first sound"])
def test_without_hard_links_the_sounds_are_copied(harness, pack, tmp_path, known_before):
    harness.use_a_copy_of_the_program(tmp_path / "program")
    broken = harness.program / "drumwatch/filing/disk.py"
    text = broken.read_text("utf-8")
    head = "def link(source: Folder, name: str, target: Folder, new_name: str) -> None:\n"
    assert head in text
    refused = head + "    raise OSError(errno.EPERM, os.strerror(errno.EPERM))\n"
    broken.write_text(text.replace(head, refused), "utf-8")
    if not known_before:  # as where one folder of the library lies on another disk
        asked = harness.program / "drumwatch/packs/kept_whole.py"
        asking = asked.read_text("utf-8")
        assert "= disk.takes_links(folder, *names)" in asking
        asked.write_text(asking.replace("= disk.takes_links(folder, *names)", "= True"), "utf-8")
    like = bytes_below(pack)

    harness.run("sort", str(pack))

    assert bytes_below(harness.library / "_packs/Vendor - Kit") == like
    assert len(in_labels(harness)) == 11
    assert {entry.action for entry in analyzed(harness)} == {"copy"}
    assert "failed" not in {entry.state for entry in harness.entries()}


def test_what_comes_late_joins_its_pack(harness, pack):
    like = bytes_below(pack)
    late = (pack / "Kicks/kick 4.wav").rename(pack.parent / "kick 4.wav")
    put(pack.parent / "Late.txt", "readme")
    harness.start()
    folder = arrives(pack, harness)
    harness.wait_until(lambda: len(in_labels(harness)) == 10, "the first are there")
    harness.wait_until(lambda: not folder.exists() or not list(folder.rglob("*.sfz")), "the rest follows")

    (folder / "Kicks").mkdir(parents=True, exist_ok=True)
    late.rename(folder / "Kicks/kick 4.wav")
    base = wait_until_kept(harness, like)
    harness.stop()

    assert resolves(base)
    assert [path.name for path in (harness.library / "_packs").iterdir()] == ["Vendor - Kit"]


def test_a_correction_leaves_the_pack_as_it_is(harness, pack):
    like = bytes_below(pack)
    harness.configure(max_wrong=0)  # all of them are unsure, and lie in the pack only
    harness.run("sort", str(pack))
    base = harness.library / "_packs/Vendor - Kit"
    harness.configure()
    assert in_labels(harness) == []

    harness.run("correct", str(base / "Kicks/kick 0.wav"), "snare")
    assert [path.parent.parent.name for path in in_labels(harness)] == ["snare"]
    harness.run("correct", str(base / "Kicks/kick 0.wav"), "hat")
    assert [path.parent.parent.name for path in in_labels(harness)] == ["hat"]

    assert bytes_below(base) == like
    harness.run("undo", "--batch", "1")
    assert bytes_below(pack) == like


def test_why_never_says_that_a_sound_would_be_moved_out_of_its_pack(harness, pack):
    harness.run("sort", str(pack))

    explained = harness.run("why", str(harness.library / "_packs/Vendor - Kit/Kicks/kick 0.wav")).stdout

    assert "would     hardlink" in explained
    assert "would     move" not in explained


def test_a_link_that_the_user_removes_is_not_looked_for_in_the_pack(harness, pack):
    harness.run("sort", str(pack))
    count = len(harness.entries())
    in_labels(harness)[0].unlink()

    harness.start()
    harness.stop()

    assert len(harness.entries()) == count


@pytest.mark.parametrize("across", [False, True], ids=["one disk", "two disks"])
def test_a_kill_in_the_middle_costs_nothing_and_the_next_start_goes_on(
    harness, tmp_path, memory_disk, across
):
    if across:
        harness.library = memory_disk / "library"
        harness.configure()
    pack = make_pack(tmp_path / "made/Vendor - Kit", loose=40)
    like = bytes_below(pack)
    harness.start()
    folder = arrives(pack, harness)
    harness.wait_until((harness.library / "_packs").exists, "it has begun")
    harness.kill()
    harness.start()
    base = wait_until_kept(harness, like)
    harness.wait_until(lambda: len(in_labels(harness)) == 81, "each sound has its link")
    harness.stop()

    assert resolves(base)
    assert not list(folder.rglob("*.wav"))
    assert [path.name for path in (harness.library / "_packs").iterdir()] == ["Vendor - Kit"]
    for batch in {entry.batch for entry in harness.entries()}:
        harness.run("undo", "--batch", str(batch), code=None)
    assert bytes_below(folder) == like


@pytest.mark.parametrize("by", ["sort", "daemon"])
def test_sounds_cut_off_between_their_pack_and_their_label_are_filed_by_the_next_start(
    harness, pack, tmp_path, by
):
    like, whole = bytes_below(pack), harness.program
    harness.use_a_copy_of_the_program(tmp_path / "program")
    mortal = harness.program / "drumwatch/pipeline/filing.py"
    step = "            kept = self._keep_packs_whole(group)\n"
    crash = "            import os\n            if kept: os.kill(os.getpid(), 9)\n"
    text = mortal.read_text("utf-8")
    assert step in text
    mortal.write_text(text.replace(step, step + crash), "utf-8")
    if by == "sort":
        pack = arrives(pack, harness)
        harness.run("sort", str(pack), code=-9)
    else:
        harness.start()
        pack = arrives(pack, harness)
        harness.daemon.wait(30)
    assert in_labels(harness) == []
    assert list((harness.library / "_packs").rglob("*.wav"))
    harness.program = whole
    harness.environment["PYTHONPATH"] = str(whole)

    if by == "sort":
        harness.run("sort", str(pack))
    else:
        harness.start()
        harness.wait_until(lambda: len(in_labels(harness)) == 11, "each sound has its link")
        wait_until_kept(harness, like)
        harness.stop()

    base = harness.library / "_packs/Vendor - Kit"
    assert bytes_below(base) == like
    assert are_links_into(base, in_labels(harness))
    for batch in sorted({entry.batch for entry in harness.entries()}, reverse=True):
        harness.run("undo", "--batch", str(batch), code=None)
    assert bytes_below(pack) == like


def test_a_kill_while_a_zip_is_kept_costs_nothing(harness, tmp_path):
    pack = make_pack(tmp_path / "made/Vendor - Kit", loose=40)
    like = bytes_below(pack)
    harness.start()
    zipped(pack, tmp_path / "Kit.zip").rename(harness.intake / "Kit.zip")
    harness.wait_until((harness.library / "_packs").exists, "it has begun")
    harness.kill()
    harness.start()
    base = wait_until_kept(harness, like, "Kit")
    harness.wait_until(lambda: len(in_labels(harness)) == 81, "each sound has its link")
    harness.stop()

    assert resolves(base)
    assert [path.name for path in (harness.library / "_packs").iterdir()] == ["Kit"]
