"""What `drumwatch journal repair` says of its result."""

from __future__ import annotations

from pathlib import Path

from drumwatch.commands.journal import _in_words
from drumwatch.journal.backup import Backup
from drumwatch.journal.repair import Repaired

JOURNAL = Path("/state/journal.db")
BACKUP = Backup(Path("/state/backups/journal-2026-11-29.db"), 0.0, "2026-11-29", 1)
ALL_SAVED = Repaired(
    kept=Path("/state/journal damaged 2026-11-30 11.30.03.db"),
    entries=1204,
    entries_from_backup=0,
    lost_entries=(),
    open_end=False,
    labels=3,
    lost_labels=0,
    watches_forgotten=False,
    backup=BACKUP,
    backup_of_other_journal=False,
)


def in_words(**changes):
    return list(_in_words(ALL_SAVED._replace(**changes), JOURNAL))


def test_where_nothing_is_lost_it_says_so_and_where_the_old_journal_is():
    assert in_words() == [
        "1,204 entries saved.",
        "The journal as it was is kept: /state/journal damaged 2026-11-30 11.30.03.db",
        "The new one is in place and was checked: /state/journal.db. Start the daemon again if you had stopped it.",
    ]


def test_what_is_lost_is_counted_and_named():
    sentences = in_words(
        entries_from_backup=17, lost_entries=(range(801, 830), range(1000, 1001)), lost_labels=2
    )

    assert sentences[0] == "1,204 entries of at most 1,234 saved, 17 of them from the backup."
    assert sentences[1].startswith("Lost: entries 801-829, 1000. ")
    assert sentences[2] == "3 labels of yours saved, at most 2 lost."


def test_one_lost_entry_is_one():
    assert in_words(lost_entries=(range(7, 8),))[1].startswith("Lost: entry 7. ")


def test_many_lost_ranges_are_not_all_named():
    (_, lost, *_) = in_words(lost_entries=tuple(range(n, n + 1) for n in range(1, 99, 2)))

    assert "1, 3, 5, 7, 9, 11, 13, 15, 17, 19 and 39 more ranges" in lost


def test_a_journal_of_which_nothing_could_be_read_is_called_that():
    sentences = in_words(entries=0, open_end=True, backup=None, watches_forgotten=True)

    assert sentences[0] == "0 entries saved."
    assert "Nothing in it could be read as a journal" in sentences[1]
    assert "counts as old and is left alone" in sentences[2]
    assert sentences[3] == "There was no backup to take missing rows from."
