import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from hostdesk.desk.rows import Digest, FeedRow, RowFlag
from hostdesk.findings import Label, Lane, Span
from hostdesk.views.feed_places import CACHED_LAYOUTS
from hostdesk.views.feed_ring import FLAGGED, FeedRing, Hole
from hostdesk.views.feed_view import FeedView

pytestmark = pytest.mark.window

LINES = ["多少钱", "卡了", "这件有没有黑色的？上次直播说补货，到现在也没有补，还要等多久", "👏👏"]


@pytest.fixture
def make_view(qtbot, zh):
    def make(max_rows=50_000, size=(360, 600)):
        view = FeedView(zh, FeedRing(max_rows))
        qtbot.addWidget(view)
        view.resize(*size)
        view.show()
        return view

    return make


def feed(view, first, count, total=None, flags=()):
    rows = tuple(
        FeedRow(seq, 1_000 * seq, "comment", f"v{seq % 37}", LINES[seq % 4])
        for seq in range(first, first + count)
    )
    last = first + count - 1
    view.apply(Digest(last_seq=last, total=total or last, rows=rows, flags=tuple(flags)))
    view.refresh()


def painted(view):
    view.viewport().repaint()
    return view


def test_it_follows_the_newest_row(make_view):
    view = make_view()
    feed(view, 1, 500)
    assert view.follows
    assert view.visible[-1].seq == 500
    feed(view, 501, 10)
    assert view.visible[-1].seq == 510


def test_few_rows_stand_at_the_top(make_view):
    view = make_view()
    feed(view, 1, 3)
    assert view.top_row == (1, 0)


def test_reading_back_holds_its_place_through_ten_thousand_evictions(make_view):
    view = make_view(max_rows=12_000)
    feed(view, 1, 12_000)
    view.scroll_px(-3_003)
    held = view.top_row
    made = view.layouts_made
    for first in range(12_001, 22_001, 500):
        feed(view, first, 500)
        painted(view)
        if held[0] >= view.ring.entries()[0].seq:
            assert view.top_row == held
    assert view.ring.evicted == 10_000
    assert view.layouts_made - made <= len(view.visible) + 2


def test_a_place_that_left_the_ring_ends_at_the_oldest_row(make_view):
    view = make_view(max_rows=1_000)
    feed(view, 1, 1_000)
    view.scroll_px(-400)
    for first in range(1_001, 4_001, 500):
        feed(view, first, 500)
        painted(view)
    assert view.top_row == (view.ring.entries()[0].seq, 0)
    assert not view.follows


def test_no_frame_lays_out_more_than_is_visible(make_view):
    view = make_view()
    feed(view, 1, 20_000)
    painted(view)
    for first in range(20_001, 26_001, 60):
        before = view.layouts_made
        feed(view, first, 60)
        painted(view)
        assert view.layouts_made - before <= len(view.visible) + 2
    assert view.layouts_kept <= CACHED_LAYOUTS


def test_scrolling_down_to_the_end_follows_again(make_view):
    view = make_view()
    feed(view, 1, 400)
    view.scroll_px(-500)
    assert not view.follows
    view.scroll_px(5_000)
    painted(view)
    assert view.follows


def test_the_pill_counts_what_came_and_leads_back(make_view, qtbot):
    view = make_view()
    feed(view, 1, 400)
    view.scroll_px(-500)
    feed(view, 401, 25)
    assert view._latest.isVisible()
    assert "25" in view._latest.text()
    qtbot.mouseClick(view._latest, Qt.MouseButton.LeftButton)
    assert view.follows
    assert not view._latest.isVisible()


@pytest.mark.parametrize(
    ("key", "follows"),
    [
        (Qt.Key.Key_Up, False),
        (Qt.Key.Key_PageUp, False),
        (Qt.Key.Key_Home, False),
        (Qt.Key.Key_Down, True),
        (Qt.Key.Key_PageDown, True),
        (Qt.Key.Key_End, True),
    ],
)
def test_the_keyboard_scrolls(make_view, qtbot, key, follows):
    view = make_view()
    feed(view, 1, 400)
    qtbot.keyClick(view, key)
    assert view.follows is follows
    if key is Qt.Key.Key_Home:
        assert view.top_row == (1, 0)


