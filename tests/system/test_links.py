"""Links to watched folders, libraries and the configuration, with the real daemon; it rescans once an hour where events must do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon_harness import sha256

if TYPE_CHECKING:
    from pathlib import Path

HOURLY = 3600


def point(link: Path, target: Path) -> None:
    """Let the link lead to the folder from one moment to the next."""
    fresh = link.with_name("fresh link")
    fresh.symlink_to(target)
    fresh.replace(link)


def test_a_sound_behind_a_link_is_filed_by_its_event_and_undo_brings_it_back(harness, tmp_path):
    disk = harness.intake.rename(tmp_path / "disk")
    harness.intake.symlink_to(disk)
    harness.configure(rescan=HOURLY)
    harness.start()

    before = sha256(harness.drop("Pack/kick.wav", folder=disk))
    (entry,) = harness.wait_for(1, states=("done",))

    assert entry.source == harness.intake / "Pack/kick.wav"
    assert harness.hashes() == {"kick.wav": before}
    harness.stop()
    harness.run("undo", "--last", "1")
    assert sha256(disk / "Pack/kick.wav") == before


def test_links_that_lead_a_watch_into_another_and_a_library_into_a_watch_are_handled_once(harness, tmp_path):
    other, second, shelf = tmp_path / "other", tmp_path / "second", harness.intake / "shelf"
    for folder in (other, shelf):
        folder.mkdir()
    second.symlink_to(other)
    harness.library.symlink_to(tmp_path / "first shelf")
    (tmp_path / "first shelf").mkdir()
    harness.configure(f'[[watch]]\nfolder = "{second}"\n', rescan=1)
    harness.start()
    harness.drop(hz=50, folder=other)
    harness.wait_for(1, states=("done",))

    point(second, harness.intake)
    harness.wait_for_log("handled once")
    point(harness.library, shelf)
    harness.wait_until(lambda: (shelf / "kick").is_dir() or harness.drop("more.wav", hz=70), "the new shelf")
    harness.wait_until(lambda: any(shelf.rglob("more*.wav")), "a sound on the new shelf")
    harness.drop("last.wav", hz=80)
    harness.wait_until(lambda: any(shelf.rglob("last.wav")), "the last sound on the new shelf")

    (watching,) = (
        watch for watch in harness.run_json("status")[0]["watching"] if watch["folder"] == str(second)
    )
    assert watching["mode"] == "handled elsewhere"
    sources = [entry.source for entry in harness.entries()]
    assert len(sources) == len(set(sources))
    assert not any(source.is_relative_to(shelf) for source in sources)


def test_a_configuration_in_the_dotfiles_is_taken_up_at_rest_however_it_is_saved(harness, tmp_path):
    folder, dotfiles = tmp_path / "etc", tmp_path / "dotfiles"
    folder.mkdir()
    dotfiles.mkdir()
    harness.configure(rescan=HOURLY)
    target = harness.config.rename(dotfiles / "config.toml")
    (folder / "config.toml").symlink_to(target)
    harness.config = folder / "config.toml"
    harness.environment["DRUMWATCH_CONFIG"] = str(harness.config)
    harness.start()

    text = target.read_text()
    target.write_text(text + "# in place\n")
    harness.wait_for_log("has been read again", times=1)
    (dotfiles / "new").write_text(text + "# by rename\n")
    (dotfiles / "new").replace(target)
    harness.wait_for_log("has been read again", times=2)
    (tmp_path / "fresh").mkdir()
    (tmp_path / "fresh/config.toml").write_text(text + "# another folder\n")
    folder.rename(tmp_path / "old")
    (tmp_path / "fresh").rename(folder)
    harness.wait_for_log("has been read again", times=3)


def test_an_event_that_the_daemon_cannot_handle_is_answered_by_a_scan_and_not_by_its_end(harness, tmp_path):
    harness.use_a_copy_of_the_program(tmp_path / "program")
    arrivals = tmp_path / "program/drumwatch/intake/arrivals.py"
    head = "    def _check_path(self, path: Path, watch: Watch, now: float, wall: float, *, closed: bool) -> None:\n"
    text = arrivals.read_text()
    assert head in text
    arrivals.write_text(text.replace(head, f"{head}        path.relative_to('/elsewhere')\n"))
    harness.configure(rescan=HOURLY)
    harness.start()

    before = sha256(harness.drop())
    harness.wait_for(1, states=("done",))

    assert harness.hashes() == {"kick.wav": before}
    assert "could not be handled" in harness.log
    assert harness.run_json("status")[0]["alive"]
