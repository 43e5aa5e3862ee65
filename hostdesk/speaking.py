"""Commands to their outputs: notices to the stage, what is said and done in a chat to its room."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from hostdesk.accounts import Accounts, address
from hostdesk.commands import ActInChat, AnyCommand
from hostdesk.errors import ChatRoomGoneError, HostdeskError
from hostdesk.ports import NowMs
from hostdesk.settings import Room, Settings
from hostdesk.stage import Stage

if TYPE_CHECKING:
    from hostdesk.outputs.helix import TwitchChannel
    from hostdesk.outputs.helix_http import HelixHttp
    from hostdesk.sources.twitch_login import TwitchLogin

TIME_OUT_S = 600


class Outputs:
    """Fits `hostdesk.ports.Output`. In a rehearsal nothing is said anywhere."""

    def __init__(self, stage: Stage, chat: "Chat | None") -> None:
        self._stage, self._chat = stage, chat

    async def perform(self, command: AnyCommand) -> None:
        """Carry a command out, where it belongs."""
        if not isinstance(command, ActInChat):
            await self._stage.perform(command)
        elif self._chat is not None:
            await self._chat.perform(command)


class Chat:
    """Speaks and moderates in the rooms in which somebody is logged in."""

    def __init__(self, accounts: Accounts, settings: Callable[[], Settings], now_ms: NowMs) -> None:
        self._accounts, self._settings, self._now_ms = accounts, settings, now_ms
        self._lines: dict[str, _Line] = {}

    async def perform(self, command: ActInChat) -> None:
        """Return once the platform has confirmed it.

        Raises:
            ChatRoomGoneError: the room was removed.
            HelixError: one of its kinds.
        """
        rooms = {room.room_id: room for room in self._settings().rooms}
        room = rooms.get(command.room_id)
        if room is None:
            raise ChatRoomGoneError(room=command.room_id)
        await _act(await self._channel(room), command)

    async def close(self) -> None:
        """Let go of the connections."""
        while self._lines:
            await self._lines.popitem()[1].http.close()

    async def _channel(self, room: Room) -> "TwitchChannel":
        from hostdesk.outputs.helix import TwitchChannel, person
        from hostdesk.outputs.helix_http import API, HelixHttp
        from hostdesk.sources.twitch_protocol import channel_of

        login = await self._accounts.known(room)
        line = self._lines.get(room.room_id)
        if line is not None and (line.room, line.login) == (room, login):
            return line.channel
        http = HelixHttp(
            room.client_id,
            login.token,
            now_ms=self._now_ms,
            renew=login.renew,
            api=address(room) or API,
        )
        try:
            owner, me = await person(http, channel_of(room.channel)), await person(http)
            if owner is None or me is None:
                raise ChatRoomGoneError(room=room.channel)
        except HostdeskError:
            await http.close()
            raise
        channel = TwitchChannel(http, channel_id=owner.user_id, user_id=me.user_id)
        if line is not None:
            await line.http.close()
        self._lines[room.room_id] = _Line(room, login, http, channel)
        return channel


class _Line(NamedTuple):
    """The way to one room, as one person."""

    room: Room
    login: "TwitchLogin"
    http: "HelixHttp"
    channel: "TwitchChannel"


async def _act(channel: "TwitchChannel", command: ActInChat) -> None:
    match command.act:
        case "say" | "pin":
            await channel.send(command.text, is_pinned=command.act == "pin")
        case "announce":
            await channel.announce(command.text)
        case "unpin":
            await _unpin(channel)
        case "delete":
            await channel.delete(command.comment_id)
        case "time_out":
            await channel.time_out(command.author_id, TIME_OUT_S)
        case "shield_on" | "shield_off":
            await channel.set_shield(is_on=command.act == "shield_on")


async def _unpin(channel: "TwitchChannel") -> None:
    pinned = await channel.pinned()
    if pinned is not None:
        await channel.unpin(pinned.message_id)
