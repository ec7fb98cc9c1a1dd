"""The help of every command fits on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from drumwatch.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator


def groups(command: click.Command, *words: str) -> Iterator[tuple[str, ...]]:
    if isinstance(command, click.Group):
        yield words
        for name, inner in command.commands.items():
            yield from groups(inner, *words, name)


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("words", list(groups(cli)), ids=lambda words: " ".join(words) or "drumwatch")
def test_each_command_is_described_in_a_line_that_is_not_cut(words, columns):
    said = CliRunner().invoke(cli, [*words, "--help"], terminal_width=columns).output

    listed = said.partition("Commands:\n")[2].splitlines()
    assert listed
    assert not [line for line in listed if line.endswith("...")]
    assert not [
        line for line in listed if line.startswith("    ")
    ]  # the end of a description that is too long
    assert all(len(line) <= columns for line in said.splitlines())
