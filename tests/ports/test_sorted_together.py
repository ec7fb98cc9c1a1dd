"""`sort` judges the sounds of a pack together, with real analysis, a real journal and real files."""

from __future__ import annotations

import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from sounds import decaying_sine, doubtful_hat, kick, noise_burst, write

from drumwatch.config import Config
from drumwatch.intake.ignore import is_wanted
from drumwatch.sorting.classify_together import RequestedSound, classify_together, place_in
from drumwatch.sorting.sorter import Sorter
from drumwatch.sorting.walk import audio_files_in
from drumwatch.workers.protocol import Analyze, Analyzed

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.core.records import Verdict


class InThisProcess(ThreadPoolExecutor):
    """Answers requests in this process, like a cluster with one machine."""

    max_in_flight = 4


class SortHarness:
    """A folder of downloads, a library, and `sort`."""

    def __init__(self, root: Path) -> None:
        self.downloads, self.library = root / "downloads", root / "library"
        self.downloads.mkdir()
        self.settings: dict[str, Any] = {"max_wrong": 1.0, "min_free": 0}

    def drop_pack(self, folder: str = "Acme Booms") -> Path:
        """A pack of three different sounds that are named alike, and one of another name."""
        pack = self.downloads / folder
        pack.mkdir(parents=True)
        write(pack / "boom 1.wav", kick())
        write(pack / "boom 2.wav", decaying_sine(50))
        write(pack / "boom 3.wav", decaying_sine(60))
        write(pack / "zap.wav", noise_burst(seed=1))
        return pack

    def sort(self, *given: Path, **options: Any) -> dict[str, Verdict]:
        """Sort what is given, or all; the verdicts by the names of the files."""
        config = Config(self.library, **self.settings)
        paths = given or (self.downloads,)
        with ExitStack() as stack:
            sorter = Sorter(
                config,
                stack,
                given=[path for path in paths if path.is_dir()],
                engine=InThisProcess(1),  # type: ignore[arg-type]
                **options,
            )
            done = list(sorter.sort(audio_files_in(paths, is_wanted)))
        entries = (entry for one in done for entry in one.entries)
        return {entry.source.name: entry.verdict for entry in entries if entry.verdict}


@pytest.fixture
def harness(tmp_path, monkeypatch):
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    return SortHarness(tmp_path)


def together(folder: Path) -> dict[str, Verdict]:
    """The verdicts on the sounds of a pack as `classify --as-filed` prints them."""
    requests = (
        RequestedSound(
            path, place_in(path, folder, whole=True), Analyze(str(path), max_seconds=20, use_names=True)
        )
        for path in sorted(folder.iterdir())
    )
    with InThisProcess(1) as workers:
        found = classify_together(requests, workers)
        return {sound.path.name: one.verdict for sound, one in found if isinstance(one, Analyzed)}


def test_a_pack_is_judged_as_classify_shows_it(harness):
    pack = harness.drop_pack()
    expected = together(pack)

    found = harness.sort()

    assert found.keys() == expected.keys()
    for name, verdict in found.items():
        assert verdict.context_strength > 0
        assert verdict.probabilities == pytest.approx(expected[name].probabilities)
        assert verdict.context == expected[name].context


def test_a_zip_is_judged_like_the_folder_in_it(harness):
    pack = harness.drop_pack()
    expected = harness.sort(dry_run=True)
    with zipfile.ZipFile(harness.downloads / "Acme Booms.zip", "w") as archive:
        for path in pack.iterdir():
            archive.write(path, path.name)
            path.unlink()
    pack.rmdir()

    found = harness.sort()

    assert found.keys() == expected.keys()
    for name, verdict in found.items():
        assert verdict.probabilities == pytest.approx(expected[name].probabilities)


def test_without_context_each_sound_is_judged_alone(harness):
    harness.drop_pack()
    harness.settings["context"] = False

    found = harness.sort()

    assert {verdict.context_strength for verdict in found.values()} == {0.0}
    assert not any(verdict.context for verdict in found.values())


def test_what_comes_later_is_judged_with_what_was_moved_away_before(harness):
    pack = harness.drop_pack()
    before = harness.sort()
    pack.mkdir(exist_ok=True)
    write(pack / "boom 4.wav", noise_burst(seed=7, decay=0.1))

    found = harness.sort()

    assert before.keys() >= {"boom 1.wav", "boom 2.wav", "boom 3.wav"}
    assert found["boom 4.wav"].context_strength > 0
    assert any("3 sounds named like it" in reason.text for reason in found["boom 4.wav"].context)


def test_sounds_of_another_folder_are_no_neighbors(harness):
    for name in ("Acme Booms", "Other Booms"):
        (harness.downloads / name).mkdir()
        write(harness.downloads / name / "boom.wav", kick() if name < "B" else noise_burst())

    found = harness.sort()

    assert {verdict.context_strength for verdict in found.values()} == {0.0}


def test_a_broken_sound_takes_nothing_from_its_pack(harness):
    pack = harness.drop_pack()
    (pack / "boom 0.wav").write_bytes(b"RIFF")

    found = harness.sort()

    assert found.keys() == {"boom 1.wav", "boom 2.wav", "boom 3.wav", "zap.wav"}
    assert all(verdict.context_strength > 0 for verdict in found.values())


def test_what_has_waited_is_filed_when_its_neighbors_are_sorted(harness):
    harness.settings["max_wrong"] = 0.05
    ghost = doubtful_hat(1)
    write(harness.downloads / "ghost 1.wav", ghost)
    harness.sort()
    assert (harness.downloads / "ghost 1.wav").exists()
    for number in (2, 3, 4):
        write(harness.downloads / f"ghost {number}.wav", doubtful_hat(number))

    found = harness.sort()

    assert found.keys() == {f"ghost {number}.wav" for number in (1, 2, 3, 4)}
    assert not list(harness.downloads.iterdir())


def test_what_has_waited_is_not_moved_by_a_run_that_copies(harness):
    harness.settings["max_wrong"] = 0.05
    write(harness.downloads / "ghost 1.wav", doubtful_hat(1))
    harness.sort()
    for number in (2, 3, 4):
        write(harness.downloads / f"ghost {number}.wav", doubtful_hat(number))

    harness.sort(action="copy")

    assert len(list(harness.downloads.iterdir())) == 4


def test_a_file_that_was_not_given_stays_where_it_waits(harness):
    harness.settings["max_wrong"] = 0.05
    write(harness.downloads / "ghost 1.wav", doubtful_hat(1))
    harness.sort()
    others = [write(harness.downloads / f"ghost {number}.wav", doubtful_hat(number)) for number in (2, 3, 4)]

    harness.sort(*others)

    assert [path.name for path in harness.downloads.iterdir()] == ["ghost 1.wav"]
