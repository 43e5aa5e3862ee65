import pytest
from PySide6.QtGui import QFont, QFontMetricsF

from hostdesk.desk.rows import FeedRow
from hostdesk.views.feed_rows import RowPainter
from hostdesk.views.fonts import is_unjoined, quick_font, text_font

pytestmark = pytest.mark.window


@pytest.mark.parametrize(
    "text",
    ["多少钱", "有XL码吗？", "質量很差！", "Ça va…", "「」、。", "ひらがな カタカナ", "감사"],
)
def test_what_is_written_sign_by_sign_is_as_wide_when_it_is_laid_out_quickly(qtbot, text):
    assert is_unjoined(text)
    wide = [QFontMetricsF(font).horizontalAdvance(text) for font in (text_font(14), quick_font(14))]
    assert wide[1] == pytest.approx(wide[0], abs=1.0)


@pytest.mark.parametrize(
    "text",
    ["👨\u200d👩\u200d👧", "❤\ufe0f", "e\u0301", "か\u3099", "مرحبا", "สวัสดี", "नमस्ते", "a\u00adb"],
)
def test_what_is_joined_with_its_neighbours_is_shaped(qtbot, zh, text):
    assert not is_unjoined(text)
    rows = RowPainter(zh, 300)
    for said, quick in ((text, False), ("多少钱", True)):
        laid = rows.lay(FeedRow(1, 0, "comment", "ann", said), None)
        strategy = laid.layout.font().styleStrategy()
        assert bool(strategy & QFont.StyleStrategy.PreferNoShaping) is quick
