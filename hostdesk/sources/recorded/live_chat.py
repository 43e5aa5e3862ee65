"""yt-dlp's ``live_chat.json``: one action a line, as YouTube's page gets it.

Source: yt-dlp, downloader/youtube_live_chat.py, and YouTube's renderers as recorded there.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from hostdesk.events import AnyEvent, AuthorId, Comment, CommentId, Gift, Member
from hostdesk.sources.recorded.clean import BASE_MS, id_of, ms_of, name_of, number_of, text_of
from hostdesk.sources.recorded.lines import read_lines
from hostdesk.sources.recorded.recording import Trouble

_TEXT = ("liveChatTextMessageRenderer", "liveChatPaidMessageRenderer")
_GIFT = ("liveChatPaidStickerRenderer", "liveChatSponsorshipsGiftPurchaseAnnouncementRenderer")
_MEMBER = ("liveChatMembershipItemRenderer",)


def read(stream: BinaryIO, trouble: Trouble) -> Iterator[AnyEvent]:
    """Comments, paid stickers and memberships; notices of YouTube itself are left out."""
    for number, line in read_lines(stream, trouble):
        try:
            row = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            trouble.at(number)
            continue
        if isinstance(row, dict):
            yield from _actions(row)
        else:
            trouble.at(number)


def _actions(row: dict[str, Any]) -> Iterator[AnyEvent]:
    replay = _dict(row.get("replayChatItemAction"))
    offset = replay.get("videoOffsetTimeMsec", row.get("videoOffsetTimeMsec"))
    actions = replay.get("actions", [row])
    for action in actions if isinstance(actions, list) else []:
        item = _dict(_dict(_dict(action).get("addChatItemAction")).get("item"))
        for name, renderer in item.items():
            event = _event(name, _dict(renderer), offset)
            if event is not None:
                yield event


def _event(name: str, renderer: dict[str, Any], offset: Any) -> AnyEvent | None:
    at_ms = _at_ms(renderer, offset)
    if at_ms is None:
        return None
    who = AuthorId(id_of(renderer.get("authorExternalChannelId")))
    author = name_of(_dict(renderer.get("authorName")).get("simpleText"))
    if name in _TEXT:
        return Comment(
            at_ms=at_ms,
            sent_ms=at_ms,
            comment_id=CommentId(id_of(renderer.get("id"))),
            author_id=who,
            author_name=author,
            text=_message(renderer.get("message")),
            badges=_badges(renderer.get("authorBadges")),
            platform="youtube",
        )
    if name in _GIFT:
        paid = text_of(_dict(renderer.get("purchaseAmountText")).get("simpleText"))
        return Gift(at_ms=at_ms, author_id=who, author_name=author, name=paid, platform="youtube")
    if name in _MEMBER:
        return Member(at_ms=at_ms, author_id=who, author_name=author, platform="youtube")
    return None


def _at_ms(renderer: dict[str, Any], offset: Any) -> int | None:
    stamp = number_of(renderer.get("timestampUsec"))
    if stamp is not None:
        return ms_of(stamp / 1000)
    late = number_of(offset)
    return None if late is None else ms_of(BASE_MS + max(late, 0))


def _message(message: Any) -> str:
    runs = _dict(message).get("runs")
    if not isinstance(runs, list):
        return text_of(_dict(message).get("simpleText"))
    return text_of("".join(_run(_dict(run)) for run in runs[:500]))


def _run(run: dict[str, Any]) -> str:
    if isinstance(run.get("text"), str):
        return str(run["text"])
    emoji = _dict(run.get("emoji"))
    shortcuts = emoji.get("shortcuts")
    is_custom = emoji.get("isCustomEmoji") is True
    if isinstance(emoji.get("emojiId"), str) and not is_custom and len(emoji["emojiId"]) < 12:
        return str(emoji["emojiId"])
    return str(shortcuts[0]) if isinstance(shortcuts, list) and shortcuts else ""


def _badges(badges: Any) -> tuple[str, ...]:
    if not isinstance(badges, list):
        return ()
    found = (_dict(_dict(each).get("liveChatAuthorBadgeRenderer")) for each in badges[:10])
    return tuple(name_of(badge.get("tooltip")) for badge in found)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
