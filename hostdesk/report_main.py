"""The report process: ``python -m hostdesk.report_main IN.html OUT.pdf|OUT.png``, without a screen.

Exit status: 0 = written, 1 = it could not be written, 2 = wrong call.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from hostdesk.views.report_page import ReportError, write_pdf, write_picture

EXIT_DONE, EXIT_UNWRITTEN, EXIT_WRONG = 0, 1, 2


def main(argv: Sequence[str]) -> int:
    """Lay out one page."""
    if len(argv) != 2 or Path(argv[1]).suffix.lower() not in (".pdf", ".png"):
        return EXIT_WRONG
    source, out = Path(argv[0]), Path(argv[1])
    if sys.platform not in ("win32", "darwin"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_LOGGING_RULES"] = "*=false"
    app = QGuiApplication([sys.argv[0]])
    try:
        html = source.read_text(encoding="utf-8")
        write = write_pdf if out.suffix.lower() == ".pdf" else write_picture
        write(html, out)
    except (ReportError, OSError, UnicodeDecodeError):
        return EXIT_UNWRITTEN
    finally:
        app.quit()
    return EXIT_DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
