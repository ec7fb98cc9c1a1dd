"""A user's model as one file that another machine can take in: no audio, and checked like any stranger's file."""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from drumwatch.core.errors import DrumwatchError, UsageError
from drumwatch.learning.retrain import Figures  # noqa: TC001  msgspec reads the annotations at run time
from drumwatch.workers import model_store
from drumwatch.workers.jobs import answer
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import CheckModel, Failed

if TYPE_CHECKING:
    from drumwatch.workers.model_store import StoredModel

ARRAYS, CARD = "model.npz", "model.json"
MOST_BYTES = {ARRAYS: 100_000_000, CARD: 1_000_000}


class TrainedOn(msgspec.Struct):
    sounds: int
    packs: int
    labels: dict[str, int]


class Card(msgspec.Struct):
    """What is read of a card outside of the worker, which checks the rest."""

    id: str
    parent: str
    made: str
    own: list[str]
    trained_on: TrainedOn
    figures: Figures
    risk: dict[str, list[tuple[float, float]]]


def export(model: StoredModel, file: Path) -> None:
    """A new file with the model and its card; one that is there already stays."""
    if model.is_shipped:
        raise UsageError(
            f"{model.id} is shipped with drumwatch: there is nothing of yours in it to give away."
        )
    try:
        with zipfile.ZipFile(file, "x") as packed:
            packed.write(model.path.with_suffix(".npz"), ARRAYS)
            packed.write(model.path, CARD, zipfile.ZIP_DEFLATED)
    except FileExistsError:
        raise UsageError(f"{file} is there already: choose another name.") from None
    except OSError as exc:
        raise DrumwatchError(f"{file} could not be written: {exc.strerror or exc}.") from exc


def take_in(file: Path) -> StoredModel:
    """The model in the file, once a worker has found it whole; otherwise nothing was taken in, and the reason is raised."""
    npz, text = _members(file)
    card = _card(text, file)
    with tempfile.TemporaryDirectory() as folder, LocalWorkers(limit=1) as workers:
        path = Path(folder) / ARRAYS
        path.write_bytes(npz)
        path.with_name(CARD).write_bytes(text)
        checked = workers.submit(answer, CheckModel(str(path))).result()
    if isinstance(checked, Failed):
        raise UsageError(f"{file} was not taken in. {checked.message.replace(str(path), file.name)}")
    return model_store.keep(npz, {**card, "risk": {**card["risk"], **model_store.shipped().card["risk"]}})


def _card(text: bytes, file: Path) -> dict[str, Any]:
    """The card, if it tells what every card of ours does; how sure is sure enough for our labels, no stranger decides."""
    try:
        msgspec.json.decode(text, type=Card)
        card: dict[str, Any] = json.loads(text)
    except ValueError as exc:
        raise UsageError(f"{file} is no model of drumwatch's ({exc}): nothing was taken in.") from exc
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
        raise UsageError(f"{file} is no model of drumwatch's ({exc}): nothing was taken in.") from exc


def _read(packed: zipfile.ZipFile, name: str) -> bytes:
    if packed.getinfo(name).file_size > MOST_BYTES[name]:
        raise ValueError(f"{name} in it is larger than any model's")
    return packed.read(name)
