"""The `[labels]` table: the label or folder for a type, and the name of a label's folder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drumwatch.config.schema import shown
from drumwatch.config.settings import folder_of, label_for
from drumwatch.config.templates import checked_folder_path, nearest
from drumwatch.core.records import LABEL_OF_TYPE, LABELS, OWN_LABEL_PATTERN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drumwatch.config.problems import Problems

TYPES: tuple[str, ...] = tuple(LABEL_OF_TYPE)


def read_labels(table: object, problems: Problems) -> dict[str, str]:
    """Return the folder for each label or type, and note a problem for each that is unknown or cannot be a folder."""
    if not isinstance(table, dict):
        problems.add(
            ("labels",), f'labels must be a table: [labels] and below it clap = "snare"; got {shown(table)}'
        )
        return {}
    labels: dict[str, str] = {}
    for kind, folder in table.items():
        if kind not in LABELS and kind not in TYPES and not is_own_label(kind, folder):
            problems.add(("labels", kind), unknown_kind(kind, (*LABELS, *TYPES), "label or type"))
        elif not isinstance(folder, str):
            problems.add(("labels", kind), f"{kind} must be a folder's name in quotes; got {shown(folder)}")
        elif problems.checked(("labels", kind), checked_folder_path, folder) is not None:
            labels[kind] = folder
    _check_letter_case(labels, problems)
    return labels


def is_own_label(kind: str, folder: object) -> bool:
    """Return whether this key is a label of the user's own whose folder lies deeper in the library: its folder has its name.

    So a typing error is no label: `"Foley hits" = "FX/Foley hits"` is one, `klap = "snare"` is not.
    """
    return (
        isinstance(folder, str)
        and re.fullmatch(OWN_LABEL_PATTERN, kind) is not None
        and folder.endswith(f"/{kind}")
    )


def unknown_kind(name: str, known: tuple[str, ...], what: str) -> str:
    """Return the sentence about an unknown label or type."""
    all_of_them = f"; there are {', '.join(dict.fromkeys(known))}"
    return f"{shown(name)} is no {what}{nearest(name, known) or all_of_them}"


def label_folders(labels: Mapping[str, str]) -> tuple[str, ...]:
    """Return all names of folders in a library: the labels, their renamed folders, and the user's own."""
    own = (kind for kind in labels if kind not in LABELS and kind not in TYPES)
    return tuple(dict.fromkeys((*LABELS, *labels.values(), *own)))


def _check_letter_case(labels: Mapping[str, str], problems: Problems) -> None:
    """Note a problem for folders that differ only in case: `snare` and `Snare` are one folder on many disks."""
    folders = {folder_of(label_for(kind, labels), labels) for kind in (*LABELS, *TYPES)}
    for kind, folder in labels.items():
        for other in sorted(folders - {folder}):
            if other.casefold() == folder.casefold():
                problems.add(
                    ("labels", kind),
                    f'{kind} = "{folder}" and the folder "{other}" are one on many disks; did you mean {other}?',
                )
