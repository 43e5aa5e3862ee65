"""A show that is driven as the engine drives it, and kept as the journal keeps it."""

import functools

import pytest

from hostdesk.analysis.pipeline import Pipeline
from hostdesk.content.counsel import load_counsel
from hostdesk.content.lexicons import load_tables
from hostdesk.desk.core import Core
from hostdesk.desk.desk import Desk
from hostdesk.errors import HostdeskError
from hostdesk.events import (
    URGENT,
    CommandDone,
    Comment,
    NoticeAsked,
    NoticeProof,
    ShowClosed,
    ShowOpened,
    Tick,
)
from hostdesk.review.summary import summarise

START_MS = 1_781_784_000_000
"""2026-06-18 20:00 in a zone eight hours ahead."""

counsel = functools.cache(load_counsel)
tables = functools.cache(load_tables)


class LiveShow:
    """Give it events with seconds since the start; `review` looks back."""

    start_ms = START_MS

    def __init__(self, **facts):
        self.opened = ShowOpened(
            **{
                "at_ms": START_MS, "show_id": "20260618-200000", "title": "6·18 专场",
                "version": "0.1.0", "zone_offset_min": 480, "content_hash": counsel().content_hash,
            }
            | facts
        )  # fmt: skip
        self.core = Core(Pipeline(tables(), {}), Desk(self.opened, counsel()))
        self.rows, self.derived, self.commands = [], [], []
        self._passed_ms = START_MS
        self._put(self.opened)

    def at(self, seconds, event_type, **fields):
        """Something happens ``seconds`` after the start; time ticks until then."""
        at_ms = START_MS + round(seconds * 1000)
        while self._passed_ms + 1000 <= at_ms:
            self._passed_ms += 1000
            self._put(Tick(at_ms=self._passed_ms))
        return self._put(event_type(at_ms=at_ms, **fields))

    def said(self, seconds, text, who="ann", **fields):
        fields = {"author_id": who, "author_name": f"观众{who}", "platform": "demo"} | fields
        return self.at(seconds, Comment, text=text, **fields)

    def everyday(self, until_s, people=120, every_s=2):
        """Small talk by many, so that shares can be told."""
        for number in range(0, until_s, every_s):
            self.said(number, "主播晚上好", who=f"p{number % people}")

    def notice(self, seconds, text, *, seen_after_s=1.0, **fields):
        """上屏, confirmed by OBS and (if ``seen_after_s``) proven."""
        self.at(seconds, NoticeAsked, text=text, **fields)
        notice_id = self.commands[-1].notice_id
        self.answer(seconds + 0.3)
        if seen_after_s:
            self.at(
                seconds + seen_after_s, NoticeProof, notice_id=notice_id, seen=True, reason="seen"
            )

    def answer(self, seconds):
        """OBS did the last command."""
        self.at(seconds, CommandDone, command_id=self.commands[-1].command_id)

    def card(self, beginning):
        """The id of the first open card that begins so."""
        cards = self.core.desk.cards.panel().cards
        return next(card.card_id for card in cards if card.card_id.startswith(beginning))

    def close(self, seconds, why="asked"):
        self.at(seconds, ShowClosed, why=why)
        return self

    def review(self, now_ms=START_MS + 86_400_000):
        return summarise(self.opened, self.rows, self.derived, counsel=counsel(), now_ms=now_ms)

    def _put(self, event):
        seq = len(self.rows) + 1
        urgent = isinstance(event, URGENT)
        self.rows.append((seq, self.core.judged if urgent else None, event))
        self.core.row(seq, event)
        try:
            if urgent:
                self.commands += self.core.urgent(seq, event)
            else:
                turn = self.core.judge(seq, event)
                self.derived += [(seq, each) for each in turn.derived]
                self.commands += turn.commands
        except HostdeskError:
            return False
        return True


@pytest.fixture
def show():
    return LiveShow()


@pytest.fixture
def open_show():
    """Makes a show with other facts."""
    return LiveShow
