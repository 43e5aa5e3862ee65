"""DouyinBarrageGrab: ``{"Type": int, "ProcessName": str, "Data": "<JSON again>"}``.

Source: HaoDong108/DouyinBarrageGrab 2.7.6 and its forks. ``Data`` may be an object already;
``Onwer`` is its own spelling, forks write ``Owner``; there is no time in it.
"""

from enum import IntEnum
from typing import Any

import msgspec

from hostdesk.sources.inbox_formats.own import plain
from hostdesk.sources.inbox_formats.reading import UNREADABLE, Reading, loosely
from hostdesk.sources.inbox_schema import OTHER, Item, Loose
from hostdesk.sources.recordings import cleaning

SOURCE = "douyin-barrage-grab"
PLATFORM = "douyin"
FEN_PER_DIAMOND = 10
"""1 yuan buys 10 diamonds (抖币)."""


class Type(IntEnum):
    """What a frame tells."""

    CHAT = 1
    LIKE = 2
    ENTER = 3
    FOLLOW = 4
    GIFT = 5
    STATISTICS = 6
    FAN_CLUB = 7
    SHARE = 8
    LIVE_END = 9


class _User(msgspec.Struct, gc=False):
    Id: Loose = None
    Nickname: str | None = None
    Level: Loose = None
    PayLevel: Loose = None
    IsAdmin: bool | None = None
    IsAnchor: bool | None = None
    IsAnonymous: bool | None = None
    SecUid: str | None = None


class _Owner(msgspec.Struct, gc=False):
    UserId: Loose = None
    Nickname: str | None = None


class _Data(msgspec.Struct, gc=False):
    MsgId: Loose = None
    User: _User | None = None
    Onwer: _Owner | None = None
    Owner: _Owner | None = None
    Content: str | None = None
    RoomId: Loose = None
    WebRoomId: Loose = None
    Count: Loose = None
    GiftName: str | None = None
    GiftCount: Loose = None
    DiamondCount: Loose = None
    Type: Loose = None


class _Frame(msgspec.Struct, gc=False):
    Type: Loose = None
    Data: str | _Data | None = None


_FRAME = msgspec.json.Decoder(_Frame)
_DATA = msgspec.json.Decoder(_Data)
_NOBODY = _User()


def read_json(text: str) -> Reading:
    """One frame. Raises what msgspec raises; then try `read_loosely`."""
    frame = _FRAME.decode(text)
    data = _DATA.decode(frame.Data) if isinstance(frame.Data, str) else frame.Data
    return _reading(frame.Type, data or _Data())


def read_loosely(found: dict[str, Any]) -> Reading:
    """The same with something odd in it."""
    data = found.get("Data")
    data = loosely(data) if isinstance(data, str) else data
    try:
        return _reading(found.get("Type"), msgspec.convert(data or {}, _Data, strict=False))
    except (msgspec.ValidationError, RecursionError, UnicodeEncodeError):
        return UNREADABLE


def _reading(kind: object, data: _Data) -> Reading:
    number = cleaning.whole(kind)
    if number is None:
        return UNREADABLE
    item = _item(number, data)
    room = plain(data.WebRoomId) or plain(data.RoomId)
    return Reading(form="barrage_grab", items=[item], source=SOURCE, platform=PLATFORM,
                   room="" if room == "0" else room)  # fmt: skip


def _item(kind: int, data: _Data) -> Item:
    """What the frame tells; things that the desk does not follow are a sign of life."""
    match kind:
        case Type.CHAT:
            item = Item(text=data.Content or "", badges=_badges(data.User or _NOBODY))
        case Type.LIKE:
            item = Item(kind="like", count=data.Count)
        case Type.ENTER:
            item = Item(kind="join")
        case Type.GIFT:
            item = Item(kind="gift", name=data.GiftName, count=data.GiftCount,
                        value_fen=_value_fen(data))  # fmt: skip
        case Type.FAN_CLUB:
            item = Item(kind="member")
        case Type.LIVE_END:
            return Item(kind="status", state="ended")
        case _:
            return Item(kind=OTHER)
    return _signed(item, data)


def _signed(item: Item, data: _Data) -> Item:
    user = data.User or _NOBODY
    item.id = data.MsgId or None  # 0 where a fork has none
    item.author_id, item.author_name = user.Id, user.Nickname
    item.author_level = user.PayLevel if user.PayLevel is not None else user.Level
    return item


def _value_fen(data: _Data) -> int | None:
    each, count = cleaning.whole(data.DiamondCount), cleaning.count(data.GiftCount)
    return each * count * FEN_PER_DIAMOND if each else None


def _badges(user: _User) -> list[Any] | None:
    badges = [("moderator", user.IsAdmin), ("broadcaster", user.IsAnchor)]
    return [name for name, is_so in badges if is_so] or None
