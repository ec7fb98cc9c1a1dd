"""config.example.toml is what people read, what `init` writes, and right in every line."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from drumwatch.commands.init import example
from drumwatch.config import Config, Watch, parse
from drumwatch.config.schema import HookTable, MatchTable, RuleTable, TopTable, WatchTable

ROOT = Path(__file__).parents[2]
HOME = Path("/home/ada")
EXAMPLE = (ROOT / "config.example.toml").read_text(encoding="utf-8")


def uncommented(text: str) -> str:
    """With everything that is only proposed: lines that begin with # and no space."""
    return re.sub(r"^#(?! )", "", text, flags=re.MULTILINE)


def test_the_example_and_what_init_writes_are_the_same():
    assert example() == EXAMPLE


def test_the_example_says_what_the_defaults_are():
    config = parse(EXAMPLE, home=HOME)

    library = HOME / "Music/Drum Library"
    assert (config.watches, config.labels, config.rules) == ((Watch(HOME / "Downloads", library),), {}, ())
    for field in fields(Config):
        if field.name not in ("watches", "notes"):
            assert getattr(config, field.name) == getattr(Config(library), field.name)


def test_what_the_example_proposes_works_all_at_once():
    text = uncommented(EXAMPLE).replace('unsure = "leave"\n', "", 1)

    config = parse(text, home=HOME)

    assert [watch.folder.name for watch in config.watches] == ["Downloads", "Samples"]
    assert (config.unsure, config.labels["tom"], config.labels["kick"]) == ("_unsure", "toms", "Kicks")
    assert [rule.name for rule in config.rules] == ["808s stay together", "loops are not for me"]
    assert [hook.name for hook in config.hooks] == ["copy to the NAS"]


def test_every_key_is_in_the_example_and_in_the_documentation():
    documentation = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")

    tables = (TopTable, WatchTable, RuleTable, HookTable)
    for key in {key for table in tables for key in table.__struct_fields__}:
        assert re.search(rf"^#?{key} *= ", EXAMPLE, flags=re.MULTILINE), key
        assert f"`{key}`" in documentation, key
    for key in MatchTable.__struct_fields__:
        assert re.search(rf"\b{key}\b", EXAMPLE), key
        assert f"`{key}`" in documentation, key


def test_every_configuration_in_the_documentation_parses():
    documentation = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```toml\n(.*?)^```", documentation, flags=re.MULTILINE | re.DOTALL)

    assert len(blocks) > 3
    for block in blocks:
        parse(block, home=HOME)
