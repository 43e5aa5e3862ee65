import msgspec
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QEnterEvent, QGuiApplication, QInputMethodEvent
from PySide6.QtWidgets import QApplication

from hostdesk.desk.rows import AdvicePanel, Digest, FeedRow, PlanPanel, PromiseRow, SourceRow
from hostdesk.events import (
    CardChosen,
    CardRestored,
    CardSettled,
    CueCleared,
    NoticeAsked,
    NoticeDownAsked,
    PlanClosed,
    PlanOpened,
    ReplyUsed,
    StepTicked,
)
from hostdesk.findings import Lane
from hostdesk.text import words
from hostdesk.views import theme
from hostdesk.views.assistant_window import AssistantWindow
from tests.window.desk_samples import (
    NOW,
    advice,
    card,
    cards,
    notice,
    plan,
    raid,
    status,
    suggestion,
    template,
    templates,
)

pytestmark = pytest.mark.window


class Seat:
    """A window with what it asked for."""

    def __init__(self, qtbot, locale="zh", size=(1180, 760)):
        self.asks = []
        self.window = AssistantWindow(words(locale))
        qtbot.addWidget(self.window)
        self.window.asked.connect(self.asks.append)
        self.window.resize(*size)
        self.window.show()
        qtbot.waitExposed(self.window)
        self._qtbot = qtbot

    def shows(self, now_ms=NOW, **panels):
        frames = self.window.frames.frames
        self.window.apply(Digest(now_ms=now_ms, **panels))
        self._qtbot.waitUntil(lambda: self.window.frames.frames > frames, timeout=5_000)
        return self.window

    def asked(self, kind):
        (ask,) = self.asks
        assert isinstance(ask, kind)
        assert ask.ask_id
        assert ask.at_ms == 0
        self.asks.clear()
        return ask


@pytest.fixture
def seat(qtbot):
    return Seat(qtbot)


@pytest.fixture(params=[("zh", 1180), ("zh", 420), ("en", 1180), ("en", 420)], ids=str)
def any_seat(qtbot, request):
    locale, width = request.param
    return Seat(qtbot, locale, (width, 760 if width > 800 else 900))


def hold(qtbot, button):
    qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    return button


# ------------------------------------------------------------------------ the whole desk


def test_every_panel_is_shown_in_both_languages_and_layouts(any_seat):
    window = any_seat.shows(
        rows=(FeedRow(1, NOW, "comment", "小鹿", "卡了"),),
        total=1,
        last_seq=1,
        status=status(rehearsal=True, cue="我在", stream="started", fps=60.0, mic_peak_db=-12.0),
        cards=cards(card(), raid(), card("c3", "accident", Lane.ACCIDENT, plan_id="A01")),
        advice=advice(),
        plan=plan(),
        notice=notice("seen", seen_since_ms=NOW - 12_000),
        templates=templates(template()),
    )
    assert window.rehearsal.isVisible()
    assert window.plan.isVisible()
    assert "00:12" in window.notice.state.text()
    assert "00:42" in window.plan.clock.text()
    assert not window.grab().isNull()


def test_many_digests_become_few_frames(seat, qtbot):
    window = seat.shows(status=status())
    before = window.frames.frames
    for seq in range(1, 201):
        row = FeedRow(seq, NOW, "comment", "小鹿", "666")
        window.apply(Digest(now_ms=NOW, last_seq=seq, total=seq, rows=(row,)))
    qtbot.waitUntil(lambda: window.frames.frames > before, timeout=5_000)
    assert window.frames.frames - before <= 3
    assert len(window.feed.view.ring.entries()) == 200


def test_nothing_is_painted_while_nothing_changes(seat, qtbot):
    window = seat.shows(status=status())
    before = window.frames.frames
    for _ in range(20):
        QApplication.processEvents()
    assert not window.frames.waits
    assert window.frames.frames == before


