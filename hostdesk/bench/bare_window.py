"""A bare QtWidgets window, run as a program: what any window costs on this machine."""

import sys
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
from typing_extensions import override


class _FirstFrame(QObject):
    def __init__(self, file: Path, app: QApplication) -> None:
        super().__init__()
        self._file, self._app, self._seen = file, app, False

    @override
    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if event.type() == QEvent.Type.Paint and not self._seen:
            self._seen = True
            QTimer.singleShot(0, self._on_frame)
        return False

    def _on_frame(self) -> None:
        self._file.write_text(f'{{"painted_ns": {time.monotonic_ns()}}}', encoding="utf-8")
        self._app.quit()


def main() -> int:
    """Show it, say when it was painted, end."""
    app = QApplication([])
    window = QMainWindow()
    window.setCentralWidget(QLabel("hostdesk"))
    window.resize(1180, 760)
    first = _FirstFrame(Path(sys.argv[1]), app)
    window.installEventFilter(first)
    window.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
