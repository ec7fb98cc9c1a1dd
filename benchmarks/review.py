"""How fast the review page is with many entries: python benchmarks/review.py [COUNT]. Needs Chromium."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from drumwatch.core.records import LABELS, FileStamp, Verdict
from drumwatch.journal import Journal, Plan

if TYPE_CHECKING:
    from playwright.sync_api import Page

KEYS_PRESSED = 100
A_PACK = 250  # sounds
ON_THE_MAP = 10_000
FRAMES = 200
STEP = """([selector, change]) => new Promise(done => { const element = document.querySelector(selector), took = [];
    let last = performance.now();
    const act = new Function("element", "at", change);
    const step = now => { took.push(now - last); last = now; act(element, took.length);
    took.length < 200 ? requestAnimationFrame(step) : done(took.sort((a, b) => a - b)); };
    requestAnimationFrame(step); })"""


PAINT = """async () => { const { SoundMap } = await import("/page/map.js"), canvas = document.getElementById("map");
    const { points } = await (await fetch("/api/map")).json(), took = [];
    const map = new SoundMap(canvas, { play() {}, changed() {}, announce() {}, trouble() {} });
    map.points = points;
    for (let at = 0; at < 41; at++) { const begun = performance.now(); map.paint();
      canvas.getContext("2d").getImageData(0, 0, 1, 1); took.push(performance.now() - begun); }
    return took.sort((a, b) => a - b); }"""


def fill(state: Path, folder: Path, count: int) -> None:
    """Entries that were left alone, in packs; the newest are small files of their own."""
    with Journal(state / "journal.db") as journal, journal.transaction():
        for number in range(count):
            label = LABELS[number % len(LABELS)]
            verdict = Verdict(
                label, label, 0.6, {label: 0.6, "tonal": 0.4}, {label: 0.6}, "other", "one-shot", 0.3
            )
            if number % A_PACK == 0:
                batch = journal.batches.new(folder, f"Pack {number // A_PACK}", float(number))
            path = folder / f"sound {number:06}.wav"
            if number >= count - 2 * KEYS_PRESSED:
                path.write_bytes(b"RIFF" + number.to_bytes(8, "little"))
            plan = Plan(
                batch, path, None, "leave", "unsure", "only 60 % sure", label, label, 0.6, verdict, f"{number:064x}",
                FileStamp(1, number, 12, 1), "done",
            )  # fmt: skip
            journal.entries.plan(plan, float(number))


def lay_out(cache: Path, count: int) -> None:
    """A map as if all of them had been analyzed: what is measured is showing it, not making it."""
    chance = random.Random(0)
    places = {
        f"{number:064x}": [chance.random(), chance.random(), [chance.gauss() for _ in range(24)]]
        for number in range(count)
    }
    (cache / "drumwatch/review").mkdir(parents=True)
    (cache / "drumwatch/review/map.json").write_text(json.dumps(places))


def frames(tab: Page, selector: str, change: str) -> str:
    took = tab.evaluate(STEP, [selector, change])
    return f"median {took[FRAMES // 2]:.1f} ms, 95 % under {took[FRAMES * 19 // 20]:.1f} ms"


def measure_list(tab: Page, url: str) -> None:
    begun = time.perf_counter()
    tab.goto(url)
    tab.wait_for_selector(".row")
    print(f"load, to the first rows: {time.perf_counter() - begun:.2f} s")
    print(f"scroll, a frame: {frames(tab, '#list', 'element.scrollTop += 400')}")
    begun = time.perf_counter()
    tab.click("[data-view=recent]")
    tab.wait_for_selector(".pack")
    print(f"all packs listed: {time.perf_counter() - begun:.2f} s")
    begun = time.perf_counter()
    tab.fill("#search", "000017")
    tab.wait_for_function("() => document.querySelectorAll('.pack').length === 1")
    print(
        f"a search through all: {time.perf_counter() - begun:.2f} s, with 0.15 s in which one may go on typing"
    )
    tab.fill("#search", "")


def measure_keys(tab: Page) -> None:
    tab.click("[data-view=unsure]")
    tab.wait_for_selector(".thumb")
    tab.wait_for_timeout(1000)
    begun = time.perf_counter()
    for number in range(KEYS_PRESSED):
        tab.keyboard.press("12345"[number % len(LABELS)])
        tab.wait_for_function(
            "at => document.getElementById('list').getAttribute('aria-activedescendant') === `row-${at}`",
            arg=number + 1,
        )
    print(
        f"by keyboard: {60 * KEYS_PRESSED / (time.perf_counter() - begun):.0f} sounds a minute, each filed before the next key"
    )


def measure_map(tab: Page, count: int) -> None:
    begun = time.perf_counter()
    tab.click("[data-view=map]")
    tab.wait_for_selector(f"#map[data-sounds='{count}']")
    print(f"a kept map of {count:,} sounds: {time.perf_counter() - begun:.2f} s")
    took = tab.evaluate(PAINT)
    print(f"painting it once: at best {took[0]:.1f} ms, median {took[20]:.1f} ms")
    wheel = "element.dispatchEvent(new WheelEvent('wheel', {deltaY: at % 40 < 20 ? -30 : 30, clientX: 400, clientY: 400}))"
    print(f"zooming it, a frame: {frames(tab, '#map', wheel)}")
    hover = "element.dispatchEvent(new PointerEvent('pointermove', {clientX: 200 + 2 * at, clientY: 400}))"
    print(f"pointing at sounds, a frame: {frames(tab, '#map', hover)}")


def with_page(count: int, measure: str) -> None:
    """The real page over so many entries."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("state", "sounds", "library"):
            (root / name).mkdir()
        (root / "config.toml").write_text(f'library = "{root / "library"}"\nmin_free = "1 MB"\n')
        fill(root / "state", root / "sounds", count)
        lay_out(root / "cache", min(count, ON_THE_MAP))
        places = {
            "DRUMWATCH_STATE": root / "state",
            "DRUMWATCH_CONFIG": root / "config.toml",
            "XDG_CACHE_HOME": root / "cache",
        }
        environment = {**os.environ, **{name: str(path) for name, path in places.items()}}
        command = [sys.executable, "-m", "drumwatch", "review", "--no-open"]
        with (
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as page,
            sync_playwright() as playwright,
            contextlib.ExitStack() as stack,
        ):
            stack.callback(page.terminate)
            arguments = ["--no-sandbox", "--disable-gpu"]
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
            tab = browser.new_page()
            url = page.stdout.readline().strip()
            if measure == "list":
                measure_list(tab, url)
                measure_keys(tab)
            else:
                tab.goto(url)
                measure_map(tab, count)
            browser.close()


if __name__ == "__main__":
    with_page(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000, "list")
    with_page(ON_THE_MAP, "map")
