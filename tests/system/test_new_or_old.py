"""Only what arrives from now on is touched, whether the daemon was running when it came or not."""

from __future__ import annotations

import shutil
import time

import sounds
from studio import sha256

OLD = 1_700_000_000


def test_what_was_there_before_the_first_start_stays(studio):
    studio.drop("old.wav")
    studio.start()
    assert "1 sound is there already" in studio.log
    studio.drop("new.wav", hz=50)

    studio.wait_for(1)

    assert studio.tree() == ["intake/old.wav", "library/kick/new.wav"]


def test_what_came_while_the_daemon_was_off_is_filed_at_the_next_start(studio):
    studio.start()
    studio.stop()
    studio.drop("while off.wav")

    studio.start()
    studio.wait_for(1)

    assert studio.tree() == ["library/kick/while off.wav"]


def test_an_old_sound_with_a_new_name_or_in_a_renamed_folder_is_still_old(studio):
    studio.configure(rescan=1)
    studio.drop("old.wav")
    studio.drop("Pack/old too.wav", hz=60)
    studio.start()
    (studio.intake / "old.wav").rename(studio.intake / "renamed.wav")
    (studio.intake / "Pack").rename(studio.intake / "Best pack")
    studio.drop("new.wav", hz=50)

    studio.wait_for(1)
    time.sleep(8 * studio.quiet)  # nobody closed it, so it would have waited so long

    assert studio.tree() == ["intake/Best pack/old too.wav", "intake/renamed.wav", "library/kick/new.wav"]


def test_an_old_sound_that_is_rewritten_is_new(studio):
    studio.drop("take.wav")
    studio.start()
    studio.drop("take.wav", hz=50)

    studio.wait_for(1)

    assert studio.tree() == ["library/kick/take.wav"]


def test_a_download_counts_from_its_last_name_on(studio):
    studio.start()
    for ending in (".part", ".crdownload"):
        sounds.write(
            studio.intake / f"kick{ending[:3]}.wav{ending}",
            sounds.decaying_sine(50 + len(ending)),
            format="WAV",
        )
    time.sleep(2 * studio.quiet)
    assert studio.entries() == []

    for part in sorted(studio.intake.iterdir()):
        part.rename(part.with_suffix(""))
    studio.wait_for(2)

    assert studio.tree() == ["library/kick/kick.cr.wav", "library/kick/kick.pa.wav"]


def test_a_slow_writer_is_waited_for(studio, tmp_path):
    whole = sounds.write(tmp_path / "whole.wav", sounds.kick()).read_bytes()
    studio.start()
    with (studio.intake / "slow.wav").open("wb", buffering=0) as file:
        for at in range(0, len(whole), len(whole) // 5):
            file.write(whole[at : at + len(whole) // 5])
            time.sleep(1.5 * studio.quiet)
        assert studio.tree() == ["intake/slow.wav"]

    studio.wait_for(1)

    assert (studio.library / "kick/slow.wav").read_bytes() == whole


def test_a_folder_moved_in_counts_with_all_that_is_in_it(studio, tmp_path):
    for name in ("a.wav", "deep/b.wav", "deep/er/c.wav"):
        studio.drop(name, hz=45 + len(name), folder=tmp_path / "Pack")
    studio.start()

    shutil.move(tmp_path / "Pack", studio.intake / "Pack")
    studio.wait_for(3)

    assert studio.tree() == [f"library/kick/Pack/{name}.wav" for name in "abc"]


def test_a_watched_folder_that_vanishes_and_comes_back_is_watched_again(studio):
    studio.configure(rescan=1)
    studio.start()
    shutil.rmtree(studio.intake)
    studio.wait_for_log("is not there")

    before = sha256(studio.drop())
    studio.wait_for(1, states=("done",))

    assert studio.hashes() == {"kick.wav": before}
    assert studio.say_json("status")[0]["alive"]


def test_a_folder_that_appears_later_is_watched_from_then_on(studio):
    studio.intake.rmdir()
    studio.configure(rescan=1)
    studio.start()

    studio.drop()
    studio.wait_for(1, states=("done",))

    assert studio.tree() == ["library/kick/kick.wav"]
