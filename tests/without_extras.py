"""Python as it is where an extra of drumwatch is not installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def without_av(folder: Path) -> Path:
    """A folder for PYTHONPATH in front of all others: with it, a process finds no PyAV."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import sys\n\nsys.modules['av'] = None\n")
    return folder
