"""The page that `sort --report` writes."""

import json
import re

HOSTILE = "<script>alert(1)</script> & kick.wav"


def figures(page: str) -> dict:
    (reported,) = re.findall(r"^const d = (.*);$", page, flags=re.MULTILINE)
    return json.loads(reported)


def test_the_report_counts_and_maps_what_was_analyzed(harness, tmp_path):
    for n in range(5):
        harness.drop(f"Pack/{n}.wav", hz=50 + n, folder=tmp_path / "old")

    harness.run("sort", str(tmp_path / "old"), "--dry-run", "--report", str(tmp_path / "page.html"))

    reported = figures((tmp_path / "page.html").read_text())
    assert (reported["counts"], reported["fates"], reported["packs"]) == (
        {"kick": 5},
        {"filed": 5},
        [["Pack", {"kick": 5}]],
    )
    (tree,) = reported["trees"]
    assert (reported["dry_run"], tree["files"], tree["folders"][0]["name"]) == (True, 5, "kick")
    assert sorted(sound["name"] for sound in reported["map"]) == [f"{n}.wav" for n in range(5)]


def test_the_report_lists_doubts_and_names_that_contradict_the_sound(harness, tmp_path):
    harness.configure(max_wrong=0, names="ignore")
    harness.drop("snare.wav", folder=tmp_path / "old")

    harness.run("sort", str(tmp_path / "old"), "--report", str(tmp_path / "page.html"))

    reported = figures((tmp_path / "page.html").read_text())
    assert [sound["name"] for sound in reported["unsure"]] == ["snare.wav"]


def test_the_report_is_one_page_that_asks_nothing_of_others_and_runs_no_file_s_name(harness, tmp_path):
    harness.drop(HOSTILE.replace("/", "_"), folder=tmp_path / "old")

    harness.run("sort", str(tmp_path / "old"), "--dry-run", "--report", str(tmp_path / "page.html"))

    page = (tmp_path / "page.html").read_text()
    assert page.count("<script>") == 1
    assert not re.search(
        r"""(?:src|href)\s*=|url\(|@import|fetch\(|https?://(?!www\.w3\.org/2000/svg)""", page
    )
    assert "default-src 'none'" in page
