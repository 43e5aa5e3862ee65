import pytest
from PySide6.QtCore import Qt

from hostdesk.desk.rows import Digest
from hostdesk.findings import Label, Lane
from hostdesk.text import words
from hostdesk.views.host_window import CARD_CHARS, HostWindow
from tests.window.desk_samples import NOW, advice, card, cards, notice, plan, raid, status

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
            cards=cards(card(kind="accident", lane=Lane.ACCIDENT, topic="freeze", authors=23)),
            plan=plan(),
            notice=notice("seen", notice_kind="apology", seen_since_ms=NOW - 5_000),
        )
    )
    assert host.card.text == "卡顿 · 23人"
    assert host.cue.text == "我在，没走"
    assert host.up.text.whole == "致歉 · 已上屏 00:05"
    assert host.next.text.whole == "下一步 主播：开口说明"
    assert not host.grab().isNull()


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_card_is_read_in_one_glance(qtbot, locale):
    host = HostWindow(words(locale))
    qtbot.addWidget(host)
    for topic in ("freeze", "quality", "after_sales", "harm"):
        waiting = card(kind="mass_complaint", topic=topic, authors=1_234)
        host.apply(Digest(now_ms=NOW, cards=cards(waiting)))
        assert len(host.card.text) <= CARD_CHARS + 6


def test_words_that_nobody_sent_are_not_shown(host):
    host.apply(Digest(now_ms=NOW, status=status(link_number=12), advice=advice()))
    assert host.card.text == "正讲 12号"
    assert not host.cue.text


def test_it_does_not_say_calm_while_something_waits(host, zh):
    host.apply(Digest(now_ms=NOW, status=status(), cards=cards(raid())))
    assert host.card.text == zh("host.open")
    host.apply(Digest(now_ms=NOW, cards=cards(card(label=Label.SAFETY, topic="", authors=2))))
    assert host.card.text.endswith("2人")


def test_an_ordinary_moment_is_calm(host):
    host.apply(Digest(now_ms=NOW, status=status(link_number=12)))
    assert host.card.text == "正讲 12号"
    assert not host.up.isVisible()


def test_what_viewers_wrote_never_gets_there(host):
    insult = "骂人的话"
    from hostdesk.desk.rows import CardsPanel, FeedRow

    row = FeedRow(1, NOW, "comment", insult, insult)
    panel = CardsPanel(revision=1, cards=(raid(sample=(insult,), words=(insult,)),))
    host.apply(Digest(now_ms=NOW, rows=(row,), cards=panel))
    assert insult not in host.card.text + host.cue.text + host.next.text.whole


@pytest.mark.parametrize("size", [(320, 200), (560, 340), (1920, 1080)])
def test_it_is_as_large_as_its_window(host, size):
    host.resize(*size)
    host.apply(Digest(now_ms=NOW, status=status(cue="很长的一句提词" * 20), advice=advice()))
    host.grab()
    assert host.card._fitting() >= 18
