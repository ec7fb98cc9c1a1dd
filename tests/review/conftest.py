"""One daemon harness, one page and one browser for all tests of the page: the confirmations of a test are undone after it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from sounds import HOSTILE

sys.path.insert(0, str(Path(__file__).parents[1] / "system"))
from daemon_harness import DaemonHarness, command

from drumwatch.core.entry_detail import EntryDetail
from drumwatch.journal import Journal

# By their names on Linux, and by their places on macOS
BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome"),
    *(
        f"{applications}/{name}.app/Contents/MacOS/{name}"
        for applications in ("/Applications", os.path.expanduser("~/Applications"))
        for name in ("Google Chrome", "Google Chrome for Testing", "Chromium")
    ),
)
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
QUIETLY = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


class Page:
    """The real `drumwatch review` of a daemon harness, and its address."""

    def __init__(self, harness: DaemonHarness, browser: str = "") -> None:
        self.harness = harness
        self.process = subprocess.Popen(
            command("review") if browser else command("review", "--no-open"),
            env={**harness.environment, "BROWSER": browser},
            cwd=harness.program,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().strip()
        self.root = self.url.split("/?token=")[0]
        self.port = int(self.root.rsplit(":", 1)[1])
        self.cookie = ""

    def login(self) -> Page:
        """Use up the token of the printed address, and keep the cookie."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", self.url.removeprefix(self.root))
        self.cookie = connection.getresponse().headers["Set-Cookie"].split(";")[0]
        connection.close()
        return self

    def ask(self, path: str, body: dict | None = None) -> dict:
        """What the page itself would get."""
        headers = {
            "Cookie": self.cookie,
            "Content-Type": "application/json",
            "Origin": self.root,
        }
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(
            urllib.request.Request(self.root + path, data, headers), timeout=30
        ) as answer:
            return json.load(answer)

    def rows(self, **wanted: str) -> list[dict]:
        ids = self.ask("/api/numbers?" + "&".join(f"{key}={value}" for key, value in wanted.items()))["ids"]
        return self.ask(f"/api/sounds?ids={','.join(map(str, ids))}")["rows"] if ids else []

    def tidy(self) -> None:
        """Undo all confirmations."""
        while result := [row["id"] for row in self.rows(view="recent") if row["confirmed"]]:
            self.ask("/api/undo", {"ids": result})

    def sort_again(self, pack: str) -> None:
        """A pack that was undone is filed as it was at first."""
        self.harness.configure(max_wrong=1)
        self.harness.run("sort", str(self.harness.intake / pack))
        self.harness.configure(max_wrong=0)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


def leave_whole(harness: DaemonHarness, name: str, what: str, marker: str, sounds: int) -> Path:
    """A project was found here and left whole, as the journal records it."""
    root = harness.config.parent / name
    root.mkdir(parents=True)
    detail = EntryDetail(
        project_kind="song",
        project_name=what,
        marker=root / marker,
        sounds=sounds,
    )
    reason = (
        f"{root.name} is {what} ({Path(marker).name}): left whole, {sounds} sound{'s' * (sounds != 1)} in it"
    )
    with Journal(harness.state / "journal.db") as journal:
        batch = journal.batches.new(root.parent, "", time.time())
        journal.projects.note(batch, root, reason, detail, time.time())
    return root


@pytest.fixture(scope="package")
def page(tmp_path_factory):
    """Three single kicks that were left as unsure, one of them named by an enemy; two kits that were filed, one with a clash.

    Three projects were left whole, one of which was deleted since.
    """
    harness = DaemonHarness(tmp_path_factory.mktemp("review"))
    harness.environment["XDG_CACHE_HOME"] = str(harness.state / "cache")
    harness.run("run", "--once")
    for number, name in enumerate(
        ["acme/Snare 01.wav", "acme/kick b.wav", "acme/kick c.wav", "spare/x.wav", "spare/y.wav"]
    ):
        harness.drop(name, hz=70 + 4 * number)
    harness.run("run", "--once")
    harness.configure(max_wrong=0)
    for number, name in enumerate(["one.wav", "two.wav", HOSTILE]):
        harness.drop(name, hz=50 + 5 * number)
    harness.run("run", "--once")
    leave_whole(harness, "Downloads/Song Project", "an Ableton Live project", "Ableton Project Info", 14)
    leave_whole(harness, "Downloads/Oak Kit", "a sampled instrument (SFZ)", "Programs/oak.sfz", 1)
    leave_whole(harness, "Downloads/gone", "a git checkout", ".git", 3).rmdir()
    page = Page(harness).login()
    yield page
    page.close()
    harness.close()


@pytest.fixture
def page_opened_by(page):
    """Starts a second `drumwatch review` that opens its address by this command."""
    with contextlib.ExitStack() as started:

        def start(browser: str) -> Page:
            second = Page(page.harness, browser)
            started.callback(second.close)
            return second

        yield start


@pytest.fixture
def page_of():
    """Starts `drumwatch review` of another harness, and logs in."""
    with contextlib.ExitStack() as started:

        def start(harness: DaemonHarness) -> Page:
            other = Page(harness).login()
            started.callback(other.close)
            return other

        yield start


@pytest.fixture
def new_page(page):
    """A second `drumwatch review` of the same journal, whose address nobody has opened."""
    new_page = Page(page.harness)
    yield new_page
    new_page.close()


@pytest.fixture(scope="package")
def browser():
    if CHROMIUM is None:
        if os.environ.get("NEEDS_BROWSER"):
            pytest.fail(f"none of these is on this machine: {', '.join(BROWSERS)}")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def window(browser, page):
    """One tab for all tests: a new one would cost each of them a second. `complaints` is what it has complained of."""
    context = browser.new_context()
    window = context.new_page()
    window.set_default_timeout(15_000)
    window.complaints = []
    window.on("console", lambda message: message.type == "error" and window.complaints.append(message.text))
    window.on("pageerror", lambda error: window.complaints.append(str(error)))
    name, value = page.cookie.split("=", 1)
    context.add_cookies([{"name": name, "value": value, "url": page.root}])
    window.goto(page.root)
    yield window
    context.close()


@pytest.fixture
def tab(window, page):
    """The page as if just opened, on what is unsure; it has complained of nothing when the test is over."""
    window.set_viewport_size({"width": 1200, "height": 760})
    window.emulate_media(color_scheme="light", reduced_motion="no-preference")
    window.evaluate("localStorage.clear()")
    window.goto(page.root)
    window.wait_for_selector(".row")
    window.complaints.clear()
    yield window
    page.tidy()
    assert window.complaints == []
