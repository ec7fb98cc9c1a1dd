"""`drumwatch tray`: an icon in the tray of the desktop that shows what the daemon does, with a menu."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from drumwatch.core.errors import StateUnavailable, UsageError
from drumwatch.core.formatting import count_of, printable
from drumwatch.daemon.facts import daemon_facts
from drumwatch.system import app_paths, notifications, pause_note

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

    from drumwatch.daemon.facts import DaemonFacts

Look = Literal["at work", "paused", "problem", "not running"]

LOOK_SECONDS = 5.0  # between two looks at the daemon
PAUSE_SECONDS = 3600
PIXELS = 64
TITLE_CHARS = 120  # of the hint over the icon: Windows and some desktops cut longer ones off
COLORS: dict[Look, str] = {
    "at work": "#2e9e6b",
    "paused": "#d39a1f",
    "problem": "#c8443a",
    "not running": "#8a8f98",
}
NOT_INSTALLED = (
    'The icon in the tray needs an extra that is not installed: `pip install "drumwatch[tray]"`, or '
    '`pipx inject drumwatch "drumwatch[tray]"`.'
)
NO_TRAY = (
    "This desktop has no tray that the icon can be put into. On GNOME, an extension such as AppIndicator adds one; "
    "`drumwatch status --watch` shows the same in a terminal."
)


@dataclass(frozen=True, slots=True)
class TrayState:
    """What the icon and its menu show."""

    look: Look
    headline: str
    unsure: int
    paused_by_user: bool

    @property
    def review_text(self) -> str:
        """The text of the menu's line that opens the review."""
        return f"Review {count_of(self.unsure, 'unsure sound')}" if self.unsure else "Open the review"

    @property
    def pause_text(self) -> str:
        """The text of the menu's line that pauses or goes on."""
        return "Go on" if self.paused_by_user else "Pause for an hour"


def state_of(facts: DaemonFacts, *, paused_by_user: bool) -> TrayState:
    """What the icon shows for these facts about the daemon."""
    look, headline = _look_of(facts)
    return TrayState(look, printable(headline)[:TITLE_CHARS], facts["to_review"], paused_by_user)


def _look_of(facts: DaemonFacts) -> tuple[Look, str]:
    if not facts["alive"]:
        return "not running", "drumwatch is not running"
    if problems := facts.get("problems"):
        return "problem", problems[0]
    if paused := facts.get("paused"):
        return "paused", f"drumwatch waits: {paused}"
    waiting = facts.get("settling", 0) + facts.get("hearing", 0)
    return (
        "at work",
        f"drumwatch works: {count_of(waiting, 'sound')} to go" if waiting else "drumwatch watches",
    )


def tray(config_path: Path | None) -> None:
    """Show the icon until it is told to go away."""
    if not (find_spec("pystray") and find_spec("PIL")):
        raise UsageError(NOT_INSTALLED)
    try:
        from pystray import Icon  # noqa: PLC0415  an extra, and slow to import
    except Exception as exc:  # of many kinds: there is no display, or no tray
        raise UsageError(NO_TRAY) from exc
    shown = ShownState()
    icon = Icon("drumwatch", _picture(shown.state.look), shown.state.headline, _menu(shown, config_path))
    threading.Thread(target=_keep_up_to_date, args=(icon, shown), name="tray", daemon=True).start()
    icon.run()


class ShownState:
    """The state that the icon shows now."""

    def __init__(self) -> None:
        self.state = self._read()

    def refresh(self) -> bool:
        """Look at the daemon; return whether there is something else to show."""
        before, self.state = self.state, self._read()
        return self.state != before

    @staticmethod
    def _read() -> TrayState:
        now = time.time()
        until = pause_note.paused_until(app_paths.state_path(), now)
        return state_of(daemon_facts(now), paused_by_user=until is not None)


def _keep_up_to_date(icon: Any, shown: ShownState) -> None:  # noqa: ANN401  pystray has no types
    while True:
        time.sleep(LOOK_SECONDS)
        if shown.refresh():
            _show(icon, shown.state)


def _show(icon: Any, state: TrayState) -> None:  # noqa: ANN401
    icon.icon, icon.title = _picture(state.look), state.headline
    icon.update_menu()


def _menu(shown: ShownState, config_path: Path | None) -> Any:  # noqa: ANN401
    from pystray import Menu, MenuItem  # noqa: PLC0415

    def toggle_pause(icon: Any) -> None:  # noqa: ANN401
        _toggle_pause(shown.state)
        if shown.refresh():
            _show(icon, shown.state)

    return Menu(
        MenuItem(lambda _: shown.state.headline, None, enabled=False),
        Menu.SEPARATOR,
        MenuItem(lambda _: shown.state.review_text, lambda: open_review(config_path), default=True),
        MenuItem(lambda _: shown.state.pause_text, toggle_pause),
        Menu.SEPARATOR,
        MenuItem("Remove this icon", lambda icon: icon.stop()),
    )


def _toggle_pause(state: TrayState) -> None:
    folder = app_paths.state_folder()
    try:
        if state.paused_by_user:
            pause_note.clear(folder)
        else:
            pause_note.write(folder, time.time() + PAUSE_SECONDS)
    except StateUnavailable as exc:
        notifications.notify(str(exc))


def open_review(config_path: Path | None) -> None:
    """Open the review page, in a process of its own that goes on when the icon is removed."""
    given = ["--config", str(config_path)] if config_path else []
    with suppress(OSError):
        subprocess.Popen(
            [sys.executable, "-m", "drumwatch", *given, "review"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def _picture(look: Look) -> Image:
    """A drum from above in the color of the state; each state has a sign as well, because not everybody tells colors apart."""
    from PIL import Image, ImageDraw  # noqa: PLC0415

    picture = Image.new("RGBA", (PIXELS, PIXELS), (0, 0, 0, 0))
    draw, edge = ImageDraw.Draw(picture), PIXELS // 16
    draw.ellipse((edge, edge, PIXELS - edge, PIXELS - edge), fill=COLORS[look], outline="white", width=edge)
    middle = PIXELS // 2
    if look == "paused":
        for left in (middle - 12, middle + 4):
            draw.rectangle((left, middle - 14, left + 8, middle + 14), fill="white")
    elif look == "problem":
        draw.rectangle((middle - 4, middle - 18, middle + 4, middle + 4), fill="white")
        draw.rectangle((middle - 4, middle + 10, middle + 4, middle + 18), fill="white")
    elif look == "at work":
        draw.ellipse((middle - 10, middle - 10, middle + 10, middle + 10), fill="white")
    return picture
