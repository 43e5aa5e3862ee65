"""TikTok LIVE into hostdesk's inbox: a program of its own, run by you, beside hostdesk.

TikTokLive is another project with another licence (version 7: AGPL-3.0) and reads TikTok in a way
that TikTok does not document. hostdesk never imports it; this script does, in its own environment:

    python -m venv tiktok-env
    tiktok-env/bin/pip install TikTokLive          (Windows: tiktok-env\\Scripts\\pip)
    tiktok-env/bin/python tiktok_bridge.py @name   (asks for the token of the inbox)

The token may also stand in the environment variable HOSTDESK_TOKEN. Needs Python 3.11 or newer;
tried with the event classes of TikTokLive 7.0.1.
"""
# ruff: noqa: T201

import argparse
import asyncio
import contextlib
import getpass
import json
import os
import urllib.error
import urllib.request

BEAT_S = 8.0
MAX_BATCH = 500
MAX_WAITING = 20_000
RETRY_S = 10.0
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Inbox:
    """Collects items and posts them in batches; keeps them while hostdesk is away."""

    def __init__(self, token, port, name):
        self.token, self.port, self.name = token, port, name
        self.waiting = []
        self.wake = asyncio.Event()

    def put(self, **item):
        """One thing that happened."""
        self.waiting.append(item)
        del self.waiting[:-MAX_WAITING]
        self.wake.set()

    async def run(self):
        """Post what waits, and a sign of life at least every `BEAT_S` seconds."""
        while True:
            try:
                await asyncio.wait_for(self.wake.wait(), BEAT_S)
            except TimeoutError:
                self.put(kind="heartbeat")
            self.wake.clear()
            while self.waiting:
                batch = self.waiting[:MAX_BATCH]
                try:
                    await asyncio.to_thread(self.post, batch)
                except OSError as exc:
                    print("hostdesk:", exc)
                    await asyncio.sleep(BEAT_S)
                    continue
                del self.waiting[: len(batch)]

    def post(self, items):
        """One POST. 4xx is our own mistake: sending the same again would not help."""
        body = {"source": "tiktok", "platform": "tiktok", "room": self.name, "items": items}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/comments")
        request.add_header("Authorization", f"Bearer {self.token}")
        try:
            opener.open(request, json.dumps(body).encode(), timeout=10).close()
        except urllib.error.HTTPError as exc:
            if exc.code in (401, 403):
                raise SystemExit(f"hostdesk refuses: {exc.code}. Is the token right?") from exc
            if exc.code >= 500:
                raise
            print("hostdesk:", exc.code, exc.read(300))


def person(user):
    """Who did it; several versions of the library name these differently."""
    name = getattr(user, "nickname", "") or getattr(user, "nick_name", "")
    return {"author_id": str(getattr(user, "id", "") or ""), "author_name": name}


def message_id(event):
    """The id that TikTok gave to the message, as text; None where there is none."""
    for place, name in (("common", "msg_id"), ("base_message", "message_id")):  # version 7, 6
        found = getattr(getattr(event, place, None), name, None)
        if found:
            return str(found)
    return None


def follow_room(client, events, inbox):
    """How the room itself is."""

    @client.on(events.ConnectEvent)
    async def connected(event):
        inbox.put(kind="status", state="live")

    @client.on(events.DisconnectEvent)
    async def disconnected(event):
        inbox.put(kind="status", state="reconnecting")

    @client.on(events.LiveEndEvent)
    async def ended(event):
        inbox.put(kind="status", state="ended")


def follow_people(client, events, inbox):
    """What viewers do, as items."""

    @client.on(events.CommentEvent)
    async def said(event):
        text = getattr(event, "comment", None) or getattr(event, "content", "")
        inbox.put(text=text, id=message_id(event), **person(event.user))

    @client.on(events.GiftEvent)
    async def gave(event):
        if not getattr(event, "streaking", False):  # counted once, when a streak is over
            inbox.put(kind="gift", name=event.gift.name, count=event.repeat_count,
                      id=message_id(event), **person(event.user))  # fmt: skip

    @client.on(events.LikeEvent)
    async def liked(event):
        inbox.put(kind="like", count=event.count, **person(event.user))

    @client.on(events.JoinEvent)
    async def joined(event):
        inbox.put(kind="join", **person(event.user))


async def main(name, token, port):
    """Until it is stopped with Ctrl+C."""
    from TikTokLive import TikTokLiveClient, events

    inbox = Inbox(token, port, name)
    posting = asyncio.ensure_future(inbox.run())
    while not posting.done():
        client = TikTokLiveClient(unique_id=name)
        follow_room(client, events, inbox)
        follow_people(client, events, inbox)
        try:
            reading = asyncio.ensure_future(client.connect())
            await asyncio.wait({reading, posting}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()
        except Exception as exc:  # noqa: BLE001  (offline, age limit, sign server: try again)
            print("TikTok:", type(exc).__name__, exc)
            inbox.put(kind="status", state="reconnecting")
        await asyncio.sleep(RETRY_S)
    posting.result()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="TikTok LIVE into hostdesk's inbox")
    parser.add_argument("name", help="the host, as in @name")
    parser.add_argument("--port", type=int, default=8765)
    asked = parser.parse_args()
    shown = os.environ.get("HOSTDESK_TOKEN") or getpass.getpass("Token of the inbox: ")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(asked.name, shown, asked.port))
