"""One YouTube live chat by the official Data API: which call comes next, and what its answer says.

Sans-IO. First ``videos.list`` tells the chat of the video, then ``liveChatMessages.list``
is asked again and again, each time from the page where the last answer ended, so that a
cut loses nothing. The pace follows from the platform's wish and from the quota.
"""

import email.utils
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from hostdesk.events import AnyEvent, Comment, Gap
from hostdesk.sources import youtube_faults
from hostdesk.sources.recordings import cleaning
from hostdesk.sources.recordings.json_items import decode_object
from hostdesk.sources.steps import Fault, Step
from hostdesk.sources.youtube_messages import CHAT_ENDED, Item, events_of
from hostdesk.sources.youtube_quota import LOOKUP, PLANNED_MS, POLL, Pace, Quota, bounded_ms

PAGE = 500
"""Messages asked for at once, about 600 KiB; when as many come, more are waiting."""
MAX_ANSWER = 4 << 20
"""Bytes of one answer; a larger one is not read."""
HISTORY_MS = 30_000
"""The first answer brings the history of the chat. Older than this it is not news."""
OVERLAP_MS = 5_000
"""Where the page was lost: how far before the newest message one begins again."""
KNOWN_IDS = 8_192
MAX_TOKEN = 2_000

_PATHS = {LOOKUP: "/videos", POLL: "/liveChat/messages"}
_VIDEO = re.compile(r"[\w-]{11}", re.ASCII)
_OK = 200


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A GET to make once ``due_ms`` has come. The key is added by the shell, as a header."""

    method: str
    path: str
    query: dict[str, str]
    due_ms: int


class Answer(Step, kw_only=True):
    """What follows from one answer."""

    is_ended: bool = False
    """The broadcast is over; there is nothing more to ask."""
    missed_nothing: bool = False
    """It continues the page before it, however long ago that was."""


class YouTubeProtocol:
    """The conversation about one video. Lives as long as the show, over all cuts."""

    def __init__(self, source_id: str, video: str, quota: Quota, *, expected: str = "") -> None:
        """``video``: its id or any address of it; ``expected``: id or title of the channel."""
        self._source_id, self._expected = source_id, expected.strip()
        self._video = video_id(video)
        self._given = cleaning.name(video)
        self.quota = quota
        self.room = self._given
        """What a person calls it: the channel, once that is known."""
        self._chat_id = ""
        self._page = ""
        self._ends_ms: int | None = None
        self._platform_ms: int | None = None
        self._newest_ms: int | None = None
        self._due_ms = 0
        self._known: OrderedDict[str, None] = OrderedDict()
        self.pace: Pace | None = None
        """The pace that follows from the last answer."""

    def next(self, now_ms: int) -> Call | Fault:
        """The call to make next and when; or why there is none to make."""
        if not self._video:
            return Fault(code="youtube_video", state="refused", params={"given": self._given})
        method = POLL if self._chat_id else LOOKUP
        if not self.quota.affords(method, now_ms):
            return youtube_faults.quota_spent(now_ms)
        if method == LOOKUP:
            query = {"part": "snippet,liveStreamingDetails", "id": self._video}
        else:
            query = {"part": "id,snippet,authorDetails", "liveChatId": self._chat_id}
            query |= {"maxResults": str(PAGE)}
            if self._page:
                query["pageToken"] = self._page
        due_ms = max(self._due_ms, now_ms)
        return Call(method=method, path=_PATHS[method], query=query, due_ms=due_ms)

    def answered(
        self, call: Call, status: int, headers: Mapping[str, str], body: bytes, now_ms: int
    ) -> Answer:
        """The answer to ``call`` came, with whatever HTTP status. Never raises."""
        told = decode_object(body.decode("utf-8", errors="replace"))
        if status != _OK:
            return self._refused(status, headers, told or {}, now_ms)
        if told is None:
            return Answer(skipped=1, fault=Fault(code="source_protocol"))
        if call.method == LOOKUP:
            return self._found(told, now_ms)
        return self._heard(told, call, _server_ms(headers, now_ms), now_ms)

    def _found(self, told: dict[str, Any], now_ms: int) -> Answer:
        items = cleaning.listing(told.get("items"))
        if not items:
            return _fault("youtube_no_video", given=self._video)
        video = cleaning.mapping(items[0])
        about = cleaning.mapping(video.get("snippet"))
        channel = cleaning.identity(about.get("channelId"))
        title = cleaning.name(about.get("channelTitle"))
        self.room = title or self._video
        if self._expected and self._expected.casefold() not in (
            channel.casefold(),
            title.casefold(),
        ):
            told = {"asked": self._expected, "found": title or channel}
            return _fault("source_other_room", **told, found_id=channel or title)
        live = cleaning.mapping(video.get("liveStreamingDetails"))
        self._ends_ms = cleaning.iso_ms(live.get("scheduledEndTime"))
        self._chat_id = cleaning.identity(live.get("activeLiveChatId"))
        self._due_ms = now_ms
        if self._chat_id:
            self._plan(now_ms)
            return Answer()
        return _without_chat(live)

    def _heard(self, told: dict[str, Any], call: Call, server_ms: int, now_ms: int) -> Answer:
        is_continued = "pageToken" in call.query
        since_ms = None if is_continued else self._since_ms(server_ms)
        answer = Answer(joined=True, missed_nothing=is_continued)
        items = cleaning.listing(told.get("items"))
        if not is_continued and self._newest_ms is not None:
            self._compare(items, self._newest_ms, answer)
        for raw in items:
            self._take(Item(cleaning.mapping(raw), self._source_id, now_ms), since_ms, answer)
        newest_ms = server_ms if self._newest_ms is None else self._newest_ms
        self._newest_ms = min(newest_ms, server_ms + OVERLAP_MS)
        self._page = _token(told) or self._page
        self._platform_ms = cleaning.whole(told.get("pollingIntervalMillis"))
        every_ms = self._plan(now_ms).every_ms
        is_behind = len(items) >= PAGE
        self._due_ms = now_ms + (bounded_ms(self._platform_ms) if is_behind else every_ms)
        return answer

    def _compare(self, items: list[Any], newest_ms: int, answer: Answer) -> None:
        """The page was lost and the chat is read anew: does its history reach back far enough?"""
        sent = [Item(cleaning.mapping(raw), "", 0).sent_ms for raw in items]
        oldest_ms = min((ms for ms in sent if ms is not None), default=None)
        if oldest_ms is None:
            return
        answer.missed_nothing = True
        if oldest_ms > newest_ms:
            answer.events.append(Gap(at_ms=newest_ms, until_ms=oldest_ms, source=self._source_id))

    def _take(self, item: Item, since_ms: int | None, answer: Answer) -> None:
        if item.kind == CHAT_ENDED:
            answer.is_ended = True
            return
        if item.sent_ms is not None:
            if since_ms is not None and item.sent_ms < since_ms:
                return
            self._newest_ms = max(item.sent_ms, self._newest_ms or 0)
        events = events_of(item)
        if events is None:
            answer.skipped += 1
        elif self._is_new(item.item_id, events):
            answer.events += events

    def _is_new(self, item_id: str, events: list[AnyEvent]) -> bool:
        """Whether this was not heard before. A tombstone has the id of what it replaces."""
        key = item_id + ("" if any(isinstance(e, Comment) for e in events) else "~")
        if not item_id or key in self._known:
            return not item_id
        self._known[key] = None
        if len(self._known) > KNOWN_IDS:
            self._known.popitem(last=False)
        return True

    def _since_ms(self, server_ms: int) -> int:
        """What is older is history, or was heard already."""
        if self._newest_ms is None:
            return server_ms - HISTORY_MS
        return self._newest_ms - OVERLAP_MS

    def _plan(self, now_ms: int) -> Pace:
        if self._ends_ms is None:
            self._ends_ms = now_ms + PLANNED_MS
        self.pace = self.quota.pace(self._platform_ms, self._ends_ms, now_ms)
        return self.pace

    def _refused(
        self, status: int, headers: Mapping[str, str], told: dict[str, Any], now_ms: int
    ) -> Answer:
        why = youtube_faults.reasons(told)
        every_ms = self.pace.every_ms if self.pace else 0
        self._due_ms = now_ms + every_ms
        if "liveChatEnded" in why:
            return Answer(is_ended=True)
        if self._page and youtube_faults.is_page_lost(status, why):
            self._page = ""
            return Answer()
        if "liveChatNotFound" in why:
            self._chat_id = self._page = ""
        retry_after = headers.get("retry-after", "")
        return Answer(
            fault=youtube_faults.refused(status, why, retry_after, now_ms, every_ms=every_ms)
        )


def video_id(given: str) -> str:
    """The id in what a person pasted: the id itself, or any address of the video. Else ""."""
    given = given.strip()
    if _VIDEO.fullmatch(given):
        return given
    try:
        address = urlsplit(given if "//" in given else f"https://{given}")
    except ValueError:
        return ""
    host = (address.netloc or "").removeprefix("www.").removeprefix("m.")
    if host not in ("youtube.com", "youtu.be", "studio.youtube.com", "youtube-nocookie.com"):
        return ""
    named = parse_qs(address.query).get("v", [])
    found = [part for part in [*named, *address.path.split("/")] if _VIDEO.fullmatch(part)]
    return found[0] if found else ""


def _without_chat(live: dict[str, Any]) -> Answer:
    if live.get("actualEndTime"):
        return Answer(is_ended=True)
    if not live:
        return _fault("youtube_not_live")
    if not live.get("actualStartTime"):
        return Answer(fault=Fault(code="youtube_not_started", retry_s=60.0))
    return Answer(fault=youtube_faults.CHAT_OFF)


def _fault(code: str, **params: str | int) -> Answer:
    return Answer(fault=Fault(code=code, state="refused", params=params))


def _token(told: dict[str, Any]) -> str:
    token = told.get("nextPageToken")
    return token if isinstance(token, str) and len(token) <= MAX_TOKEN else ""


def _server_ms(headers: Mapping[str, str], now_ms: int) -> int:
    """The platform's clock, which stamped the messages; ours may be wrong by minutes."""
    try:
        moment = email.utils.parsedate_to_datetime(headers.get("date", ""))
        return round(moment.timestamp() * 1000)
    except (ValueError, TypeError, OverflowError):
        return now_ms
