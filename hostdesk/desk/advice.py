"""建议 and the notices to choose from, for the card that matters now."""

from hostdesk.counsel.counsel import Counsel
from hostdesk.desk.rows import AdvicePanel, Card, Suggestion, TemplateRow, TemplatesPanel

ANSWER_BY_MS = 1_800_000
"""{deadline} is half an hour from now, rounded up to five minutes: early enough to keep."""
REMEMBERED_MS = 600_000


class Advice:
    """Asks counsel, remembers what was said in the last ten minutes."""

    def __init__(
        self, counsel: Counsel, *, locale: str, contact: str, zone_offset_min: int
    ) -> None:
        self._counsel = counsel
        self._locale = locale
        self._contact = contact
        self._zone = zone_offset_min
        self._said: list[tuple[int, str]] = []
        self.used = 0
        """How many replies were used so far."""
        self.panel = AdvicePanel()
        self.templates = TemplatesPanel()

    def said(self, reply_id: str, at_ms: int) -> None:
        """A reply was used; it is not suggested again so soon."""
        self._said = [(when, which) for when, which in self._said if when > at_ms - REMEMBERED_MS]
        self._said.append((at_ms, reply_id))
        self.used += 1

    def refresh(self, card: Card | None, *, product: str, now_ms: int) -> None:
        """Advise on ``card``; with none, the everyday notices remain."""
        slots = self._slots(product, now_ms)
        self._suggest(card, slots, now_ms)
        self._offer(card, slots)

    def _suggest(self, card: Card | None, slots: dict[str, str], now_ms: int) -> None:
        lately = [which for when, which in self._said if when > now_ms - REMEMBERED_MS]
        said = (
            self._counsel.library.suggest(
                labels=(card.label.value,) if card.label else (),
                topic=card.topic,
                card_kind=card.kind,
                locale=self._locale,
                slots=slots,
                said_recently=lately,
            )
            if card
            else []
        )
        suggestions = tuple(
            Suggestion(
                reply_id=each.reply_id, intent=each.intent, tone=each.tone,
                say=each.say, chat=each.chat, card=each.card,
            )
            for each in said
        )  # fmt: skip
        card_id = card.card_id if card else ""
        if (card_id, suggestions) != (self.panel.card_id, self.panel.suggestions):
            self.panel = AdvicePanel(
                revision=self.panel.revision + 1, card_id=card_id, suggestions=suggestions
            )

    def _offer(self, card: Card | None, slots: dict[str, str]) -> None:
        fitting = self._counsel.notices.fitting(
            topic=card.topic if card else "",
            card_kind=card.kind if card else "",
            locale=self._locale,
            slots=slots,
        )
        rows = tuple(
            TemplateRow(
                template_id=each.notice_id, notice_kind=each.notice_kind, title=each.title,
                text=each.text, binds=each.binds, missing=tuple(each.missing),
            )
            for each in fitting
        )  # fmt: skip
        if rows != self.templates.templates:
            self.templates = TemplatesPanel(revision=self.templates.revision + 1, templates=rows)

    def binds(self, template_id: str) -> bool:
        """Whether putting up this template commits money."""
        return self._counsel.notices.binds(template_id)

    def _slots(self, product: str, now_ms: int) -> dict[str, str]:
        slots = {"deadline": self._counsel.deadline(now_ms + ANSWER_BY_MS, self._zone)}
        if product:
            slots["product"] = product
        if self._contact:
            slots["contact"] = self._contact
        return slots
