"""Whatever the text: a configuration or a ConfigError, and the line of every key."""

from __future__ import annotations

import tomllib
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from drumwatch.config import Config, parse
from drumwatch.config.key_lines import line_of_each_key
from drumwatch.config.to_toml import as_toml
from drumwatch.core.errors import ConfigError
from drumwatch.core.records import ACTIONS, LABEL_OF_TYPE, LABELS

HOME = Path("/nowhere/home/ada")

KEYS = [
    "library",
    "action",
    "layout",
    "max_wrong",
    "unsure",
    "folder",
    "exclude",
    "match",
    "to",
    "name",
    "quiet",
    "min_free",
]
VALUES = [
    "1", "-1", "nan", "inf", "true", '"move"', "'~/in'", '"~/in/x"', '"{label}/{name}"', '"/"', "[]", "['a', \"b\"]", "{ a = 1 }",
    "{ label = 'kick', name = ['*'] }", '"""\na = 1\n"""', "1979-05-27", "[ # c\n 1,\n [2] ]", "12:61:00", "2000-01-01T00:00:00+99:99",
    "oops", '"C:\\Users"', '"\\u0000"', "9" * 4400, "1e400", "0x", '"', "[", "{",
]  # fmt: skip
LINES = st.one_of(
    st.builds(
        "{} = {}".format,
        st.sampled_from([*KEYS, "'a b'", '"c.d"', "labels.clap", "x . y"]),
        st.sampled_from(VALUES),
    ),
    st.sampled_from(
        [
            "[[watch]]",
            "[[rule]]",
            "[labels]",
            "[watch]",
            "[rule.match]",
            "[ a . 'b]' ]",
            "",
            "# [[watch]]",
            "[[a.b]]",
        ]
    ),
    st.text(max_size=12),
)


@given(st.lists(LINES, max_size=12).map("\n".join))
@example("watch = [[[]]]")
@example("[[watch]]\nfolder = '/a'\nexclude = ['a', '']")
@example("labels = { kick = { } }\nrule = {}")
@example('[[watch]]\nfolder = "' + "/x" * 3000 + '"')
def test_any_text_is_a_configuration_or_a_config_error(text):
    try:
        assert isinstance(parse(text, home=HOME), Config)
    except ConfigError as error:
        problems = error.problems
    else:
        return
    assert problems
    assert all(problem.startswith("config.toml:") for problem in problems)


@given(st.lists(LINES, max_size=12).map("\n".join))
def test_every_key_of_a_text_that_tomllib_reads_has_its_line(text):
    try:
        table = tomllib.loads(text)
    except ValueError:
        return
    lines = line_of_each_key(text)

    rows = text.replace("\r\n", "\n").split("\n")
    assert lines.keys() == set(paths_in(table))
    assert all(1 <= line <= len(rows) for line in lines.values())
    for path, line in lines.items():
        if isinstance(path[-1], str) and path[-1].isidentifier():
            assert path[-1] in rows[line - 1]


def paths_in(value, path=()):
    """Every key path in a table."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in inner:
        yield (*path, key)
        yield from paths_in(member, (*path, key))


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\{}~:"), min_size=1, max_size=8
).filter(lambda name: name == name.strip() and not name.startswith(".") and not name.endswith("."))
LAYOUTS = st.lists(NAMES | st.sampled_from(["{label}", "{type}", "{pack}", "{year}"]), max_size=3).map(
    lambda parts: "/".join([*parts, "{name}"])
)
GLOBS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), min_size=1, max_size=2)
MATCHES = st.fixed_dictionaries(
    {"name": GLOBS},
    optional={
        "label": st.lists(st.sampled_from(LABELS), min_size=1),
        "type": st.lists(st.sampled_from(list(LABEL_OF_TYPE)), min_size=1),
        "pack": GLOBS,
        "min_confidence": st.floats(0, 1),
        "max_seconds": st.floats(0),
    },
)


@st.composite
def tables(draw):
    """Good configurations of every kind, as tables."""
    settings = {
        "action": st.sampled_from(ACTIONS),
        "layout": LAYOUTS,
        "max_wrong": st.floats(0, 1),
        "names": st.sampled_from(["hint", "ignore"]),
        "context": st.booleans(),
        "leave_link": st.booleans(),
    }
    watch = st.fixed_dictionaries(
        {}, optional={**settings, "recursive": st.booleans(), "max_seconds": st.floats(0.1)}
    )
    rule = st.fixed_dictionaries({"match": MATCHES}, optional={"action": st.just("copy"), "to": LAYOUTS})
    return {
        **draw(st.fixed_dictionaries({"library": st.just("/drums")}, optional=settings)),
        "watch": [
            {"folder": f"/in/{number}", **table}
            for number, table in enumerate(draw(st.lists(watch, max_size=2)))
        ],
        "rule": draw(st.lists(rule, max_size=2)),
    }


def written(value):
    """A value as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {written(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value) + '"'
    return str(value).lower()


@given(tables())
def test_what_config_show_prints_parses_to_the_same_configuration(table):
    config = parse("\n".join(f"{key} = {written(value)}" for key, value in table.items()), home=HOME)

    assert parse(as_toml(config), home=HOME) == config
