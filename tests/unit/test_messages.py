"""No sentence for a person holds the text of an exception, its class, or the way Python writes a value down.

The syntax trees of all modules are searched for what would put it there. Where that is meant, the function is named below with the reason.
"""

from __future__ import annotations

import ast
import errno
import functools
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import drumwatch
from drumwatch.core import os_reasons

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(drumwatch.__file__).parent

# The functions in which an error's text is a sentence of ours, or goes only to the log for those who look for a bug.
ALLOWED = {
    ("cli", "convert"): "the ValueErrors of parse_since are sentences",
    ("config/problems", "checked"): "a check raises ValueError with the end of a sentence",
    ("commands/init", "_absolute"): "meant_path raises ValueError with the end of a sentence",
    ("config/schema", "read_table"): "convert raises ValueError with the end of a sentence",
    ("config/toml_syntax", "load"): "the text is only taken apart",
    ("intake/archives/members", "_broken"): "the text is only told apart",
    ("intake/archives/members", "_other_chunks"): "the text is only told apart",
    ("intake/archives/members", "_why_not_read"): "the text is only told apart",
    ("workers/process", "_answered"): "the cause of a mistake of ours, for the log",
    ("analysis/tags/tagger", "plain_failures"): "the cause, for the log",
    ("workers/protocol", "of"): "the cause, for the log",
    ("workers/protocol", "decode_request"): "the cause of a mistake of ours, for the log",
    ("workers/protocol", "decode_answer"): "the cause of a mistake of ours, for the log",
    ("analysis/explain", "*"): "a mistake of ours",
    ("analysis/tags/tagger", "others"): "compared, and never shown",
}
_PARTS_OF_AN_ERROR = {"strerror", "args", "reason", "msg", "message", "error_string", "__class__", "errno"}
_WRITERS = {"str", "repr", "type", "format"}


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@functools.cache
def own_errors() -> set[str]:
    """The names of our own exceptions, whose texts are sentences."""
    bases: dict[str, set[str]] = {}
    for path in modules():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(_last(base) for base in node.bases)
    known = {name for name, of in bases.items() if of & {"Exception", "ValueError", "BaseException"}}
    while more := {name for name, of in bases.items() if of & known} - known:
        known |= more
    return known


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _caught(handler: ast.ExceptHandler) -> set[str]:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {_last(kind) for kind in kinds if kind}


def leaks(path: Path, own: set[str]) -> Iterator[tuple[str, int, str]]:
    """The functions and lines that put an exception of others, or the repr of a value, into a text."""
    for function in ast.walk(tree_of(path)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if (
                    isinstance(node, ast.FormattedValue)
                    and node.conversion == ord("r")
                    and not _is_our_bug(function)
                ):
                    yield function.name, node.lineno, "repr"
                if isinstance(node, ast.ExceptHandler) and node.name and _caught(node) - own:
                    for line in _uses(node, node.name):
                        yield function.name, line, "error"


def _is_our_bug(function: ast.AST) -> bool:
    """Whether the function raises AssertionError, TypeError or ValueError with it: then it is a mistake in a caller."""
    raised = {
        _last(node.exc.func)
        for node in ast.walk(function)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
    }
    return bool(raised) and raised <= {"AssertionError", "TypeError", "ValueError"}


def _uses(handler: ast.ExceptHandler, name: str) -> Iterator[int]:
    guarded = {
        id(node)
        for test in ast.walk(handler)
        if isinstance(test, ast.IfExp)
        for node in _own_part(test, name)
    }
    for node in ast.walk(handler):
        if id(node) in guarded:
            continue
        if isinstance(node, ast.FormattedValue) and _is_text_of(node.value, name):
            yield node.lineno
        if isinstance(node, ast.Call):
            is_writer = isinstance(node.func, ast.Name) and node.func.id in _WRITERS
            is_log = (
                isinstance(node.func, ast.Attribute)
                and _last(node.func.value) == "log"
                and node.func.attr != "debug"
            )
            if (is_writer or is_log) and any(_is_text_of(one, name) for one in node.args):
                yield node.lineno


def _own_part(test: ast.IfExp, name: str) -> Iterator[ast.AST]:
    """The branch for the other errors where a condition has sorted out the OSErrors."""
    is_test = (
        isinstance(test.test, ast.Call)
        and _last(test.test.func) == "isinstance"
        and _is_name(test.test.args[0], name)
    )
    if is_test:
        yield from ast.walk(test)


def _is_text_of(node: ast.expr, name: str) -> bool:
    if isinstance(node, ast.BoolOp):
        return any(_is_text_of(one, name) for one in node.values)
    if isinstance(node, ast.Attribute):
        return node.attr in _PARTS_OF_AN_ERROR and _is_name(node.value, name)
    return _is_name(node, name)


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_puts_an_exception_into_a_sentence(path):
    module = path.relative_to(ROOT).with_suffix("").as_posix()

    found = [
        f"{module}.{function}, line {line}: {what}"
        for function, line, what in leaks(path, own_errors())
        if not {(module, function), (module, "*")} & set(ALLOWED)
    ]

    assert found == []


def test_the_search_finds_what_it_is_for(tmp_path):
    code = """
def one():
    try: pass
    except (OSError, ModelRefused) as exc:
        raise ActionFailed(f"not read: {exc}") from exc
def two():
    try: pass
    except OSError as exc: return [f"no: {exc.strerror or exc}."]
def three():
    try: pass
    except Exception as error: raise Refused(str(error))
def four(name): return f"{name!r} is no label"
def five():
    try: pass
    except ModelRefused as exc: return f"{exc}"
"""
    (tmp_path / "a.py").write_text(code)

    assert [name for name, _, _ in leaks(tmp_path / "a.py", {"ModelRefused"})] == [
        "one",
        "two",
        "three",
        "four",
    ]


def test_what_is_allowed_is_still_there():
    there = {
        (path.relative_to(ROOT).with_suffix("").as_posix(), node.name)
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef)
    }
    files = {module for module, _ in there}

    assert [one for one in ALLOWED if one not in there and not (one[1] == "*" and one[0] in files)] == []


@pytest.mark.parametrize("code", sorted(errno.errorcode), ids=lambda code: errno.errorcode[code])
def test_every_error_of_the_system_has_words_of_ours(code):
    told = os_reasons.reason(OSError(code, "Strange words", "/a"))

    assert "Strange" not in told
    assert "[" not in told
    assert told == told.strip().removesuffix(".")
