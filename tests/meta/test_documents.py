"""Everything that the documents name exists: files, links, commands with their options, targets of make."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from drumwatch.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/README.md")),
    *(ROOT / name for name in ("systemd/README.md", "launchd/README.md", "tests/data/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / ".github").rglob("*.md")),
    *sorted((ROOT / ".github").rglob("*.yml")),
]
SCRIPTS = sorted((ROOT / "benchmarks").glob("*.py"))
# Where a path may begin: the repository, and the two folders whose files are named without it.
BASES = (ROOT, ROOT / "drumwatch", ROOT / "tests")
ENDINGS = ("py", "toml", "md", "yml", "json", "npz", "txt", "svg", "png", "sh", "conf", "plist", "sql")
PATH = re.compile(rf"(?<![\w./~@*<-])((?:[\w.-]+/)+[\w.-]*|[\w.-]+\.(?:{'|'.join(ENDINGS)}))(?![\w/*{{<(])")
# Files that these documents speak of and that are the user's, made by a run, or an example.
NOT_OURS = {
    *("config.toml", "page.html", "out.svg", "said.json", "files.json", "readme.txt", "Licence.txt"),
    *("_packs/", "_unsure/", "_archives/", "library/", "models/"),
}
BLOCK = re.compile(r"^```\w*\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")


def code_in(text: str) -> Iterator[str]:
    """What stands in backticks, and each line of a block without its comment; of a `console` block only the commands."""
    for block in BLOCK.finditer(text):
        lines = block[1].splitlines()
        if block[0].startswith("```console\n"):  # the rest is what the commands have printed
            lines = [line for line in lines if line.startswith("$ ")]
        yield from (line.partition("# ")[0] for line in lines)
    yield from re.findall(r"`([^`\n]+)`", BLOCK.sub("", text))


def exists(name: str, beside: Path) -> bool:
    """Below one of the bases or beside the document; a name without a folder may be in any folder of ours."""
    if any((base / name).exists() for base in (*BASES, beside)):
        return True
    return "/" not in name and name in names_of_files()


@functools.cache
def names_of_files() -> set[str]:
    return {path.name for top in ("drumwatch", "tests", "systemd") for path in (ROOT / top).rglob("*")}


def paths_in(text: str) -> Iterator[str]:
    """Names of files and folders of the repository, as far as they can be distinguished from other people's."""
    folders = {
        path.name for base in BASES for path in base.iterdir() if path.is_dir() and path.name != ".venv"
    }
    for code in [
        *code_in(text),
        *re.findall(r"^ +(?:- run: )?(.*python .*|--deselect .*)$", text, flags=re.MULTILINE),
    ]:
        for name in PATH.findall(code):
            top = name.partition("/")[0]
            if name not in NOT_OURS and (top in folders or "/" not in name):
                yield name.rstrip(".")


def missing_paths(text: str, beside: Path) -> list[str]:
    return sorted({name for name in paths_in(text) if not exists(name, beside)})


def missing_links(text: str, beside: Path) -> list[str]:
    targets = (target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text))
    return [target for target in targets if target and "://" not in target and not (beside / target).exists()]


def unknown_commands(text: str) -> list[str]:
    """Each `drumwatch …` whose command, subcommand or option does not exist."""
    found = []
    for code in code_in(text):
        for arguments in re.findall(r"(?:^|[\s$])drumwatch ((?:[^\s#;&]+ ?)+)", code):
            found += [f"drumwatch {arguments.strip()}: {what}" for what in _unknown(arguments.split())]
    return found


def _unknown(words: list[str]) -> Iterator[str]:
    command: click.Command = cli
    for word in words:
        if isinstance(command, click.Group) and not word.startswith("-"):
            names = word.split("|")
            yield from (
                name for name in names if name not in command.commands and re.fullmatch(r"[a-z-]+", name)
            )
            if names[0] not in command.commands:
                return
            command = command.commands[names[0]]
        elif (match := OPTION.match(word)) and match[0] not in options_of(command) | options_of(cli):
            yield match[0]


def options_of(command: click.Command) -> set[str]:
    """Its own options, and those of its subcommands."""
    inner = command.commands.values() if isinstance(command, click.Group) else ()
    own = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
    return own.union(*(options_of(each) for each in inner))


def unknown_options(text: str) -> list[str]:
    """Options that stand alone: of a command that their item or paragraph names; if it names none, of any command or script."""
    found = []
    for line in re.split(r"\n(?=[-|#\n])", text):
        names = [
            name
            for name in re.findall(r"`(?:python )?(?:-m )?drumwatch ([a-z]+)", line)
            if name in cli.commands
        ]
        commands = [cli.commands[name] for name in names] or [cli]
        known = set().union(*map(options_of, commands), *(() if names else map(options_of_script, SCRIPTS)))
        for code in re.findall(r"`(--[^`]+)`", BLOCK.sub("", line)):
            found += [option for option in OPTION.findall(code) if option not in known]
    return found


def unknown_script_options(text: str) -> list[str]:
    return [
        f"{script} {option}"
        for code in code_in(text)
        for script, rest in re.findall(r"python (?:-m )?(\S+\.py)(.*)", code)
        for option in OPTION.findall(rest)
        if (ROOT / script).exists() and f'"{option}"' not in (ROOT / script).read_text("utf-8")
    ]


@functools.cache
def options_of_script(script: Path) -> set[str]:
    return set(OPTION.findall(script.read_text("utf-8")))


def unknown_targets(text: str) -> list[str]:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    wanted = {name for code in code_in(text) for name in re.findall(r"(?:^|\s)make ([a-z-]+)", code)}
    return [name for name in sorted(wanted) if not re.search(rf"^{name}:", makefile, flags=re.MULTILINE)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_that_a_document_names_is_there(document):
    text = document.read_text("utf-8")

    assert missing_paths(text, document.parent) == []
    assert missing_links(text, document.parent) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_and_option_that_a_document_names_is_there(document):
    text = document.read_text("utf-8")

    assert unknown_commands(text) == []
    assert unknown_options(text) == []
    assert unknown_script_options(text) == []
    assert unknown_targets(text) == []


def test_what_is_not_there_is_found():
    text = "`drumwatch sotr` `drumwatch sort --no-such PATH` `daemon/gone.py` `docs/gone.md` `gone.py` `make tea` [x](gone.png)"

    assert missing_paths(text, ROOT) == ["daemon/gone.py", "docs/gone.md", "gone.py"]
    assert missing_links(text, ROOT) == ["gone.png"]
    assert unknown_commands(text) == ["drumwatch sotr: sotr", "drumwatch sort --no-such PATH: --no-such"]
    assert unknown_targets(text) == ["tea"]
    assert unknown_options("| `drumwatch log` | `--yes` |") == ["--yes"]
    assert unknown_script_options("`python benchmarks/burst.py --gone`") == ["benchmarks/burst.py --gone"]


def test_what_a_console_block_prints_is_no_command():
    text = "```console\n$ drumwatch sotr\ndrumwatch is not running.\n```\n"

    assert unknown_commands(text) == ["drumwatch sotr: sotr"]


def test_every_benchmark_has_its_line():
    named = set(re.findall(r"benchmarks/(\w+\.py)", (ROOT / "benchmarks/README.md").read_text("utf-8")))

    assert named == {path.name for path in SCRIPTS if "__main__" in path.read_text("utf-8")}
