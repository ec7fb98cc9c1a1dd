"""Which model is in force, and what becomes of the ones that no longer fit."""

from __future__ import annotations

import json

import pytest

from drumwatch.core.errors import UsageError
from drumwatch.workers import model_store


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path))
    return tmp_path


def user_model(number: int, parent: str = "") -> model_store.StoredModel:
    card = {
        "id": f"my2-{number:08x}",
        "parent": parent or model_store.shipped().id,
        "made": f"2026-01-{number:02}",
    }
    return model_store.keep(b"arrays", {**card, "risk": {}})


def test_without_a_choice_the_shipped_model_is_in_force():
    assert model_store.in_force() == model_store.shipped()
    assert model_store.in_force().file == ""


def test_a_chosen_model_is_in_force_until_another_is_and_workers_get_its_path(state):
    own = user_model(1)
    model_store.use(own)
    assert model_store.in_force().file == str(state / "models/my2-00000001.npz")

    model_store.use(model_store.shipped())
    assert model_store.in_force().is_shipped


def test_a_model_of_an_earlier_drumwatch_steps_back_and_the_reason_is_reported(state):
    old = user_model(1, parent="dw1-00000000")
    with pytest.raises(UsageError, match="train again"):
        model_store.use(old)
    (state / "models/in-force").write_text(old.id)

    assert model_store.in_force().is_shipped
    assert "train again" in model_store.in_force().refused


@pytest.mark.parametrize("content", [b"../../journal", b"my2-0000000g", b"", b"\xff\xfe\x00", b"\0" * 4096])
def test_a_choice_that_is_no_models_name_chooses_nothing(state, content):
    (state / "models").mkdir()
    (state / "models/in-force").write_bytes(content)

    chosen = model_store.in_force()

    assert chosen.is_shipped
    assert ("does not name a model: choose the one to use" in chosen.refused) == bool(content)


def test_a_choice_that_cannot_be_read_is_told_and_replaced_by_another_one(state):
    (state / "models/in-force").mkdir(parents=True)

    assert "names the model in force, cannot be read: choose the one to use" in model_store.in_force().refused

    (state / "models/in-force").rmdir()
    model_store.use(own := user_model(1))
    assert model_store.in_force().id == own.id


@pytest.mark.parametrize("risk", ["rubbish", {"kick": 1}, {"kick": [[0.5]]}, [1]], ids=str)
def test_a_card_with_rubbish_in_it_is_no_card_of_a_model(risk):
    own = user_model(1)
    model_store.use(own)
    own.path.write_text(json.dumps({**own.card, "risk": risk}))

    assert model_store.in_force().is_shipped
    assert "is not the card of a model" in model_store.in_force().refused


def test_reading_makes_no_folder(state):
    model_store.in_force()

    assert list(state.iterdir()) == []


def test_the_oldest_models_are_removed_but_never_the_one_in_force():
    model_store.use(user_model(1))
    for number in range(2, 14):
        user_model(number)

    assert [model.id[-2:] for model in model_store.user_models()] == [
        "01",
        *(f"{n:02x}" for n in range(4, 14)),
    ]


def test_the_beginning_of_an_id_is_enough_if_it_is_the_only_one():
    user_model(0xA0000001), user_model(0xB0000001)

    assert model_store.find("my2-a").id == "my2-a0000001"
    with pytest.raises(UsageError, match="Several models begin"):
        model_store.find("my2")
    with pytest.raises(UsageError, match="There is no model"):
        model_store.find("mine")


def test_a_model_whose_id_would_leave_the_folder_is_not_kept(state):
    with pytest.raises(UsageError, match="is not the id of a model"):
        model_store.keep(b"", {"id": "../../evil"})

    assert not (state.parent / "evil.json").exists()
