"""The service where systemd does not answer as usual, with a `systemctl` that says what systemd says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from drumwatch.service.manager import ServiceTrouble
from drumwatch.service.systemd import Systemd

if TYPE_CHECKING:
    from pathlib import Path

NO_BUS = [
    "Failed to connect to bus: No medium found",
    "Failed to connect to user scope bus via local transport: $DBUS_SESSION_BUS_ADDRESS and $XDG_RUNTIME_DIR not defined",
    "Failed to get D-Bus connection: Operation not permitted",
]


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Let `systemctl` fail with this text and code from now on."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    def answers(text: str, code: int) -> None:
        script = tmp_path / "systemctl"
        script.write_text(f"#!/bin/sh\necho '{text}' >&2\nexit {code}\n")
        script.chmod(0o755)

    return answers


@pytest.mark.parametrize("said", NO_BUS, ids=["no medium", "user scope", "old"])
@pytest.mark.parametrize(
    "ask", [Systemd.status, lambda service: service.control("start")], ids=["status", "start"]
)
def test_a_session_without_a_bus_is_explained(systemctl, said, ask):
    systemctl(said, 1)

    with pytest.raises(ServiceTrouble, match="no user bus") as caught:
        ask(Systemd())

    assert "`drumwatch status` says whether drumwatch runs" in str(caught.value)
    assert "Failed" not in str(caught.value)


def test_a_service_that_is_not_installed_is_said_to_be(systemctl):
    systemctl("Unit drumwatch.service could not be found.", 4)

    assert Systemd().status() == (
        "The service is not installed: `drumwatch service install` installs and starts it."
    )


@pytest.mark.parametrize("said", ["Unit drumwatch.service not found.", "Unit drumwatch.service not loaded."])
def test_one_that_is_not_installed_is_not_started(systemctl, said):
    systemctl(f"Failed to start drumwatch.service: {said}", 5)

    with pytest.raises(ServiceTrouble, match="is not installed: `drumwatch service install`"):
        Systemd().control("start")


def test_a_service_that_has_failed_is_shown_as_systemd_shows_it(systemctl):
    systemctl("drumwatch.service - drumwatch\n  Active: failed", 3)

    assert "Active: failed" in Systemd().status()
