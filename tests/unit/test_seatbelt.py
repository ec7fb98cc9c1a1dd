"""The profiles for the sandbox of macOS, and how they are put in force; a stand-in takes the place of `sandbox_init`."""

from __future__ import annotations

import ctypes
import re
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from drumwatch.sandbox import kernel, seatbelt

WRITES = re.compile(r"^\(allow file-write\S* .*$", re.MULTILINE)


def profiles(writable=None, accepts=lambda _: True):
    """The profiles that were offered, in order, and the result."""
    offered = []
    result = seatbelt.enter(writable, lambda profile: offered.append(profile) or accepts(profile))
    return offered, result


def unquoted(text):
    """Read one string as the profile's language does, and return it with what follows it."""
    found = re.match(r'"((?:[^"\\]|\\.)*)"', text, re.DOTALL)
    return re.sub(r"\\(.)", r"\1", found.group(1), flags=re.DOTALL), text[found.end() :]


def test_what_only_reads_can_write_to_nothing_but_the_null_device():
    (profile,), entered = profiles()

    assert entered
    assert WRITES.findall(profile) == ['(allow file-write-data (literal "/dev/null"))']
    for rule in ("(deny network*)", "(deny process-exec*)", "(deny process-fork)", "(deny lsopen)"):
        assert rule in profile.split("\n")


def test_a_tagger_can_write_into_its_copy_and_not_replace_it(tmp_path):
    copy = tmp_path / "copy.wav"
    copy.touch()

    (profile,), _ = profiles(copy)

    assert WRITES.findall(profile)[1:] == [f'(allow file-write-data (literal "{copy.resolve()}"))']


def test_an_unpacker_can_write_in_its_folder_by_its_real_path(tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "link"
    link.symlink_to("there")

    (profile,), _ = profiles(link)

    assert WRITES.findall(profile)[1:] == [
        f'(allow file-write* (subpath "{(tmp_path / "there").resolve()}"))'
    ]


def test_the_exception_comes_after_the_rule_that_it_is_from(tmp_path):
    (profile,), _ = profiles(tmp_path)

    assert profile.index("(deny file-write*)") < profile.index("subpath")


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_no_name_ends_its_string_in_the_profile(name):
    assert unquoted(seatbelt.quoted(name) + " (allow default)") == (name, " (allow default)")


def test_a_macos_that_does_not_know_all_rules_gets_those_that_every_one_knows():
    offered, entered = profiles(accepts=lambda profile: "lsopen" not in profile)

    assert entered
    assert len(offered) == 2
    assert {"(deny network*)", "(deny process-exec*)", "(deny file-write*)"} <= set(offered[1].split("\n"))


def test_a_macos_that_refuses_every_profile_has_no_sandbox(monkeypatch):
    assert profiles(accepts=lambda _: False)[1] is False
    monkeypatch.setattr(seatbelt, "_sandbox_init", lambda: None)
    assert seatbelt.enter(None) is False


def test_the_sandbox_of_macos_is_named_only_if_it_is_in_force(monkeypatch):
    monkeypatch.setattr(kernel.sys, "platform", "darwin")
    for entered, named in ((True, ("Seatbelt",)), (False, ())):
        monkeypatch.setattr(seatbelt, "enter", lambda _, entered=entered: entered)
        assert kernel.enter_sandbox() == named


def test_a_profile_reaches_the_library_as_text_and_its_error_is_freed():
    calls, freed = [], []

    def sandbox_init(profile, flags, error):
        calls.append((profile, flags))
        ctypes.cast(error, ctypes.POINTER(ctypes.c_char_p))[0] = b"malformed"
        return -1

    library = SimpleNamespace(
        sandbox_init=sandbox_init, sandbox_free_error=lambda error: freed.append(error.value)
    )

    assert seatbelt._bound(library)("(version 1)") is False
    assert calls == [(b"(version 1)", 0)]
    assert freed == [b"malformed"]
