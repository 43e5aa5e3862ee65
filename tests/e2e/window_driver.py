"""Drives the real window: run as a program under a display; a JSON line in, a JSON line out.

It opens the very window of `hostdesk.window` and moves its real widgets, as hands would.
"""

import json
import sys
import threading
from pathlib import Path

import qasync
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hostdesk import window, window_main


class Hands:
    """What a test may do with the window."""

    def __init__(self, seat):
        self.seat = seat
        self.desk = seat._assistant

    def type_notice(self, text):
        field = self.desk.notice.field
        field.setFocus()
        QTest.mouseClick(field.viewport(), Qt.MouseButton.LeftButton)
        field.clear()
        field.insertPlainText(text)  # as an input method commits its words
        return field.toPlainText()

    def press_up(self):
        QTest.mouseClick(self.desk.notice.up, Qt.MouseButton.LeftButton)

    def press_down(self):
        QTest.mouseClick(self.desk.notice.down, Qt.MouseButton.LeftButton)

    def state(self):
        return {
            "phase": self.desk.notice._panel.phase,
            "error": self.desk.notice._panel.error_code,
            "line": self.desk.notice.state.text(),
            "away": self.desk.away.isVisible(),
            "cards": [card.card_id for card in self.desk.cards._panel.cards],
            "rows": len(self.desk.feed.view.ring.entries()),
            "title": self.desk.windowTitle(),
        }

    def scroll_back(self):
        view = self.desk.feed.view
        view.setFocus()
        for _ in range(3):
            QTest.keyClick(view, Qt.Key.Key_PageUp)
        return self.anchor()

    def anchor(self):
        return list(self.desk.feed.view.top_row)

    def grab(self, path):
        return self.desk.grab().save(path)

    def close(self):
        self.desk.close()


def main():
    args = window_main._parser().parse_args(sys.argv[1:])
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(app)
    with loop:
        seat = window._Seat(args, Path(args.data))
        hands = Hands(seat)
        seat.show()

        def obey(line):
            order = json.loads(line)
            try:
                answer = {"ok": getattr(hands, order["do"])(*order.get("with", []))}
            except Exception as exc:  # the test reads it
                answer = {"error": f"{type(exc).__name__}: {exc}"}
            print(json.dumps(answer), flush=True)

        def read():
            for line in sys.stdin:
                loop.call_soon_threadsafe(obey, line)

        threading.Thread(target=read, daemon=True).start()
        print(json.dumps({"ok": "ready"}), flush=True)
        loop.run_until_complete(seat.run())


main()
