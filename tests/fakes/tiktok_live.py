"""Stands in for the TikTokLive library in the process of our example bridge: what it would say.

Names as in TikTokLive 7.0.1 (its event classes were tried with the bridge by hand); the library
itself is AGPL and contacts TikTok, so tests do not use it.
"""

import asyncio
from types import SimpleNamespace

_NAMES = ("ConnectEvent", "DisconnectEvent", "LiveEndEvent", "CommentEvent", "GiftEvent",
          "LikeEvent", "JoinEvent")  # fmt: skip
events = SimpleNamespace(**{name: name for name in _NAMES})


class TikTokLiveClient:
    def __init__(self, unique_id):
        self.handlers = {}

    def on(self, event):
        def keep(handler):
            self.handlers[event] = handler
            return handler

        return keep

    async def connect(self):
        user = SimpleNamespace(id=7310000000000000001, nickname="小鹿")
        rose = SimpleNamespace(name="Rose")
        for name, told in (
            ("ConnectEvent", {}),
            ("CommentEvent", {"content": "多少钱", "user": user,
                              "common": SimpleNamespace(msg_id=7310000000000000002)}),
            ("GiftEvent", {"gift": rose, "repeat_count": 1, "streaking": True, "user": user}),
            ("GiftEvent", {"gift": rose, "repeat_count": 3, "streaking": False, "user": user}),
            ("LikeEvent", {"count": 5, "user": user}),
            ("JoinEvent", {"user": user}),
        ):  # fmt: skip
            await self.handlers[name](SimpleNamespace(**told))
        await asyncio.Event().wait()
