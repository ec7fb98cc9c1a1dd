"""What the modules of the daemon share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drumwatch.intake.arrivals import Arrivals
    from drumwatch.intake.watch import Watcher
    from drumwatch.session import Session


@dataclass(slots=True)
class Context:
    """The session, the watcher and the arrivals; a reload replaces the arrivals."""

    session: Session
    watcher: Watcher
    arrivals: Arrivals
