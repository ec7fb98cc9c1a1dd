"""Which model is in force, and what becomes of the ones that no longer fit."""

from __future__ import annotations

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


@pytest.mark.parametrize("name", ["../../journal", "my2-0000000g", ""])
def test_a_choice_that_is_no_models_name_chooses_nothing(state, name):
    model_store.user_models()
    (state / "models/in-force").write_text(name)

    assert model_store.in_force().is_shipped


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
