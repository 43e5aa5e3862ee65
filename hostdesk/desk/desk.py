"""The desk: the show as it stands. Events and verdicts in, commands out."""

from hostdesk.commands import AnyCommand
from hostdesk.counsel.counsel import Counsel
from hostdesk.desk.advice import Advice
from hostdesk.desk.cards import Cards
from hostdesk.desk.chat import Chat
from hostdesk.desk.incident import Incident
from hostdesk.desk.notice import Notice
from hostdesk.desk.promises import Promises
from hostdesk.desk.rows import StatusPanel
from hostdesk.desk.status import Status
from hostdesk.errors import AskRefusedError
from hostdesk.events import (
    AnyAsk,
    AnyEvent,
    CardChosen,
    CardRestored,
    CardSettled,
    ChatAsked,
    ChatUndone,
    CommandDone,
    CommandFailed,
    Comment,
    CueCleared,
    EndShowAsked,
    Health,
    HostSaid,
    LoadChanged,
    NoticeAsked,
    NoticeDownAsked,
    NoticeProof,
    ObsState,
    OnAirSet,
    PlanClosed,
    PlanOpened,
    PromiseSettled,
    ReplyUsed,
    ShowClosed,
    ShowOpened,
    ShowResumed,
    SourceState,
    StartShowAsked,
    StepTicked,
    Stream,
    Tick,
)
from hostdesk.findings import Derived, Finding, QuestionGroup, Verdict

MAX_CUE = 200


