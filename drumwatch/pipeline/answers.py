"""What a worker is asked, and what its answer means for filing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from drumwatch.errors import DrumwatchError
from drumwatch.records import Verdict
from drumwatch.workers import Reply, Request, refuse_errors

if TYPE_CHECKING:
    from drumwatch.config import Watch

SHIPPED_CARD = Path(__file__).parents[1] / "hearing" / "model" / "model.json"


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back from the worker."""

    verdict: Verdict
    content_hash: str
    digest: str = ""  # of what is heard, whatever the format and the tags


@dataclass(frozen=True, slots=True)
class NoSound:
    """What stands in its place for a readme."""

    content_hash: str
    verdict: None = None
    digest: str = ""


def read_card(path: Path = SHIPPED_CARD) -> dict[str, Any]:
    """The model's card: plain JSON, so that deciding needs no model."""
    try:
        card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise DrumwatchError(
            f"The model's card {path} cannot be read ({exc}): please reinstall drumwatch."
        ) from exc
    return card


def hearing_request(path: Path, watch: Watch, **more: bool) -> Request:
    """What a worker is asked about a file; `hash=True, sound=True` for one that is to be filed."""
    return {
        "op": "hear",
        "path": str(path),
        "max_seconds": watch.max_seconds,
        "use_names": watch.names == "hint",
        **more,
    }


def heard(reply: Reply) -> Heard:
    """The verdict in a reply; raises UnreadableAudio with the worker's sentence."""
    refuse_errors(reply)
    return Heard(msgspec.convert(reply["verdict"], Verdict), reply.get("hash", ""), reply.get("sound", ""))
