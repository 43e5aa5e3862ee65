"""What the window asks for, each ask with an id by which its answer is recognised."""

import uuid
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal

from hostdesk.desk.rows import Suggestion
from hostdesk.events import (
    AnyAsk,
    AskId,
    CardChosen,
    CardRestored,
    CardSettled,
    ChatAsked,
    ChatUndone,
    CueCleared,
    EndShowAsked,
    NoticeAsked,
    NoticeDownAsked,
    NoticeKind,
    OnAirSet,
    PlanClosed,
    PlanOpened,
    ReplyUsed,
    ReplyWay,
    Settlement,
    StartShowAsked,
    StepTicked,
)

REMEMBERED = 200

About = Literal["notice", "other"]


class Asks:
    """Makes asks, hands them on, and remembers which part of the window each came from."""

    def __init__(self, send: Callable[[AnyAsk], None]) -> None:
        self._send = send
        self._about: OrderedDict[str, About] = OrderedDict()

    def about(self, ask_id: str) -> About | None:
        """What an answered ask was about; None where it was not ours."""
        return self._about.pop(ask_id, None)

    def notice(self, text: str, kind: NoticeKind, template_id: str, confirmed: bool) -> None:
        """上屏."""
        ask = NoticeAsked(
            at_ms=0,
            ask_id=self._new_id("notice"),
            text=text,
            notice_kind=kind,
            template_id=template_id,
            confirmed=confirmed,
        )
        self._send(ask)

    def show_started(self) -> None:
        """开始."""
        self._send(StartShowAsked(at_ms=0, ask_id=self._new_id("other")))

    def show_ended(self) -> None:
        """下播."""
        self._send(EndShowAsked(at_ms=0, ask_id=self._new_id("other")))

    def on_air(self, link_number: int, product: str) -> None:
        """正讲."""
        ask_id = self._new_id("other")
        ask = OnAirSet(at_ms=0, ask_id=ask_id, link_number=link_number, product=product)
        self._send(ask)

    def notice_down(self) -> None:
        """撤下."""
        self._send(NoticeDownAsked(at_ms=0, ask_id=self._new_id("notice")))

    def reply_used(self, used: Suggestion, way: ReplyWay, card_id: str) -> None:
        """A suggestion went to the teleprompter or the clipboard."""
        text = used.say if way == "teleprompter" else used.chat or used.say
        ask = ReplyUsed(
            at_ms=0,
            ask_id=self._new_id(),
            text=text,
            way=way,
            reply_id=used.reply_id,
            card_id=card_id,
        )
        self._send(ask)

    def chat_said(self, used: Suggestion, room_id: str) -> None:
        """发到公屏."""
        text = used.chat or used.say
        ask_id = self._new_id()
        self._send(ChatAsked(at_ms=0, ask_id=ask_id, room_id=room_id, act="say", text=text))

    def chat_undone(self, chat_id: str) -> None:
        """撤回."""
        self._send(ChatUndone(at_ms=0, ask_id=self._new_id(), chat_id=chat_id))

    def cue_cleared(self) -> None:
        """The teleprompter line is done with."""
        self._send(CueCleared(at_ms=0, ask_id=self._new_id()))

    def card_chosen(self, card_id: str) -> None:
        """Advice is wanted for this card."""
        self._send(CardChosen(at_ms=0, ask_id=self._new_id(), card_id=card_id))

    def card_settled(self, card_id: str, how: Settlement, reason: str) -> None:
        """A card was dealt with."""
        ask_id = self._new_id()
        self._send(CardSettled(at_ms=0, ask_id=ask_id, card_id=card_id, how=how, reason=reason))

    def card_restored(self, card_id: str) -> None:
        """撤销."""
        self._send(CardRestored(at_ms=0, ask_id=self._new_id(), card_id=card_id))

    def plan_opened(self, plan_id: str, card_id: str) -> None:
        """打开预案."""
        self._send(PlanOpened(at_ms=0, ask_id=self._new_id(), plan_id=plan_id, card_id=card_id))

    def plan_closed(self) -> None:
        """The incident is over."""
        self._send(PlanClosed(at_ms=0, ask_id=self._new_id()))

    def step_ticked(self, step_id: str, done: bool) -> None:
        """A step was done, or un-done."""
        self._send(StepTicked(at_ms=0, ask_id=self._new_id(), step_id=step_id, done=done))

    def _new_id(self, about: About = "other") -> AskId:
        ask_id = AskId(uuid.uuid4().hex)
        self._about[ask_id] = about
        if len(self._about) > REMEMBERED:
            self._about.popitem(last=False)
        return ask_id
