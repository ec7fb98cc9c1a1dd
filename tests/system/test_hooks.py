"""Programs of the user that are run after sounds were filed: by the daemon, by commands, and to try them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

NOTE = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read()); print('noted', sys.argv[2])"


def hook(on: list[str], *run: str, **more: object) -> str:
    settings = {"on": on, "run": list(run), **more}
    return "[[hook]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())


def test_hooks_get_every_sound_once_and_one_that_hangs_holds_up_nothing(harness):
    notes = harness.state / "notes"
    noting = hook(["filed", "corrected"], sys.executable, "-c", NOTE, str(notes), "{name}", name="note")
    harness.configure(noting + hook(["filed"], "sleep", "600", name="hangs", time_limit=600))
    harness.start()

    harness.drop("first.wav")
    harness.wait_until(notes.exists, "the first note")
    harness.wait_for_log('hook "note": noted first.wav')
    second = harness.library / "kick/second.wav"
    harness.drop("second.wav", hz=60)
    harness.wait_until(second.exists, "the second sound while a hook hangs")
    harness.stop()

    harness.configure(noting)
    harness.run("correct", str(second), "snare")
    told = [json.loads(line) for line in notes.read_text("utf-8").splitlines()]
    assert [(one["event"], Path(one["path"]).name, one["label"]) for one in told] == [
        ("filed", "first.wav", "kick"),
        ("filed", "second.wav", "kick"),
        ("corrected", "second.wav", "snare"),
    ]


def test_sort_and_a_run_that_ends_by_itself_run_the_hooks_before_they_end(harness):
    notes = harness.state / "notes"
    harness.configure(hook(["filed", "pack"], sys.executable, "-c", NOTE, str(notes), "{name}"))
    for number in range(4):
        harness.drop(f"Pack/kick {number}.wav", hz=50 + number)

    harness.run("sort", "--yes", str(harness.intake / "Pack"))

    assert notes.read_text("utf-8").count('"event": "filed"') == 4
    assert notes.read_text("utf-8").count('"event": "pack"') == 1
    harness.drop("later.wav", hz=70)
    harness.run("run", "--once", "--everything")
    *_, last = notes.read_text("utf-8").splitlines()
    assert Path(json.loads(last)["path"]).name == "later.wav"


def test_a_hook_can_be_tried_before_anything_was_filed(harness):
    notes = harness.state / "notes"
    harness.configure(
        hook(["filed"], sys.executable, "-c", NOTE, str(notes), "{name}", name="note")
        + hook(["pack"], "/no/such/program")
    )

    ran = harness.run("hook", "test", code=1)

    assert "  noted Example kick.wav\n" in ran.stdout
    assert "there is no program /no/such/program" in ran.stderr
    told = json.loads(notes.read_text("utf-8"))
    assert (told["event"], told["test"], told["label"]) == ("filed", True, "kick")
    assert "No hook is run" in harness.run("hook", "test", "--on", "unsure", code=2).stderr
