import os
import socket
import tempfile

import pytest

from drumwatch.system.sd_notify import SdNotifier


@pytest.fixture
def manager():
    # The path of a socket may have 104 bytes on macOS, which is less than a folder for a test has there
    with (
        tempfile.TemporaryDirectory(dir="/tmp") as folder,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening,
    ):
        path = f"{folder}/notify"
        listening.bind(path)
        listening.settimeout(2)
        yield listening, {"NOTIFY_SOCKET": path}


def test_a_service_manager_receives_what_the_daemon_sends(manager):
    listening, environ = manager
    notifier = SdNotifier(environ)

    notifier.ready("Watching 2 folders")
    assert listening.recv(1000).decode().splitlines()[:2] == ["READY=1", "STATUS=Watching 2 folders"]
    notifier.reloading()
    assert listening.recv(1000).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
    notifier.beat()
    assert listening.recv(1000) == b"WATCHDOG=1"
    notifier.stopping()
    assert listening.recv(1000).startswith(b"STOPPING=1")


def test_nobody_who_asked_gets_no_message_and_costs_no_wakeups():
    notifier = SdNotifier({})

    notifier.ready("Watching")

    assert notifier.beat_every is None


def test_the_watchdog_is_fed_twice_as_often_as_it_asks(manager):
    _, environ = manager

    assert SdNotifier({**environ, "WATCHDOG_USEC": "60000000"}).beat_every == 30.0
    assert (
        SdNotifier({**environ, "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid() + 1)}).beat_every
        is None
    )


def test_a_manager_that_has_gone_is_no_error(tmp_path):
    SdNotifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready("Watching")
