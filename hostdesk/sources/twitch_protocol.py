"""Reading one channel of Twitch's chat over IRC, without the socket.

Source: dev.twitch.tv "Twitch IRC". Reading without a login (a nick of "justinfan" and digits) is
not documented there, and used by every client. One line is one frame to Twitch; a frame from
Twitch may hold several.
"""

import re
from collections.abc import Callable

from hostdesk.events import AnyEvent, Comment
from hostdesk.sources.irc_lines import IrcLine, lines_of, parsed
from hostdesk.sources.recordings import cleaning
from hostdesk.sources.steps import MAX_FRAME, PROBE_MS, STALLED_MS, Fault, Frame, Step
from hostdesk.sources.twitch_events import TwitchReader

CAPABILITIES = ("twitch.tv/tags", "twitch.tv/commands")
ANONYMOUS_PASS = "SCHMOOPIIE"
ANONYMOUS_NICK = "justinfan{digits}"
MAX_ANSWERS = 8
"""Answers to PING for one frame: a server that floods us with them gets no flood back."""
LATER_S = 60.0
"""Between tries where trying more often changes nothing."""

_CHANNEL = re.compile(r"[a-z0-9_]{1,25}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,500}")
_PROBE = "PING :hostdesk"
_FAREWELL = "hostdesk-leaves"
_LOGIN_REFUSED = (
    "login authentication failed",
    "login unsuccessful",
    "improperly formatted auth",
    "invalid nick",
    "error logging in",
)
"""How NOTICEs begin that come before the welcome, in small letters. They have no msg-id."""
_NOT_THERE = frozenset({"msg_channel_suspended", "msg_room_not_found", "tos_ban"})
_SHUT_OUT = frozenset({"msg_banned", "msg_suspended"})
_REFUSALS = ("403", "405", "432", "433", "437", "465", "471", "473", "474", "475", "477")
"""No such channel, name in use, banned, full, by invitation only, … (RFC 2812, part 5.2)."""

_Read = Callable[[IrcLine, int], list[AnyEvent]]


