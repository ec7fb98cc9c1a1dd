"""The line of each key, in every way that TOML lets it be written."""

from __future__ import annotations

import pytest

from drumwatch.config.key_lines import line_of, line_of_each_key


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a = 1\n\n# no\nb = 2", {("a",): 1, ("b",): 4}),
        ("[t]\na = 1\n[t.u]\nb = 2", {("t",): 1, ("t", "a"): 2, ("t", "u"): 3, ("t", "u", "b"): 4}),
        ("\n\na.b.c = 1", {("a",): 3, ("a", "b"): 3, ("a", "b", "c"): 3}),
        (
            "[[w]]\na = 1\n[[w]]\na = 2\n[w.x]\nb = 3",
            {
                ("w",): 1,
                ("w", 0): 1,
                ("w", 0, "a"): 2,
                ("w", 1): 3,
                ("w", 1, "a"): 4,
                ("w", 1, "x"): 5,
                ("w", 1, "x", "b"): 6,
            },
        ),
        (
            "m = { a = 1, b.c = '}' , d = { e = [2] } }\nn = 1",
            {
                ("m",): 1,
                ("m", "a"): 1,
                ("m", "b"): 1,
                ("m", "b", "c"): 1,
                ("m", "d"): 1,
                ("m", "d", "e"): 1,
                ("m", "d", "e", 0): 1,
                ("n",): 2,
            },
        ),
        (
            'a = [ # first ]\n  \'x]\', # second\n\n  "y\\"]",\n]\nb = 1',
            {("a",): 1, ("a", 0): 2, ("a", 1): 4, ("b",): 6},
        ),
        (
            "w = [\n{ a = 1 },\n{ a = 2 } ]",
            {("w",): 1, ("w", 0): 2, ("w", 0, "a"): 2, ("w", 1): 3, ("w", 1, "a"): 3},
        ),
        ('a = """\nb = 1\n""\\""""\nc = 1', {("a",): 1, ("c",): 4}),
        ("a = '''\nb = '1'\n''''\nc = 1", {("a",): 1, ("c",): 4}),
        ('a = """"x"""""\nb = 1', {("a",): 1, ("b",): 2}),
        ('a = ""\nb = \'\'\nc = """"""\nd = 1', {("a",): 1, ("b",): 2, ("c",): 3, ("d",): 4}),
        ('"a b" = 1\n\'c.d\' = 2\n"\\u00e4\\"" = 3', {("a b",): 1, ("c.d",): 2, ('ä"',): 3}),
        ('[ "t]" . u ] # x\na = 1', {("t]",): 1, ("t]", "u"): 1, ("t]", "u", "a"): 2}),
        (
            "a = 1979-05-27 07:32:00Z\nb = -1.5e3 # c\nc = inf\r\nd = true",
            {("a",): 1, ("b",): 2, ("c",): 3, ("d",): 4},
        ),
        (
            "[[w]]\n[[w.r]]\na = 1\n[[w.r]]\n[[w]]\n[[w.r]]\nb = 1",
            {
                ("w",): 1,
                ("w", 0): 1,
                ("w", 0, "r"): 2,
                ("w", 0, "r", 0): 2,
                ("w", 0, "r", 0, "a"): 3,
                ("w", 0, "r", 1): 4,
                ("w", 1): 5,
                ("w", 1, "r"): 6,
                ("w", 1, "r", 0): 6,
                ("w", 1, "r", 0, "b"): 7,
            },
        ),
    ],
)
def test_each_key_is_found_on_its_line(text, lines):
    assert line_of_each_key(text) == lines


def test_a_key_that_is_missing_is_at_its_table():
    lines = line_of_each_key("a = 1\n[[w]]\nb = 1")

    assert line_of(("w", 0, "folder"), lines) == 2
    assert line_of(("nothing",), lines) == 1
