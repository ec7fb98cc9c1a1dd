"""The pictures of the review page in docs/: python benchmarks/page_pictures.py CORPUS FOLDER [--every]. Needs Chromium.

Packs of the corpus (the folder of `make model CORPUS=…`) are sorted in a temporary home, and the real page is opened over that.
With --every, FOLDER gets each section in light, dark, on a phone, a tablet and a wide screen, to be looked at.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

PACKS = (
    *("millo_3", "freepats_drums", "sonicpi_tabla", "roland_tr808", "linn_lm2", "gm_rock_kit"),
    *("jstrait_beats", "snap_kit", "orch_percussion", "amenbreak_add"),
)
PROJECT = "Dub Sketch Project"
SECTIONS = {
    "unsure": ".row .thumb",
    "recent": ".pack",
    "clashes": ".row .thumb",
    "map": "#map[data-sounds]:not([data-sounds='0'])",
    "projects": ".project",
}
DRAWN = 1500  # milliseconds for the pictures of the sounds
ANALYZED = 600_000  # milliseconds at most until the map is laid out


class Look(NamedTuple):
    """A window in which the page is looked at."""

    name: str
    width: int
    height: int
    scheme: str = "light"


LOOKS = (
    *(Look("light", 1280, 800), Look("dark", 1280, 800, "dark"), Look("phone", 390, 800)),
    *(Look("tablet", 820, 1180), Look("wide", 1920, 1080), Look("wide dark", 1920, 1080, "dark")),
)
FOR_DOCS = Look("docs", 1600, 950)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", action="store_true")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="drumwatch-pictures-") as home,
        opened(Path(home), chosen.corpus) as url,
        sync_playwright() as playwright,
    ):
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        take(browser, url, chosen.folder, every=chosen.every)
        browser.close()


@contextlib.contextmanager
def opened(home: Path, corpus: Path) -> Iterator[str]:
    """Sort the packs in this home, and give the address of the page over them."""
    environment = {
        **os.environ, "HOME": str(home), "DRUMWATCH_STATE": str(home / ".state"),
        "DRUMWATCH_CONFIG": str(home / ".config.toml"), "XDG_CACHE_HOME": str(home / ".cache"),
    }  # fmt: skip
    library, downloads = home / "Drum Library", home / "Downloads"
    library.mkdir()
    (home / ".config.toml").write_text(
        f'library = "{library}"\nmin_free = "1 MB"\n[[watch]]\nfolder = "{downloads}"\n'
    )
    for pack in PACKS:
        unpack(corpus, pack, downloads / pack.replace("_", " ").title())
    start_a_song(downloads / PROJECT, next(downloads.rglob("*.flac")))
    command = [sys.executable, "-m", "drumwatch"]
    subprocess.run(
        [*command, "sort", "--yes", str(downloads)], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    page = subprocess.Popen(
        [*command, "review", "--no-open"], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        yield page.stdout.readline().strip() if page.stdout else ""
    finally:
        page.terminate()
        page.communicate()


def unpack(corpus: Path, pack: str, folder: Path) -> None:
    """Copy a pack of the corpus under the names that its maker gave."""
    folder.mkdir(parents=True)
    with (corpus / "manifest.csv").open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if row["pack"] == pack:
                sound = corpus / row["path"]
                shutil.copyfile(sound, folder / f"{PurePath(row['original_name']).stem}{sound.suffix}")


def start_a_song(folder: Path, sound: Path) -> None:
    """Make a project of Ableton Live with a sound in it."""
    (folder / "Ableton Project Info").mkdir(parents=True)
    (folder / "Samples/Recorded").mkdir(parents=True)
    shutil.copyfile(sound, folder / "Samples/Recorded" / f"0001 take{sound.suffix}")


def take(browser: Browser, url: str, folder: Path, *, every: bool) -> None:
    """Take the two pictures of the documentation, or every section in every window."""
    context = browser.new_context()
    tab = context.new_page()
    tab.set_default_timeout(60_000)
    tab.goto(url)
    show(tab, FOR_DOCS, "map")
    tab.wait_for_function("() => document.getElementById('map-told').textContent === ''", timeout=ANALYZED)
    if not every:
        tab.keyboard.press("ArrowRight")
        save(tab, folder / "review-map.png")
        show(tab, FOR_DOCS, "unsure")
        tab.keyboard.press("ArrowDown")
        save(tab, folder / "review.png")
        return
    for look in LOOKS:
        for section in SECTIONS:
            show(tab, look, section)
            tab.keyboard.press("ArrowDown")
            save(tab, folder / f"{look.name} {section}.png")
        take_states(tab, look, folder)


def take_states(tab: Page, look: Look, folder: Path) -> None:
    """Take what is seen in the middle of the work: types, many chosen sounds, a lasso, an unfolded pack, an error."""
    show(tab, look, "unsure")
    tab.keyboard.press("m")
    tab.keyboard.press("Control+a")
    save(tab, folder / f"{look.name} many and types.png")
    tab.keyboard.press("m")
    show(tab, look, "map")
    tab.keyboard.press("Control+a")
    save(tab, folder / f"{look.name} map chosen.png")
    tab.keyboard.press("Escape")
    show(tab, look, "recent")
    tab.keyboard.press("ArrowRight")
    tab.wait_for_selector("#row-1 .thumb")
    tab.keyboard.press("ArrowDown")
    if tab.locator("#row-1 .star.on").count() == 0:  # it is starred since the window before
        tab.keyboard.press("*")
    tab.wait_for_selector("#row-1 .star.on")
    save(tab, folder / f"{look.name} pack.png")


def show(tab: Page, look: Look, section: str) -> None:
    """Show a section in a window."""
    tab.set_viewport_size({"width": look.width, "height": look.height})
    tab.emulate_media(color_scheme=look.scheme)
    tab.click(f"[data-view={section}]")
    tab.wait_for_selector(SECTIONS[section])


def save(tab: Page, file: Path) -> None:
    tab.wait_for_timeout(DRAWN)
    tab.screenshot(path=file)
    print(file)


if __name__ == "__main__":
    main()