class TwitchProtocol:
    """One connection to one channel. Fits `hostdesk.sources.steps.SocketProtocol`.

    ``channel`` and ``login`` as `channel_of` gives them. With ``token`` and ``login`` both it
    reads as that account, else anonymously as ``justinfan<digits>``. With
    ``expected_room_id`` nothing is read before Twitch has confirmed that room.
    """

    def __init__(
        self,
        source_id: str,
        *,
        channel: str,
        digits: int,
        token: str = "",
        login: str = "",
        expected_room_id: str = "",
    ) -> None:
        self.stalled_ms = STALLED_MS
        self.room_id = ""
        """As Twitch told; empty before the room is joined."""
        self._channel = f"#{channel}"
        self._token = token.removeprefix("oauth:") if token and login else ""
        self._nick = login if self._token else ANONYMOUS_NICK.format(digits=digits)
        self._expected = expected_room_id
        self._reader = TwitchReader(source_id)
        self._is_welcome = self._is_joined = self._is_other_room = self._is_leaving = False
        self._has_roomstate = False
        self._heard_ms = self._asked_ms = 0
        self._masked = False
        self._fault: Fault | None = None
        """Kept: a connection that was given up once stays given up."""

    def opened(self, now_ms: int) -> Step:
        """Say who reads. The channel is joined when the server has welcomed us."""
        self._heard_ms = self._asked_ms = now_ms
        if self._token and not _TOKEN.fullmatch(self._token):
            step = Step()
            self._refuse_login(step)
            return step
        password = f"oauth:{self._token}" if self._token else ANONYMOUS_PASS
        wanted = " ".join(CAPABILITIES)
        return Step(send=[f"CAP REQ :{wanted}", f"PASS {password}", f"NICK {self._nick}"])

    def received(self, frame: Frame, now_ms: int) -> Step:
        """One frame: the events of all its lines, in order."""
        self._heard_ms = now_ms
        step = Step(fault=self._fault)
        if len(frame) > MAX_FRAME:
            step.skipped = 1
            self._give_up(step, Fault(code="source_too_big"))
            return step
        for text in lines_of(frame):
            line = parsed(text)
            if line is None:
                step.skipped += 1
            elif not self._is_other_room:
                handle = _HANDLERS.get(line.command, TwitchProtocol._on_other)
                handle(self, line, now_ms, step)
        return step

    def passed(self, now_ms: int) -> Step:
        """Ask for a sign of life where there was none for `PROBE_MS`."""
        step = Step(fault=self._fault)
        if self._is_leaving:
            self._give_up(step, Fault(code="twitch_reconnect"))
        elif self._is_welcome and now_ms - max(self._heard_ms, self._asked_ms) >= PROBE_MS:
            self._asked_ms = now_ms
            step.send.append(_PROBE)
        return step

    # ------------------------------------------------------------------ coming in

    def _on_ping(self, line: IrcLine, _now_ms: int, step: Step) -> None:
        if len(step.send) < MAX_ANSWERS:
            step.send.append(f"PONG :{line.param(0)}")

    def _on_cap(self, line: IrcLine, _now_ms: int, _step: Step) -> None:
        if line.param(1).upper() == "ACK" and CAPABILITIES[1] in line.params[-1].split(" "):
            self._has_roomstate = True

    def _on_welcome(self, line: IrcLine, _now_ms: int, step: Step) -> None:
        if self._is_welcome:
            return
        self._is_welcome = True
        self._nick = line.param(0) or self._nick
        step.send.append(f"JOIN {self._channel}")

    def _on_names_end(self, line: IrcLine, _now_ms: int, step: Step) -> None:
        """Twitch says this of channels that do not exist, too; only ROOMSTATE is a proof."""
        if line.param(1).lower() == self._channel and not self._has_roomstate:
            self._meet("", step)

    def _on_roomstate(self, line: IrcLine, _now_ms: int, step: Step) -> None:
        """Sent on joining, and with some of the tags whenever a moderator changes the room."""
        channel = line.param(0).lower()
        if channel == self._channel:
            self._meet(line.tag("room-id"), step)
        elif self._is_joined or not channel:
            step.skipped += 1
        else:
            self._leave_other_room(self._channel[1:], channel.lstrip("#"), step)

    def _meet(self, room_id: str, step: Step) -> None:
        """A room is named as ours: is it the one that was asked for?"""
        if room_id and (expected := self._expected or self.room_id) and room_id != expected:
            self._leave_other_room(expected, room_id, step)
            return
        self.room_id = self.room_id or cleaning.identity(room_id)
        if not self._is_joined and (room_id or not self._expected):
            self._is_joined = step.joined = True

    def _leave_other_room(self, asked: str, found: str, step: Step) -> None:
        self._is_other_room = True
        params: dict[str, str | int] = {"asked": asked, "found": cleaning.name(found)}
        self._give_up(step, Fault(code="source_other_room", state="refused", params=params))

    # ------------------------------------------------------------------ what is said

    def _on_said(self, line: IrcLine, now_ms: int, step: Step) -> None:
        events = self._read(self._reader.said, line, now_ms, step)
        first = events[0] if events else None
        if isinstance(first, Comment) and self._masked == bool(first.author_id):
            self._masked = step.masked = not first.author_id

    def _on_usernotice(self, line: IrcLine, now_ms: int, step: Step) -> None:
        if self._is_ours(line, step):
            step.events += self._reader.noticed(line, now_ms)

    def _on_clearchat(self, line: IrcLine, now_ms: int, step: Step) -> None:
        self._read(self._reader.cleared, line, now_ms, step)

    def _on_clearmsg(self, line: IrcLine, now_ms: int, step: Step) -> None:
        self._read(self._reader.deleted, line, now_ms, step)

    def _read(self, read: _Read, line: IrcLine, now_ms: int, step: Step) -> list[AnyEvent]:
        """What a line says that must say something."""
        if not self._is_ours(line, step):
            return []
        events = read(line, now_ms)
        step.skipped += not events
        step.events += events
        return events

    def _is_ours(self, line: IrcLine, step: Step) -> bool:
        """Of our channel, and of the room that was asked for. What is not is skipped."""
        channel = line.param(0)
        if channel != self._channel and channel.lower() != self._channel:
            step.skipped += 1
            return False
        if not self._is_joined:
            self._meet(line.tag("room-id"), step)
            step.skipped += not self._is_joined
        return self._is_joined and not self._is_other_room

    # ------------------------------------------------------------------ going away

    def _on_reconnect(self, _line: IrcLine, _now_ms: int, step: Step) -> None:
        """Leave, but hear first what is on its way: until the answer to this, or the next look."""
        if not self._is_leaving:
            self._is_leaving = True
            step.send.append(f"PING :{_FAREWELL}")

    def _on_pong(self, line: IrcLine, _now_ms: int, step: Step) -> None:
        if self._is_leaving and line.param(1) == _FAREWELL:
            self._give_up(step, Fault(code="twitch_reconnect"))

    def _on_error(self, _line: IrcLine, _now_ms: int, step: Step) -> None:
        self._give_up(step, Fault(code="source_closed"))

    def _on_part(self, line: IrcLine, _now_ms: int, step: Step) -> None:
        self._leave(line.login, line, step)

    def _on_kick(self, line: IrcLine, _now_ms: int, step: Step) -> None:
        self._leave(line.param(1), line, step)

    def _leave(self, who: str, line: IrcLine, step: Step) -> None:
        if who == self._nick and line.param(0).lower() == self._channel:
            self._give_up(step, Fault(code="twitch_left", params=self._params))

    def _on_notice(self, line: IrcLine, _now_ms: int, step: Step) -> None:
        """Twitch's own words: only what keeps us from reading concerns us."""
        kind = line.tag("msg-id")
        if kind in _NOT_THERE:
            gone = Fault(code="twitch_no_channel", params=self._params, retry_s=LATER_S)
            self._give_up(step, gone)
        elif kind in _SHUT_OUT:
            fault = Fault(code="twitch_banned", state="refused", params=self._params)
            self._give_up(step, fault)
        elif not self._is_welcome and line.param(1).lower().startswith(_LOGIN_REFUSED):
            self._refuse_login(step)

    def _on_password(self, _line: IrcLine, _now_ms: int, step: Step) -> None:
        self._refuse_login(step)

    def _refuse_login(self, step: Step) -> None:
        if self._token:
            self._give_up(step, Fault(code="twitch_login", state="logged_out"))
        else:
            self._give_up(step, Fault(code="twitch_anonymous", retry_s=LATER_S))

    def _on_other(self, line: IrcLine, _now_ms: int, step: Step) -> None:
        if line.command in _REFUSALS and not self._is_joined:
            detail = cleaning.name(line.params[-1] if line.params else "")
            fault = Fault(code="twitch_refused", params={**self._params, "detail": detail})
            self._give_up(step, fault)

    @property
    def _params(self) -> dict[str, str | int]:
        return {"channel": self._channel[1:]}

    def _give_up(self, step: Step, fault: Fault) -> None:
        self._fault = step.fault = self._fault or fault


