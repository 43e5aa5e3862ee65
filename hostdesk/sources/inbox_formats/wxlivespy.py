"""wxlivespy (WeChat Channels): ``{"events": […], "host_info": {…}, "live_info": {…}}`` by POST.

Source: fire4nt/wxlivespy, format of February 2024. ``decoded_openid`` lasts over broadcasts,
``sec_openid`` changes with each; ``seq`` repeats where an event is sent twice.
"""

from typing import Any

import msgspec

from hostdesk.sources.inbox_formats.own import plain
from hostdesk.sources.inbox_formats.reading import Reading
from hostdesk.sources.inbox_schema import OTHER, Item, Loose
from hostdesk.sources.recordings import cleaning

SOURCE = "wxlivespy"
PLATFORM = "weixin_channels"
FEN_PER_WECOIN = 10
"""1 yuan buys 10 微信豆."""


class _Event(msgspec.Struct, gc=False):
    decoded_type: str | None = None
    content: str | None = None
    nickname: str | None = None
    msg_id: Loose = None
    msg_time: Loose = None
    sec_openid: Loose = None
    decoded_openid: Loose = None
    seq: Loose = None
    gift_num: Loose = None
    gift_value: Loose = None
    sec_gift_id: Loose = None
    combo_product_count: Loose = None
    to_level: Loose = None


class _Host(msgspec.Struct):
    finder_username: Loose = None
    wechat_uin: Loose = None


class _Live(msgspec.Struct):
    live_id: Loose = None


class _Push(msgspec.Struct):
    events: list[_Event] | None = None
    host_info: _Host | None = None
    live_info: _Live | None = None


_PUSH = msgspec.json.Decoder(_Push)
_KINDS = {"comment": "comment", "enter": "join", "gift": "gift", "combo_gift": "gift",
          "like": "like", "levelup": OTHER, "unknown": OTHER}  # fmt: skip


def read_json(text: str) -> Reading:
    """One push. Raises what msgspec raises; then try `read_loosely`."""
    push = _PUSH.decode(text)
    return _reading(push, push.events or [], 0)


def read_loosely(found: dict[str, Any]) -> Reading:
    """The same with something odd in it: the events that can be read."""
    events: list[_Event] = []
    listed = cleaning.listing(found.get("events"))
    for each in listed:
        event = _convert(each, _Event)
        if event is not None:
            events.append(event)
    push = _Push(
        host_info=_convert(found.get("host_info"), _Host),
        live_info=_convert(found.get("live_info"), _Live),
    )
    return _reading(push, events, len(listed) - len(events))


def _convert(value: object, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind, strict=False)
    except (msgspec.ValidationError, RecursionError, UnicodeEncodeError):
        return None


def _reading(push: _Push, events: list[_Event], skipped: int) -> Reading:
    live = plain(push.live_info.live_id) if push.live_info else ""
    host = plain(push.host_info.finder_username) if push.host_info else ""
    return Reading(
        form="wxlivespy",
        items=[_item(event, live) for event in events],
        source=SOURCE,
        platform=PLATFORM,
        room=host,
        skipped=skipped,
    )


def _item(event: _Event, live: str) -> Item:
    kind = _KINDS.get(event.decoded_type or "", OTHER)
    item = Item(
        kind=kind,
        id=_id(event, live),
        author_id=plain(event.decoded_openid) or plain(event.sec_openid),
        author_name=event.nickname,
        sent_ms=event.msg_time,
    )
    if kind == "comment":
        item.text = event.content or ""
    elif kind == "gift":
        item.name = event.content or plain(event.sec_gift_id)
        item.count = event.combo_product_count or event.gift_num
        value = cleaning.whole(event.gift_value)
        item.value_fen = value * FEN_PER_WECOIN if value else None
    return item


def _id(event: _Event, live: str) -> str:
    """``msg_id`` alone is not always there; ``seq`` counts anew with each broadcast."""
    parts = (live, plain(event.seq), plain(event.msg_id))
    return "/".join(parts) if parts[1] or parts[2] else ""