def test_the_wheel_scrolls_and_keeps_pixels(make_view):
    view = make_view()
    feed(view, 1, 400)
    for _ in range(4):
        view.wheelEvent(wheel(120))
    here = view.top_row
    view.wheelEvent(wheel(120))
    view.wheelEvent(wheel(-120))
    assert view.top_row == here


def test_the_bar_goes_to_any_row(make_view):
    view = make_view()
    feed(view, 1, 5_000)
    view.verticalScrollBar().setValue(1_234)
    assert view.top_row == (1_235, 0)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    assert view.follows


def test_the_bar_is_not_moved_for_every_frame_but_never_far_from_true(make_view):
    view = make_view()
    bar = view.verticalScrollBar()
    feed(view, 1, 4_000)
    moved = []
    bar.rangeChanged.connect(lambda *_: moved.append(bar.maximum()))
    for first in range(4_001, 8_001, 50):
        feed(view, first, 50)
        assert bar.value() == bar.maximum() >= 0.97 * (view.ring.last_seq - 30)
    assert len(moved) < 45, "80 frames"
    view.scroll_px(-200)
    assert bar.maximum() > 7_900, "true as soon as somebody reads back"


def test_the_bar_fits_the_rows_that_a_filter_lets_through(make_view):
    view = make_view()
    flags = [RowFlag(seq, (Label.COMPLAINT,), Lane.ANSWER, ()) for seq in range(1, 400)]
    feed(view, 1, 4_000, flags=flags)
    view.set_filter(FLAGGED)
    assert view.verticalScrollBar().maximum() < 400


def test_a_pointer_on_the_feed_holds_it_until_it_leaves(make_view, qtbot):
    view = make_view()
    feed(view, 1, 400)
    qtbot.mouseMove(view.viewport(), QPoint(50, 50))
    view._begin_hover()
    held = view.top_row
    feed(view, 401, 50)
    assert view.top_row == held
    QApplication.sendEvent(view.viewport(), QEvent(QEvent.Type.Leave))
    assert view.follows


def test_a_pointer_that_lies_there_for_ever_does_not_stop_the_feed(make_view):
    view = make_view()
    feed(view, 1, 400)
    view._begin_hover()
    view._hover_timer.timeout.emit()
    assert view.follows


def test_reading_back_into_a_hole_asks_for_a_page_and_the_place_is_kept(make_view, qtbot):
    view = make_view()
    feed(view, 1, 100)
    feed(view, 5_000, 60, total=4_000)
    with qtbot.waitSignal(view.page_wanted) as asked:
        view.scroll_px(-1_700)
    assert asked.args == [4_800, 4_999]
    below = next(
        (entry.seq, top) for entry, _, top in view._arrange() if getattr(entry, "seq", 0) >= 5_000
    )
    page = [FeedRow(seq, seq, "comment", "小鹿", "补上的") for seq in range(4_800, 5_000)]
    view.insert_page(page, [])
    places = {entry.seq: top for entry, _, top in view._arrange()}
    assert places[below[0]] == below[1]
    assert 4_999 in places


def test_a_click_on_a_hole_asks_once(make_view, qtbot):
    view = make_view()
    feed(view, 1, 2)
    feed(view, 900, 3, total=200)
    asked = []
    view.page_wanted.connect(lambda *span: asked.append(span))
    top = next(top for entry, _, top in painted(view)._arrange() if isinstance(entry, Hole))
    for _ in range(3):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(100, top + 8))
    assert asked == [(700, 899)]


def test_a_flag_that_comes_later_changes_its_row_and_moves_nothing(make_view):
    view = make_view()
    feed(view, 1, 30)
    before = view.viewport().grab().toImage()
    places = [(entry.seq, top) for entry, _, top in view._arrange()]
    flag = RowFlag(29, (Label.ACCIDENT,), Lane.ACCIDENT, (Span(0, 2, Label.ACCIDENT),))
    view.apply(Digest(last_seq=30, total=30, flags=(flag,)))
    view.refresh()
    assert [(entry.seq, top) for entry, _, top in view._arrange()] == places
    assert view.viewport().grab().toImage() != before


def test_a_filter_shows_only_its_rows(make_view):
    view = make_view()
    flags = [RowFlag(seq, (Label.COMPLAINT,), Lane.ANSWER, ()) for seq in range(1, 401, 40)]
    feed(view, 1, 400, flags=flags)
    view.set_filter(FLAGGED)
    assert [entry.seq for entry in view.visible] == list(range(1, 401, 40))
    view.set_filter(Lane.DISPOSE)
    assert not view.visible
    painted(view)