_HANDLERS: dict[str, Callable[[TwitchProtocol, IrcLine, int, Step], None]] = {
    "001": TwitchProtocol._on_welcome,
    "366": TwitchProtocol._on_names_end,
    "464": TwitchProtocol._on_password,
    "CAP": TwitchProtocol._on_cap,
    "CLEARCHAT": TwitchProtocol._on_clearchat,
    "CLEARMSG": TwitchProtocol._on_clearmsg,
    "ERROR": TwitchProtocol._on_error,
    "KICK": TwitchProtocol._on_kick,
    "NOTICE": TwitchProtocol._on_notice,
    "PART": TwitchProtocol._on_part,
    "PING": TwitchProtocol._on_ping,
    "PONG": TwitchProtocol._on_pong,
    "PRIVMSG": TwitchProtocol._on_said,
    "RECONNECT": TwitchProtocol._on_reconnect,
    "ROOMSTATE": TwitchProtocol._on_roomstate,
    "USERNOTICE": TwitchProtocol._on_usernotice,
}
"""What concerns us; the rest of IRC and of Twitch does not."""


def channel_of(text: str) -> str:
    """The login of a channel as a person writes it ("#Host", its address); "" where it is none."""
    name = text.strip().lower().rstrip("/").rpartition("/")[2].lstrip("#@")
    return name if _CHANNEL.fullmatch(name) else ""
