import pytest
from PySide6.QtCore import Qt

from hostdesk.desk.rows import AdvicePanel, Digest
from hostdesk.views.host_window import CARD_CHARS, HostWindow
from tests.window.desk_samples import NOW, advice, notice, plan, raid, status, suggestion

pytestmark = pytest.mark.window


@pytest.fixture
def host(qtbot, zh):
    window = HostWindow(zh)
    qtbot.addWidget(window)
    window.show()
    return window


def test_it_stays_on_top_and_is_opaque(host):
    assert host.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    assert host.windowOpacity() == 1.0


def test_it_shows_card_line_notice_and_next_step(host):
    host.apply(
        Digest(
            now_ms=NOW,
            status=status(cue="我在，没走"),
            advice=advice(),
            plan=plan(),
            notice=notice("seen", notice_kind="apology", seen_since_ms=NOW - 5_000),
        )
    )
    assert host.card.text == "卡1"
    assert host.cue.text == "我在，没走"
    assert host.up.text.whole == "致歉 · 已上屏 00:05"
    assert host.next.text.whole == "下一步 主播：开口说明"
    assert not host.grab().isNull()


def test_a_card_is_read_in_one_glance(host):
    long = AdvicePanel(revision=1, suggestions=(suggestion(card="一" * 40),))
    host.apply(Digest(now_ms=NOW, advice=long))
    assert len(host.card.text) <= CARD_CHARS


def test_an_ordinary_moment_is_calm(host):
    host.apply(Digest(now_ms=NOW, status=status(link_number=12)))
    assert host.card.text == "正讲 12号"
    assert not host.up.isVisible()


def test_what_viewers_wrote_never_gets_there(host):
    insult = "骂人的话"
    before = host.grab().toImage()
    from hostdesk.desk.rows import CardsPanel, FeedRow

    row = FeedRow(1, NOW, "comment", insult, insult)
    panel = CardsPanel(revision=1, cards=(raid(sample=(insult,), words=(insult,)),))
    host.apply(Digest(now_ms=NOW, rows=(row,), cards=panel))
    assert host.grab().toImage() == before


@pytest.mark.parametrize("size", [(320, 200), (560, 340), (1920, 1080)])
def test_it_is_as_large_as_its_window(host, size):
    host.resize(*size)
    host.apply(Digest(now_ms=NOW, status=status(cue="很长的一句提词" * 20), advice=advice()))
    host.grab()
    assert host.card._fitting() >= 18
