"""Whatever the batches, the lag of judging and the asks: replay gives exactly what happened."""

import functools
import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from hostdesk import checkpoint
from hostdesk.analysis.pipeline import Pipeline
from hostdesk.content.counsel import load_counsel
from hostdesk.content.lexicons import load_tables
from hostdesk.content.shows import demo_shows
from hostdesk.desk.core import Core, replay
from hostdesk.desk.desk import Desk
from hostdesk.errors import HostdeskError
from hostdesk.events import (
    CardRestored,
    CardSettled,
    CommandDone,
    Comment,
    EndShowAsked,
    NoticeAsked,
    NoticeDownAsked,
    NoticeProof,
    PlanOpened,
    ReplyUsed,
    ShowOpened,
    Tick,
)
from hostdesk.sources.recordings import open_recording

TABLES, COUNSEL = load_tables(), load_counsel()
STATIC = {"tables": TABLES, "counsel": COUNSEL}
OPENED = ShowOpened(at_ms=1, show_id="s", title="t", version="0", zone_offset_min=480)


def fresh():
    return Core(Pipeline(TABLES, {}), Desk(OPENED, COUNSEL))


@functools.cache
def recorded(name="freeze618"):
    """The show's events with a tick each second."""
    [show] = [show for show in demo_shows() if show.name == name]
    events, next_ms = [], None
    for batch in open_recording(show.path).batches():
        for event in batch:
            next_ms = next_ms or event.at_ms
            while event.at_ms >= next_ms:
                events.append(Tick(at_ms=next_ms))
                next_ms += 1000
            events.append(event)
    return events


def asks(core, at_ms, dice):
    """Something that a person (or the world) might do now."""
    cards = core.desk.cards.panel().cards
    card_id = dice.choice(cards).card_id if cards else "none"
    notice = core.desk.notice
    return dice.choice([
        NoticeAsked(at_ms=at_ms, text="画面卡了，21:40前更新"),
        NoticeDownAsked(at_ms=at_ms),
        CommandDone(at_ms=at_ms, command_id=notice._waiting_for or "x"),
        NoticeProof(at_ms=at_ms, notice_id=notice.panel.notice_id, seen=True, reason="seen"),
        CardSettled(at_ms=at_ms, card_id=card_id, how="answered"),
        CardSettled(at_ms=at_ms, card_id=card_id, how="wrong_flag"),
        PlanOpened(at_ms=at_ms, plan_id="A01", card_id=card_id),
        ReplyUsed(at_ms=at_ms, text="我在，没走", way="teleprompter", reply_id="R33"),
        EndShowAsked(at_ms=at_ms),
    ])  # fmt: skip


class Live:
    """A show as the engine runs it, with a chosen lag between receipt and judging."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.core = fresh()
        self.rows, self.turns, self.waiting = [], [], []

    def run(self, events, ask_share=0.01, most=40):
        position = 0
        while position < len(events) or self.waiting:
            for event in events[position : position + self.dice.randint(0, most)]:
                position += 1
                self._receive(event)
                if self.dice.random() < ask_share:
                    self._ask(event.at_ms)
            for _ in range(min(len(self.waiting), self.dice.randint(0, most))):
                seq, event = self.waiting.pop(0)
                self._turn(self.core.judge(seq, event))
        return self

    def _receive(self, event):
        seq = len(self.rows) + 1
        self.rows.append((seq, None, event))
        self.core.row(seq, event)
        self.waiting.append((seq, event))

    def _ask(self, at_ms):
        event = asks(self.core, at_ms, self.dice)
        seq = len(self.rows) + 1
        self.rows.append((seq, self.core.judged, event))
        self.core.row(seq, event)
        try:
            commands = self.core.urgent(seq, event)
        except HostdeskError:
            return
        if commands:
            self.turns.append((seq, [], commands))

    def _turn(self, turn):
        if turn.derived or turn.commands:
            self.turns.append((turn.seq, turn.derived, turn.commands))


def told(turns):
    return [(t.seq, t.derived, t.commands) for t in turns if t.derived or t.commands]


def panels(core):
    desk = core.desk
    desk.refresh()
    return (
        desk.cards.panel(),
        desk.notice.panel,
        desk.incident.panel,
        desk.promises.rows,
        desk.status.panel,
        desk.advice.panel.suggestions,
        core.feed.total,
    )


def no_quarantine(seq, exc):
    raise AssertionError(seq) from exc


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([3, 40, 400]))
def test_replay_gives_the_same_findings_commands_and_panels(seed, most):
    live = Live(seed).run(recorded()[900:2200], most=most)
    again = fresh()
    assert told(replay(again, live.rows, no_quarantine)) == live.turns
    assert panels(again) == panels(live.core)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_without_asks_the_lag_of_judging_changes_nothing(one, other):
    events = recorded()[1000:2000]
    first, second = (Live(seed).run(events, ask_share=0) for seed in (one, other))
    assert first.turns == second.turns


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000))
def test_a_checkpoint_and_the_rest_of_the_journal_are_the_whole_show(seed):
    live = Live(seed).run(recorded()[900:1800])
    middle = len(live.rows) // 2
    half = fresh()
    first = told(replay(half, live.rows[:middle], no_quarantine))
    # a checkpoint is taken when nothing waits; replay of a prefix has judged all of it
    state = checkpoint.save(half, "v", STATIC)
    rest = checkpoint.load(state, "v", STATIC)
    second = told(replay(rest, live.rows, no_quarantine))
    whole = fresh()
    assert first + second == told(replay(whole, live.rows[:middle], no_quarantine)) + second
    assert panels(rest)[0].cards is not None
    assert rest.judged == max(seq for seq, judged, _ in live.rows if judged is None)


def test_a_checkpoint_where_nothing_waited_changes_nothing_at_all():
    events = recorded()[900:1800]
    plain = fresh()
    rows = [(seq, None, event) for seq, event in enumerate(events, 1)]
    all_turns = told(replay(plain, rows, no_quarantine))
    half = fresh()
    first = told(replay(half, rows[:500], no_quarantine))
    rest = checkpoint.load(checkpoint.save(half, "v", STATIC), "v", STATIC)
    assert first + told(replay(rest, rows, no_quarantine)) == all_turns
    assert panels(rest) == panels(plain)


def test_an_event_that_breaks_the_core_is_put_aside_and_the_show_goes_on():
    core = fresh()
    broken = []
    rows = [(seq, None, event) for seq, event in enumerate(recorded()[:50], 1)]
    original = core.pipeline.receive

    def breaks(seq, event):
        if seq == 7:
            raise ZeroDivisionError
        return original(seq, event)

    core.pipeline.receive = breaks
    turns = list(replay(core, rows, lambda seq, exc: broken.append((seq, type(exc)))))
    assert broken == [(7, ZeroDivisionError)]
    assert len(turns) == 49


def test_a_wrong_flag_that_was_taken_back_is_flagged_again():
    core = fresh()
    said = Comment(at_ms=5, author_id="a", text="洗一次就起球了")
    core.judge(1, said)
    [card] = core.desk.cards.panel().cards
    core.urgent(2, CardSettled(at_ms=6, card_id=card.card_id, how="wrong_flag"))
    assert core.judge(3, msgspec.structs.replace(said, at_ms=7, author_id="b")).derived == []
    core.urgent(4, CardRestored(at_ms=8, card_id=card.card_id))
    assert core.judge(5, msgspec.structs.replace(said, at_ms=9, author_id="c")).derived
