"""DouyinBarrageGrab the other way round: it is the server, and we read its local socket.

Nothing is ever sent to it but the text "ping": its commands (``{"Cmd": …}``) could end it, and it
has changed the system's proxy, so ending it on air cuts the PC off the network.
"""

import msgspec

from hostdesk.events import AnyEvent, Comment, SourceState
from hostdesk.ports import NowMs
from hostdesk.sources.inbox_formats import Reading, barrage_grab, read
from hostdesk.sources.inbox_items import Masking, event_of, is_masked
from hostdesk.sources.inbox_schema import HEARTBEAT, OTHER, Item
from hostdesk.sources.link import Dialled, SocketFeed
from hostdesk.sources.steps import PROBE_MS, STALLED_MS, Fault, Frame, Step

URL = "ws://127.0.0.1:8888"
MAX_ODD = 20
"""Frames in a row that cannot be read: something else listens on that port."""
NOT_GRAB_S = 30.0
MAX_ELSEWHERE = 200
"""Frames in a row of other rooms only: it is not the room that was asked for."""
_PONG = "pong"


class BarrageGrabProtocol:
    """One connection to DouyinBarrageGrab's server. Fits `hostdesk.sources.steps.SocketProtocol`.

    ``expected``: the number in live.douyin.com/…; what other rooms say is left out.
    """

    stalled_ms = STALLED_MS

    def __init__(self, source_id: str, *, expected: str = "") -> None:
        self._source_id, self._expected = source_id, expected
        self._masking = Masking()
        self._is_joined = self._has_ended = False
        self._probed_ms = 0
        self._odd = self._elsewhere = 0
        """Frames in a row that cannot be read, or that are of another room."""

    def opened(self, now_ms: int) -> Step:
        """Ask for a sign of life: in a quiet room nothing else would come."""
        self._probed_ms = now_ms
        return Step(send=["ping"])

    def received(self, frame: Frame, now_ms: int) -> Step:
        """One frame. Never raises."""
        text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
        if text == _PONG:
            return self._joined(Step())
        reading = _read(text)
        if reading.form != "barrage_grab":
            return self._odd_frame()
        self._odd = 0
        if self._expected and reading.room and reading.room != self._expected:
            return self._other_room(reading.room)
        self._elsewhere = 0
        step = self._joined(Step())
        for item in reading.items:
            self._take(item, now_ms, step)
        return step

    def passed(self, now_ms: int) -> Step:
        """Ask again from time to time."""
        if now_ms - self._probed_ms < PROBE_MS:
            return Step()
        self._probed_ms = now_ms
        return Step(send=["ping"])

    def _joined(self, step: Step) -> Step:
        step.joined, self._is_joined = not self._is_joined, True
        return step

    def _take(self, item: Item, now_ms: int, step: Step) -> None:
        if item.kind in (HEARTBEAT, OTHER):
            return
        if item.kind == "status":
            step.events += self._turn(now_ms, has_ended=True)
            return
        event = event_of(item, self._source_id, barrage_grab.PLATFORM, now_ms)
        if event is None:
            step.skipped += 1
            return
        step.events += self._turn(now_ms, has_ended=False)
        if isinstance(event, Comment):
            step.masked = self._masking.takes(masked=is_masked(event))
        step.events.append(event)

    def _turn(self, now_ms: int, *, has_ended: bool) -> list[AnyEvent]:
        """The broadcast ended, or another one began; the connection stands all the while."""
        if has_ended == self._has_ended:
            return []
        self._has_ended = has_ended
        return [
            SourceState(
                at_ms=now_ms,
                source_id=self._source_id,
                state="ended" if has_ended else "live",
                platform=barrage_grab.PLATFORM,
                room=self._expected,
            )
        ]

    def _odd_frame(self) -> Step:
        self._odd += 1
        if self._odd < MAX_ODD:
            return Step(skipped=1)
        return Step(skipped=1, fault=Fault(code="inbox_not_grab", retry_s=NOT_GRAB_S))

    def _other_room(self, room: str) -> Step:
        self._elsewhere += 1
        if self._elsewhere < MAX_ELSEWHERE:
            return self._joined(Step())
        params: dict[str, str | int] = {"asked": self._expected, "found": room}
        return Step(fault=Fault(code="source_other_room", params=params, state="refused"))


class BarrageGrabRoom(SocketFeed):
    """A Douyin room read by a DouyinBarrageGrab that the user runs. Fits `ports.Source`."""

    def __init__(
        self, source_id: str, *, now_ms: NowMs, url: str = URL, expected_room: str = ""
    ) -> None:
        async def dial() -> Dialled:
            protocol = BarrageGrabProtocol(source_id, expected=expected_room)
            return Dialled(url=url, protocol=protocol)

        super().__init__(source_id, barrage_grab.PLATFORM, expected_room, dial, now_ms)


def _read(text: str) -> Reading:
    """The usual frame at once; anything odd by its shape."""
    try:
        return barrage_grab.read_json(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return read(text)
