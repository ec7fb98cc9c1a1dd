"""The models on this machine, and which one is in force: the shipped one, or one that was trained here. Reads only their cards."""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from drumwatch.core.errors import DrumwatchError, UsageError
from drumwatch.core.formatting import printable
from drumwatch.system import app_paths
from drumwatch.system.state_errors import translated

if TYPE_CHECKING:
    from collections.abc import Mapping

SHIPPED = "shipped"
SHIPPED_CARD = Path(__file__).parents[1] / "analysis" / "model" / "shipped" / "model.json"
ID = re.compile(r"[a-z0-9]{2,8}-[0-9a-f]{8}")
_CHOOSE = "choose the one to use with `drumwatch model use`."
KEPT = 10  # models of the user: the one in force and the newest


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model by its card."""

    path: Path  # of the card
    card: Mapping[str, Any]
    refused: str = ""  # why this model is used instead of the one that was chosen

    @property
    def id(self) -> str:
        """The id in the card."""
        return str(self.card["id"])

    @property
    def file(self) -> str:
        """The `model` in a request to a worker; empty for the shipped model, which each worker has."""
        return "" if self.is_shipped else str(self.path.with_suffix(".npz"))

    @property
    def is_shipped(self) -> bool:
        """Whether it is the shipped model."""
        return "parent" not in self.card


def shipped() -> StoredModel:
    """Return the shipped model; raises DrumwatchError if its card cannot be read."""
    return StoredModel(SHIPPED_CARD, read_card(SHIPPED_CARD))


def user_models() -> list[StoredModel]:
    """Return the user's models, the oldest first; those without a readable card are skipped."""
    found = []
    with translated(_folder(), "drumwatch's folder"):
        cards = list(_folder().glob("*.json"))
    for path in cards:
        with contextlib.suppress(DrumwatchError):
            found.append(StoredModel(path, read_card(path)))
    return sorted(found, key=lambda one: (str(one.card.get("made", "")), one.id))


def find(name: str) -> StoredModel:
    """Return the model with this id, or with the only id that begins so; raises UsageError if there is none."""
    ship = shipped()
    if name in (SHIPPED, ship.id):
        return ship
    found = [one for one in user_models() if name and one.id.startswith(name)]
    if len(found) != 1:
        why = "Several models begin with" if found else "There is no model"
        raise UsageError(f'{why} "{printable(name)}": `drumwatch model list` shows them.')
    return found[0]


def in_force() -> StoredModel:
    """Return the model that was chosen last; the shipped one if none was chosen, or if it does not fit this version."""
    ship = shipped()
    name, problem = _chosen()
    if name == SHIPPED:
        return StoredModel(ship.path, ship.card, problem and f"{problem} Until then {ship.id} is in force.")
    path = _folder() / f"{name}.json"
    try:
        chosen = StoredModel(path, read_card(path))
    except DrumwatchError as exc:
        return StoredModel(ship.path, ship.card, f"{exc} Until then {ship.id} is in force.")
    if chosen.card.get("parent") != ship.id or not path.with_suffix(".npz").exists():
        why = f"The model {name} was trained for another model than {ship.id}, which is in force: train again, which takes seconds."
        return StoredModel(ship.path, ship.card, why)
    return chosen


def chosen_name() -> str:
    """Return the name that was chosen, whether or not there is such a model."""
    return _chosen()[0]


def _chosen() -> tuple[str, str]:
    """Return the name that was chosen, and what is wrong with the file that holds it, or an empty string."""
    path = _choice()
    try:
        name = path.read_bytes().decode("utf-8", "replace").strip()
    except FileNotFoundError:
        return SHIPPED, ""
    except OSError:
        return SHIPPED, f"The file {path}, which names the model in force, cannot be read: {_CHOOSE}"
    if name in ("", SHIPPED):
        return SHIPPED, ""
    if not ID.fullmatch(name):
        return SHIPPED, f"The file {path} does not name a model: {_CHOOSE}"
    return name, ""


def choice_mtime() -> int:
    """Return a number that changes whenever another model is chosen."""
    with contextlib.suppress(OSError):
        return _choice().stat().st_mtime_ns
    return 0


def use(model: StoredModel) -> None:
    """Put a model in force, also for a running daemon; raises UsageError if it does not fit this version."""
    ship = shipped()
    if not model.is_shipped and model.card["parent"] != ship.id:
        raise UsageError(
            f"{model.id} was trained for {model.card['parent']}, and this version has {ship.id}: train again, which takes seconds."
        )
    app_paths.write_atomically(
        _made_folder() / _choice().name, b"" if model.is_shipped else model.id.encode()
    )


def keep(npz: bytes, card: Mapping[str, Any]) -> StoredModel:
    """Store a model beside the others, and remove the oldest ones; raises UsageError for an invalid id."""
    if not ID.fullmatch(str(card["id"])):
        raise UsageError(f'"{printable(str(card["id"])[:40])}" is not the id of a model: nothing was stored.')
    path = _made_folder() / f"{card['id']}.json"
    app_paths.write_atomically(path.with_suffix(".npz"), npz)
    app_paths.write_atomically(path, json.dumps(dict(card), indent=1).encode())
    kept = StoredModel(path, card)
    _remove_oldest(kept)
    return kept


def read_card(path: Path) -> dict[str, Any]:
    """Return the card, which is plain JSON; raises DrumwatchError if it cannot be read."""
    try:
        card = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as exc:
        advice = (
            "please reinstall drumwatch"
            if path.parent == SHIPPED_CARD.parent
            else "train again, or `drumwatch model use shipped`"
        )
        raise DrumwatchError(f"The model's card {path} cannot be read: {advice}.") from exc
    if not isinstance(card, dict) or "id" not in card or not _has_risk_curves(card):
        raise DrumwatchError(
            f"{path} is not the card of a model: train again, or `drumwatch model use shipped`."
        )
    return card


def _has_risk_curves(card: Mapping[str, Any]) -> bool:
    """Return whether the card's `risk` is what `RiskCurve` reads."""
    try:
        msgspec.convert(card.get("risk", {}), dict[str, list[tuple[float, float]]])
    except msgspec.ValidationError:
        return False
    return True


def _remove_oldest(newest: StoredModel) -> None:
    stay = {newest.id, chosen_name()}
    for old in user_models()[:-KEPT]:
        if old.id not in stay:
            for path in (old.path, old.path.with_suffix(".npz")):
                path.unlink(missing_ok=True)


def _folder() -> Path:
    return app_paths.state_folder() / "models"


def _made_folder() -> Path:
    folder = _folder()
    with translated(folder, "drumwatch's folder"):
        folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def _choice() -> Path:
    return _folder() / "in-force"
