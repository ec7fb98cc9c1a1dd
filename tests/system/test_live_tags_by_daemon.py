"""The labels of filed sounds in Ableton Live's file, written by the daemon and taken out by a command."""

from __future__ import annotations

from live_folders import keywords, live_path


def test_the_daemon_writes_tags_and_the_command_takes_them_out_again(harness):
    harness.configure("[ableton]\ntags = true\n")
    harness.start()
    harness.drop()
    kick = harness.library / "kick"

    harness.wait_until(live_path(kick).exists, "the file")
    assert keywords(kick, "kick.wav") == ("Drums|Kick", "Type|One Shot")
    harness.wait_for_log("1 sound has tags in Ableton Live now, in 1 folder.")

    harness.run("tags", "ableton", "--remove")
    assert harness.tree() == ["library/kick/kick.wav"]
    harness.run("tags", "ableton", "--write")
    assert keywords(kick, "kick.wav") == ("Drums|Kick", "Type|One Shot")
