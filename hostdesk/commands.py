"""What hostdesk does outside: small frozen structs, performed by edges.

Every command is answered by exactly one `CommandDone` or `CommandFailed` with its id.
Ids are made by the desk and are the same on replay.
"""

import msgspec

from hostdesk.events import ChatAct, CommandId, NoticeKind


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Something to do outside of the core."""

    command_id: CommandId


class ShowNotice(Command, frozen=True, kw_only=True, tag="show_notice"):
    """Paint the notice and put it on the picture; done once OBS holds it in the scene.

    Being *seen* is another matter: the broadcast edge goes on to compare screenshots
    and posts `NoticeProof` for ``notice_id`` until the notice is taken down.
    """

    notice_id: str
    notice_kind: NoticeKind
    text: str
    locale: str
    platform: str


class HideNotice(Command, frozen=True, kw_only=True, tag="hide_notice"):
    """Take the notice off the picture; done once OBS no longer has the item."""

    notice_id: str


class ActInChat(Command, frozen=True, kw_only=True, tag="act_in_chat"):
    """Speak or moderate in the chat of a room; done once the platform says so."""

    room_id: str
    act: ChatAct
    text: str = ""
    comment_id: str = ""
    author_id: str = ""


NoticeCommand = ShowNotice | HideNotice
AnyCommand = NoticeCommand | ActInChat
