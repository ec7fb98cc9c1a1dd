"""The reasons of a verdict, as the review shows them for a sound that has been filed meanwhile."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sounds import kick, write

from drumwatch.analysis.analyze import analyze
from drumwatch.core.records import Entry
from drumwatch.review.sound_previews import SoundPreviews
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

    (first, weight), *others = reported["reasons"]
    assert (first, weight < 0) == ("its name says snare", True)
    assert max(abs(other) for _, other in others) > abs(weight)
    assert reported["nearest"]
