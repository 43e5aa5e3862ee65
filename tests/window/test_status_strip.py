import pytest

from hostdesk.desk.rows import SourceRow
from hostdesk.settings import INBOX
from hostdesk.views.status_strip import MAX_SOURCES, StatusStrip
from tests.window.desk_samples import NOW, status

pytestmark = pytest.mark.window


@pytest.fixture
def strip(qtbot, zh):
    made = StatusStrip(zh)
    qtbot.addWidget(made)
    made.show()
    return made


def source(name, state="live", **more):
    return SourceRow(source_id=name, state=state, last_ms=NOW, room=name, **more)


def chips(strip):
    return [part.text.whole for part in strip.sources if part.isVisible()]


def test_a_room_in_trouble_comes_first_and_none_is_left_out(strip):
    rooms = [source(f"r{n}") for n in range(MAX_SOURCES + 1)] + [source("断了", "reconnecting")]
    strip.show_status(status(sources=tuple(rooms)), NOW)
    assert chips(strip)[0].startswith("断了")
    assert chips(strip)[-1].endswith("+2")


def test_the_inbox_is_its_pushers_once_there_are_some(strip):
    own = source(INBOX, "quiet")
    strip.show_status(status(sources=(own,)), NOW)
    assert len(chips(strip)) == 1
    strip.show_status(status(sources=(own, source("甲"))), NOW)
    assert [chip.split()[0] for chip in chips(strip)] == ["甲"]


def test_what_a_room_lacks_is_said_in_words(strip, zh):
    said = " ".join(
        zh.error("source_incomplete", {"room": "B站", "missing": "code key_id channel"})
    )
    assert "身份码 · Access Key ID · 频道" in said


def test_a_page_that_is_not_read_says_what_to_do(strip, zh):
    folded = source("抖音", "covered", params={"page": "list_hidden"})
    changed = source("快手", "refused", error_code="inbox_page_changed")
    by_shape = source("淘宝", params={"page": "by_shape"})
    strip.show_status(status(sources=(folded, changed, by_shape)), NOW)
    told = strip.trouble.text()
    assert f"抖音: {zh('status.page.list_hidden')}" in told
    assert "快手: 页面变了，浏览器扩展认不出弹幕列表。" in told
    assert "淘宝" not in told
