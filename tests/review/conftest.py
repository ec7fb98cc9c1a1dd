from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "system"))
from studio import Studio, command


class Page:
    """A studio with some sounds in it, the real `drumwatch review`, and its address."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.process = subprocess.Popen(
            command("review", "--no-open"),
            env={**studio.environment, "XDG_CACHE_HOME": str(studio.state / "cache")},
            cwd=studio.program,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().strip()
        self.root, self.token = self.url.split("/?token=")

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture
def studio(tmp_path):
    studio = Studio(tmp_path)
    yield studio
    studio.close()


@pytest.fixture
def unsure_page(studio):
    """Three kicks that drumwatch was told never to be sure of."""
    studio.configure(max_wrong=0)
    studio.say("run", "--once")
    for number, name in enumerate(["one.wav", "two.wav", '<img src=x onerror="document.title=1">.wav']):
        studio.drop(name, hz=50 + 5 * number)
    studio.say("run", "--once")
    page = Page(studio)
    yield page
    page.close()
