"""Frames of the feed view against a reference frame, in turn, run as a program.

Thread CPU time of frames that take turns in one process moves by 12 % where wall time moves
sevenfold on a busy machine: the ratios are what one trusts.
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from typing_extensions import override

from hostdesk.bench.loads import Crowd
from hostdesk.desk.rows import Digest, FeedRow
from hostdesk.text import words
from hostdesk.views import theme
from hostdesk.views.feed_ring import FeedRing
from hostdesk.views.feed_view import FeedView
from hostdesk.views.fonts import text_font

SIZE = (420, 900)
NEW_ROWS = 83
"""New rows of one frame: 5,000 comments a second at 60 frames."""
REFERENCE_ROWS = 32
RINGS = (5_000, 50_000)
FILL = 500
TEXTS = 4_000


class Reference(QWidget):
    """As many fresh lines of text as are to be seen, drawn in the plainest way."""

    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__()
        self._texts, self._next = texts, 0
        self._font = text_font(theme.TEXT_PX)
        self.resize(*SIZE)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.PANEL))
        painter.setFont(self._font)
        painter.setPen(QColor(theme.TEXT))
        for at in range(REFERENCE_ROWS):
            painter.drawText(66, 20 + at * 28, self._texts[self._next % len(self._texts)])
            self._next += 1
        painter.end()


class Product:
    """The shipped view on a full ring of ``size`` rows."""

    def __init__(self, texts: Sequence[str], size: int) -> None:
        self._texts, self._seq = texts, 0
        self.view = FeedView(words("zh"), FeedRing(size))
        self.view.resize(*SIZE)
        self.view.show()
        for _ in range(0, size + FILL, FILL):
            self.feed(FILL)
        self.laid: list[int] = []

    def feed(self, count: int) -> None:
        """So many new rows; nothing is painted."""
        rows = tuple(self._row() for _ in range(count))
        self.view.apply(Digest(last_seq=self._seq, total=self._seq, rows=rows))

    def frame(self) -> None:
        """One frame with `NEW_ROWS` new rows."""
        before = self.view.layouts_made
        self.feed(NEW_ROWS)
        self.view.refresh()
        self.view.viewport().repaint()
        self.laid.append(self.view.layouts_made - before)

    def _row(self) -> FeedRow:
        self._seq += 1
        text = self._texts[self._seq % len(self._texts)]
        author = str(self._seq * 7919 % 1_000_003)
        return FeedRow(self._seq, 1_781_784_000_000 + self._seq, "comment", author, text)


def main() -> int:
    """Arguments: where to write, how many frames."""
    app = QApplication([])
    lines = Crowd().comments()
    texts = [next(lines)["text"] for _ in range(TEXTS)]
    reference = Reference(texts)
    reference.show()
    small, large = (Product(texts, size) for size in RINGS)
    app.processEvents()
    gc.collect()
    gc.freeze()
    frames: list[Callable[[], None]] = [large.frame, reference.repaint, small.frame]
    cpu_ms: list[list[float]] = [[], [], []]
    wall_ms: list[float] = []
    for turn in range(int(sys.argv[2]) + 10):
        for at, frame in enumerate(frames):
            wall, cpu = time.perf_counter(), time.thread_time()
            frame()
            spent = (time.thread_time() - cpu) * 1000
            if turn >= 10:
                cpu_ms[at].append(spent)
                if at == 0:
                    wall_ms.append((time.perf_counter() - wall) * 1000)
        app.processEvents()
    product, plain, shorter = (statistics.median(each) for each in cpu_ms)
    told = {
        "product_ms": product,
        "reference_ms": plain,
        "short_ring_ms": shorter,
        "wall_ms": wall_ms,
        "laid_max": max(large.laid[10:]),
        "visible": len(large.view.visible),
    }
    Path(sys.argv[1]).write_bytes(msgspec.json.encode(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
