"""The user script 直播弹幕监听助手: ``{"type": …, "username": …, "content": …, "data": {…}}``.

Source: protocol of Ikaros-521's script 3.1. It reads a page, so there are no ids, no author ids
and no times; two equal comments are two comments. Its greeting has type "info".
"""

from typing import Any

import msgspec

from hostdesk.sources.inbox_formats.reading import UNREADABLE, Reading
from hostdesk.sources.inbox_schema import OTHER, Item, Loose
from hostdesk.sources.recordings import cleaning

SOURCE = "user-script"


class _Message(msgspec.Struct, gc=False):
    type: str | None = None
    username: str | None = None
    content: str | None = None
    data: dict[str, Any] | None = None


_MESSAGE = msgspec.json.Decoder(_Message)


def read_json(text: str) -> Reading:
    """One message. Raises what msgspec raises; then try `read_loosely`."""
    return _reading(_MESSAGE.decode(text))


def read_loosely(found: dict[str, Any]) -> Reading:
    """The same with something odd in it."""
    names = ("type", "username", "content")
    texts = {name: found[name] for name in names if isinstance(found.get(name), str)}
    return _reading(_Message(**texts, data=cleaning.mapping(found.get("data"))))


def _reading(message: _Message) -> Reading:
    item = _item(message)
    return Reading(form="user_script", items=[item], source=SOURCE) if item else UNREADABLE


def _item(message: _Message) -> Item | None:
    match message.type:
        case "comment":
            return Item(author_name=message.username, text=message.content or "")
        case "gift":
            count: Loose = cleaning.whole((message.data or {}).get("count"))
            return Item(
                kind="gift", author_name=message.username, name=message.content, count=count
            )
        case "like":
            return Item(kind="like", author_name=message.username)
        case "info":
            return Item(kind=OTHER)
        case None:
            return None
        case _:
            return Item(kind=OTHER)
