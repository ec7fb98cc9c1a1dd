"""`drumwatch model`: lists and shows models, chooses the one in force, and exports and imports models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from drumwatch.core.formatting import printable, share
from drumwatch.learning import model_exchange
from drumwatch.learning.retrain import describe_figures, figures_of, why_worse
from drumwatch.workers import model_store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from drumwatch.workers.model_store import StoredModel


def show_all(*, as_json: bool) -> None:
    """Print the shipped model and the user's own; the one in force is marked."""
    now = model_store.in_force()
    for model in (model_store.shipped(), *model_store.user_models()):
        in_force = model.id == now.id
        click.echo(
            json.dumps({**_record(model), "in_force": in_force})
            if as_json
            else _line(model, in_force=in_force)
        )
    if now.refused:
        click.echo(printable(now.refused), err=True)


def show(name: str, *, as_json: bool) -> None:
    """Print one model; without a name, the one in force."""
    model = model_store.find(name) if name else model_store.in_force()
    click.echo(json.dumps(_record(model)) if as_json else "\n".join(_as_text(model)))


def use(name: str) -> None:
    """Put a model in force."""
    model = model_store.find(name)
    model_store.use(model)
    click.echo(f"{model.id} is in force from now on; a running drumwatch uses it from the next sound on.")


def export(file: Path, name: str) -> None:
    """Write a model into a new file; without a name, the one in force."""
    model = model_store.find(name) if name else model_store.in_force()
    model_exchange.export(model, file)
    click.echo(f"{model.id} is in {file}: numbers, no sound and no name of a file.", err=True)


def import_file(file: Path) -> None:
    """Check and keep a model that `export` has written; it is not put in force."""
    model = model_exchange.import_model(file)
    click.echo(
        f"{model.id} has been imported, and is not used yet: `drumwatch model use {model.id}` does that."
    )


def _record(model: StoredModel) -> dict[str, object]:
    card = model.card
    keys = ("id", "parent", "made", "own", "trained_on", "figures")
    return {key: card[key] for key in keys if key in card}


def _line(model: StoredModel, *, in_force: bool) -> str:
    star = "*" if in_force else " "
    if model.is_shipped:
        return f"{star} {model.id:<14} shipped"
    trained_on = model.card["trained_on"]
    own = f", knows {', '.join(map(printable, model.card['own']))}" if model.card["own"] else ""
    is_worse = ", worse than before" if why_worse(figures_of(model.card)) else ""
    made = printable(str(model.card["made"])[:16].replace("T", " "))
    return f"{star} {model.id:<14} {made}  {trained_on['sounds']} sounds of yours{own}{is_worse}"


def _as_text(model: StoredModel) -> list[str]:
    if model.is_shipped:
        return [
            f"{model.id}, shipped with drumwatch",
            f"  learned from {model.card['trained_on']['sounds']} sounds of {model.card['trained_on']['packs']} packs",
            *(f"  {name:<18} {share(value)}" for name, value in model.card["figures"].items()),
        ]
    trained_on = model.card["trained_on"]
    source = (
        f"  learned from {trained_on['sounds']} sounds of yours, on top of {printable(model.card['parent'])}"
    )
    return [
        f"{model.id}, made {printable(str(model.card['made']))}",
        source,
        f"  you said     {_counts(trained_on['labels'])}",
        *(f"  {sentence}" for sentence in describe_figures(figures_of(model.card))),
    ]


def _counts(kinds: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {printable(kind)}" for kind, count in kinds.items())
