"""Whatever a program pushes becomes items of one schema, and nothing of it is lost on the way."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.sources.inbox_formats import read
from hostdesk.sources.inbox_formats.own import plain
from hostdesk.sources.inbox_items import event_of, id_of
from tests.unit.sources.inbox_samples import (
    GRAB_CHAT,
    VALID,
    batch,
    grab,
    script,
    wx_event,
    wx_push,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["kind", "items", "text", "Type", "Data", "events", "type", "token", "content",
             "User", "id", "author_id", "badges", "x"]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=20,
)  # fmt: skip


def items(message):
    return read(message).items


def event(message, now_ms=1_000):
    return event_of(items(message)[0], "inbox:x", "douyin", now_ms)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("own", '{"text":"多少钱"}'),
        ("own", '{"kind":"comment","text":"多少钱"}'),
        ("own", '[{"text":"多少钱"}]'),
        ("own", '{"items":[]}'),
        ("own", '{"token":"t"}'),
        ("own", '\ufeff {"text":"a"}\n'),
        ("barrage_grab", GRAB_CHAT),
        ("barrage_grab", grab(1, as_text=False)),
        ("wxlivespy", wx_push()),
        ("user_script", script("info", content="ws连接成功")),
        ("", "{}"),
        ("", "hello"),
        ("", ""),
        ("", "null"),
        ("", '{"a":1}'),
        ("", '"text"'),
        ("", "[" * 100_000),
    ],
)
def test_a_format_is_known_by_its_shape(form, message):
    reading = read(message)
    assert reading.form == form or (form == "" and reading.is_unreadable)
    assert read(message.encode("utf-8")) == reading


@pytest.mark.parametrize(
    ("why", "message"),
    [
        ("a number", '{"text":"a","id":7310000000000000001}'),
        ("text", '{"text":"a","comment_id":"7310000000000000001"}'),
        ("in text in text", GRAB_CHAT),
        ("a fork that sends an object", grab(1, as_text=False, Content="a")),
        ("half a pair of surrogates beside it", '{"text":"a\\ud83d","id":7310000000000000001}'),
    ],
)
def test_no_id_beyond_two_to_the_53_loses_a_digit(why, message):
    assert id_of(items(message)[0]) == "7310000000000000001", why


def test_an_id_that_lost_digits_already_is_no_id():
    assert plain(7.31e18) == ""
    assert plain(12.0) == "12"
    assert plain(12.5) == ""
    assert plain(2**70) == str(2**70)
    assert plain(True) == ""
    assert plain(None) == ""


def test_one_broken_item_does_not_take_the_others_with_it():
    reading = read('{"source":"x","items":[{"text":"a"},5,{"text":{}},{"text":"b","new_key":[1]}]}')
    assert [item.text for item in reading.items] == ["a", "b"]
    assert reading.skipped == 2
    assert reading.source == "x"


def test_numbers_may_be_text_and_keys_may_be_null():
    comment = event(
        '{"text":"a","author_level":"7","author_id":5,"sent_ms":"1760000000000","badges":["Fan",2],'
        '"author_name":null,"has_order":"true","reply_to":null,"room":null}'
    )
    assert (comment.author_level, comment.author_id, comment.sent_ms) == (7, "5", 1760000000000)
    assert (comment.badges, comment.has_order, comment.author_name) == (("fan", "2"), True, "")


def test_text_is_one_line_without_half_characters():
    assert event('{"text":"多少\\n钱\\ud83d\\u0000"}').text == "多少 钱"
    assert event('{"text":"  "}') is None
    assert event('{"text":null,"kind":"comment"}') is None
    assert event('{"kind":"dance","text":"a"}') is None


@pytest.mark.parametrize(
    ("message", "kind", "told"),
    [
        (grab(1, Content="多少钱"), "Comment",
         {"text": "多少钱", "author_id": "9", "author_name": "小鹿", "author_level": 12}),
        (grab(2, Count=5, Total=90), "Like", {"count": 5}),
        (grab(3, CurrentCount=77), "Join", {"author_name": "小鹿", "count": 1}),
        (grab(5, GiftName="玫瑰", GiftCount=3, RepeatCount=9, DiamondCount=10), "Gift",
         {"name": "玫瑰", "count": 3, "value_fen": 300}),
        (grab(7, Type=2, Level=1), "Member", {"author_id": "9"}),
        (grab("1", Content="a", MsgId=0), "Comment", {"comment_id": ""}),
        (grab(1, Content="a", User={"Id": 0, "Nickname": "某***"}), "Comment", {"author_id": ""}),
        (grab(1, Content="a", RoomId=1, WebRoomId=2, User=None), "Comment", {"text": "a"}),
        (wx_push(wx_event()), "Comment",
         {"text": "好看", "author_id": "d1", "comment_id": "L1/5/m1", "sent_ms": 1760000000000}),
        (wx_push(wx_event("enter")), "Join", {"author_name": "阿伟"}),
        (wx_push(wx_event("combo_gift", combo_product_count=4, gift_value=40)), "Gift",
         {"count": 4, "value_fen": 400}),
        (wx_push(wx_event(decoded_openid=None)), "Comment", {"author_id": "s1"}),
        (script("comment", "小鹿", "多少钱"), "Comment", {"text": "多少钱", "comment_id": ""}),
        (script("gift", "小鹿", "玫瑰", count=2), "Gift", {"name": "玫瑰", "count": 2}),
        (script("like", "小鹿"), "Like", {"author_name": "小鹿"}),
        ('{"kind":"removed","id":5}', "Removed", {"comment_id": "5", "reason": "deleted"}),
        ('{"kind":"removed","reason":"cleared"}', "Removed", {"comment_id": ""}),
        ('{"kind":"gap","from_ms":1,"until_ms":99}', "NoneType", {}),
    ],
)  # fmt: skip
def test_what_was_pushed_is_what_the_desk_hears(message, kind, told):
    heard = event(message)
    assert type(heard).__name__ == kind
    assert {name: getattr(heard, name) for name in told} == told


def test_a_removal_of_nobody_is_not_the_removal_of_everything():
    assert event('{"kind":"removed"}') is None
    assert event('{"kind":"removed","author_id":0}') is None


@pytest.mark.parametrize(
    ("from_ms", "until_ms", "gap"),
    [
        (1_700_000_000_000, 1_700_000_060_000, (1_700_000_000_000, 1_700_000_060_000)),
        (1_700_000_000, 1_700_000_060, (1_700_000_000_000, 1_700_000_060_000)),
        (1_700_000_000_000, 9e12, (1_700_000_000_000, 1_700_000_100_000)),
        (1_600_000_000_000, None, (1_700_000_100_000 - 6 * 3_600_000, 1_700_000_100_000)),
        (1_700_000_200_000, None, None),
        (None, 1_700_000_000_000, None),
    ],
)
def test_a_gap_lies_in_the_past_and_is_not_endless(from_ms, until_ms, gap):
    message = json.dumps({"kind": "gap", "from_ms": from_ms, "until_ms": until_ms})
    heard = event(message, now_ms=1_700_000_100_000)
    assert (heard and (heard.at_ms, heard.until_ms)) == gap


def test_follows_shares_and_statistics_are_signs_of_life_and_nothing_skipped():
    for kind in (0, 4, 6, 8):
        reading = read(grab(kind, User=None))
        assert (reading.skipped, reading.items[0].kind) == (0, "other")
    assert items(grab(9, User=None))[0].state == "ended"


def test_a_broken_event_of_a_push_does_not_take_the_others_with_it():
    reading = read(wx_push(wx_event(), 5, wx_event(content={}), wx_event(seq=6)))
    assert (len(reading.items), reading.skipped, reading.room) == (2, 2, "v2_host")


@given(st.text() | json_values.map(lambda value: json.dumps(value)))
def test_whatever_comes_is_read_or_counted(message):
    reading = read(message)
    for item in reading.items:
        event_of(item, "inbox:x", "", 1_760_000_000_000)
        id_of(item)


@given(st.sampled_from(VALID), st.data())
def test_whatever_is_cut_or_changed_on_the_way_harms_nothing(message, data):
    raw = bytearray(message.encode())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    for damaged in (bytes(raw), bytes(raw[:cut])):
        for item in read(damaged).items:
            event_of(item, "inbox:x", "", 1_760_000_000_000)


def test_a_batch_keeps_its_order_and_what_it_has_in_common():
    reading = read(
        batch({"text": "a"}, {"text": "b"}, source="s", platform="kick", room=5, batch=9)
    )
    assert [item.text for item in reading.items] == ["a", "b"]
    told = (reading.source, reading.platform, reading.room, reading.batch)
    assert told == ("s", "kick", "5", "9")