def test_a_narrow_window_folds_the_feed_and_opens_it_on_demand(qtbot):
    seat = Seat(qtbot, size=(420, 900))
    assert not seat.window.feed.view.isVisible()
    qtbot.mouseClick(seat.window.feed.fold, Qt.MouseButton.LeftButton)
    assert seat.window.feed.view.isVisible()
    seat.window.resize(1180, 760)
    assert seat.window.feed.view.isVisible()
    assert not seat.window.feed.fold.isVisible()


def test_the_window_says_when_the_engine_is_away(seat):
    assert not seat.window.away.isVisible()
    seat.window.show_link("away")
    assert seat.window.away.isVisible()
    seat.window.show_link("up")
    assert not seat.window.away.isVisible()


def test_another_show_starts_with_an_empty_feed(seat):
    row = FeedRow(50, NOW, "comment", "小鹿", "卡了")
    seat.shows(status=status(), rows=(row,), last_seq=50, total=1)
    first = FeedRow(2, NOW, "comment", "小鹿", "新的一场")
    window = seat.shows(status=status(show_id="s2"), rows=(first,), last_seq=2, total=1)
    assert [entry.seq for entry in window.feed.view.ring.entries()] == [2]


def test_a_recording_may_be_dropped_on_the_window(seat, qtbot, tmp_path):
    file = tmp_path / "show.jsonl"
    file.touch()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, buttons, keys)
    with qtbot.waitSignal(seat.window.recording_dropped) as dropped:
        seat.window.dropEvent(event)
    assert dropped.args == [str(file)]


# ------------------------------------------------------------------------------- status


@pytest.mark.parametrize(
    ("why", "fields", "expected"),
    [
        ("the output runs", {"stream": "started"}, "直播 01:23:45"),
        ("the uplink is down", {"stream": "reconnecting"}, "推流重连中 01:23:45"),
        ("it never started", {}, "未推流 01:23:45"),
        ("the show is over", {"closed_ms": NOW - 25_000}, "已下播 01:23:20"),
    ],
)
def test_the_strip_tells_whether_the_show_is_live(seat, why, fields, expected):
    assert seat.shows(status=status(**fields)).strip.live.text.whole == expected, why


def test_the_strip_says_what_to_do_about_obs(seat):
    linked = status(obs_linked=False, obs_error="obs_password")
    strip = seat.shows(status=linked).strip
    assert strip.obs.text.whole == "OBS 未连接"
    assert words("zh").error("obs_password", {})[1] in strip.trouble.text()


def test_the_strip_counts_what_waits(seat):
    promise = PromiseRow(promise_id="p", text="x", due_ms=NOW + 60_000)
    strip = seat.shows(
        status=status(
            per_min=132,
            to_answer=4,
            promises=(promise,),
            link_number=12,
            waiting=900,
            sources=(SourceRow(source_id="B站", state="live", last_ms=NOW - 2_000),),
        )
    ).strip
    assert strip.pace.text.whole == "132 条/分"
    assert strip.answers.text.whole == "待回 4"
    assert strip.promises.text.whole.startswith("承诺 1 (")
    assert strip.show_bar.number.text() == "12"
    assert strip.sources[0].text.whole == "B站 2秒前"
    assert "900" in strip.waiting.text.whole


def test_the_teleprompter_line_can_be_cleared(seat, qtbot):
    window = seat.shows(status=status(cue="我在"))
    assert "我在" in window.strip.cue.text.whole
    qtbot.mouseClick(window.strip.cue_done, Qt.MouseButton.LeftButton)
    seat.asked(CueCleared)


# -------------------------------------------------------------------------------- cards


def test_a_card_shows_people_orders_and_evidence(seat):
    window = seat.shows(cards=cards(raid(with_order=1, sample=("别买",), words=("假货",))))
    view = window.cards.cards[0]
    assert view.title.text.whole.startswith("同样的话")
    assert view.count.text() == "3个账号 · 有单 1"
    assert "证据 2/4" in view.because.text()
    assert "真买家" in view.because.text()


