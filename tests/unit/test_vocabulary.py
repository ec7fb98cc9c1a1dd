"""No sentence for a person has another word for "not filed" than those of `core/outcomes.py`: nothing "stays" or is "left where it is".

The strings of all modules and of the pages are searched. Where the word means something else, the sentence is named below.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import drumwatch

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(drumwatch.__file__).parent
DOCS = ROOT.parent / "docs"
PROMISES = DOCS / "safety.md"  # whose promises have words of their own

OLD_WORDS = re.compile(
    r"""\b(?:stay|stays|stayed|staying)\b
    | \bleft\ (?:in|where|as\ it|as\ they|for\ review|behind)\b
    | \bleaves?\ (?:it|them|one|links|what\ \w+)\ (?:where|as|there)\b
    | \b(?:not|never)\ (?:moved|possible)\b
    | \b(?:cannot|can\ not)\ be\ heard\b
    | \bmax_wrong\ allows\b""",
    re.VERBOSE,
)
# In prose, much else may stay: names, tags, tests. A file that was not filed does not.
OLD_IN_DOCUMENTS = re.compile(
    r"[^.]*(?:stays? (?:where|in place)|(?:left|leaves it|leaves them|keeps? .{1,20}) where (?:it|they) (?:is|are)\b|left for review)[^.]*"
)
# By module: a part of the sentence, and why it is no word for what became of a file.
MEANT = {
    ("core/records", "cannot be heard"): "a value in the journal, which programs read",
    ("journal/batches", "cannot be heard"): "the same value in a query",
    ("filing/describe", "left for review"): "taken off the reasons of earlier versions",
    ("filing/describe", "left where it is"): "taken off the reasons of earlier versions",
    ("packs/archives", " stays in "): "found in the errors of earlier versions",
    ("daemon/status", "the old one stays in force"): "a configuration",
}


def sentences() -> Iterator[tuple[str, str]]:
    """Every string in the code that is no docstring of a function, and the help texts of the commands; the f-strings whole."""
    for path in sorted(ROOT.rglob("*.py")):
        module = path.relative_to(ROOT).with_suffix("").as_posix()
        tree = ast.parse(path.read_text("utf-8"))
        helped = module == "cli"
        docstrings = set() if helped else {id(node) for node in _docstrings(tree)}
        inner = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                yield (
                    module,
                    "".join(
                        str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
                    ),
                )
            elif (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in docstrings | inner
            ):
                yield module, node.value
    for page in (
        *sorted((ROOT / "review/page").glob("*.js")),
        ROOT / "review/page/index.html",
        ROOT / "sorting/report.html",
    ):
        for text in re.findall(r"\"[^\"\n]*\"|`[^`\n]*`|>[^<>\n]+<", page.read_text("utf-8")):
            yield page.relative_to(ROOT).as_posix(), text


def _docstrings(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr):
                yield first.value


def test_no_sentence_has_an_old_word_for_what_was_not_filed():
    wrong = [
        (module, sentence)
        for module, sentence in sentences()
        if OLD_WORDS.search(sentence)
        and not any(module == where and part in sentence for where, part in MEANT)
    ]

    assert wrong == []


@pytest.mark.parametrize(
    "document", sorted(path.name for path in DOCS.glob("*.md") if path != PROMISES), ids=str
)
def test_the_documents_have_the_same_words(document):
    text = " ".join((DOCS / document).read_text("utf-8").split())

    assert OLD_IN_DOCUMENTS.findall(text) == []


def test_every_exception_is_still_needed():
    found = list(sentences())

    assert [
        key for key in MEANT if not any(key[0] == module and key[1] in text for module, text in found)
    ] == []


@pytest.mark.parametrize(
    "sentence",
    [
        "kick.wav stays in /in",
        "left where it is",
        "left for review",
        "3 not possible",
        "max_wrong allows 5 %",
    ],
)
def test_the_old_words_are_found(sentence):
    assert OLD_WORDS.search(sentence)


@pytest.mark.parametrize(
    "sentence", ["kick.wav left alone in /in", "left whole with their project", "no space left"]
)
def test_the_words_of_the_table_are_not(sentence):
    assert not OLD_WORDS.search(sentence)
