"""The real pipeline files real sounds with a real journal; only the analysis is a stand-in."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from folder_trees import all_files, stamp_of, write_tags

from drumwatch.config import parse
from drumwatch.config.holder import ConfigHolder
from drumwatch.core.records import LABELS, Arrival, Verdict
from drumwatch.filing.held_file import content_hash
from drumwatch.journal import Filter, Journal
from drumwatch.learning.corrections import Corrector
from drumwatch.pipeline import FilingRequest, FilingResult, Pipeline, recover, remove_emptied, take_back
from drumwatch.workers.model_store import StoredModel
from drumwatch.workers.protocol import Analyzed, ProveTags, TagsProven, TagsWritten, WriteTags

if TYPE_CHECKING:
    from drumwatch.core.records import Entry

VERDICT = Verdict(
    "kick",
    "kick",
    0.97,
    {label: 0.97 if label == "kick" else 0.0075 for label in LABELS},
    {"kick": 0.97},
    "snare",
    "one-shot",
    0.4,
    model="m1",
)
MODEL = StoredModel(
    Path("m1.json"), {"id": "m1", "risk": {label: [[0.5, 0.5], [0.99, 0.01]] for label in LABELS}}
)


class InProcessTagger(Executor):
    """Writes tags in this very process, with the standard library."""

    def submit(self, _: Any, request: WriteTags, /) -> Future[TagsWritten]:  # type: ignore[override]
        future: Future[TagsWritten] = Future()
        written = write_tags(Path(request.path), Path(request.temp), request.label, request.machine, False)
        future.set_result(TagsWritten(written, {}))
        return future


class BelievingProof(Executor):
    """Believes the tagger; the bytes outside the tags are compared all the same."""

    def submit(self, _: Any, request: ProveTags, /) -> Future[TagsProven]:  # type: ignore[override]
        future: Future[TagsProven] = Future()
        future.set_result(TagsProven(len(request.path)))
        return future


class PipelineHarness:
    """An intake folder, a library, a state folder; the program can stop at any moment and start again."""

    def __init__(self, root: Path, library: Path | None = None) -> None:
        self.intake, self.library, self.state = root / "in", library or root / "Library", root / "state"
        for folder in (self.intake, self.library, self.state):
            folder.mkdir()
        self.settings = "min_free = 0"
        self.tagging: Executor = InProcessTagger()
        self.proving: Executor = BelievingProof()
        self.journal = Journal(self.state / "journal.db")
        self.start()

    def start(self, settings: str = "") -> list[Entry]:
        """Open the journal and recover half-done entries, as the daemon does."""
        self.journal.close()
        self.journal = Journal(self.state / "journal.db")
        self.settings = settings or self.settings
        text = f'library = "{self.library}"\nmax_wrong = 1.0\n{self.settings}\n[[watch]]\nfolder = "{self.intake}"\n'
        self.config = parse(text)
        self.pipeline = Pipeline(
            ConfigHolder(self.config),
            self.journal,
            self.tagging,
            self.tagging,
            self.proving,
            state=self.state,
            model=MODEL,
        )
        return recover(self.journal, state=self.state)

    def arrive(self, name: str, content: bytes) -> Path:
        path = self.intake / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def file(self, *paths: Path) -> list[FilingResult]:
        """File analyzed sounds, in one group."""
        watch = self.config.watches[0]
        group = [FilingRequest(arrival(path, self.intake), watch, answer(path)) for path in paths]
        return self.pipeline.file_together(group)

    def remove_emptied_folders(self) -> list[Entry]:
        """Remove emptied folders, as the daemon does after the last file."""
        watch, batches = self.config.watches[0], self.journal.folders.recent_batches(self.intake, 0.0)
        removed = (remove_emptied(self.journal, self.config, watch, batch) for batch in batches)
        return [entry for entry in removed if entry]

    def undo(self, entry: Entry) -> Entry:
        return take_back(self.journal, entry)

    def correct(self, entry: Entry, label: str) -> Entry:
        """Correct the label, as `drumwatch correct` does."""
        return Corrector(self.config, self.journal, self.pipeline).confirm(entry, label, "command")

    def entries(self, **wanted: Any) -> list[Entry]:
        return list(self.journal.entries.find(Filter(**wanted)))

    def temps(self) -> list[str]:
        files = [*all_files(self.intake), *all_files(self.library)]
        return [path.name for path in files if path.name.startswith(".drumwatch-")]

    def close(self) -> None:
        self.journal.close()


def arrival(path: Path, watch: Path) -> Arrival:
    return Arrival(path, stamp_of(path), watch)


def answer(path: Path) -> Analyzed:
    """A worker's answer for a kick."""
    return Analyzed(VERDICT, content_hash(path))