@pytest.mark.parametrize(
    ("which", "how"),
    [("answered", "answered"), ("support", "handed_over"), ("wrong", "wrong_flag")],
)
def test_one_press_settles_a_card(seat, qtbot, which, how):
    window = seat.shows(cards=cards(card()))
    qtbot.mouseClick(getattr(window.cards.cards[0], which), Qt.MouseButton.LeftButton)
    ask = seat.asked(CardSettled)
    assert (ask.card_id, ask.how) == ("c1", how)


def test_only_violations_can_be_disposed_of(seat):
    window = seat.shows(cards=cards(card(), card("c2", lane=Lane.DISPOSE)))
    plain, violation = window.cards.cards[:2]
    assert not plain.dispose.isVisible()
    assert violation.dispose.isVisible()
    assert not violation.answered.isVisible()


def test_disposal_wants_a_reason_and_a_hold(seat, qtbot):
    window = seat.shows(cards=cards(card(lane=Lane.DISPOSE)))
    view = window.cards.cards[0]
    qtbot.mouseClick(view.dispose, Qt.MouseButton.LeftButton)
    assert not view.confirm.isEnabled()
    qtbot.keyClicks(view.reason, "ad")  # QTest types Latin only
    qtbot.mouseClick(view.confirm, Qt.MouseButton.LeftButton)
    assert not seat.asks
    hold(qtbot, view.confirm)
    qtbot.waitUntil(lambda: bool(seat.asks), timeout=5_000)
    ask = seat.asked(CardSettled)
    assert (ask.how, ask.reason) == ("disposed", "ad")


def test_a_plan_is_opened_from_its_card(seat, qtbot):
    accident = card(kind="accident", lane=Lane.ACCIDENT, plan_id="A01")
    window = seat.shows(cards=cards(accident))
    qtbot.mouseClick(window.cards.cards[0].plan, Qt.MouseButton.LeftButton)
    ask = seat.asked(PlanOpened)
    assert (ask.plan_id, ask.card_id) == ("A01", "c1")


def test_at_most_three_cards_are_live(seat, qtbot):
    window = seat.shows(cards=cards(*(card(f"c{n}") for n in range(9))))
    assert [view.card_id for view in window.cards.cards] == ["c0", "c1", "c2"]
    assert all(line.isVisible() for line in window.cards.stacked)
    assert "2" in window.cards.more.text()
    qtbot.mouseClick(window.cards.stacked[1], Qt.MouseButton.LeftButton)
    assert seat.asked(CardChosen).card_id == "c4"
    chosen = cards(*(card(f"c{n}") for n in range(9)), chosen="c4")
    assert "c4" in [view.card_id for view in seat.shows(cards=chosen).cards.cards]


def test_nothing_moves_under_the_pointer(seat):
    window = seat.shows(cards=cards(card("a"), card("b")))
    window.cards.enterEvent(entered())
    urgent = card("new", "accident", Lane.ACCIDENT)
    seat.shows(cards=cards(urgent, card("b")))
    assert [view.card_id for view in window.cards.cards] == ["a", "b", "new"]
    assert not window.cards.cards[0].answered.isEnabled()
    QApplication.sendEvent(window.cards, QEvent(QEvent.Type.Leave))
    assert [view.card_id for view in window.cards.cards[:2]] == ["new", "b"]


def test_the_last_settled_card_can_be_brought_back(seat, qtbot):
    settled = card("old", state="settled", settled_how="wrong_flag")
    window = seat.shows(cards=cards(settled=[settled]))
    assert "误报" in window.cards.last.whole
    qtbot.mouseClick(window.cards.undo, Qt.MouseButton.LeftButton)
    assert seat.asked(CardRestored).card_id == "old"


