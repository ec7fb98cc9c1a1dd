"""Only what arrives from now on is touched, whether the daemon was running when it came or not."""

from __future__ import annotations

import shutil
import time

import sounds
from daemon_harness import sha256

OLD = 1_700_000_000


def test_what_was_there_before_the_first_start_stays(harness):
    harness.drop("old.wav")
    harness.start()
    assert "1 sound is there already" in harness.log
    harness.drop("new.wav", hz=50)

    harness.wait_for(1)

    assert harness.tree() == ["intake/old.wav", "library/kick/new.wav"]


def test_what_came_while_the_daemon_was_off_is_filed_at_the_next_start(harness):
    harness.start()
    harness.stop()
    harness.drop("while off.wav")

    harness.start()
    harness.wait_for(1)

    assert harness.tree() == ["library/kick/while off.wav"]


def test_an_old_sound_with_a_new_name_or_in_a_renamed_folder_is_still_old(harness):
    harness.configure(rescan=1)
    harness.drop("old.wav")
    harness.drop("Pack/old too.wav", hz=60)
    harness.start()
    (harness.intake / "old.wav").rename(harness.intake / "renamed.wav")
    (harness.intake / "Pack").rename(harness.intake / "Best pack")
    harness.drop("new.wav", hz=50)

    harness.wait_for(1)
    time.sleep(8 * harness.quiet)  # nobody closed it, so it would have waited so long

    assert harness.tree() == ["intake/Best pack/old too.wav", "intake/renamed.wav", "library/kick/new.wav"]


def test_an_old_sound_that_is_rewritten_is_new(harness):
    harness.drop("take.wav")
    harness.start()
    harness.drop("take.wav", hz=50)

    harness.wait_for(1)

    assert harness.tree() == ["library/kick/take.wav"]


def test_a_download_counts_from_its_last_name_on(harness):
    harness.start()
    for ending in (".part", ".crdownload"):
        sounds.write(
            harness.intake / f"kick{ending[:3]}.wav{ending}",
            sounds.decaying_sine(50 + len(ending)),
            format="WAV",
        )
    time.sleep(2 * harness.quiet)
    assert harness.entries() == []

    for part in sorted(harness.intake.iterdir()):
        part.rename(part.with_suffix(""))
    harness.wait_for(2)

    assert harness.tree() == ["library/kick/kick.cr.wav", "library/kick/kick.pa.wav"]


def test_a_slow_writer_is_waited_for(harness, tmp_path):
    whole = sounds.write(tmp_path / "whole.wav", sounds.kick()).read_bytes()
    harness.start()
    with (harness.intake / "slow.wav").open("wb", buffering=0) as file:
        for at in range(0, len(whole), len(whole) // 5):
            file.write(whole[at : at + len(whole) // 5])
            time.sleep(1.5 * harness.quiet)
        assert harness.tree() == ["intake/slow.wav"]

    harness.wait_for(1)

    assert (harness.library / "kick/slow.wav").read_bytes() == whole


def test_a_folder_moved_in_counts_with_all_that_is_in_it(harness, tmp_path):
    for name in ("a.wav", "deep/b.wav", "deep/er/c.wav"):
        harness.drop(name, hz=45 + len(name), folder=tmp_path / "Pack")
    harness.start()

    shutil.move(tmp_path / "Pack", harness.intake / "Pack")
    harness.wait_for(3)

    assert harness.tree() == [f"library/kick/Pack/{name}.wav" for name in "abc"]


def test_a_watched_folder_that_vanishes_and_comes_back_is_watched_again(harness):
    harness.configure(rescan=1)
    harness.start()
    shutil.rmtree(harness.intake)
    harness.wait_for_log("is not there")

    before = sha256(harness.drop())
    harness.wait_for(1, states=("done",))

    assert harness.hashes() == {"kick.wav": before}
    assert harness.run_json("status")[0]["alive"]


def test_a_folder_that_appears_later_is_watched_from_then_on(harness):
    harness.intake.rmdir()
    harness.configure(rescan=1)
    harness.start()

    harness.drop()
    harness.wait_for(1, states=("done",))

    assert harness.tree() == ["library/kick/kick.wav"]
