"""From a verdict to a decision: the first rule that matches, else unsure, else the default place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumwatch.config import Config, Watch, parse
from drumwatch.core.records import (
    ACTIONS,
    LABEL_OF_TYPE,
    LABELS,
    TYPES,
    Action,
    Arrival,
    Decision,
    FileStamp,
    Verdict,
)
from drumwatch.filing.rules import RiskCurve, decide

DOWNLOADS, LIBRARY = Path("/home/ada/Downloads"), Path("/home/ada/Drums")
RISK = RiskCurve.from_card(
    {"risk": {label: [[0.5, 0.5], [0.8, 0.2], [0.95, 0.05], [0.99, 0.01]] for label in LABELS}}
)

TOP = 'library = "/home/ada/Drums"\n'
WATCH = '[[watch]]\nfolder = "/home/ada/Downloads"\n'


def arrival(path: str = "bd.wav", *, pack: str = "", year: int = 2026) -> Arrival:
    noon = (year - 1970) * 31_556_952_000_000_000 + 10_000_000_000_000_000
    return Arrival(
        DOWNLOADS / path, FileStamp(device=1, inode=2, size_bytes=3, mtime_ns=noon), DOWNLOADS, pack
    )


def verdict_of(types: dict[str, float], *, shape: str = "one-shot", duration: float = 0.4) -> Verdict:
    """A verdict from the probabilities of the types, as the model gives it."""
    labels = {label: sum(types.get(kind, 0.0) for kind in TYPES[label]) for label in LABELS}
    first, second, *_ = sorted(labels, key=lambda label: -labels[label])
    kind = max((kind for kind in types if LABEL_OF_TYPE[kind] == first), key=lambda kind: types[kind])
    return Verdict(first, kind, labels[first], labels, types, second, shape, duration, model="m1")


KICK = verdict_of({"kick": 0.97, "snare": 0.02, "tom": 0.01})
MAYBE_SNARE = verdict_of({"snare": 0.61, "clap": 0.35, "kick": 0.04})


def decided(
    verdict: Verdict = KICK,
    top: str = "",
    watch: str = "",
    rest: str = "",
    *,
    here: Arrival | None = None,
    confirmed: str = "",
) -> Decision:
    config = parse(TOP + top + "\n" + WATCH + watch + "\n" + rest, home=Path("/home/ada"))
    return decide(here or arrival(), verdict, config, config.watches[0], RISK, confirmed=confirmed)


def test_a_sure_kick_goes_to_its_usual_place():
    assert decided(here=arrival("bd.wav", pack="Vendor - Title")) == Decision(
        rule="default",
        actions=(Action("move", LIBRARY / "kick/Vendor - Title/bd.wav"),),
        reason="kick at 97 %: moved to its usual place",
        label="kick",
        confidence=0.97,
        sure=True,
        type="kick",
    )


def test_an_unsure_snare_is_left_for_review():
    assert decided(MAYBE_SNARE) == Decision(
        rule="unsure",
        actions=(Action("leave"),),
        reason=(
            "61 % sure of snare (percussion 35 %): of 100 sounds it is this sure of, 50 are wrong; you allow 5"
        ),
        label="snare",
        confidence=0.61,
        sure=False,
        type="snare",
    )


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_of_a_watch_is_carried_into_the_decision(action):
    destination = None if action in ("tag", "leave") else LIBRARY / "kick/bd.wav"

    assert decided(watch=f'action = "{action}"').actions == (Action(action, destination),)


def test_only_a_move_leaves_a_link_and_only_a_tag_overwrites_tags():
    settings = "leave_link = true\noverwrite_tags = true"

    assert decided(top=settings).actions[0].leave_link
    assert not decided(top=settings).actions[0].overwrite_tags
    assert not decided(top=settings, watch='action = "copy"').actions[0].leave_link
    assert decided(top=settings, watch='action = "tag"').actions == (Action("tag", overwrite_tags=True),)


BY_NAME = RiskCurve.from_card(
    {
        "risk": {label: [[0.5, 0.5], [0.9, 0.05]] for label in LABELS},
        "risk_with_name": {label: [[0.3, 0.04]] for label in LABELS},
        "risk_with_neighbors": {label: [[0.6, 0.04]] for label in LABELS},
    }
)
MAYBE_CLAP = verdict_of({"clap": 0.5, "rim": 0.2, "snare": 0.3})


def filed_by(verdict: Verdict, rest: str = "", top: str = "") -> str:
    config = parse(TOP + top + WATCH + rest, home=Path("/home/ada"))
    return decide(arrival(), verdict, config, config.watches[0], BY_NAME).rule


def test_a_sound_whose_name_or_neighbors_say_the_same_is_filed_at_less_confidence():
    assert filed_by(MAYBE_CLAP) == "unsure"
    assert filed_by(replace(MAYBE_CLAP, name_says="percussion")) == "default"
    assert filed_by(replace(MAYBE_CLAP, context_strength=1.5)) == "default"
    assert filed_by(replace(MAYBE_CLAP, name_says="percussion", clash="clap")) == "unsure"


def test_a_name_makes_sure_of_the_label_and_not_of_a_type_or_a_folder_of_some_types():
    named = replace(MAYBE_CLAP, name_says="percussion")
    rule = '[[rule]]\nname = "claps"\nmatch = { type = "clap" }\naction = "copy"\n'

    assert filed_by(named, rule) == "default"
    assert filed_by(named, top='[labels]\nclap = "claps"\n') == "unsure"


def test_max_wrong_1_acts_on_every_verdict_and_0_on_none():
    nothing_known = verdict_of(dict.fromkeys(LABEL_OF_TYPE, 1 / 16))
    certain = verdict_of({"kick": 1.0})

    assert decided(nothing_known, "max_wrong = 1.0").rule == "default"
    assert decided(certain, "max_wrong = 0").rule == "unsure"


@pytest.mark.parametrize(("max_wrong", "sure"), [(0.05, True), (0.049, False), (0.051, True)])
def test_a_risk_that_is_just_allowed_is_sure_enough(max_wrong, sure):
    verdict = verdict_of({"kick": 0.95, "snare": 0.05})

    assert decided(verdict, watch=f"max_wrong = {max_wrong}").sure is sure


def test_unsure_files_go_to_their_own_folder_where_the_user_wants_one():
    decision = decided(MAYBE_SNARE, 'unsure = "_unsure"', here=arrival(pack="Pack"))

    assert decision.actions == (Action("move", LIBRARY / "_unsure/Pack/bd.wav"),)
    assert decision.reason.endswith("you allow 5")


def test_a_doubtful_label_is_never_written_into_a_file():
    decision = decided(MAYBE_SNARE, 'unsure = "_unsure"', 'action = "tag"')

    assert (decision.rule, decision.actions) == ("unsure", (Action("leave"),))


@pytest.mark.parametrize(
    "verdict",
    [verdict_of({"kick": 0.99}, duration=42.0), verdict_of({"kick": 0.99}, shape="long", duration=42.0)],
)
def test_a_long_file_is_left_alone(verdict):
    decision = decided(verdict)

    assert (decision.rule, decision.actions) == ("too long", (Action("leave"),))
    assert decision.reason == "42.0 s long, and samples end at 20 s"


def test_a_rule_may_take_a_long_file():
    decision = decided(
        verdict_of({"loop": 0.5, "kick": 0.5}, shape="long", duration=42.0),
        rest='[[rule]]\nname = "songs"\nmatch = { shape = "long" }\naction = "copy"\nto = "songs/{name}"',
    )

    assert decision.actions == (Action("copy", LIBRARY / "songs/bd.wav"),)
    assert decision.reason == 'rule "songs": its shape is long'


def test_a_loop_follows_the_usual_way_like_any_other_sound():
    assert decided(verdict_of({"loop": 0.99, "fx": 0.01}, shape="loop")).actions == (
        Action("move", LIBRARY / "other/bd.wav"),
    )
    assert decided(verdict_of({"loop": 0.5, "kick": 0.5}, shape="loop")).rule == "unsure"


RULES = """
[[rule]]
name = "808s stay together"
match = { label = "kick", name = "*808*" }
action = "copy"
to = "kick/808/{name}"

