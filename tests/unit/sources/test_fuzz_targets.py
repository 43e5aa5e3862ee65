"""Each fuzz target takes honest messages of its protocol whole, cut anywhere, and changed."""

import importlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.e2e.engine_process import ROOT
from tests.fuzz.seeds import all_seeds

TARGETS = sorted(file.stem for file in (ROOT / "tests" / "fuzz").glob("fuzz_*.py"))
SEEDS = all_seeds()


def take(target, data):
    importlib.import_module(f"tests.fuzz.{target}").take(data)


def test_every_target_has_seeds():
    assert sorted(SEEDS) == TARGETS
    assert all(SEEDS.values())


@pytest.mark.parametrize("target", TARGETS)
def test_honest_messages_are_taken(target):
    for seed in SEEDS[target]:
        take(target, seed)


@pytest.mark.parametrize("target", TARGETS)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_is_left_of_an_honest_message(target, data):
    changed = bytearray(data.draw(st.sampled_from(SEEDS[target]))[:4_000])
    for _ in range(data.draw(st.integers(0, 4))):
        first = data.draw(st.integers(0, len(changed)))
        last = data.draw(st.integers(first, min(first + 40, len(changed))))
        changed[first:last] = data.draw(st.binary(max_size=12))
    take(target, bytes(changed[: data.draw(st.integers(0, len(changed)))]))


def test_the_seeds_reach_what_they_are_for():
    """A fuzzer that begins at the door never sees the room."""
    from hostdesk.events import Comment
    from hostdesk.sources.bilibili_protocol import BilibiliProtocol
    from tests.fuzz.fuzz_bilibili import NOW

    talk = BilibiliProtocol("fuzz", auth_body="{}")
    heard = [event for seed in SEEDS["fuzz_bilibili"] for event in talk.received(seed, NOW).events]
    assert any(isinstance(event, Comment) for event in heard)