def test_revealing_goes_to_the_newest_of_them_that_is_here(make_view):
    view = make_view()
    feed(view, 1, 3_000)
    assert view.reveal([20, 1_500, 9_999])
    assert 1_500 in [entry.seq for entry in view.visible]
    assert not view.reveal([77_777])


HOSTILE = [
    "x" * 1_000_000,
    "\x00\x01\x1b[31mred\x07",
    "a\nb\r\nc\u2028d",
    "\u202eabc\u2066def",
    "<b>bold</b><img src=x onerror=y>",
    "Z" + "\u0301" * 500,
    "\ud800lone",
    "👨‍👩‍👧" * 300,
    "",
    "&amp;{slot}%s",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_a_viewer_writes_is_one_quiet_row(make_view, text):
    view = make_view()
    row = FeedRow(1, 1_000, "comment", text[:40], text, True, True)
    spans = (Span(0, 3, Label.SPAM), Span(5, 2, Label.SPAM), Span(90, 99_999_999, Label.SPAM))
    flag = RowFlag(1, (Label.SPAM,), Lane.DISPOSE, spans)
    view.apply(Digest(last_seq=1, total=1, rows=(row,), flags=(flag,)))
    view.refresh()
    painted(view)
    (_, laid, _) = view._arrange()[0]
    assert laid.height <= 4 * 24 + 10


@pytest.mark.parametrize("kind", ["gift", "member", "gap", "host", "stream"])
def test_every_kind_of_row_has_words(make_view, kind):
    view = make_view()
    view.apply(Digest(last_seq=1, rows=(FeedRow(1, 1, kind, "小鹿", "started", count=3),)))
    view.refresh()
    assert painted(view).visible


def wheel(angle):
    return QWheelEvent(
        QPointF(50, 50),
        QPointF(50, 50),
        QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )


def test_a_new_width_wraps_anew(make_view):
    view = make_view()
    feed(view, 1, 50)
    tall = len(view.visible)
    view.resize(900, 600)
    QApplication.processEvents()
    assert len(view.visible) >= tall


def drawn(view, seq):
    """The line of a row as it is laid out, and the formats of its characters."""
    laid = next(laid for entry, laid, _ in view._arrange() if entry.seq == seq)
    line = laid.layout.text()
    struck = "".join(
        line[form.start : form.start + form.length]
        for form in laid.layout.formats()
        if form.format.fontStrikeOut()
    )
    return line, struck


def test_what_the_platform_deleted_is_struck_through_with_a_word_and_still_readable(make_view):
    view = make_view()
    feed(view, 1, 30)
    before = view.viewport().grab().toImage()
    places = [(entry.seq, top) for entry, _, top in view._arrange()]
    view.apply(Digest(last_seq=30, total=30, gone=(29,)))
    view.refresh()
    line, struck = drawn(view, 29)
    assert "平台已删" in line
    assert struck == LINES[29 % 4]
    assert drawn(view, 28)[1] == ""
    assert "平台已删" not in drawn(view, 28)[0]
    assert [(entry.seq, top) for entry, _, top in view._arrange()] == places
    assert view.viewport().grab().toImage() != before


def test_a_deleted_row_that_was_flagged_shows_both(make_view):
    view = make_view()
    flag = RowFlag(29, (Label.ACCIDENT,), Lane.ACCIDENT, (Span(0, 2, Label.ACCIDENT),))
    feed(view, 1, 30, flags=[flag])
    view.apply(Digest(last_seq=30, total=30, gone=(29,)))
    view.refresh()
    laid = next(laid for entry, laid, _ in view._arrange() if entry.seq == 29)
    ranges = laid.layout.formats()
    led = [each.format.fontStrikeOut() for each in ranges if each.format.fontUnderline()]
    assert led == [True]
    assert laid.flag == flag


def test_rows_of_the_past_come_with_their_marks(make_view, qtbot):
    view = make_view()
    feed(view, 1, 100)
    feed(view, 5_000, 60, total=4_000)
    with qtbot.waitSignal(view.page_wanted):
        view.scroll_px(-1_700)
    page = [FeedRow(seq, seq, "comment", "小鹿", "补上的") for seq in range(4_800, 5_000)]
    view.insert_page(page, [], (4_800, 4_999), [4_999])
    assert drawn(view, 4_999) == ("小鹿  平台已删  补上的", "补上的")
