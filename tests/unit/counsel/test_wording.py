"""Hints while somebody types an own notice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.content.notices import load_check
from hostdesk.text import words

CHECK = load_check()


@pytest.mark.parametrize(
    ("why", "text", "codes"),
    [
        ("plain", "画面卡顿处理中，主播在线，21:40前更新。", []),
        ("nothing", "", []),
        ("long", "很" * 61, ["too_long"]),
        ("just short enough", "很" * 60, []),
        ("a phone number", "有问题打 13812345678", ["phone"]),
        ("a phone number with gaps", "有问题打 138 1234 5678", ["phone"]),
        ("an order number is longer", "订单 4138123456780012", []),
        ("a landline of ours is no mobile", "热线 400-820-8820", []),
        ("an identity number", "身份证 11010519491231002X", ["id_number"]),
        ("an e-mail address", "写信到 shop@example.com", ["email"]),
        ("no clock time", "我们尽快处理", ["vague_time"]),
        ("no clock time in English", "Back SOON", ["vague_time"]),
        ("sooner is not soon", "The sooner the better", []),
        ("a slot left open", "预计{back_by}恢复", ["open_slot"]),
        ("several", "马上给{product}的13812345678回电", ["open_slot", "phone", "vague_time"]),
    ],
)
def test_hints(why, text, codes):
    assert [hint.code for hint in CHECK.hints(text)] == codes, why


@given(st.text() | st.text("13812345678尽快 {a}@.com", max_size=90))
def test_whatever_is_typed_hints_point_into_the_text(text):
    for hint in CHECK.hints(text):
        assert 0 <= hint.start < hint.end <= len(text)
        assert words("zh").has(f"hint.{hint.code}.message")
        assert words("en")(f"hint.{hint.code}.message", found=hint.found)


def test_our_own_notices_give_no_hint(shipped, typical):
    for locale in ("zh", "en"):
        for notice in shipped.notices.notices:
            text = shipped.notices.filled(notice.id, locale=locale, slots=typical[locale]).text
            assert not shipped.hints(text), notice.id