def test_what_was_said_can_be_found_in_the_feed(seat, qtbot):
    rows = tuple(FeedRow(seq, NOW, "comment", "小鹿", "起球了") for seq in range(1, 900))
    window = seat.shows(rows=rows, total=899, last_seq=899, cards=cards(card(seqs=(20, 40))))
    qtbot.mouseClick(window.cards.cards[0].reveal, Qt.MouseButton.LeftButton)
    assert 40 in [entry.seq for entry in window.feed.view.visible]


# ------------------------------------------------------------------------------- advice


def test_one_is_the_teleprompter_and_two_the_clipboard(seat, qtbot):
    window = seat.shows(advice=advice())
    qtbot.keyClick(window, Qt.Key.Key_1)
    ask = seat.asked(ReplyUsed)
    assert (ask.text, ask.way, ask.reply_id, ask.card_id) == ("说1", "teleprompter", "R1", "c1")
    qtbot.keyClick(window, Qt.Key.Key_3)
    qtbot.keyClick(window, Qt.Key.Key_2)
    ask = seat.asked(ReplyUsed)
    assert (ask.text, ask.way) == ("发2", "copied")
    assert QGuiApplication.clipboard().text() == "发2"


def test_digits_work_from_the_feed_and_from_buttons(seat, qtbot):
    window = seat.shows(advice=advice())
    for widget in (window.feed.view, window.advice.next, window.notice.kinds["apology"]):
        qtbot.keyClick(widget, Qt.Key.Key_1)
        seat.asked(ReplyUsed)


def test_digits_do_nothing_in_a_text_field(seat, qtbot):
    window = seat.shows(advice=advice())
    window.activateWindow()
    window.notice.field.setFocus()
    qtbot.keyClicks(window.notice.field, "123")
    assert window.notice.text == "123"
    assert not seat.asks


def test_digits_do_nothing_while_an_input_method_composes(seat, qtbot):
    window = seat.shows(advice=advice())
    window.activateWindow()
    window.notice.field.setFocus()
    qtbot.waitUntil(window.notice.field.hasFocus, timeout=5_000)
    QApplication.sendEvent(window.notice.field, QInputMethodEvent("qi qiu", []))
    qtbot.keyClick(window, Qt.Key.Key_1)
    assert not seat.asks


def test_digits_with_a_modifier_are_somebody_elses(seat, qtbot):
    window = seat.shows(advice=advice())
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert not seat.asks


def test_without_advice_the_keys_do_nothing(seat, qtbot):
    window = seat.shows(advice=AdvicePanel(revision=2))
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3):
        qtbot.keyClick(window, key)
    assert not seat.asks


def test_advice_does_not_change_under_the_pointer(seat):
    window = seat.shows(advice=advice())
    window.advice.enterEvent(entered())
    other = AdvicePanel(revision=2, card_id="c2", suggestions=(suggestion(9),))
    seat.shows(advice=other)
    assert window.advice.suggestion.reply_id == "R1"
    QApplication.sendEvent(window.advice, QEvent(QEvent.Type.Leave))
    assert window.advice.suggestion.reply_id == "R9"


# --------------------------------------------------------------------------------- plan


def test_steps_are_ticked_and_the_plan_put_away(seat, qtbot):
    window = seat.shows(plan=plan())
    first, second = window.plan.steps
    assert first.check.isChecked()
    assert "00:20" in second.due.text()
    qtbot.mouseClick(second.check, Qt.MouseButton.LeftButton)
    ask = seat.asked(StepTicked)
    assert (ask.step_id, ask.done) == ("s2", True)
    qtbot.mouseClick(window.plan.close_plan, Qt.MouseButton.LeftButton)
    seat.asked(PlanClosed)
    assert not seat.shows(plan=PlanPanel(revision=9)).plan.isVisible()


def test_a_step_that_is_late_says_by_how_much(seat):
    window = seat.shows(plan=plan(), now_ms=NOW + 25_000)
    assert "00:05" in window.plan.steps[1].due.text()


# ------------------------------------------------------------------------------- notice


