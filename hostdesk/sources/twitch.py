"""One Twitch channel, read over IRC-WebSocket. Without an account of any kind, if wanted."""

import random
from collections.abc import Callable

from hostdesk.ports import NowMs, Post
from hostdesk.sources.link import Dialled, SocketFeed
from hostdesk.sources.steps import Fault, SourceFaultError
from hostdesk.sources.twitch_events import PLATFORM
from hostdesk.sources.twitch_protocol import TwitchProtocol, channel_of

URL = "wss://irc-ws.chat.twitch.tv:443"
_DIGITS = range(1_000, 100_000)


def no_token() -> str:
    """Nobody is logged in: read anonymously."""
    return ""


class TwitchRoom:
    """Fits `hostdesk.ports.Source`.

    ``channel`` as a person writes it: a login, or the address of the channel. ``token`` is asked
    for at each connection, and used only where ``login`` is told, too. The room that was met
    first is the only one that is read: a channel that changes its owner during the show is not.
    """

    def __init__(
        self,
        source_id: str,
        *,
        channel: str,
        now_ms: NowMs,
        url: str = URL,
        origin: str | None = None,
        expected_room_id: str = "",
        token: Callable[[], str] = no_token,
        login: str = "",
    ) -> None:
        self.source_id = source_id
        self._written, self._channel = channel, channel_of(channel)
        self._url, self._origin = url, origin
        self._expected = expected_room_id
        self._token, self._login = token, channel_of(login)
        self._protocol: TwitchProtocol | None = None
        room = self._channel or channel
        self._feed = SocketFeed(source_id, PLATFORM, room, self._dial, now_ms)

    async def run(self, post: Post) -> None:
        """Post what the channel says until cancelled. Reconnects by itself, for ever."""
        await self._feed.run(post)

    def try_again(self) -> None:
        """A person asks for it: do not wait any longer."""
        self._feed.try_again()

    async def _dial(self) -> Dialled:
        if not self._channel:
            params: dict[str, str | int] = {"channel": self._written[:64]}
            fault = Fault(code="twitch_channel_name", state="refused", params=params)
            raise SourceFaultError(fault)
        if self._protocol is not None and not self._expected:
            self._expected = self._protocol.room_id
        self._protocol = TwitchProtocol(
            self.source_id,
            channel=self._channel,
            digits=random.choice(_DIGITS),
            token=self._token(),
            login=self._login,
            expected_room_id=self._expected,
        )
        return Dialled(url=self._url, protocol=self._protocol, origin=self._origin)
