import hashlib
import os
import subprocess
import sys

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from hostdesk import checkpoint
from hostdesk.analysis.classifier import Judgement
from hostdesk.analysis.normalise import Normal
from hostdesk.analysis.pipeline import Pipeline
from hostdesk.events import AnyEvent, CardSettled, HostSaid, LoadChanged, Stream, Tick
from hostdesk.findings import Derived, Finding, Label, Lane, Verdict
from tests.unit.analysis.builders import START_MS, crowd, evening, findings, play, said, tables
from tests.unit.analysis.test_accidents import FROZEN
from tests.unit.analysis.test_complaints import PILLING


def busy_evening() -> list[AnyEvent]:
    """A little of everything."""
    events: list[AnyEvent] = [*evening(9, 4, rate=3)]
    events += crowd(FROZEN, 60)
    events += crowd(["好了", "恢复了", "可以了"], 90, who="d")
    events += crowd(PILLING, 100, every_s=8, who="p")
    events += crowd(["大家别买这家的东西都是假货"] * 9, 150, who="x", level=0)
    events += [HostSaid(at_ms=START_MS + 200_000, text="想要的扣1")]
    events += crowd(["1"] * 45, 202, every_s=0.2, who="e")
    events += [Tick(at_ms=START_MS + second * 1000) for second in range(0, 300, 5)]
    return sorted(events, key=lambda event: event.at_ms)


def digest(derived: list[Derived]) -> str:
    return hashlib.sha256(msgspec.json.encode(derived)).hexdigest()


def test_every_kind_of_finding_can_be_made():
    found = {one.finding_kind for one in play(busy_evening()) if isinstance(one, Finding)}
    assert found == {"raid", "echo", "mass_complaint", "accident", "flag"}


def test_every_comment_gets_exactly_one_verdict_under_its_number():
    pipeline = Pipeline(tables())
    for seq, event in enumerate(busy_evening(), 1):
        seen = [one.seq for one in pipeline.receive(seq, event) if isinstance(one, Verdict)]
        assert seen == ([seq] if type(event).__name__ == "Comment" else [])


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 700))
def test_a_restart_from_a_checkpoint_changes_nothing(cut: int):
    events = busy_evening()
    whole = play(events)
    pipeline = Pipeline(tables())
    first = [
        one for seq, event in enumerate(events[:cut], 1) for one in pipeline.receive(seq, event)
    ]
    static = {"Tables": tables()}
    again: Pipeline = checkpoint.load(checkpoint.save(pipeline, "1", static), "1", static)
    rest = [
        one for seq, event in enumerate(events[cut:], cut + 1) for one in again.receive(seq, event)
    ]
    assert digest(first + rest) == digest(whole)


def test_another_process_finds_the_same():
    code = (
        "from tests.unit.analysis.test_pipeline import busy_evening, digest, play;"
        "print(digest(play(busy_evening())))"
    )
    results = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert results == {digest(play(busy_evening())) + "\n"}


def test_a_wrong_flag_is_not_repeated_for_what_sounds_alike():
    pipeline = Pipeline(tables())
    pipeline.wrong_flag("这个小丑鱼真恶心")
    again = play([said("這個小丑魚真噁心！！", "bob")], pipeline)
    assert [one.labels for one in again if isinstance(one, Verdict)] == [()]
    assert not findings(again, "flag")
    learned = Pipeline(tables(), pipeline.learned())
    assert play([said("这个小丑鱼真恶心~", "eve")], learned)[0] == Verdict(seq=1)


def test_a_strange_learned_layer_is_ignored():
    for strange in ({}, {"not_flagged": "x"}, {"not_flagged": None}, {"other": [1]}):
        assert Pipeline(tables(), strange).learned() == {"not_flagged": []}


def test_asks_are_not_its_business():
    settled = CardSettled(at_ms=START_MS, card_id="c", how="wrong_flag")
    assert Pipeline(tables()).receive(1, settled) == []


def test_flags_are_for_what_must_be_looked_at_by_itself():
    lines = [
        "煞笔主播",
        "假货吧",
        "用了过敏进医院",
        "我是小学生",
        "兼职日结三百",
        "多少钱",
        "起球了",
    ]
    flagged = findings(play(crowd(lines, 0)), "flag")
    assert [one.sample[0] for one in flagged] == lines[:5]
    assert [one.finding_id for one in flagged] == [f"flag-{n}" for n in range(1, 6)]


def test_judging_that_fell_behind_still_finds_copies():
    behind = LoadChanged(at_ms=START_MS, level="behind", waiting=5000)
    copies = crowd(["大家别买这家的东西都是假货"] * 9, 240, who="x", level=0)
    assert findings(play([behind, *evening(9, 5), *copies]), "raid")


def test_a_stream_that_starts_and_stops_says_nothing():
    events = [Stream(at_ms=START_MS, state="started"), Stream(at_ms=START_MS + 9, state="stopped")]
    assert play(events) == []


class _Grumpy:
    """A classifier that calls everything abuse."""

    def judge(self, normal: Normal) -> Judgement:
        return Judgement(scores={Label.HOSTILE: 0.9})


def test_another_classifier_fits_and_has_a_model_of_its_own():
    pipeline = Pipeline(tables(), classifier=_Grumpy())
    verdict = pipeline.receive(1, said("晚上好"))[0]
    assert isinstance(verdict, Verdict)
    assert verdict.lane is Lane.DISPOSE
    assert pipeline.model != Pipeline(tables()).model
    assert len(pipeline.model) == 12
