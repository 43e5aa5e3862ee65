import pytest

from hostdesk.events import HostSaid, NoticeProof, ReplyUsed, Stream
from hostdesk.findings import Evidence, Finding
from hostdesk.review.moments import AFTER_MS, Done, MomentBook
from hostdesk.review.rows import ReplyDone


class NoCards:
    """A desk without cards."""

    class _Panel:
        cards = settled = ()

    def panel(self):
        return self._Panel


def finding(kind="accident", at_s=10, since_s=5, state="opened", **fields):
    fields = {"authors": 8, "comments": 12, "topic": "freeze", "sample": ("卡了",)} | fields
    return Finding(
        finding_id=f"{kind}-1", finding_kind=kind, state=state, at_ms=at_s * 1000,
        since_ms=since_s * 1000, **fields,
    )  # fmt: skip


def moment_of(*findings, host=(), replies=(), notices=()):
    book = MomentBook()
    events = sorted(
        [*findings, *(HostSaid(at_ms=s * 1000, text="我在") for s in host)],
        key=lambda each: each.at_ms,
    )
    for event in events:
        if isinstance(event, Finding):
            book.receive(event, NoCards())
        else:
            book.heard(event)
    used = [
        ReplyDone(at_ms=s * 1000, text="画面卡了，我在", way="copied", card_id=card)
        for s, card in replies
    ]
    (moment,) = book.result(Done(used, notices))
    return moment


@pytest.mark.parametrize(
    ("why", "host", "replies", "verdict", "after_ms"),
    [
        ("nobody spoke", (), (), "none", None),
        ("the host said something next: about this?", (20,), (), "unclear", 15_000),
        ("a late reply, the host before it", (20,), [(90, "")], "unclear", 15_000),
        ("a late reply, the host after it", (95,), [(90, "")], "late", 85_000),
        ("before it was flagged the show just went on", (7,), (), "none", None),
        ("a reply counts from the first signal", (), [(7, "")], "in_time", 2_000),
        ("a reply in time settles it", (6, 11), [(12, "")], "in_time", 7_000),
        ("a reply for another card is about another thing", (), [(12, "other#1")], "none", None),
        ("before it began", (), [(2, "")], "none", None),
    ],
)  # fmt: skip
def test_first_words_of_an_accident(why, host, replies, verdict, after_ms):
    moment = moment_of(finding(), host=host, replies=replies)
    assert (moment.first_words, moment.first_words_after_ms) == (verdict, after_ms), why


def test_complaints_leave_three_minutes():
    assert moment_of(finding("mass_complaint"), replies=[(150, "")]).first_words == "in_time"
    assert moment_of(finding("mass_complaint"), replies=[(190, "")]).first_words == "late"


def test_a_campaign_is_not_to_be_announced():
    moment = moment_of(finding("raid", topic="copies"), host=(12,))
    assert moment.first_words == "not_wanted"
    assert moment.first_words_limit_ms is None
    assert moment.nothing_done


def test_words_long_after_the_end_are_about_something_else():
    over = finding(at_s=60, state="closed")
    assert moment_of(finding(), over, host=(61,)).first_words == "unclear"
    assert moment_of(finding(), over, host=(61 + AFTER_MS // 1000,)).first_words == "none"


def test_the_widest_state_is_told_and_the_end():
    moment = moment_of(
        finding(),
        finding(state="grew", at_s=20, authors=40, with_order=5, sample=("没声音",),
                evidence=(Evidence("congestion", 1.0, 0.1),)),
        finding(state="closed", at_s=90, authors=3, sample=("好了",)),
    )  # fmt: skip
    assert (moment.people, moment.with_order, moment.sample) == (40, 5, ("没声音",))
    assert (moment.since_ms, moment.found_ms, moment.over_ms) == (5_000, 10_000, 90_000)
    assert moment.evidence[0].signal == "congestion"


def test_echoes_and_single_flags_are_no_moments():
    book = MomentBook()
    book.receive(finding("echo"), NoCards())
    book.receive(finding("flag"), NoCards())
    assert book.result(Done()) == ()


def test_nothing_done_is_said_plainly(show):
    for number in range(12):
        show.said(10 + number * 0.5, "卡了卡了画面不动了", who=f"f{number}")
    (moment,) = show.close(60).review().moments
    assert moment.nothing_done
    assert moment.first_words == "none"


def test_a_notice_is_words_only_once_viewers_saw_it(show):
    show.at(0, Stream, state="reconnecting")
    for number in range(12):
        show.said(10 + number * 0.5, "卡了卡了画面不动了", who=f"f{number}")
    show.notice(20, "卡顿处理中", seen_after_s=1)
    (moment,) = show.review().moments
    assert moment.first_words == "none"
    assert moment.notices[0].unseen == "no_uplink"
    show.at(50, Stream, state="reconnected")
    (moment,) = show.review().moments
    assert (moment.first_words, moment.first_words_by) == ("late", "notice")


def test_a_used_reply_on_its_card_stands_beside_the_complaints(show):
    for number in range(6):
        show.said(10 + number, f"买回来就起球了 第{number}次洗", who=f"c{number}", has_order=True)
    card = show.card("answer:complaint")
    show.at(30, ReplyUsed, text="起球我记下了，21点前给答复", way="copied", card_id=card)
    (moment,) = show.close(60).review().moments
    assert moment.kind == "mass_complaint"
    assert [reply.text for reply in moment.replies] == ["起球我记下了，21点前给答复"]
    assert moment.first_words == "in_time"


def test_proof_without_a_notice_changes_nothing(show):
    show.at(1, NoticeProof, notice_id="notice-9", seen=True, reason="seen")
    assert show.review().notices == ()