[[rule]]
name = "all kicks"
match = { label = "kick" }
action = "leave"
"""


def test_the_first_rule_that_matches_wins():
    here = arrival("BD_808.wav")

    assert decided(rest=RULES, here=here) == Decision(
        rule="808s stay together",
        actions=(Action("copy", LIBRARY / "kick/808/BD_808.wav"),),
        reason='rule "808s stay together": kick at 97 %, its name is like *808*',
        label="kick",
        confidence=0.97,
        sure=True,
        type="kick",
    )
    assert decided(rest=RULES).rule == "all kicks"
    assert decided(verdict_of({"snare": 0.99}), rest=RULES).rule == "default"


def test_a_rule_without_action_or_place_takes_the_watchs():
    decision = decided(
        watch='action = "copy"\nlayout = "{type}/{name}"', rest='[[rule]]\nmatch = { name = "*" }'
    )

    assert (decision.rule, decision.actions) == ("rule 1", (Action("copy", LIBRARY / "kick/bd.wav"),))


def fires(match: str, verdict: Verdict = KICK, here: Arrival | None = None, top: str = "") -> bool:
    return (
        decided(
            verdict, top, rest=f'[[rule]]\nname = "it"\nmatch = {{ {match} }}\naction = "copy"', here=here
        ).rule
        == "it"
    )


def test_a_rule_that_names_a_label_waits_until_it_is_sure():
    assert fires('label = "snare"', verdict_of({"snare": 0.97, "clap": 0.03}))
    assert not fires('label = "snare"', MAYBE_SNARE)
    assert fires('label = "snare"', MAYBE_SNARE, top="max_wrong = 0.5")
    assert not fires('label = ["kick", "hat"]', verdict_of({"snare": 0.97}))


def test_a_rule_that_names_a_type_waits_until_it_is_sure_of_the_type():
    clap_or_rim = verdict_of({"clap": 0.6, "rim": 0.39, "snare": 0.01})

    assert decided(clap_or_rim).sure
    assert not fires('type = "clap"', clap_or_rim)
    assert fires('type = ["clap", "rim"]', clap_or_rim)
    assert fires('type = "clap"', verdict_of({"clap": 0.97, "rim": 0.03}))
    assert not fires('type = "rim"', verdict_of({"clap": 0.97, "rim": 0.03}), top="max_wrong = 1.0")


@pytest.mark.parametrize(
    ("match", "holds"),
    [
        ('name = "BD*"', True),
        ('name = "*.wav"', True),
        ('name = "b"', False),
        ('name = ["x*", "b?.wav"]', True),
        ('pack = "vendor*"', True),
        ('pack = "Vendor - Title [24bit]"', True),
        ('pack = "Title"', False),
        ('folder = "/home/ada/Downloads"', True),
        ('folder = "/home/ada/Downloads/deep"', True),
        ('folder = "/home/ada/Downloads/de"', False),
        ('format = "wav"', True),
        ('format = ["aiff", "flac"]', False),
        ('shape = "one-shot"', True),
        ('shape = "loop"', False),
        ("min_confidence = 0.61", True),
        ("min_confidence = 0.62", False),
        ("max_confidence = 0.61", True),
        ("max_confidence = 0.6", False),
        ("min_seconds = 0.4, max_seconds = 0.4", True),
        ("min_seconds = 0.5", False),
        ("max_seconds = 0.3", False),
        ('name = "bd*", shape = "loop"', False),
    ],
)
def test_the_other_conditions_hold_however_unsure_the_verdict_is(match, holds):
    here = arrival("deep/bd.WAV", pack="Vendor - Title [24bit]")

    assert fires(match, MAYBE_SNARE, here) is holds


def test_a_condition_on_the_pack_is_not_met_by_a_single_file():
    assert not fires('pack = "*"')


def test_aif_and_aiff_are_one_format():
    assert fires('format = "AIFF"', here=arrival("bd.aif"))
    assert fires('format = ".aif"', here=arrival("bd.AIFF"))


def test_a_rule_for_doubtful_snares_says_so_by_its_place():
    decision = decided(
        MAYBE_SNARE,
        rest='[[rule]]\nname = "maybe"\nmatch = { max_confidence = 0.7 }\naction = "copy"\nto = "maybe/{label}/{confidence}/{name}"',
    )

    assert decision.actions == (Action("copy", LIBRARY / "maybe/snare/61/bd.wav"),)
    assert decision.reason == 'rule "maybe": 61 % sure of snare'
    assert not decision.sure


def test_a_doubt_between_types_that_share_a_folder_is_no_doubt_about_it():
    verdict = verdict_of({"snare": 0.5, "clap": 0.47, "kick": 0.03})
    assert decided(verdict).rule == "unsure"

    decision = decided(verdict, rest='[labels]\nclap = "snare"')

    assert decision.actions == (Action("move", LIBRARY / "snare/bd.wav"),)
    assert (decision.label, round(decision.confidence, 9), decision.sure) == ("snare", 0.97, True)


def test_a_type_that_is_sent_elsewhere_can_turn_the_label():
    verdict = verdict_of({"clap": 0.4, "rim": 0.15, "snare": 0.45})
    assert decided(verdict).label == "percussion"

    decision = decided(verdict, "max_wrong = 1.0", rest='[labels]\nclap = "snare"')

    assert decision.label == "snare"
    assert decision.actions == (Action("move", LIBRARY / "snare/bd.wav"),)


def test_between_folders_that_are_equally_likely_the_verdicts_own_is_taken():
    verdict = verdict_of({"snare": 0.5, "hat-open": 0.5})

    assert (verdict.label, decided(verdict).label) == ("snare", "snare")


def test_a_type_may_have_a_folder_of_its_own_and_must_be_sure_for_it():
    own = '[labels]\ntom = "toms"'

    sure = decided(verdict_of({"tom": 0.97, "hand-drum": 0.03}), rest=own)
    assert (sure.label, sure.actions) == ("toms", (Action("move", LIBRARY / "toms/bd.wav"),))
    assert decided(verdict_of({"tom": 0.5, "hand-drum": 0.5}), rest=own).rule == "unsure"


def test_a_label_whose_folder_has_another_name_keeps_its_own_in_the_journal():
    decision = decided(
        rest='[labels]\nkick = "Bass Drums"\n[[rule]]\nmatch = { label = "Bass Drums" }\naction = "copy"'
    )

    assert (decision.label, decision.rule) == ("kick", "rule 1")
    assert decision.actions == (Action("copy", LIBRARY / "Bass Drums/bd.wav"),)


def test_two_labels_may_share_a_folder_and_then_a_doubt_between_them_is_none():
    decision = decided(
        verdict_of({"hat-open": 0.5, "shaker": 0.47, "fx": 0.03}), rest='[labels]\nhat = "percussion"'
    )

    assert (decision.label, decision.sure) == ("hat", True)
    assert decision.actions == (Action("move", LIBRARY / "percussion/bd.wav"),)


def test_the_confidence_of_an_untouched_label_is_the_models_own():
    verdict = replace(KICK, confidence=0.9)

    assert decided(verdict, rest='[labels]\nclap = "snare"').confidence == 0.9


def test_a_label_that_the_user_gave_is_beyond_doubt():
    decision = decided(MAYBE_SNARE, "max_wrong = 0", confirmed="percussion")

    assert decision == Decision(
        rule="default",
        actions=(Action("move", LIBRARY / "percussion/bd.wav"),),
        reason="percussion, as you said: moved to its usual place",
        label="percussion",
        confidence=1.0,
        sure=True,
        type="percussion",
    )


@pytest.mark.parametrize(
    ("word", "label", "place"),
    [
        ("clap", "percussion", "percussion/clap"),
        ("tom", "toms", "toms/tom"),
        ("toms", "toms", "toms/toms"),
        ("kick", "kick", "Kicks/kick"),
        ("Kicks", "kick", "Kicks/kick"),
        ("snare", "snare", "snare/snare"),
        ("percussion", "percussion", "percussion/percussion"),
    ],
)
def test_the_user_may_give_a_label_a_type_or_a_folder(word, label, place):
    own = '[labels]\ntom = "toms"\nkick = "Kicks"'

    decision = decided(MAYBE_SNARE, 'layout = "{label}/{type}/{name}"', rest=own, confirmed=word)

    assert (decision.label, decision.actions[0].destination) == (label, LIBRARY / place / "bd.wav")


def test_a_label_that_the_user_gave_meets_the_rules_and_no_length():
    assert decided(MAYBE_SNARE, rest=RULES, confirmed="kick").rule == "all kicks"
    assert decided(replace(MAYBE_SNARE, duration=99.0, shape="long"), confirmed="kick").rule == "default"


def test_a_file_that_is_in_its_place_stays_there():
    here = replace(arrival(), path=LIBRARY / "kick/bd.wav")

    decision = decided(here=here)

    assert decision.actions == (Action("leave"),)
    assert decision.reason == "kick at 97 %: it is in its place already"


def test_the_place_knows_year_and_folder():
    layout = 'layout = "{label}/{year}/{original_folder}/{name}"'

    assert decided(top=layout, here=arrival("Kicks/Hard/bd.wav", year=2019)).actions == (
        Action("move", LIBRARY / "kick/2019/Hard/bd.wav"),
    )
    assert decided(top=layout).actions == (Action("move", LIBRARY / "kick/2026/bd.wav"),)


def test_a_name_that_is_not_utf8_keeps_its_bytes():
    here = arrival("bd\udce4.wav")

    assert decided(here=here).actions == (Action("move", LIBRARY / "kick/bd\udce4.wav"),)
    assert fires('name = "bd?.wav"', here=here)


def test_a_verdict_on_something_that_was_not_analyzed_is_unsure():
    not_heard = Verdict("other", "", 0.0, {}, {}, "", "long", 600.0)

    assert decided(not_heard).rule == "too long"
    assert decided(not_heard, watch="max_seconds = inf").rule == "too long"


def test_a_file_with_a_date_beyond_all_years_has_the_last_one():
    here = replace(arrival(), stamp=FileStamp(1, 2, 3, mtime_ns=10**30))

    assert decided(top='layout = "{year}/{name}"', here=here).actions == (
        Action("move", LIBRARY / "9999/bd.wav"),
    )


PROBABILITIES = st.dictionaries(st.sampled_from(list(LABEL_OF_TYPE)), st.floats(0.001, 1), min_size=2).map(
    lambda weights: {kind: weight / sum(weights.values()) for kind, weight in weights.items()}
)


@given(
    types=PROBABILITIES,
    labels=st.dictionaries(
        st.sampled_from([*LABEL_OF_TYPE, *LABELS]), st.sampled_from([*LABELS, "toms", "Zaps"]), max_size=4
    ),
    max_wrong=st.floats(0, 1),
    action=st.sampled_from(ACTIONS),
    name=st.text(min_size=1, max_size=20).filter(lambda name: "/" not in name),
    shape=st.sampled_from(["one-shot", "loop", "long"]),
)
def test_every_decision_has_one_action_inside_the_library_and_dares_no_more_than_it_may(
    types, labels, *, max_wrong, action, name, shape
):
    watch = Watch(DOWNLOADS, LIBRARY, action=action, max_wrong=max_wrong)
    config = Config(LIBRARY, labels=labels, watches=(watch,))

    decision = decide(
        replace(arrival(), path=DOWNLOADS / name), verdict_of(types, shape=shape), config, watch, RISK
    )

    (what,) = decision.actions
    assert 0 <= decision.confidence <= 1
    assert decision.reason
    assert what.kind == "leave" or decision.sure
    assert decision.sure or max_wrong < 1
    if what.destination:
        inside = what.destination.relative_to(LIBRARY)
        assert ".." not in inside.parts
        assert len(inside.parts) == 2


LOOP = replace(verdict_of({"loop": 0.99}, shape="loop", duration=8.0), tempo=127.6)
TUNED = replace(verdict_of({"kick": 0.99}, duration=1.2), note="F#", note_from="sound")


@pytest.mark.parametrize(
    ("verdict", "match", "holds"),
    [
        (TUNED, 'note = "Gb"', True),
        (TUNED, 'note = ["C", "F#"]', True),
        (TUNED, 'note = "F"', False),
        (replace(TUNED, note=""), 'note = "F#"', False),
        (replace(TUNED, note=None), 'note = "F#"', False),
        (LOOP, "min_bpm = 120", True),
        (LOOP, "min_bpm = 120, max_bpm = 127", False),
        (LOOP, "max_bpm = 128", True),
        (TUNED, "max_bpm = 128", False),
        (TUNED, "min_bpm = 1", False),
    ],
)
def test_a_rule_by_note_or_tempo_holds_only_for_what_has_one(verdict, match, holds):
    rule = f'[[rule]]\nname = "r"\nmatch = {{ {match} }}\nto = "there/{{name}}"'

    assert (decided(verdict, rest=rule).rule == "r") is holds


def test_a_rule_says_which_note_and_tempo_it_has_found():
    assert decided(TUNED, rest='[[rule]]\nmatch = { note = "F#" }\naction = "leave"').reason == (
        'rule "rule 1": its note is F#'
    )
    assert decided(LOOP, rest="[[rule]]\nmatch = { min_bpm = 100 }\naction = 'leave'").reason == (
        'rule "rule 1": 128 beats a minute'
    )


@pytest.mark.parametrize(
    ("verdict", "place"),
    [(TUNED, "kick/F#/bd.wav"), (LOOP, "other/128 bd.wav"), (KICK, "kick/bd.wav")],
    ids=["note", "tempo", "neither"],
)
def test_note_and_tempo_are_part_of_the_place(verdict, place):
    (action,) = decided(verdict, top='layout = "{label}/{note}/{bpm} {name}"').actions

    assert action.destination == LIBRARY / place


@pytest.mark.parametrize(
    ("said", "place"),
    [("kick", "kick/F#/bd.wav"), ("snare", "snare/bd.wav"), ("my 808s", "my 808s/F#/bd.wav")],
)
def test_what_the_user_calls_a_snare_has_no_note(said, place):
    (action,) = decided(TUNED, top='layout = "{label}/{note}/{name}"', confirmed=said).actions

    assert action.destination == LIBRARY / place


def test_an_unsure_sound_waits_in_no_folder_of_a_note():
    unsure = replace(MAYBE_SNARE, note="F#")

    (action,) = decided(unsure, top='layout = "{label}/{note}/{name}"\nunsure = "_unsure"').actions

    assert action.destination == LIBRARY / "_unsure/bd.wav"
