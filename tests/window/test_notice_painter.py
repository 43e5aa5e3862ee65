import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor

from hostdesk.views.notice_painter import LOOKS, SIZES, paint_notice, safe_rect

LANDSCAPE, PORTRAIT = QSize(1920, 1080), QSize(1080, 1920)
SAFE = {LANDSCAPE: (0.05, 0.05, 0.95, 0.95), PORTRAIT: (0.05, 0.12, 0.82, 0.62)}
TEXT = "画面刚才卡住了，是我们的网络问题，抱歉。"

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("qapp")]


def painted(text=TEXT, canvas=LANDSCAPE, kind="apology", word="致歉"):
    safe = safe_rect(canvas, *SAFE[canvas])
    return paint_notice(kind, word, text, canvas, safe), safe


@pytest.mark.parametrize("canvas", [LANDSCAPE, PORTRAIT], ids=["landscape", "portrait"])
@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("one word", "回来了"),
        ("an ordinary notice", TEXT),
        ("one long English word", "supercalifragilistic" * 6),
        ("emoji", "🎁👨‍👩‍👧👏" * 10),
        ("far too long", "很长" * 500),
        ("nothing at all", ""),
        ("line breaks and control characters", "一\n二\x00三\u202e四"),
    ],
)
def test_a_notice_never_leaves_the_safe_area(why, text, canvas):
    panel, safe = painted(text, canvas)
    place = QRect(panel.x, panel.y, panel.image.width(), panel.image.height())
    assert safe.contains(place), why


def test_each_kind_has_its_own_colour_and_icon():
    assert len({look.colour for look in LOOKS.values()}) == len(LOOKS)
    assert len({look.icon for look in LOOKS.values()}) == len(LOOKS)


@pytest.mark.parametrize("kind", list(LOOKS))
def test_white_on_the_badge_can_be_read(kind):
    assert contrast("#ffffff", LOOKS[kind].colour) >= 4.5


def test_too_long_a_notice_says_so_and_keeps_a_readable_size():
    short, _ = painted()
    long, _ = painted("很长" * 100)
    assert short.whole
    assert not long.whole
    assert long.image.height() >= 3 * SIZES[-1]


@pytest.mark.parametrize("canvas", [LANDSCAPE, PORTRAIT], ids=["landscape", "portrait"])
def test_the_middle_of_the_panel_hides_what_is_behind_it(canvas):
    panel, _ = painted(canvas=canvas)
    image = panel.image
    inner = image.rect().adjusted(30, 30, -30, -30)
    spots = [(x, y) for x in range(inner.left(), inner.right(), 17) for y in (inner.top(), 90)]
    assert all(image.pixelColor(x, y).alpha() == 255 for x, y in spots)


def test_characters_of_every_kind_leave_ink():
    blank, _ = painted(" ")
    for text in ("棉", "A", "👏"):
        panel, _ = painted(text)
        assert panel.image != blank.image, text


def test_a_small_canvas_gets_a_small_notice():
    canvas = QSize(640, 360)
    panel = paint_notice("note", "说明", TEXT, canvas, safe_rect(canvas, 0.05, 0.05, 0.95, 0.95))
    assert panel.image.width() < 640


def test_a_safe_area_that_makes_no_sense_becomes_an_ordinary_margin():
    assert safe_rect(LANDSCAPE, 0.9, 0, 0.1, 1) == safe_rect(LANDSCAPE, 0.05, 0.05, 0.95, 0.95)


def contrast(first, second):
    def light(colour):
        parts = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb(colour))
        weights = (0.2126, 0.7152, 0.0722)
        return sum(part * weight for part, weight in zip(parts, weights, strict=True))

    def rgb(colour):
        return QColor(colour).getRgbF()[:3]

    low, high = sorted((light(first), light(second)))
    return (high + 0.05) / (low + 0.05)
