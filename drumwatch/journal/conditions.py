"""SQL conditions on entries that several parts of the journal use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.records import FILING, HOLDING_SOUND

if TYPE_CHECKING:
    from collections.abc import Iterable


def _in_sql(kinds: Iterable[str]) -> str:
    return f"({', '.join(repr(kind) for kind in kinds)})"


# The kinds of actions that put a file or a link into the library.
IN_LIBRARY = _in_sql(FILING)

# Entry.location and Entry.result_path of an entry that is done.
LOCATION = f"CASE WHEN entry.action IN {_in_sql(HOLDING_SOUND)} THEN entry.destination ELSE entry.source END"
RESULT_PATH = f"CASE WHEN entry.action IN {_in_sql(FILING)} THEN coalesce(entry.destination, entry.source) ELSE entry.source END"

# An entry that has put a file or a link into the library.
PUT_A_FILE = f"state = 'done' AND undoes IS NULL AND action IN {_in_sql(FILING)}"

# An entry that put a filed sound into a kit as well, and after which the sound is where it was.
ABOUT_KIT = "(entry.rule = 'kit' AND entry.verdict IS NULL)"
NOT_INTO_A_KIT = "NOT (later.rule = 'kit' AND later.verdict IS NULL)"

# The latest valid entry of each sound: not undone, and no later entry continues from where the sound was put.
CURRENT = f"""entry.verdict IS NOT NULL AND entry.state = 'done' AND entry.undoes IS NULL AND NOT EXISTS (
    SELECT 1 FROM entry AS later WHERE later.id > entry.id AND later.state = 'done' AND later.undoes IS NULL
    AND later.source = {LOCATION} AND {NOT_INTO_A_KIT})"""

# Entries that wait for the user's review; the label that a person gives a sound in a wrong folder may leave it there.
TO_REVIEW = f"entry.rule IN ('unsure', 'wrong folder') AND {CURRENT}"

# Sounds whose label the user gave or approved, and did not undo since.
CONFIRMED = """EXISTS (SELECT 1 FROM confirmed LEFT JOIN entry AS corrected ON corrected.id = confirmed.entry
    WHERE confirmed.content_hash = entry.content_hash AND coalesce(corrected.state, 'done') != 'undone')"""

# Sounds that the user has starred.
STARRED = "entry.content_hash IN (SELECT starred.content_hash FROM starred)"

# An entry by which the user gave a sound its label, whether or not that moved the file.
CORRECTION = "entry.id IN (SELECT confirmed.entry FROM confirmed WHERE confirmed.entry IS NOT NULL)"

# An entry about a project; an entry by a user's rule of the same name has a verdict.
ABOUT_PROJECT = "(entry.rule = 'project' AND entry.verdict IS NULL)"

# The latest entry of each project, if it says that the project was left whole.
LEFT_WHOLE = f"""{ABOUT_PROJECT} AND entry.state = 'done' AND NOT EXISTS (
    SELECT 1 FROM entry AS later WHERE later.source = entry.source AND later.id > entry.id
    AND later.rule = 'project' AND later.verdict IS NULL)"""

# An entry about what became of an archive as a whole.
ABOUT_ARCHIVE = "(entry.rule IN ('archive', 'archive not wholly read') AND entry.verdict IS NULL)"

# The latest entry of each archive, if it says that the archive could not be read, or not wholly.
UNREAD = f"""{ABOUT_ARCHIVE} AND entry.rule != 'archive' AND NOT EXISTS (
    SELECT 1 FROM entry AS later WHERE later.source = entry.source AND later.id > entry.id
    AND later.rule IN ('archive', 'archive not wholly read') AND later.verdict IS NULL)"""

# An entry about a file that was put into the library with its pack, which is kept whole there.
KEPT = """(entry.rule = 'kept whole' AND entry.verdict IS NULL AND entry.undoes IS NULL AND entry.destination IS NOT NULL
    AND entry.action != 'leave')"""
