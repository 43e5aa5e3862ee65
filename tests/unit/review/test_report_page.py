import subprocess

import pytest
from PySide6.QtGui import QColor, QImage

from hostdesk import launching, paths
from hostdesk.cli_show import REPORT
from hostdesk.review.page import render
from hostdesk.text import words


@pytest.fixture
def page(show, tmp_path):
    show.everyday(100)
    for number in range(12):
        show.said(100 + number, "卡了画面不动了", who=f"v{number}")
    template = paths.resources() / "review" / "page.html.jinja"
    file = tmp_path / "page.html"
    review = show.close(200).review()
    file.write_text(render(review, words("zh"), template.read_text(encoding="utf-8")))
    return file


def report(*arguments):
    return subprocess.run(
        launching.command(REPORT, [str(each) for each in arguments]),
        check=False, capture_output=True, timeout=60,
    )  # fmt: skip


def test_one_long_picture_with_the_timeline_in_it(page, tmp_path):
    out = tmp_path / "page.png"
    done = report(page, out)
    assert (done.returncode, done.stderr) == (0, b"")
    image = QImage(str(out))
    assert image.width() == 1000
    assert image.height() > 900
    accident = QColor("#c2571a")
    assert any(
        image.pixelColor(x, y) == accident for x in range(0, 1000, 5) for y in range(0, 900, 5)
    )


def test_a_pdf_of_pages(page, tmp_path):
    out = tmp_path / "page.pdf"
    assert report(page, out).returncode == 0
    content = out.read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Type /Page\n") >= 1


@pytest.mark.parametrize("name", ["missing/x.pdf", "missing/x.png"])
def test_a_place_that_cannot_be_written_is_no_crash(page, tmp_path, name):
    done = report(page, tmp_path / name)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_wrong_call_is_no_crash(page, tmp_path):
    assert report(page).returncode == 2
    assert report(page, tmp_path / "x.docx").returncode == 2
    assert report(tmp_path / "none.html", tmp_path / "x.pdf").returncode == 1
