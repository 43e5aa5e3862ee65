"""The notices: short enough, money marked, the right one on top."""

import re

import pytest

from hostdesk.counsel.notices import SCREEN_MOST

ALL = [f"N{number:02}" for number in range(1, 15)] + ["N02b", "N06b"]
NEVER = re.compile(
    r"同行|对家|水军|黑公关|尽快|马上|稍后|第一时间|近期|\b(soon|asap|shortly|competitor)\b", re.I
)
DEADLINE = {"deadline": "21:40"}


def test_all_notices_are_there(shipped):
    assert set(ALL) <= {notice.id for notice in shipped.notices.notices}


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_notice_can_be_read_in_passing(shipped, typical, locale):
    for notice in shipped.notices.notices:
        filled = shipped.notices.filled(notice.id, locale=locale, slots=typical[locale])
        assert not filled.missing, notice.id
        assert len(filled.text) <= SCREEN_MOST, (notice.id, filled.text)
        assert not NEVER.search(filled.text + filled.long), notice.id
        assert "[" not in filled.text


@pytest.mark.parametrize(
    ("why", "notice_id", "binds"),
    [
        ("offers kept", "N02", True),
        ("offers restored", "N04", True),
        ("compensation", "N05", True),
        ("refund without loss", "N06", True),
        ("wait or refund", "N10", True),
        ("only words", "N02b", False),
        ("only words", "N06b", False),
        ("only words", "N04b", False),
        ("unknown", "nothing", False),
    ],
)
def test_money_is_marked(shipped, why, notice_id, binds):
    assert shipped.notices.binds(notice_id) is binds, why


@pytest.mark.parametrize(
    ("why", "topic", "card_kind", "kind", "first"),
    [
        ("a freeze", "freeze", "accident", None, "N02b"),
        ("no sound", "sound", "accident", None, "N03"),
        ("back again", "cut", "accident", "recovery", "N04b"),
        ("the same words by many", "", "raid", None, "N11"),
        ("the same complaint by many", "quality", "raid", "note", "N11"),
        ("a rash", "safety", "comments", None, "N13"),
        ("private data seen", "privacy", "comments", None, "N14"),
        ("a quality wave", "quality", "mass_complaint", None, "N09b"),
        ("a wrong price", "price", "mass_complaint", "correction", "N06b"),
        ("an apology for goods", "quality", "mass_complaint", "apology", "N01b"),
        ("an apology for words", "insult", "comments", "apology", "N01"),
        ("compensation asked for", "quality", "mass_complaint", "compensation", "N05"),
        ("a quiet room", "", "", None, "N02b"),
    ],
)
def test_the_fitting_notice_stands_first(shipped, why, topic, card_kind, kind, first):
    offered = shipped.notices.fitting(
        topic=topic, card_kind=card_kind, kind=kind, locale="zh", slots=DEADLINE
    )
    assert offered[0].notice_id == first, why
    assert kind is None or {each.notice_kind for each in offered} == {kind}


def test_each_kind_has_one_that_goes_up_at_one_press(shipped):
    """Compensation aside: that one always needs a person."""
    ready = {
        each.notice_kind
        for each in shipped.notices.fitting(locale="zh", slots={**DEADLINE, "right": "129元"})
        if not each.missing and not each.binds
    }
    assert ready >= {"apology", "correction", "progress", "recovery", "note"}


def test_what_a_person_must_fill_is_listed(shipped):
    moved = shipped.notices.filled("N10", locale="zh", slots=DEADLINE)
    assert moved.missing == ("product", "ship_by")
    assert "{ship_by}" in moved.text


def test_the_place_to_turn_to_is_never_open(shipped):
    for notice in shipped.notices.notices:
        filled = shipped.notices.filled(notice.id, locale="en", slots={})
        assert "contact" not in filled.missing
        assert "{contact}" not in filled.long


def test_no_notice_of_that_name(shipped):
    assert shipped.notices.get("nothing") is None
    assert shipped.notices.filled("nothing", locale="zh", slots={}) is None


def test_with_no_card_at_all_every_notice_can_be_chosen(shipped):
    offered = shipped.notices.fitting(locale="de", slots={})
    assert len(offered) == len(shipped.notices.notices)
    assert all(re.search(r"[\u4e00-\u9fff]", each.text) for each in offered)
