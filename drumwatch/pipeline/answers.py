"""What a worker is asked, and what its answer means for filing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from drumwatch.records import Verdict
from drumwatch.workers import Reply, Request, refuse_errors

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config import Watch


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back from the worker."""

    verdict: Verdict
    content_hash: str
    digest: str = ""  # of what is heard, whatever the format and the tags
    copy_of: str = ""  # content hash of a sound that the user has named and that sounds the same


@dataclass(frozen=True, slots=True)
class NoSound:
    """What stands in its place for a readme."""

    content_hash: str
    verdict: None = None
    digest: str = ""


def hearing_request(path: Path, watch: Watch, **more: bool | str) -> Request:
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
    verdict = msgspec.convert(reply["verdict"], Verdict)
    return Heard(verdict, reply.get("hash", ""), reply.get("sound", ""), reply.get("copy_of", ""))
