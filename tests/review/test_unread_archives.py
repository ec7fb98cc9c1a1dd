"""Archives that were not wholly read stand beside the projects that were left whole, with the sentence that says why."""

import pytest

from drumwatch.config import parse
from drumwatch.core.records import FileStamp
from drumwatch.journal import Journal, ViewQuery
from drumwatch.learning.corrections import Corrector
from drumwatch.review.service import ReviewService
from drumwatch.review.terminal_view import project_panel

SENTENCE = "Pack.zip: 1 of 2 sounds filed, 1 could not be heard: b.wav (it is damaged)."


@pytest.fixture
def journal(tmp_path):
    with Journal(":memory:") as journal:
        (tmp_path / "Pack.zip").write_bytes(b"PK")
        batch = journal.batches.current(tmp_path, "", 0.0)
        stamp = FileStamp(1, 2, 3, 4)
        for name, wholly_read in (("Pack.zip", False), ("Gone.zip", False), ("Good.zip", True)):
            sentence = SENTENCE.replace("Pack.zip", name)
            path = tmp_path / name
            journal.archives.note(batch, path, stamp, sentence, 0.0, state="done", wholly_read=wholly_read)
        yield journal


@pytest.fixture
def service(journal, tmp_path) -> ReviewService:
    return ReviewService(parse(f'library = "{tmp_path}/library"'), journal, Corrector.__new__(Corrector))


def test_the_archives_that_are_there_are_listed_with_the_reason(service):
    (archive,) = service.projects(ViewQuery("projects"))
    row = service.row(archive)

    assert (row["name"], row["kind"], row["reason"]) == ("Pack.zip", "archive", SENTENCE.rstrip("."))
    assert service.counts(ViewQuery())["projects"] == 1
    assert service.counts(ViewQuery())["recent"] == 0


@pytest.mark.parametrize(("words", "found"), [("pack damaged", 1), ("snare", 0)])
def test_they_are_found_by_their_words(service, words, found):
    assert len(service.projects(ViewQuery("projects", text=words))) == found


def test_an_archive_takes_no_label(service):
    (archive,) = service.projects(ViewQuery("projects"))

    (result,) = service.confirm([archive], "kick")

    assert result.error == "Pack.zip is an archive: it has no label, and cannot be put back."


def test_the_terminal_shows_the_sentence_and_what_can_be_done(service):
    (archive,) = service.projects(ViewQuery("projects"))

    shown = project_panel(service.row(archive), 1).plain

    assert shown.startswith("Not wholly read\n")
    assert SENTENCE in shown
    assert "tried again" in shown