@pytest.mark.parametrize(
    ("phase", "more", "expected"),
    [
        ("none", {}, "画面上没有贴片"),
        ("sending", {}, "正在送到 OBS…"),
        ("placed", {}, "已放好，正在确认观众能看到…"),
        ("seen", {"seen_since_ms": NOW - 72_000}, "已上屏 01:12"),
        ("unseen", {"reason": "hidden"}, "没看到：在 OBS 里被隐藏或挡住了"),
        ("unseen", {"reason": "no_picture"}, "没看到：节目画面是黑的"),
        ("no_uplink", {}, "已放好，但观众现在看不到"),
        ("taking_down", {}, "正在撤下…"),
    ],
)
def test_the_state_line_says_exactly_what_is_proven(seat, phase, more, expected):
    window = seat.shows(notice=notice(phase, **more))
    assert window.notice.state.text() == expected
    assert ("已上屏" in expected) == (phase == "seen")


def test_a_failure_says_what_to_do_now(seat):
    failed = notice("failed", error_code="obs_unreachable", params={"host": "h", "port": 1})
    said = seat.shows(notice=failed).notice.state.text()
    assert words("zh").error("obs_unreachable", {"host": "h", "port": 1})[1] in said


def test_a_clean_notice_goes_up_with_one_press(seat, qtbot):
    window = seat.shows(templates=templates(template()))
    qtbot.mouseClick(window.notice.kinds["apology"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(window.notice.up, Qt.MouseButton.LeftButton)
    ask = seat.asked(NoticeAsked)
    assert (ask.text, ask.notice_kind, ask.template_id, ask.confirmed) == (
        "抱歉，刚才卡了。",
        "apology",
        "N01",
        False,
    )


def test_money_is_held(seat, qtbot):
    window = seat.shows(templates=templates(template("N05", "compensation", "补5元", binds=True)))
    qtbot.mouseClick(window.notice.kinds["compensation"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(window.notice.up, Qt.MouseButton.LeftButton)
    assert not seat.asks
    hold(qtbot, window.notice.up)
    qtbot.waitUntil(lambda: bool(seat.asks), timeout=5_000)
    assert seat.asked(NoticeAsked).confirmed


def test_the_space_bar_holds_too(seat, qtbot):
    window = seat.shows(templates=templates(template("N05", "compensation", "补5元", binds=True)))
    qtbot.mouseClick(window.notice.kinds["compensation"], Qt.MouseButton.LeftButton)
    qtbot.keyPress(window.notice.up, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(seat.asks), timeout=5_000)
    assert seat.asked(NoticeAsked).confirmed


def test_a_slot_must_be_filled_first(seat, qtbot):
    open_slot = template("N02", text="😀中断了{minutes}分钟", missing=("minutes",))
    window = seat.shows(templates=templates(open_slot))
    qtbot.mouseClick(window.notice.kinds["apology"], Qt.MouseButton.LeftButton)
    assert window.notice.field.textCursor().selectedText() == "{minutes}"
    qtbot.mouseClick(window.notice.up, Qt.MouseButton.LeftButton)
    assert not seat.asks
    assert "minutes" in window.notice.hint.text()
    qtbot.keyClicks(window.notice.field, "3")
    qtbot.mouseClick(window.notice.up, Qt.MouseButton.LeftButton)
    assert seat.asked(NoticeAsked).text == "😀中断了3分钟"


def test_pressing_a_kind_again_offers_its_next_template(seat, qtbot):
    window = seat.shows(templates=templates(template(), template("N02", text="第二条")))
    for expected in ("抱歉，刚才卡了。", "第二条", "抱歉，刚才卡了。"):
        qtbot.mouseClick(window.notice.kinds["apology"], Qt.MouseButton.LeftButton)
        assert window.notice.text == expected


def test_new_templates_do_not_overwrite_what_is_being_written(seat, qtbot):
    window = seat.shows(templates=templates(template()))
    qtbot.mouseClick(window.notice.kinds["apology"], Qt.MouseButton.LeftButton)
    qtbot.keyClicks(window.notice.field, "x")
    mine = window.notice.text
    seat.shows(templates=templates(template(text="换了")))
    assert window.notice.text == mine


def test_an_empty_notice_cannot_go_up_and_nothing_cannot_come_down(seat):
    window = seat.shows(notice=notice("none", text=""))
    assert not window.notice.up.isEnabled()
    assert not window.notice.down.isEnabled()


def test_taking_down_is_one_press(seat, qtbot):
    window = seat.shows(notice=notice("seen"))
    qtbot.mouseClick(window.notice.down, Qt.MouseButton.LeftButton)
    seat.asked(NoticeDownAsked)


def test_the_preview_is_what_will_be_painted(seat, qtbot):
    window = seat.shows(templates=templates(template()))
    qtbot.mouseClick(window.notice.kinds["apology"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.notice.preview.picture is not None, timeout=5_000)
    assert window.notice.preview.picture.height() > 100


def test_a_refused_notice_says_why_and_asks_for_a_hold(seat, qtbot):
    window = seat.shows(templates=templates(template()))
    qtbot.mouseClick(window.notice.kinds["apology"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(window.notice.up, Qt.MouseButton.LeftButton)
    ask = seat.asked(NoticeAsked)
    window.show_answer(ask.ask_id, False, "ask_refused", {"reason": "needs_hold"})
    assert window.notice.up.hold
    assert window.notice.hint.text()


def test_a_refusal_is_told_and_a_success_is_silent(seat, qtbot):
    window = seat.shows(cards=cards(card()))
    for ok in (True, False):
        qtbot.mouseClick(window.cards.cards[0].answered, Qt.MouseButton.LeftButton)
        ask = seat.asked(CardSettled)
        window.show_answer(ask.ask_id, ok, "" if ok else "ask_refused", {"reason": "card_unknown"})
        assert window.told.isVisible() is not ok
    window.show_answer("not ours", False, "bug", {})


# ------------------------------------------------------------------------- looks and words


def test_text_can_be_read_on_every_ground():
    grounds = (theme.GROUND, theme.PANEL, theme.RAISED, theme.FIELD)
    inks = (theme.TEXT, theme.SOFT, theme.WARN, theme.TROUBLE, theme.GOOD, theme.ACCENT)
    for ink in (*inks, *theme.LANE_COLOURS.values()):
        assert all(contrast(ink, ground) >= 4.5 for ground in grounds), ink
    assert contrast(theme.DIM, theme.PANEL) >= 4.5
    assert contrast(theme.ON_ACCENT, theme.ACCENT) >= 4.5


def test_viewers_text_is_never_taken_for_html(seat):
    text = "<b>x</b><img src='http://x'>"
    window = seat.shows(cards=cards(card(sample=(text,), words=(text,))))
    view = window.cards.cards[0]
    assert view.because.textFormat() is Qt.TextFormat.PlainText
    assert view.samples.textFormat() is Qt.TextFormat.PlainText


def test_stretched_words_still_leave_a_window_of_its_size(qtbot, monkeypatch):
    monkeypatch.setenv("HOSTDESK_PSEUDO", "150")
    words.cache_clear()
    try:
        seat = Seat(qtbot, "en", (420, 900))
        seat.shows(cards=cards(raid()), advice=advice(), plan=plan(), status=status())
        assert seat.window.width() == 420
    finally:
        words.cache_clear()


def test_any_part_of_the_desk_may_come_alone(seat):
    whole = Digest(status=status(), cards=cards(card()), advice=advice(), plan=plan())
    for name in ("status", "cards", "advice", "plan"):
        seat.shows(**{name: getattr(whole, name)})
    assert msgspec.msgpack.encode(whole)


def entered():
    spot = QPointF(5, 5)
    return QEnterEvent(spot, spot, QPointF(QPoint(5, 5)))


def contrast(first, second):
    def light(colour):
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(first), light(second)))
    return (high + 0.05) / (low + 0.05)
