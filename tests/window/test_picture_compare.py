import pytest
from PySide6.QtCore import QBuffer, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from hostdesk.views.notice_painter import paint_notice, safe_rect
from hostdesk.views.picture_compare import compare, is_black, picture_hash
from hostdesk.views.stand_in import put_notice, stand_in

LANDSCAPE, PORTRAIT = QSize(1920, 1080), QSize(1080, 1920)
TEXT = "画面刚才卡住了，是我们的网络问题，抱歉。"
OTHERS = [
    "9号面料是棉65%、聚酯纤维35%，刚才口播说错。",
    "画面已经恢复，刚才那段我们重讲一遍。",
    "We are back, sorry for the three minutes.",
    "",
]
CANVASES = pytest.mark.parametrize("canvas", [LANDSCAPE, PORTRAIT], ids=["wide", "tall"])

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("qapp")]


def panel(text=TEXT, canvas=LANDSCAPE, kind="apology", word="致歉"):
    safe = (0.05, 0.05, 0.95, 0.95) if canvas == LANDSCAPE else (0.05, 0.12, 0.82, 0.62)
    return paint_notice(kind, word, text, canvas, safe_rect(canvas, *safe))


def place(of):
    return QRect(of.x, of.y, of.image.width(), of.image.height())


def scene(of=None, canvas=LANDSCAPE, moving=3, shift=(0, 0), opacity=1.0):
    picture = stand_in(canvas, moving).scaled(canvas)
    if of is not None:
        painter = QPainter(picture)
        painter.setOpacity(opacity)
        painter.drawImage(of.x + shift[0], of.y + shift[1], of.image)
        painter.end()
    return picture


def shot(picture, width, quality=None):
    small = picture.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
    if quality is None:
        return small
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    small.save(buffer, "JPG", quality)
    return QImage.fromData(buffer.data())


def seen(picture, of, canvas=LANDSCAPE):
    return compare(picture, of.image, place(of), canvas).seen


@CANVASES
@pytest.mark.parametrize("width", [1920, 1280, 960, 640, 480])
@pytest.mark.parametrize("quality", [None, 80, 45])
def test_a_notice_is_seen_through_rescaling_and_jpeg(canvas, width, quality):
    notice = panel(canvas=canvas)
    assert seen(shot(scene(notice, canvas), width, quality), notice, canvas)


@CANVASES
@pytest.mark.parametrize("width", [1920, 640])
@pytest.mark.parametrize("moving", [0, 7, 20, 33])
def test_a_hidden_notice_is_not_seen(canvas, width, moving):
    notice = panel(canvas=canvas)
    found = compare(shot(scene(None, canvas, moving), width), notice.image, place(notice), canvas)
    assert not found.seen
    assert found.similarity < 0.5


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("width", [1920, 1280, 640])
def test_another_notice_is_not_seen_as_ours(other, width):
    """Its panel is stretched to the same place: only the writing tells them apart."""
    ours, theirs = panel(), panel(other)
    picture = stand_in(LANDSCAPE, 3).scaled(LANDSCAPE)
    put_notice(picture, theirs.image, QRectF(place(ours)), LANDSCAPE)
    assert not seen(shot(picture, width), ours)


def test_the_same_words_as_another_kind_are_not_ours():
    assert not seen(scene(panel(kind="recovery", word="恢复")), panel())


@pytest.mark.parametrize(
    ("why", "part"),
    [
        ("the left quarter", (0, 0, 0.25, 1)),
        ("the right third", (0.66, 0, 1, 1)),
        ("the middle", (0.35, 0, 0.62, 1)),
        ("the lower half", (0, 0.5, 1, 1)),
        ("all of it", (0, 0, 1, 1)),
    ],
)
@pytest.mark.parametrize("colour", ["#000000", "#f7f4ec", "#808080"])
@pytest.mark.parametrize("width", [1920, 640])
def test_a_covered_notice_is_not_seen(why, part, colour, width):
    notice = panel()
    picture = scene(notice)
    at = place(notice)
    left, top, right, bottom = part
    painter = QPainter(picture)
    painter.fillRect(
        QRectF(
            at.x() + left * at.width(),
            at.y() + top * at.height(),
            (right - left) * at.width(),
            (bottom - top) * at.height(),
        ),
        QColor(colour),
    )
    painter.end()
    assert not seen(shot(picture, width), notice), why


@pytest.mark.parametrize("shift", [(40, 0), (0, 30), (-300, -400), (25, 25)])
def test_a_moved_notice_is_not_seen(shift):
    notice = panel()
    assert not seen(shot(scene(notice, shift=shift), 1280), notice)


def test_a_see_through_notice_is_not_seen():
    notice = panel()
    assert not seen(scene(notice, opacity=0.4), notice)


def test_a_darkened_scene_hides_the_notice():
    notice = panel()
    picture = scene(notice)
    painter = QPainter(picture)
    painter.fillRect(picture.rect(), QColor(0, 0, 0, 170))
    painter.end()
    assert not seen(picture, notice)


@pytest.mark.parametrize(
    "at", [QRect(1900, 1000, 300, 200), QRect(-50, 0, 300, 200), QRect(0, 0, 0, 0)]
)
def test_a_place_outside_of_the_picture_is_never_seen(at):
    assert not compare(scene(), panel().image, at, LANDSCAPE).seen


def test_black_means_that_there_is_no_picture_at_all():
    black = QImage(LANDSCAPE, QImage.Format.Format_RGB32)
    black.fill(QColor(4, 4, 4))
    assert is_black(black)
    assert not is_black(scene())
    painter = QPainter(black)
    painter.fillRect(900, 500, 120, 80, QColor("#888888"))
    painter.end()
    assert not is_black(black)


def test_the_hash_hardly_changes_when_the_picture_hardly_does():
    first, rescaled, later = scene(moving=3), shot(scene(moving=3), 640, 70), scene(moving=27)
    assert apart(first, rescaled) <= 4
    assert apart(first, later) > apart(first, rescaled)
    assert 0 <= picture_hash(first) < 1 << 64


def apart(first, second):
    return (picture_hash(first) ^ picture_hash(second)).bit_count()
