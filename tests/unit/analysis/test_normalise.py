import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.analysis.normalise import MAX_JUDGED
from tests.unit.analysis.builders import tables


@pytest.mark.parametrize(
    ("why", "written", "read"),
    [
        ("nothing to do", "卡了", "卡了"),
        ("traditional", "沒聲音發貨", "没声音发货"),
        ("full width and capitals", "ＳＢ　ＮＯ", "sb no"),
        ("invisible characters", "卡\u200b\ufeff了", "卡了"),
        ("stretched Latin", "nooooo sound", "no sound"),
        ("stretched Chinese", "卡卡卡卡卡", "卡卡"),
        ("numbers are not stretched", "1388888", "1388888"),
        ("spread out", "没 声 音", "没声音"),
        ("spread by dots", "垃.圾", "垃圾"),
        ("words stay words", "退货 卡住", "退货 卡住"),
        ("combining marks", "c\u0336a\u0336r", "car"),
    ],
)
def test_one_spelling(why: str, written: str, read: str):
    assert tables().normalise(written).text == read, why


@given(st.text(max_size=80))
def test_every_character_knows_where_it_stood(text: str):
    normal = tables().normalise(text)
    for at in range(len(normal.text)):
        start, end = normal.original(at, at + 1)
        assert 0 <= start < end <= len(text)
    places = normal.places or range(len(normal.text))
    assert list(places) == sorted(places)


@given(st.text(max_size=80))
def test_reading_twice_changes_nothing_more(text: str):
    once = tables().normalise(text).text
    again = tables().normalise(once).text
    assert len(again) <= len(once)


def test_a_very_long_comment_is_read_to_its_limit_only():
    assert len(tables().normalise("啊呀" * 500_000).text) <= MAX_JUDGED
