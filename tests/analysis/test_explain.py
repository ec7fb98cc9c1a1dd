"""The reasons of a verdict, as the review shows them for a sound that has been filed meanwhile."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sounds import kick, write

from drumwatch.analysis.analyze import analyze
from drumwatch.core.records import Entry, Reason
from drumwatch.review.sound_previews import SoundPreviews, in_order
from drumwatch.workers.analysis_cache import AnalysisCache
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import Analyze

CAME_AS = Path("/Downloads/Snares/1.wav")


def explained(entry, folder):
    with LocalWorkers() as workers, AnalysisCache(folder / "heard.db") as recall:
        return asyncio.run(SoundPreviews(workers, recall, folder).explanation(entry))


def test_the_name_counts_as_it_came_and_stands_first_however_little_it_did(tmp_path):
    (tmp_path / "kick").mkdir()
    filed = write(tmp_path / "kick" / "1.wav", kick())
    found = analyze(Analyze(str(filed), name_from=str(CAME_AS), use_names=True, with_hash=True))
    verdict = found.verdict
    output = (
        verdict.label,
        verdict.type,
        verdict.confidence,
        "default",
        "",
        verdict.model,
        found.content_hash,
    )
    entry = Entry(1, 0.0, 1, "", CAME_AS, filed, "move", "done", *output, None, verdict)

    with ThreadPoolExecutor(1) as apart:  # a loop of its own, wherever a browser's runs in this process
        reported = apart.submit(explained, entry, tmp_path).result()

    (first, weight, behind), *others = reported["reasons"]
    assert (first, weight < 0) == ("its folder's name says snare", True)
    assert behind == "of names that say something, 75 % are right"
    assert max(abs(other) for _, other, _ in others) > abs(weight)
    assert all(measured for _, _, measured in others)
    assert reported["nearest"] == [], "no sound of the user's is known that could be played"


def test_the_name_comes_first_then_the_neighbors_and_each_reason_once():
    name, folder = Reason("its name says snare", -0.02, "name"), Reason("3 of 4", 0.1, "context: folder")
    boom, stem = Reason("low boom", 0.4, "20-70 Hz: share"), Reason("1 of 2", -0.2, "context: stem")

    assert in_order([boom, folder, stem, name]) == [name, stem, folder, boom]
