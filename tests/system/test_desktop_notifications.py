"""Notifications through a real session bus and the desktop's own tool, to a server of the test."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    not shutil.which("dbus-daemon") or not shutil.which("notify-send"),
    reason="no session bus or no notify-send here",
)


@pytest.fixture
def shown(harness, tmp_path):
    """The file in which every notification is a line."""
    environ = harness.environment
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address"], stdout=subprocess.PIPE, text=True
    )
    environ["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
    lines = tmp_path / "shown"
    desktop = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("notification_server.py"), lines],
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert desktop.stdout.readline() == "ready\n"
    yield lines
    for process in (desktop, bus):
        process.kill()
        process.wait()
        process.stdout.close()


def test_sounds_that_trickle_in_are_reported_in_one_notification(harness, shown):
    harness.configure(notify=True, quiet=0.4)
    harness.start()

    for number in (1, 2):
        harness.drop(f"kick {number}.wav", hz=45 + number)
        harness.wait_for(number)
    harness.wait_until(shown.exists, "a word on the desktop")

    assert shown.read_text("utf-8") == "drumwatch | drumwatch | 2 filed\n"


def test_a_pack_is_recognised_by_its_name_which_is_plain_text(harness, shown):
    harness.configure(notify=True)
    harness.start()

    for number in range(3):
        harness.drop(f"Vendor - Kicks <b> & More/kick {number}.wav", hz=45 + number)
    harness.wait_until(shown.exists, "a word on the desktop")

    assert "Vendor - Kicks &lt;b&gt; &amp; More: " in shown.read_text("utf-8")


def test_whoever_did_not_ask_for_it_gets_no_notification(harness, shown):
    harness.start()
    harness.drop_many(2)
    harness.wait_for(2)
    harness.stop()

    assert not shown.exists()
