"""Carry out a decided action: journaled first, never over an existing file, with a complete copy of the sound at every moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.filing.actions.registry import handler_of

if TYPE_CHECKING:
    from drumwatch.filing.actions.handler import ActionRun
    from drumwatch.filing.results import ActionResult


def carry_out(run: ActionRun) -> ActionResult:
    """Carry out the action, or raise ActionFailed with the sound unchanged where it was."""
    return handler_of(run.action.kind).do(run)
