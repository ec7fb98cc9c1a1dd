"""Export a user's model as one file, and import it on another machine; it holds no audio, and an imported file is untrusted."""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from drumwatch.core.errors import DrumwatchError, UsageError
from drumwatch.core.os_reasons import reason
from drumwatch.filing.confidence import CARD_NAMES
from drumwatch.learning.retrain import Card
from drumwatch.workers import model_store
from drumwatch.workers.jobs import answer
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import CheckModel, Failed

if TYPE_CHECKING:
    from drumwatch.workers.model_store import StoredModel

ARRAYS, CARD = "model.npz", "model.json"
MOST_BYTES = {ARRAYS: 100_000_000, CARD: 1_000_000}


def export(model: StoredModel, file: Path) -> None:
    """Write the model and its card to a new file.

    Raises UsageError for the shipped model or an existing file, and DrumwatchError if the file cannot be written.
    """
    if model.is_shipped:
        raise UsageError(f"{model.id} is shipped with drumwatch: it holds nothing of yours to export.")
    try:
        with zipfile.ZipFile(file, "x") as packed:
            packed.write(model.path.with_suffix(".npz"), ARRAYS)
            packed.write(model.path, CARD, zipfile.ZIP_DEFLATED)
    except FileExistsError:
        raise UsageError(f"{file} is there already: choose another name.") from None
    except OSError as exc:
        raise DrumwatchError(f"{file} could not be written, because {reason(exc)}.") from exc


def import_model(file: Path) -> StoredModel:
    """Store the model in the file after a worker has validated it, and return it; raises UsageError with the reason if it is invalid."""
    npz, text = _members(file)
    card = _card(text, file)
    with tempfile.TemporaryDirectory() as folder, LocalWorkers(limit=1) as workers:
        path = Path(folder) / ARRAYS
        path.write_bytes(npz)
        path.with_name(CARD).write_bytes(text)
        checked = workers.submit(answer, CheckModel(str(path))).result()
    if isinstance(checked, Failed):
        raise UsageError(f"{file} was not imported. {checked.message.replace(str(path), file.name)}")
    # The risk of the shipped labels is never taken from an imported file
    shipped = model_store.shipped().card
    risks = {name: shipped[name] for name in CARD_NAMES.values() if name in shipped}
    return model_store.keep(npz, {**card, **risks, "risk": {**card["risk"], **shipped["risk"]}})


def _card(text: bytes, file: Path) -> dict[str, Any]:
    """Return the card if it has all fields; raises UsageError otherwise."""
    try:
        msgspec.json.decode(text, type=Card)
        card: dict[str, Any] = json.loads(text)
    except ValueError as exc:
        raise UsageError(f"{file} is no model of drumwatch: nothing was imported.") from exc
    return card


def _members(file: Path) -> tuple[bytes, bytes]:
    try:
        with zipfile.ZipFile(file) as packed:
            return _read(packed, ARRAYS), _read(packed, CARD)
    except (
        OSError,
        KeyError,
        ValueError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        zipfile.BadZipFile,
    ) as exc:
        raise UsageError(f"{file} is no model of drumwatch: nothing was imported.") from exc


def _read(packed: zipfile.ZipFile, name: str) -> bytes:
    if packed.getinfo(name).file_size > MOST_BYTES[name]:
        raise ValueError(f"{name} in it is larger than any model's")
    return packed.read(name)
