"""All kinds of actions by the name that the configuration and the journal give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed
from drumwatch.filing.actions.convert import CONVERT
from drumwatch.filing.actions.copy import COPY
from drumwatch.filing.actions.hardlink import HARDLINK
from drumwatch.filing.actions.leave import LEAVE
from drumwatch.filing.actions.move import MOVE
from drumwatch.filing.actions.remove_folders import REMOVE
from drumwatch.filing.actions.symlink import SYMLINK
from drumwatch.filing.actions.tag import TAG

if TYPE_CHECKING:
    from drumwatch.filing.actions.handler import Handler

HANDLERS: dict[str, Handler] = {
    handler.kind: handler for handler in (MOVE, COPY, HARDLINK, SYMLINK, TAG, LEAVE, REMOVE, CONVERT)
}


def handler_of(kind: str) -> Handler:
    """Return the handler of this kind; raises ActionFailed if this version does not know it."""
    if (handler := HANDLERS.get(kind)) is None:
        raise ActionFailed(
            f'This version of drumwatch does not know the action "{kind}", which a newer one has recorded: use that one.'
        )
    return handler
