"""A layout that goes on in the next line where a window is too narrow."""

from collections.abc import Iterator

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QLayout, QLayoutItem
from typing_extensions import override


class Flow(QLayout):
    """Widgets one behind the other, on as many lines as it takes."""

    def __init__(self, across: int = 14, down: int = 3) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._across, self._down = across, down

    @override
    def addItem(self, item: QLayoutItem, /) -> None:
        self._items.append(item)

    @override
    def count(self) -> int:
        return len(self._items)

    @override
    def itemAt(self, index: int, /) -> QLayoutItem:
        return self._items[index] if 0 <= index < len(self._items) else None  # type: ignore[return-value]

    @override
    def takeAt(self, index: int, /) -> QLayoutItem:
        return self._items.pop(index) if 0 <= index < len(self._items) else None  # type: ignore[return-value]

    @override
    def hasHeightForWidth(self) -> bool:
        return True

    @override
    def heightForWidth(self, width: int, /) -> int:
        margins = self.contentsMargins()
        inner = width - margins.left() - margins.right()
        bottom = 0
        for _, box in self._places(inner):
            bottom = max(bottom, box.bottom() + 1)
        return bottom + margins.top() + margins.bottom()

    @override
    def sizeHint(self) -> QSize:
        return self.minimumSize()

    @override
    def minimumSize(self) -> QSize:
        size = QSize(0, 0)
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    @override
    def setGeometry(self, rect: QRect, /) -> None:
        super().setGeometry(rect)
        inner = rect.marginsRemoved(self.contentsMargins())
        for item, box in self._places(inner.width()):
            item.setGeometry(box.translated(inner.topLeft()))

    def _places(self, width: int) -> Iterator[tuple[QLayoutItem, QRect]]:
        """Each item's box; the boxes of a line have its height, so they stand in the middle."""
        y = 0
        for line in self._lines(width):
            tallest = max(size.height() for _, size in line)
            x = 0
            for item, size in line:
                yield item, QRect(x, y, size.width(), tallest)
                x += size.width() + self._across
            y += tallest + self._down

    def _lines(self, width: int) -> Iterator[list[tuple[QLayoutItem, QSize]]]:
        line: list[tuple[QLayoutItem, QSize]] = []
        x = 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            size.setWidth(min(size.width(), width))
            if line and x + size.width() > width:
                yield line
                line, x = [], 0
            line.append((item, size))
            x += size.width() + self._across
        if line:
            yield line
