"""One connection to a room of Bilibili's Open Live, without the socket.

Source: open-live.bilibili.com, "长连接协议" (the live socket's framing and operations).
"""

from collections import OrderedDict
from collections.abc import Callable

import msgspec

from hostdesk.sources import bilibili_commands as commands
from hostdesk.sources.bilibili_codes import ENDED
from hostdesk.sources.bilibili_decoding import UnreadableError, command_of
from hostdesk.sources.bilibili_packets import Op, Packet, pack, unpack
from hostdesk.sources.steps import PROBE_MS, STALLED_MS, Fault, Frame, Step

LONGEST_SILENCE_MS = 25_000
"""The platform drops us after 60 s without a heartbeat, however much it says itself."""
KNOWN_IDS = 4_096
IN_A_ROW = 3
"""So many comments tell that names are hidden, or shown again; one does not."""


class RoomMemory:
    """What is known of a room over all its connections."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, None] = OrderedDict()
        self._is_masked = False
        self._against = 0

    def is_new(self, message_id: str) -> bool:
        """Whether this message did not come before (the platform may repeat one)."""
        if not message_id:
            return True
        if message_id in self._known:
            return False
        self._known[message_id] = None
        if len(self._known) > KNOWN_IDS:
            self._known.popitem(last=False)
        return True

    def masks(self, is_masked: bool) -> bool | None:
        """One comment more, its author told or not. True or False when that changes."""
        self._against = self._against + 1 if is_masked != self._is_masked else 0
        if self._against < IN_A_ROW:
            return None
        self._is_masked, self._against = is_masked, 0
        return is_masked


class BilibiliProtocol:
    """Fits `SocketProtocol`. Made anew for each connection; ``memory`` is not.

    ``auth_body`` is sent as it was given; it is a secret. ``on_live`` hears when the
    platform says that the room went on air (True) or off.
    """

    stalled_ms = STALLED_MS

    def __init__(
        self,
        source_id: str,
        *,
        auth_body: str,
        game_id: str = "",
        memory: RoomMemory | None = None,
        on_live: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self._source_id, self._auth_body, self._game_id = source_id, auth_body, game_id
        self._memory = memory or RoomMemory()
        self._on_live = on_live
        self._heard_ms = self._asked_ms = 0
        self._ending: Fault | None = None
        self.is_joined = False
        """The platform let us in."""

    @property
    def is_over(self) -> bool:
        """The platform ended, or refused, this game: a new connection to it is of no use."""
        return self._ending is not None

    def give_up(self, fault: Fault) -> None:
        """It is known from elsewhere that this game is over."""
        self._ending = fault

    def opened(self, now_ms: int) -> Step:
        """Tell who we are."""
        self._heard_ms = self._asked_ms = now_ms
        return Step(send=[pack(Op.AUTH, self._auth_body.encode())])

    def received(self, frame: Frame, now_ms: int) -> Step:
        """Every frame is a sign of life, also one that cannot be read."""
        self._heard_ms = now_ms
        if isinstance(frame, str):
            return Step(skipped=1)
        unpacked = unpack(frame)
        step = Step(skipped=unpacked.damaged)
        place = commands.Place(self._source_id, now_ms)
        for packet in unpacked.packets:
            if packet.op == Op.MESSAGE:
                self._command(packet, place, step)
            elif packet.op == Op.AUTH_REPLY:
                self._answered(packet, now_ms, step)
        step.fault = self._ending
        return step

    def passed(self, now_ms: int) -> Step:
        """Ask for a sign of life where there was none, so that a dead line shows in time."""
        if self._ending is not None:
            return Step(fault=self._ending)
        silence_ms = now_ms - max(self._heard_ms, self._asked_ms)
        is_due = silence_ms >= PROBE_MS or now_ms - self._asked_ms >= LONGEST_SILENCE_MS
        return self._heartbeat(now_ms) if self.is_joined and is_due else Step()

    def _heartbeat(self, now_ms: int) -> Step:
        self._asked_ms = now_ms
        return Step(send=[pack(Op.HEARTBEAT)])

    def _answered(self, packet: Packet, now_ms: int, step: Step) -> None:
        """The platform lets us in, or does not."""
        try:
            number = _auth_reply(packet.body).code
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            step.skipped += 1
            return
        if number:
            self._ending = Fault(code="bilibili_auth", params={"number": number})
        elif not self.is_joined:
            self.is_joined = step.joined = True
            step.send += self._heartbeat(now_ms).send

    def _command(self, packet: Packet, place: commands.Place, step: Step) -> None:
        try:
            command = command_of(packet.body)
        except UnreadableError:
            step.skipped += 1
            return
        if command is None:
            return
        if isinstance(command, commands.Said):
            if (masked := self._memory.masks(command.is_masked)) is not None:
                step.masked = masked
        elif not self._memory.is_new(command.msg_id):
            return  # repeated comments are dropped by the shell of all sources
        step.events += command.events(place)
        self._noted(command)

    def _noted(self, command: commands.Command) -> None:
        if isinstance(command, commands.LiveStarted | commands.LiveEnded):
            self._on_live(isinstance(command, commands.LiveStarted))
        elif isinstance(command, commands.Ended) and self._is_ours(command.game_id):
            self._ending = Fault(code=ENDED)

    def _is_ours(self, game_id: str) -> bool:
        """The end of an earlier game may still arrive."""
        return not game_id or not self._game_id or game_id == self._game_id


class _AuthReply(msgspec.Struct):
    code: int = 0


_auth_reply = msgspec.json.Decoder(_AuthReply, strict=False).decode
