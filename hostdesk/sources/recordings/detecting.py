"""Which format a recording has, by what stands in it; its name does not count."""

import re
from collections.abc import Callable

from hostdesk.sources.recordings.chat_downloader import (
    ChatDownloaderLinesParser,
    ChatDownloaderParser,
)
from hostdesk.sources.recordings.json_items import decode_object
from hostdesk.sources.recordings.live_chat import LiveChatParser
from hostdesk.sources.recordings.parser import Parser
from hostdesk.sources.recordings.show_file import ShowFileParser
from hostdesk.sources.recordings.tally import Tally
from hostdesk.sources.recordings.twitch_downloader import TwitchDownloaderParser
from hostdesk.sources.recordings.xml_format import XmlParser

PARSERS: dict[str, Callable[[Tally], Parser]] = {
    "bilibili-xml": XmlParser,
    "twitch-downloader": TwitchDownloaderParser,
    "chat-downloader": ChatDownloaderParser,
    "chat-downloader-lines": ChatDownloaderLinesParser,
    "live-chat": LiveChatParser,
    "show-file": ShowFileParser,
}

LOOKED_AT = 50
"""Lines in which a first readable one is sought."""

_XML_ROOT = re.compile(
    r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<(?:i|d|sc|gift|guard|toast)[\s>/]", re.DOTALL
)
_HOSTILE = re.compile(
    r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<!(?:DOCTYPE(?!\s+html)|ENTITY)", re.DOTALL
)
_SPREAD = re.compile(r"\{\s*\n")
"""One object over many lines: a line alone says nothing."""
_TWITCH = re.compile(r'"(?:FileInfo|streamer|comments|content_offset_seconds)"\s*:')
_CHAT = re.compile(r'"(?:message|author|timestamp|time_in_seconds|message_type|message_id)"\s*:')
_LIVE_CHAT = re.compile(r'"(?:replayChatItemAction|addChatItemAction|videoOffsetTimeMsec)"\s*:')
_KIND = re.compile(r'"kind"\s*:')


def is_hostile(head: str) -> bool:
    """Whether it begins with a document type or entities (a web page does not count)."""
    return _HOSTILE.match(head) is not None


def format_of(head: str) -> str:
    """The format's name, a key of `PARSERS`; "" where it is none of them."""
    begin = head.lstrip()
    if begin.startswith("<"):
        return "bilibili-xml" if _XML_ROOT.match(begin) else ""
    if begin.startswith("["):
        return "chat-downloader" if _CHAT.search(begin) else ""
    if "{" not in begin:
        return ""
    is_spread = _SPREAD.match(begin) is not None
    return ("" if is_spread else _by_lines(begin)) or _by_words(begin)


def _by_lines(head: str) -> str:
    """By the first line that is a whole object; "" where none is."""
    for line in head.split("\n", LOOKED_AT)[:LOOKED_AT]:
        found = decode_object(line) if line.lstrip().startswith("{") else None
        if found and (name := _by_keys(found)):
            return name
    return ""


def _by_keys(found: dict[str, object]) -> str:
    if "comments" in found:
        return "twitch-downloader"
    if not found.keys().isdisjoint(
        ("replayChatItemAction", "addChatItemAction", "videoOffsetTimeMsec")
    ):
        return "live-chat"
    if isinstance(found.get("kind"), str):
        return "show-file"
    chat = ("message", "author", "message_id", "message_type", "time_in_seconds")
    return "" if found.keys().isdisjoint(chat) else "chat-downloader-lines"


def _by_words(head: str) -> str:
    """No whole line in sight: one long line, spread over many lines, or cut off."""
    for words, name in (
        (_LIVE_CHAT, "live-chat"),
        (_KIND, "show-file"),
        (_TWITCH, "twitch-downloader"),
    ):
        if words.search(head):
            return name
    return "chat-downloader-lines" if _CHAT.search(head) else ""
