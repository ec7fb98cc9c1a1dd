"""Root notes in file names reach the place, the journal and every answer of the commands; nothing is compiled for them."""

import json

import sounds

LAYOUT = "{label}/{note}/{bpm} {name}"


def test_a_note_in_a_name_is_part_of_the_place_and_stands_in_the_journal(harness, tmp_path):
    harness.configure(layout=LAYOUT)
    harness.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    old = tmp_path / "old"
    for name, hz in (("808_F#.wav", 46.25), ("Sub Ab 2.wav", 51.9)):
        (old / name).parent.mkdir(exist_ok=True)
        sounds.write(old / name, sounds.decaying_sine(hz, seconds=1.2, decay=0.4))
    harness.drop("short A.wav", folder=old)

    harness.run("sort", str(old))

    assert harness.tree(harness.library) == [
        "library/kick/F#/808_F#.wav",
        "library/kick/G#/Sub Ab 2.wav",
        "library/kick/short A.wav",
    ]
    entries = {entry["source"].rpartition("/")[2]: entry for entry in harness.run_json("log", "--json")}
    assert {name: (entry["note"], entry["note_from"], entry["tempo"]) for name, entry in entries.items()} == {
        "808_F#.wav": ("F#", "name", None),
        "Sub Ab 2.wav": ("G#", "name", None),
        "short A.wav": (None, None, None),
    }
    filed = str(harness.library / "kick/F#/808_F#.wav")
    assert "note      F#, as its name says" in harness.run("why", filed).stdout
    assert json.loads(harness.run("why", "--json", filed).stdout)["note"] == "F#"
    assert harness.run("classify", "--use-names", filed).stdout.count("F# ") == 1
    assert "0 files looked at" in harness.run("sort", str(old)).stderr + harness.run("sort", str(old)).stdout
    assert not (tmp_path / "cache/drumwatch/numba").exists()


def test_without_a_compiler_sounds_are_filed_without_notes_and_that_is_told_once(harness, tmp_path):
    (tmp_path / "broken/librosa").mkdir(parents=True)
    (tmp_path / "broken/librosa/__init__.py").write_text('raise ImportError("no compiler")')
    harness.environment |= {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PYTHONPATH": str(tmp_path / "broken")}
    harness.configure(layout=LAYOUT, action="copy")
    (tmp_path / "old").mkdir()
    for number in range(3):
        y = sounds.decaying_sine(46.25 + number, seconds=1.2, decay=0.4)
        sounds.write(tmp_path / f"old/{number}.wav", y)

    first, again = (harness.run("sort", str(tmp_path / "old")).stderr for _ in range(2))

    filed = [path.rpartition("/") for path in harness.tree(harness.library)]
    assert sorted(name for _, _, name in filed) == ["0.wav", "1.wav", "2.wav"]
    assert {folder for folder, _, _ in filed} <= {
        "library/kick",
        "library/other",
        "library/percussion",
    }  # none has a folder for its note
    assert first.count("Root notes cannot be found, because librosa") == 1
    assert "3 files looked at: 3 in the library already" in again
    assert [entry["note"] for entry in harness.run_json("log", "--json")] == [None] * 3
