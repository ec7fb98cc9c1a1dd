"""How the review page does with many entries: python benchmarks/review.py [COUNT]. Needs Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from drumwatch.journal import Journal, Plan
from drumwatch.records import LABELS, Fingerprint, Verdict

KEYS_PRESSED = 100


def fill(state: Path, folder: Path, count: int) -> None:
    """Entries that were left alone, each a small file of its own."""
    verdict = Verdict(
        "kick", "kick", 0.6, {"kick": 0.6, "snare": 0.4}, {"kick": 1.0}, "snare", "one-shot", 0.3
    )
    with Journal(state / "journal.db") as journal, journal.transaction():
        batch = journal.batch(folder, "Pack", 0.0)
        for number in range(count):
            path = folder / f"sound {number:06}.wav"
            if number >= count - 2 * KEYS_PRESSED:
                path.write_bytes(b"RIFF" + number.to_bytes(8, "little"))
            plan = Plan(
                batch, path, None, "leave", "unsure", "only 60 % sure", "kick", "kick", 0.6, verdict, f"{number:064x}",
                Fingerprint(1, number, 12, 1), "done",
            )  # fmt: skip
            journal.plan(plan, float(number))


def measure(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        tab = browser.new_page()
        begun = time.perf_counter()
        tab.goto(url)
        tab.wait_for_selector(".row")
        print(f"load, to the first rows: {time.perf_counter() - begun:.2f} s, {tab.inner_text('#count')}")
        frames = tab.evaluate(
            """() => new Promise(done => { const list = document.getElementById('list'), took = [];
            let last = performance.now();
            const step = now => { took.push(now - last); last = now; list.scrollTop += 400;
            took.length < 200 ? requestAnimationFrame(step) : done(took); };
            requestAnimationFrame(step); })"""
        )
        frames.sort()
        print(f"scroll, a frame: median {frames[100]:.1f} ms, 95 % under {frames[190]:.1f} ms")
        tab.keyboard.press("Home")
        tab.wait_for_timeout(1000)
        begun = time.perf_counter()
        for number in range(KEYS_PRESSED):
            tab.keyboard.press("12345"[number % len(LABELS)])
            tab.wait_for_function(
                "at => document.getElementById('list').getAttribute('aria-activedescendant') === `row-${at}`",
                arg=number + 1,
            )
        print(f"by keyboard: {60 * KEYS_PRESSED / (time.perf_counter() - begun):.0f} sounds a minute")
        browser.close()


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("state", "sounds", "library"):
            (root / name).mkdir()
        (root / "config.toml").write_text(f'library = "{root / "library"}"\nmin_free = "1 MB"\n')
        fill(root / "state", root / "sounds", count)
        environment = {
            **os.environ,
            "DRUMWATCH_STATE": str(root / "state"),
            "DRUMWATCH_CONFIG": str(root / "config.toml"),
        }
        command = [sys.executable, "-m", "drumwatch", "review", "--no-open"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as page:
            measure(page.stdout.readline().strip())
            page.terminate()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
