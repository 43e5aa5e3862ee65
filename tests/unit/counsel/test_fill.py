"""Slots, optional parts, clock times."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.counsel.fill import clock, fill, slots_of

CONTACT = {"contact": "订单页客服"}


@pytest.mark.parametrize(
    ("why", "text", "slots", "expected", "missing"),
    [
        ("filled", "照片发{contact}。", {"contact": "客服A"}, "照片发客服A。", ()),
        ("a default stands in", "照片发{contact}。", {}, "照片发订单页客服。", ()),
        ("an empty value is none", "照片发{contact}。", {"contact": " "}, "照片发订单页客服。", ()),
        ("nobody knows it", "改为{ship_by}发出。", {}, "改为{ship_by}发出。", ("ship_by",)),
        ("the part falls away", "记下了[，{deadline}前回]。", {}, "记下了。", ()),
        ("the part stays", "好[，{deadline}前回]。", {"deadline": "9:05"}, "好，9:05前回。", ()),
        ("a value is not a wording", "{a}和{b}", {"a": "{b}", "b": "[x]"}, "{b}和[x]", ()),
        ("a value stands on one line", "{a}。", {"a": "一\n二"}, "一 二。", ()),
        ("other braces stay", "{A B} {} [x]", {}, "{A B} {} x", ()),
    ],
)  # fmt: skip
def test_filling(why, text, slots, expected, missing):
    filled = fill(text, slots, CONTACT)
    assert (filled.text, filled.missing) == (expected, missing), why


@given(st.text(), st.dictionaries(st.text(max_size=8), st.text()))
def test_whatever_comes_it_is_filled_or_told(text, slots):
    filled = fill(text, slots)
    assert set(filled.missing) <= set(slots_of(text))
    assert all(f"{{{name}}}" in filled.text for name in filled.missing)


@pytest.mark.parametrize(
    ("why", "at_ms", "zone", "expected"),
    [
        ("rounded up to five minutes", 61_000, 0, "00:05"),
        ("a full five minutes stays", 300_000, 0, "00:05"),
        ("in the show's zone", 0, 480, "08:00"),
        ("over midnight", 86_399_000, 0, "00:00"),
        ("west of Greenwich", 0, -300, "19:00"),
        ("a real evening", 1_790_000_460_000, 480, "22:25"),
    ],
)
def test_a_deadline_is_a_clock_time(why, at_ms, zone, expected):
    assert clock(at_ms, zone) == expected, why


@given(st.integers(0, 2**45), st.integers(-720, 840))
def test_a_deadline_is_never_earlier_than_meant(at_ms, zone):
    hours, minutes = clock(at_ms, zone).split(":")
    said_min = int(hours) * 60 + int(minutes)
    meant_min = at_ms / 60_000 + zone
    assert 0 <= (said_min - meant_min) % 1440 < 5.001