class Desk:
    """Holds every panel. Pure: the same events in the same order give the same desk."""

    def __init__(self, opened: ShowOpened, counsel: Counsel) -> None:
        self._counsel = counsel
        self.cards = Cards()
        self.notice = Notice(
            locale=opened.locale, platform=opened.platform, rehearsal=opened.rehearsal
        )
        self.chat = Chat(rehearsal=opened.rehearsal)
        self.incident = Incident(opened.locale)
        self.promises = Promises(opened.zone_offset_min, opened.promises)
        self.advice = Advice(
            counsel,
            locale=opened.locale,
            contact=opened.contact,
            zone_offset_min=opened.zone_offset_min,
        )
        self.status = Status(
            StatusPanel(
                revision=1,
                show_id=opened.show_id,
                title=opened.title,
                opened_ms=opened.at_ms,
                rehearsal=opened.rehearsal,
                promises=self.promises.rows,
            )
        )
        self._now_ms = opened.at_ms
        self._advised: tuple[object, ...] = ()

    def receive(self, event: AnyEvent) -> list[AnyCommand]:
        """Take one event.

        Raises:
            AskRefusedError: what was asked cannot be done now; nothing has changed.
        """
        self._now_ms = max(self._now_ms, event.at_ms)
        if isinstance(event, AnyAsk):
            return self._ask(event)
        return self._fact(event)

    def uplink(self, event: Stream) -> None:
        """On receipt, ahead of comments that wait: a notice is not 已上屏 while this is down."""
        self.notice.stream(event)

    def judged(self, event: AnyEvent, derived: list[Derived]) -> None:
        """Take what analysis made of an event that was received before."""
        for each in derived:
            match each:
                case Verdict() if isinstance(event, Comment):
                    self.cards.verdict(event, each)
                case Finding():
                    self._finding(each)
                case QuestionGroup():
                    self.cards.questions(each)
                case _:
                    pass

    def refresh(self) -> None:
        """Bring advice up to date, before panels are read. Cheap while all is as it was."""
        card = self.cards.current()
        product = self.status.panel.product
        key = (
            card.card_id if card else "",
            card.kind if card else "",
            product,
            self._now_ms // 60_000,
            self.advice.used,
        )
        if key != self._advised:
            self._advised = key
            self.advice.refresh(card, product=product, now_ms=self._now_ms)

    def _fact(self, event: AnyEvent) -> list[AnyCommand]:
        match event:
            case Comment():
                self._heard(event)
            case Tick():
                return self._tick(event.at_ms)
            case HostSaid():
                self.incident.words_said(event.at_ms)
            case CommandDone() | CommandFailed() | NoticeProof():
                self._answer(event)
            case ShowResumed():
                self.chat.resumed()
                return self.notice.resumed()
            case ShowClosed():
                return self._closed(event)
            case _:
                self._broadcast(event)
        return []

    def _answer(self, event: CommandDone | CommandFailed | NoticeProof) -> None:
        match event:
            case CommandDone():
                self.chat.done(event)
                self._placed(event)
            case CommandFailed():
                self.chat.failed(event)
                self.notice.failed(event)
            case NoticeProof():
                self._proof(event)

    def _placed(self, event: CommandDone) -> None:
        """A notice that never got onto the picture has promised nothing."""
        before = self.notice.panel.phase
        self.notice.done(event)
        if before == "sending" and self.notice.panel.phase != before:
            self.promises.said(self.notice.panel.text, self.notice.panel.asked_ms)
            self._promises_changed()

    def _broadcast(self, event: AnyEvent) -> None:
        match event:
            case Stream():
                self.status.stream(event)
            case Health():
                self.status.health(event)
            case ObsState():
                self.status.obs(event)
            case SourceState():
                self.status.source(event)
            case LoadChanged():
                self.status.load(event)
            case _:
                pass

    def _ask(self, ask: AnyAsk) -> list[AnyCommand]:
        match ask:
            case NoticeAsked() | NoticeDownAsked():
                return self._notice(ask)
            case ChatAsked() | ChatUndone():
                return self._in_chat(ask)
            case ReplyUsed() | CueCleared() | OnAirSet():
                self._speech(ask)
            case CardChosen() | CardSettled() | CardRestored():
                self._card(ask)
            case PlanOpened() | PlanClosed() | StepTicked():
                self._plan(ask)
            case PromiseSettled():
                self.promises.settled(ask)
                self._promises_changed()
            case StartShowAsked() | EndShowAsked():
                pass  # the engine opens and closes shows
        return []

    def _notice(self, ask: NoticeAsked | NoticeDownAsked) -> list[AnyCommand]:
        if isinstance(ask, NoticeDownAsked):
            return self.notice.down_asked(ask)
        return self.notice.asked(ask, binds=self.advice.binds(ask.template_id))

    def _in_chat(self, ask: ChatAsked | ChatUndone) -> list[AnyCommand]:
        if isinstance(ask, ChatUndone):
            self.chat.undone(ask)
            return []
        source = self.status.row_of(ask.room_id)
        is_buyer = self.cards.awaits(ask.author_id)
        return [*self.chat.asked(ask, source=source, is_buyer=is_buyer)]

    def _speech(self, ask: ReplyUsed | CueCleared | OnAirSet) -> None:
        match ask:
            case CueCleared():
                self.status.change(cue="")
            case OnAirSet():
                self.status.change(link_number=max(0, ask.link_number), product=ask.product)
            case ReplyUsed():
                if ask.way == "teleprompter":
                    self.status.change(cue=ask.text.strip()[:MAX_CUE])
                self.advice.said(ask.reply_id, ask.at_ms)
                self.incident.words_said(ask.at_ms)
                self.promises.said(ask.text, ask.at_ms)
                self._promises_changed()

    def _card(self, ask: CardChosen | CardSettled | CardRestored) -> None:
        match ask:
            case CardChosen():
                self.cards.choose(ask.card_id)
            case CardSettled():
                self.cards.settle(ask)
            case CardRestored():
                self.cards.restore(ask)
        self.status.change(to_answer=self.cards.waiting())

    def _plan(self, ask: PlanOpened | PlanClosed | StepTicked) -> None:
        match ask:
            case PlanClosed():
                self.incident.close()
            case StepTicked():
                self.incident.ticked(ask)
            case PlanOpened():
                plan = self._counsel.plans.get(ask.plan_id)
                if plan is None:
                    raise AskRefusedError(reason="plan_unknown")
                card = self.cards.get(ask.card_id)
                since_ms = card.since_ms if card else ask.at_ms
                self.incident.open(plan, since_ms=since_ms, card_id=ask.card_id)

    def _finding(self, finding: Finding) -> None:
        plan = self._counsel.plans.for_incident(card_kind=finding.finding_kind, topic=finding.topic)
        self.cards.finding(finding, plan.id if plan else "")
        if finding.state == "closed" and finding.finding_kind == "accident":
            self.incident.noticed_over()

    def _proof(self, event: NoticeProof) -> None:
        self.notice.proof(event)
        if self.notice.panel.phase == "seen":
            self.incident.words_said(event.at_ms)

    def _heard(self, comment: Comment) -> None:
        self.status.heard(comment.source_id, comment.at_ms)
        if self.chat.is_open:
            self.chat.heard(comment)

    def _tick(self, at_ms: int) -> list[AnyCommand]:
        self.cards.tick(at_ms)
        if self.promises.tick(at_ms):
            self._promises_changed()
        self.status.change(to_answer=self.cards.waiting())
        return [*self.chat.tick(at_ms)]

    def _closed(self, event: ShowClosed) -> list[AnyCommand]:
        self.status.change(closed_ms=event.at_ms)
        return self.notice.take_down()

    def _promises_changed(self) -> None:
        self.status.change(promises=self.promises.rows)
